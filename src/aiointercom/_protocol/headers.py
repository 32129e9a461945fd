"""Pure: reads times and the rate limit from the headers of an answer; whatever they hold, nothing is raised.

https://developers.intercom.com/docs/references/rest-api/errors/rate-limiting
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import lru_cache
from math import inf, isfinite

from aiointercom.errors import RateLimit


def read_rate_limit(headers: Mapping[str, str]) -> RateLimit | None:
    """The rate limit that an answer tells, or None where a header is missing, negative or no number.

    Names in lower case.
    """
    limit, remaining = _whole(headers.get("x-ratelimit-limit")), _whole(headers.get("x-ratelimit-remaining"))
    resets_at = read_seconds(headers.get("x-ratelimit-reset"))
    if not limit or remaining is None or resets_at is None:
        return None
    return RateLimit(limit, min(remaining, limit), resets_at)


def _whole(text: str | None) -> int | None:
    plain = text.strip() if isinstance(text, str) else ""
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 16 else None


def read_seconds(text: str | None) -> float | None:
    """A number of seconds, not negative; None for anything else."""
    plain = text if isinstance(text, str) and text.isascii() and "_" not in text else ""
    try:
        seconds = float(plain)
    except ValueError:
        return None
    return seconds if isfinite(seconds) and seconds >= 0 else None


# The answers of one second carry the same text, and to read it costs more than the rest of the pacing.
@lru_cache(maxsize=4)
def read_date(text: str | None) -> float | None:
    """An HTTP date as Unix seconds; None where it is missing or garbage.

    A date without a zone is UTC, as HTTP's old forms are.
    """
    try:
        date = parsedate_to_datetime(text if isinstance(text, str) else "")
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


class ServerClock:
    """Intercom's time, measured on the monotonic clock: no step of this machine's wall clock reaches it.

    A `Date` is cut to whole seconds and then travels, so Intercom's clock is never behind what the date tells: of
    several answers the one that puts it farthest ahead is the best. Only those of the last one to two minutes count, so
    that a clock of Intercom's that is set is noticed.
    """

    def __init__(self) -> None:
        self._since, self._recent, self._before = -inf, -inf, -inf

    def learn(self, date: float | None, monotonic: float) -> None:
        """Takes in the `Date` of one more answer.

        Args:
            date: What `read_date` made of the header; None: there was no readable one, and nothing is learnt.
            monotonic: The monotonic clock when the answer came.
        """
        if date is None:
            return
        if not 0 <= monotonic - self._since < 60:
            self._since, self._before, self._recent = monotonic, self._recent, -inf
        self._recent = max(self._recent, date - monotonic)

    @property
    def offset(self) -> float | None:
        """Seconds from the monotonic clock to Intercom's, up to a second too few; None: no answer told."""
        best = max(self._recent, self._before)
        return best if best > -inf else None

    def now(self, monotonic: float) -> float | None:
        """Tells Intercom's time, up to a second late and never early.

        Args:
            monotonic: The monotonic clock now.

        Returns:
            Unix seconds; None: no answer told.
        """
        offset = self.offset
        return None if offset is None else monotonic + offset

    def when(self, at: float) -> float | None:
        """Tells when the monotonic clock will show, or showed, a time of Intercom's clock.

        Args:
            at: Unix seconds by Intercom's clock.

        Returns:
            Seconds of the monotonic clock, up to a second late and never early; None: no answer told.
        """
        offset = self.offset
        return None if offset is None else at - offset
