"""The options of pacing, and the error of a wait that would be too long; plain records, no arithmetic."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from aiointercom.errors import RateLimit


@frozen
class Pace:
    """How a client keeps to Intercom's rate limit.

    Source: https://developers.intercom.com/docs/references/rest-api/errors/rate-limiting
    """

    max_wait: float | None = 60.0
    """Seconds that one call may wait for the rate limit in all, for its turns and after refusals, before it ends in
    `RateLimitedError`; 0: never wait; None: as long as it takes."""
    reserve: float = 0.2
    """Share of every window, from 0 up to but not including 1, that calls with priority "batch" leave to others; 0:
    nothing."""
    burst: int = 1
    """Calls that may be in flight while nothing is known of the rate limit yet; at least 1. Each answer of the first
    window admits one more, and those of later windows all that fit."""
    most_in_flight: int | Literal["auto"] | None = "auto"
    """Calls of one token that may be in flight at once; at least 1. "auto": the larger of a fortieth of the limit and
    half of this client's part of it, which is its part of all use of the token (4 at 167 in 10 seconds where 20
    processes share the token, and 83 for one that is alone). None: as many as the rate limit allows. A client has at
    most 50 requests of one token under way in any case."""

    def __attrs_post_init__(self) -> None:
        if self.max_wait is not None and not self.max_wait >= 0:
            raise ValueError("max_wait must be 0 seconds or more, or None")
        if not 0 <= self.reserve < 1:
            raise ValueError("reserve must be a share from 0 up to, but not including, 1")
        if self.burst < 1:
            raise ValueError("burst must be at least 1 call")
        most = self.most_in_flight
        if most is not None and most != "auto" and (isinstance(most, bool | str | float) or most < 1):
            raise ValueError('most_in_flight must be at least 1 call, "auto" or None')


class Exhausted(Exception):  # noqa: N818  # a state of the window, which the sender turns into RateLimitedError
    """The wait for the rate limit would take longer than the call may wait."""

    def __init__(self, retry_after: float, rate_limit: RateLimit | None) -> None:
        super().__init__(retry_after, rate_limit)
        self.retry_after = retry_after
        """Seconds from now until a call may expect a turn."""
        self.rate_limit = rate_limit
        """The rate limit as last seen. None: no answer showed it."""
