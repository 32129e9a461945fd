"""PURE: the address that requests go to, checked before anything is sent."""

from __future__ import annotations

import ipaddress
import os

import httpx

from aiointercom._region import Region
from aiointercom.errors import ConfigurationError

from .environment import BASE_URL, has_usable_host

LAST_PORT = 65535


def checked_base_url(address: object, insecure_http: bool = False) -> str:
    """Return an address without a slash at its end.

    Args:
        address: What the caller passed.
        insecure_http: Whether it may be plain http to another machine.

    Raises:
        ConfigurationError: It is no http or https address, holds a password, a query or a fragment, or is plain http to
            another machine.
    """
    if not isinstance(address, str):
        raise ConfigurationError(f"base_url must be a string, not {type(address).__name__}")
    try:
        url = httpx.URL(address)
    except (httpx.InvalidURL, ValueError):
        url = httpx.URL("")
    possible = url.scheme in ("http", "https") and has_usable_host(address) and (url.port or 0) <= LAST_PORT
    if not possible or not address.isprintable() or " " in address:
        raise ConfigurationError("base_url must be an address like https://api.intercom.io")
    if url.userinfo or url.query or url.fragment or "?" in address or "#" in address:
        raise ConfigurationError("base_url must not hold a user, a password, a query or a fragment")
    if url.scheme == "http" and not insecure_http and not _is_this_machine(url.host):
        raise ConfigurationError(
            "base_url must be https: a token is sent over plain http to this machine only (or with insecure_http=True)"
        )
    return str(url).rstrip("/")


def resolve_base_url(base_url: str | None, region: Region, insecure_http: bool) -> str:
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
