"""What a caller passes to a client, checked. Each mistake is an error before anything is sent."""

from __future__ import annotations

import inspect
import ipaddress
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx

from intercom_raw.types import UNSET, Unset

from ._environment import BASE_URL
from ._policy import Limits
from ._request import checked_seconds
from .errors import ConfigurationError
from .regions import Region

if TYPE_CHECKING:
    from .events import Event

LAST_PORT = 65535


def checked_base_url(address: object, insecure_http: bool = False) -> str:
    """Return an address without a slash at its end.

    Args:
        address: What the caller passed.
        insecure_http: Whether it may be plain http to another machine.

    Raises:
        ConfigurationError: It is no http or https address, holds a password, a query or a fragment, or is plain http to another machine.
    """
    if not isinstance(address, str):
        raise ConfigurationError(f"base_url must be a string, not {type(address).__name__}")
    try:
        url = httpx.URL(address)
    except (httpx.InvalidURL, ValueError):
        url = httpx.URL("")
    possible = url.scheme in ("http", "https") and url.host and (url.port or 0) <= LAST_PORT
    if not possible or not address.isprintable() or " " in address:
        raise ConfigurationError("base_url must be an address like https://api.intercom.io")
    if url.userinfo or url.query or url.fragment or "?" in address or "#" in address:
        raise ConfigurationError("base_url must not hold a user, a password, a query or a fragment")
    if url.scheme == "http" and not insecure_http and not _is_this_machine(url.host):
        raise ConfigurationError(
            "base_url must be https: a token is sent over plain http to this machine only (or with insecure_http=True)"
        )
    return str(url).rstrip("/")


def address_of(base_url: str | None, region: Region, insecure_http: bool) -> str:
    """Return the address that was passed, or the environment's, or the region's."""
    if base_url is not None:
        return checked_base_url(base_url, insecure_http)
    told = os.environ.get(BASE_URL, "").strip()
    if not told:
        return str(region.value)
    try:
        return checked_base_url(told, insecure_http)
    except ConfigurationError as error:
        raise ConfigurationError(f"{BASE_URL}: {error}") from None


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def checked_limits(max_retries: object, max_elapsed: float | None, settle_for: float, horizon: float) -> Limits:
    """Return the limits of a call.

    Raises:
        TypeError: One is no number.
        ValueError: `max_retries` or `settle_for` is negative, or `max_elapsed` or `horizon` is not above zero and finite.
    """
    if isinstance(max_retries, bool) or not isinstance(max_retries, int):
        raise TypeError(f"max_retries must be an integer, not {type(max_retries).__name__}")
    if max_retries < 0:
        raise ValueError("max_retries must not be negative")
    return Limits(
        max_retries,
        None if max_elapsed is None else checked_seconds(max_elapsed, "max_elapsed"),
        0.0 if settle_for == 0 else checked_seconds(settle_for, "settle_for"),
        checked_seconds(horizon, "horizon"),
    )


def checked_request_time(seconds: float | Unset | None) -> float | Unset | None:
    """Return the total time of a request as it is.

    Raises:
        TypeError: It is no number.
        ValueError: It is not above zero and finite.
    """
    return seconds if seconds is None or seconds is UNSET else checked_seconds(seconds, "request_time")


def checked_bytes(most: object) -> int | None:
    """Return a limit of bytes as it is.

    Raises:
        TypeError: It is no integer.
        ValueError: It is not above zero.
    """
    if most is None:
        return None
    if isinstance(most, bool) or not isinstance(most, int):
        raise TypeError(f"max_response_bytes must be an integer, not {type(most).__name__}")
    if most <= 0:
        raise ValueError("max_response_bytes must be above zero")
    return most


def checked_observer(on_event: Callable[[Event], object] | None) -> Callable[[Event], object] | None:
    """Return a function for events as it is.

    Raises:
        TypeError: It cannot be called, or is async: nothing would await it, and every record would be lost.
    """
    if on_event is None:
        return None
    if not callable(on_event):
        raise TypeError(f"on_event must be a function, not {type(on_event).__name__}")
    called = getattr(on_event, "__call__", None)  # noqa: B004  # of an object that is called like a function
    if any(inspect.iscoroutinefunction(f) or inspect.isasyncgenfunction(f) for f in (on_event, called)):
        raise TypeError("on_event must not be async: it is called between two steps of a call, and not awaited")
    return on_event
