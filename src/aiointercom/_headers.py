"""Pure: reads times and the rate limit from the headers of an answer; whatever they hold, nothing is raised.

https://developers.intercom.com/docs/references/rest-api/errors/rate-limiting
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import lru_cache
from math import inf, isfinite

from .errors import RateLimit


def read_rate_limit(headers: Mapping[str, str]) -> RateLimit | None:
    """The rate limit that an answer tells, or None where a header is missing, negative or no number. Names in lower case."""
    limit, remaining = _whole(headers.get("x-ratelimit-limit")), _whole(headers.get("x-ratelimit-remaining"))
    resets_at = read_seconds(headers.get("x-ratelimit-reset"))
    if not limit or remaining is None or resets_at is None:
        return None
    return RateLimit(limit, min(remaining, limit), resets_at)


def server_clock(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds by which Intercom's clock is ahead of ours at least; None without a readable `Date`.

    `Date` is cut to whole seconds and then travels, so the truth is never less: of several values the greatest is the best.
    """
    date = headers.get("date")
    at = read_date(date)
    return None if at is None else at - now


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
    """An HTTP date as Unix seconds; None where it is missing or garbage. A date without a zone is UTC, as HTTP's old forms are."""
    try:
        date = parsedate_to_datetime(text if isinstance(text, str) else "")
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


class ServerClock:
    """The offset of Intercom's clock: the greatest of one to two minutes, so that a clock that was set is noticed."""

    def __init__(self) -> None:
        self._since, self._recent, self._before = -inf, -inf, -inf

    def learn(self, offset: float, now: float) -> None:
        """Takes one more value in."""
        if not 0 <= now - self._since < 60:
            self._since, self._before, self._recent = now, self._recent, -inf
        self._recent = max(self._recent, offset)

    @property
    def known(self) -> bool:
        """Whether any value was taken in."""
        return max(self._recent, self._before) > -inf

    @property
    def offset(self) -> float:
        """Seconds; 0 while nothing is known."""
        best = max(self._recent, self._before)
        return best if best > -inf else 0.0
