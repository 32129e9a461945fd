"""Pure: how much of the rate limit is left, and when the next call may go.

No waiting here: time comes in as an argument.

Intercom counts in windows of 10 seconds, and every answer tells the limit, what remains and when the window ends. All
processes of the app share the counter, so what remains is a fact some milliseconds old, and others spend from it too.
https://developers.intercom.com/docs/references/rest-api/errors/rate-limiting
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Literal

from attrs import define

from aiointercom._protocol.headers import ServerClock
from aiointercom._values.limits import WINDOW
from aiointercom.errors import RateLimit

from .share import Share

FAR, LATE = 60.0, 2.0  # seconds ahead and ago: a reset outside of them tells that a clock, or the header, is wrong
SPREAD, WIDEST = 0.03, 0.12  # part of a window over which the calls that waited for it start, and most of it for many
PROBES = 2  # calls that go first into a window after one that ran low: two, for one answer may be lost
PROBE_EVERY = 1.0  # seconds after which one more call may go without any answer: one that hangs must not stop the rest
BURST_PART = 32  # at most this part of what is left goes at once where calls are spread over time
SHARE_BURST = 8  # and, where the limit is small, of our part of what is left
CAP_PART = 40  # at least this part of the limit may be in flight
GROWTH = 4.0  # by so many calls one answer in a calm window widens what may be in flight, for a process that is alone


def end_of_window(told: RateLimit, clock: ServerClock, now: float, wall: Callable[[], float]) -> float | None:
    """Says when, on the monotonic clock, the window ends that an answer told.

    Args:
        told: The rate limit of the answer.
        clock: Intercom's time on the monotonic clock.
        now: The monotonic clock.
        wall: This machine's wall clock. It is asked only where no answer had a `Date`, and once: whatever it shows
            later, the window ends when it ends.

    Returns:
        Seconds of the monotonic clock; None: no `Date` was seen, and by the wall clock the reset is no end of a window
        of 10 seconds.
    """
    ends = clock.when(told.resets_at)
    if ends is not None:
        return ends
    left = told.resets_at - wall()
    return now + left if -LATE < left <= WINDOW else None


@define(eq=False, repr=False)
class _Window:
    """The window that the last answers told of; times are of the monotonic clock."""

    limit: int = 0
    remaining: int = 0
    resets_at: float = -inf  # its end in Intercom's time
    ends: float = -inf
    opens: float = -inf  # the end with jitter: when we go on
    told_at: float = -inf  # when the smallest number of what remains was told
    older_from: float = -inf  # from when on an older window is believed
    length: float = WINDOW
    told_length: float = inf  # the shortest time between two ends that were told
    low: bool = False  # whether less than half was seen to remain, in this window
    was_low: bool = False  # and in the one before
    mistakes: int = 0  # answers that told of this window after its end

    def passed(self, now: float) -> float:
        """The part of the window that is over."""
        return 1 - (self.ends - now) / self.length


@define(eq=False, repr=False)
class _Flight:
    """Our calls that are under way, or that may have been counted without an answer."""

    now: int = 0  # in flight, sent in this window
    carried: int = 0  # in flight, sent before it began
    lost: int = 0  # Intercom may have counted them although no answer came
    lost_behind: int = 0  # answers until later ones tell of those
    last_sent: float = -inf

    def landed(self, old: bool) -> None:
        if self.carried and (old or not self.now):
            self.carried -= 1
        else:
            self.now = max(0, self.now - 1)


class Budget:
    """What may still be sent in this window, when the next call may go, and what an answer changes in that.

    1. No more calls are in flight than remain. Each of ours also counts for those that others probably have in flight
       at the same time.
    2. While that leaves half of the window, calls go at once.
    3. Below that, and in the window after, what is left is spread over the time that is left. All processes do the same
       sum with the same numbers: together they slow down before the end, where "send while something remains" runs over
       it, and a process that joins late gets a fair part. (To divide by an estimate of the others' rate was the
       alternative: it starves late joiners.) Where the limit is small, the sum is that of `share.py`, with care.
    4. A window of which nothing is known gets a small burst, or, after one that ran low, two probing calls.
    5. In the first window that is seen each answer admits one call more, or less by our part of all use.

    Args:
        burst: Calls that may be in flight while nothing is known.
        random: Numbers from 0 up to 1.
        most: Calls that may be in flight at all; "auto": that follows the limit; None: any number.
    """

    def __init__(self, burst: int, random: Callable[[], float], most: int | Literal["auto"] | None = "auto") -> None:
        self._burst, self._random = burst, random
        self._most: int | Literal["auto"] | None = most
        self._window, self._flight, self._share = _Window(), _Flight(), Share()
        # Calls in flight that calm windows showed to be harmless; answers without headers in a row.
        self._width, self._bare = float(burst), 0
        self._spent_until = -inf

    @property
    def in_flight(self) -> int:
        """Our calls that are under way, sent in this window or before it."""
        return self._flight.now + self._flight.carried

    @property
    def window(self) -> float | None:
        """Seconds of a window: the shortest time between two ends that answers told. None: they told one end only."""
        return self._window.told_length if self._window.told_length < inf else None

    def ready_at(self, now: float, reserve: float) -> float:
        """Return when the next call may go (not after `now`: at once), or when to look again; answers may change it."""
        window, flight = self._window, self._flight
        if now >= window.ends:
            return self._ready_without_window(now)
        left = self._left(reserve)
        if left < 1:
            return window.opens
        if flight.now >= self._cap() and now < flight.last_sent + PROBE_EVERY:
            return min(window.opens, flight.last_sent + PROBE_EVERY)
        if left >= window.limit / 2 and not window.low and not window.was_low and flight.now < self._width:
            return now
        return self._paced_at(now, left)

    def _cap(self) -> float:
        """How many of ours may be in flight."""
        limit, share = self._window.limit, self._share
        if self._most == "auto":
            most: float = max(1, limit // CAP_PART, limit * share.value / 2)
        else:
            most = inf if self._most is None else self._most
        return min(most, self._burst + int(share.own * share.value)) if share.first else most

    def _paced_at(self, now: float, left: float) -> float:
        pause = self._pause(now, left)
        return min(self._window.opens, self._spent(now, left, pause) + pause)

    def expected_wait(self, now: float, reserve: float, ahead: int) -> float:
        """Return the seconds until a call behind `ahead` others gets its turn; 0: at once, or nothing is known."""
        window = self._window
        if now >= window.ends:
            return 0.0
        spare = self._spare(reserve)
        missing = ahead + 1 - spare
        if missing <= 0:
            spread = max(0.0, ahead - max(1.0, spare / BURST_PART)) * (window.ends - now) / spare
            left = self._left(reserve)
            return max(spread, self._paced_at(now, left) - now) if left >= 1 else spread
        windows = max(0.0, (missing - 1) // max(1.0, window.limit * (1 - reserve))) if window.limit else 0.0
        return window.opens - now + windows * window.length

    def sent(self, now: float, reserve: float) -> None:
        """Books one call that goes now."""
        self._roll(now)
        if now < self._window.ends:
            left = max(1.0, self._left(reserve))
            pause = self._pause(now, left)
            self._spent_until = min(now, self._spent(now, left, pause) + pause)
        self._flight.last_sent = now
        self._flight.now += 1

    def failed(self, sent: bool) -> None:
        """One call ended without an answer.

        If it was sent, Intercom may have counted it: it stays spent until later calls tell.
        """
        flight = self._flight
        flight.landed(old=sent)
        if sent:
            flight.lost, flight.lost_behind = flight.lost + 1, flight.now

    def answered(self, told: RateLimit | None, ends: float | None, refused: bool, now: float) -> None:
        """One call was answered.

        Args:
            told: The rate limit that the answer told.
            ends: When the window that it told ends, on the clock of `now`; None: that is not known.
            refused: Whether the answer was a 429, which ends the window's budget whatever the headers say.
            now: The monotonic clock.
        """
        self._roll(now)
        window, flight = self._window, self._flight
        late = flight.carried > 0 and now >= window.ends
        stale = told is not None and not self._newer(told, now) and (late or told.resets_at != window.resets_at)
        flight.landed(old=stale)
        flight.lost, flight.lost_behind = (flight.lost, flight.lost_behind - 1) if flight.lost_behind else (0, 0)
        self._bare = self._bare + 1 if told is None else 0
        if told is not None and not stale:
            self._told(told, ends, now)
        # Without headers, and with no window known, there is nothing to pace by: then the retry's own backoff is all
        # there is.
        if refused and not stale and (told is not None or now < window.ends):
            self._refused(now)

    def _spare(self, reserve: float) -> float:
        window, flight = self._window, self._flight
        return window.remaining - flight.lost - reserve * window.limit - flight.now - self._share.margin

    def _left(self, reserve: float) -> float:
        return self._spare(reserve) - self._flight.now * self._share.others

    def _pause(self, now: float, left: float) -> float:
        window, share = self._window, self._share
        expected = share.expected(left, window.ends - now, window.ends - window.told_at)
        return (window.ends - now) / max(1e-9, expected) / share.pace(left, window.limit)

    def _spent(self, now: float, left: float, pause: float) -> float:
        burst = left / BURST_PART
        if self._share.free < 1:
            burst = min(burst, left * self._share.value / SHARE_BURST)
        return max(self._spent_until, now - pause * max(1.0, burst))

    def _ready_without_window(self, now: float) -> float:
        self._roll(now)
        window, flight = self._window, self._flight
        low = window.low and now < window.ends + window.length
        if low and now < window.opens:
            return window.opens
        # Answers without headers (a proxy, bad credentials) double the width each: what does not count calls must not
        # hold them up.
        width = ((1 if self._share.crowd else PROBES) if low else int(self._width)) << min(self._bare, 16)
        return now if flight.now < width else flight.last_sent + PROBE_EVERY

    def _roll(self, now: float) -> None:
        flight = self._flight
        if flight.last_sent < self._window.ends <= now:
            flight.carried, flight.now = flight.carried + flight.now, 0

    def _newer(self, told: RateLimit, now: float) -> bool:
        window = self._window
        return told.resets_at > window.resets_at or (told.resets_at < window.resets_at and now >= window.older_from)

    def _told(self, told: RateLimit, ends: float | None, now: float) -> None:
        window, share = self._window, self._share
        if told.resets_at != window.resets_at:
            self._begin(told, ends, now)
        elif now >= window.ends:
            self._goes_on(now)
        # Answers overtake each other: within a window the smallest number is the latest.
        latest = told.remaining <= window.remaining
        if latest:
            window.remaining, window.told_at = told.remaining, now
        used = window.limit - window.remaining
        passed = window.passed(now)
        share.told(window.limit, used, passed, latest)
        share.weigh(window.limit, used)
        if window.remaining < window.limit / 2 or self._others_hurry(used, passed):
            window.low, self._width = True, float(self._burst)
        elif not window.was_low:
            self._width = max(self._burst, min(self._width + GROWTH * share.value, window.limit))

    def _others_hurry(self, used: int, passed: float) -> bool:
        """Tell whether others use the window up too soon to wait for that with full pace.

        In a crowd we see the window rarely, so there half of it is enough.
        """
        window, share = self._window, self._share
        others = used - share.own
        if share.crowd:
            return others > max(0.05, passed) * window.limit / 2
        return others > max(0.1, passed) * window.limit

    def _begin(self, told: RateLimit, ends: float | None, now: float) -> None:
        window = self._window
        self._share.begin(window.limit)
        self._flight.lost, window.mistakes = 0, 0
        window.was_low, window.low = window.low and now < window.ends + window.length, False
        apart = told.resets_at - window.resets_at
        if 1 <= apart < window.told_length:
            window.told_length, window.length = apart, min(apart, window.length)
        window.limit, window.remaining, window.resets_at = told.limit, told.remaining, told.resets_at
        if ends is not None and -LATE < ends - now <= FAR:
            self._end(ends)
            window.older_from = window.ends + FAR
        else:
            self._end(now + window.length)
            window.older_from = window.ends

    def _end(self, at: float) -> None:
        window, share = self._window, self._share
        # All who share the token probe the next window with a call, each at another time.
        spread = max(SPREAD, min(WIDEST, 1 / (window.limit * share.value))) if share.crowd else SPREAD
        window.ends, window.opens = at, at + self._random() * window.length * spread

    def _goes_on(self, now: float) -> None:
        """The window is over by our clock, and the answer to a later call says that it is not.

        The next look comes later each time.
        """
        window = self._window
        self._end(now + (min(window.length, 0.25 * 2**window.mistakes) if window.limit else window.length))
        window.mistakes = min(window.mistakes + 1, 8)

    def _refused(self, now: float) -> None:
        window = self._window
        window.remaining, window.low, self._width = 0, True, float(self._burst)
        if now >= window.ends:
            self._goes_on(now)
        self._share.weigh(window.limit, window.limit)
