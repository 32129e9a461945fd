"""Intercom's request windows. Pure arithmetic over a clock that is handed in."""

from collections.abc import Callable
from math import ceil, floor

from attrs import frozen


@frozen
class Slot:
    """One request's place in the current window. resets_at: whole Unix seconds, as the header carries it."""

    limit: int
    remaining: int
    resets_at: int
    allowed: bool

    def headers(self) -> dict[str, str]:
        """The three headers of an authenticated answer."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.resets_at),
        }


class Windows:
    """Fixed windows of `window` seconds with `limit` requests each, shared by all users of the token."""

    def __init__(self, limit: int, window: float, clock: Callable[[], float]) -> None:
        if limit < 0 or window <= 0:
            raise ValueError("limit must not be negative and window must be above 0 seconds")
        self.limit = limit
        self.window = window
        self._clock = clock
        self._current = -1
        self._used = 0

    def take(self) -> Slot:
        """Count one request. A request over the limit is refused and takes nothing."""
        # Assumption: windows start at multiples of their length; that they are fixed, not sliding, is documented.
        current = floor(self._clock() / self.window)
        if current != self._current:
            self._current, self._used = current, 0
        allowed = self._used < self.limit
        self._used += allowed
        resets_at = ceil(round((current + 1) * self.window, 6))
        return Slot(self.limit, self.limit - self._used, resets_at, allowed)

    def message(self) -> str:
        """The words of a 429."""
        return f"Exceeded rate limit of {self.limit} in {self.window:g}_seconds"
