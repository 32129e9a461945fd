"""PURE: time-outs: their defaults, their checks, and httpx's form of them."""

from __future__ import annotations

import httpx
from attrs import frozen

from aiointercom._http.arguments import Timeout
from aiointercom._values.validation import checked_seconds
from intercom_raw.types import UNSET, Unset

REQUEST_TIME = 60.0
"""The default, in seconds: a conversation of 500 parts takes some seconds of them."""
GRACE = 0.1
"""Seconds that a request may take beyond its time, so that a phase that ends at the same moment goes first: it tells
what was sent."""


@frozen(eq=False, repr=False)
class Timeouts:
    """What bounds the requests of a sender."""

    told: Timeout
    """What the caller passed."""
    request: float | None
    """Seconds that each request may take as a whole; None: no limit."""
    phases: httpx.Timeout
    """Its phases. None of connecting is longer than the request as a whole, so that it ends as a failure to connect."""
    extension: dict[str, float | None]
    """The phases in the form that transports take."""
    small_extension: dict[str, float | None]
    """The same for a request that the buffer of its socket takes whole: without a timer for writing, which would start
    and stop with every write and never end one. Without a limit for the request as a whole it is kept."""
    deadline: float | None
    """Seconds after which a request is given up; None: never."""

    @classmethod
    def of(cls, timeout: Timeout, request_time: float | Unset | None) -> Timeouts:
        """Put together what bounds a request. A time-out in seconds bounds it as a whole too."""
        if isinstance(timeout, httpx.Timeout):
            whole = REQUEST_TIME if request_time is UNSET else request_time
        else:
            whole = timeout if request_time is UNSET or request_time is None else min(timeout, request_time)
        phases = _phases(timeout, whole)
        extension: dict[str, float | None] = {**phases.as_dict()}
        small = extension if whole is None else {**extension, "write": None}
        return cls(timeout, whole, phases, extension, small, None if whole is None else whole + GRACE)

    @property
    def waiting(self) -> float | None:
        """Seconds that a call may wait between its requests, taken together; None: no limit of its own."""
        return None if isinstance(self.told, httpx.Timeout) else self.told


def _phases(timeout: Timeout, whole: float | None) -> httpx.Timeout:
    phases = timeout if isinstance(timeout, httpx.Timeout) else httpx.Timeout(timeout)
    if whole is None:
        return phases
    connect, pool = (None if seconds is None else min(seconds, whole) for seconds in (phases.connect, phases.pool))
    return httpx.Timeout(connect=connect, pool=pool, read=phases.read, write=phases.write)


def checked_timeout(timeout: object) -> Timeout:
    """Return a time-out as it is.

    Raises:
        TypeError: It is neither a number nor an httpx.Timeout.
        ValueError: It is a number, and not above zero and finite.
    """
    return timeout if isinstance(timeout, httpx.Timeout) else checked_seconds(timeout, "timeout")


TIMEOUT = httpx.Timeout(30.0, connect=5.0)
"""The default. Connecting: a lost SYN is repeated after 1 and after 3 seconds, so 5 allow for two losses. Reading and
writing: 30 s without a byte; a conversation of 500 parts is slow, and a caller that gives up on a write early has to
read it back."""


def checked_request_time(seconds: float | Unset | None) -> float | Unset | None:
    """Return the total time of a request as it is.

    Raises:
        TypeError: It is no number.
        ValueError: It is not above zero and finite.
    """
    return seconds if seconds is None or seconds is UNSET else checked_seconds(seconds, "request_time")
