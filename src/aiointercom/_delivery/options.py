"""What a caller passes to a client, checked. Each mistake is an error before anything is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from aiointercom._http.address import checked_base_url
from aiointercom._http.arguments import Priority, Timeout
from aiointercom._http.timeouts import checked_request_time, checked_timeout
from aiointercom._protocol.retry_policy import Limits
from aiointercom._ratelimit.pace import Pace
from aiointercom._region import Region
from aiointercom._values.validation import checked_callback, checked_seconds
from intercom_raw.types import UNSET, Unset

if TYPE_CHECKING:
    from aiointercom.events import Event

PACE = Pace()
LIMITS = Limits()
"""The defaults of the limits of a call."""
MAX_RESPONSE_BYTES = 64_000_000
"""The default. A conversation of 500 parts of 40,000 characters each has 20 million."""


def checked_limits(max_retries: object, max_elapsed: float | None, settle_for: float, horizon: float) -> Limits:
    """Return the limits of a call.

    Raises:
        TypeError: One is no number.
        ValueError: `max_retries` or `settle_for` is negative, or `max_elapsed` or `horizon` is not above zero and
            finite.
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
    return checked_callback(on_event, "on_event")


def checked_priority(priority: Priority) -> Priority:
    """Return a priority as it is.

    Raises:
        ValueError: It is neither "interactive" nor "batch".
    """
    if priority not in ("interactive", "batch"):
        raise ValueError('priority must be "interactive" or "batch"')
    return priority


@frozen(eq=False, repr=False)
class Options:
    """What a client was told."""

    base_url: str
    region: Region
    timeout: Timeout = field(converter=checked_timeout)
    limits: Limits
    priority: Priority = field(converter=checked_priority)
    strict_region: bool
    on_event: Callable[[Event], object] | None = field(converter=checked_observer)
    request_time: float | Unset | None = field(default=UNSET, converter=checked_request_time)
    """UNSET: the time-out where that is in seconds, else the default."""
    max_response_bytes: int | None = field(default=None, converter=checked_bytes)
    insecure_http: bool = False

    @property
    def name(self) -> str:
        """What a client with these options prints as."""
        return f"Intercom(region={self.region.name}, base_url={self.base_url!r})"

    def changed(  # noqa: PLR0917  # the arguments of with_options in its order
        self,
        region: Region | str | None,
        base_url: str | None,
        timeout: Timeout | None,
        limits: Mapping[str, Any],
        priority: Priority | None,
        on_event: Callable[[Event], object] | None,
        request_time: float | Unset | None,
        max_response_bytes: int | Unset | None,
    ) -> Options:
        """Return other options, checked; what is None, or not given, stays. Another region gives its own address."""
        where = None if region is None else Region.parse(region)
        given = {name: value for name, value in limits.items() if value is not None}
        before = {name: getattr(self.limits, name) for name in ("max_retries", "max_elapsed", "settle_for", "horizon")}
        told: dict[str, Any] = {"timeout": timeout, "priority": priority, "on_event": on_event}
        if where is not None:
            told |= {"region": where, "base_url": where.value}
        if base_url is not None:
            told["base_url"] = checked_base_url(base_url, self.insecure_http)
        changes = {name: value for name, value in told.items() if value is not None}
        changes |= {} if request_time is UNSET else {"request_time": request_time}
        changes |= {} if max_response_bytes is UNSET else {"max_response_bytes": max_response_bytes}
        return evolve(self, limits=checked_limits(**(before | given)), **changes)
