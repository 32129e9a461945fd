"""Pure: how much of the rate limit is left, and when the next call may go.

No waiting here: time comes in as an argument.

Intercom counts in windows of 10 seconds, and every answer tells the limit, what remains and when the window ends. All
processes of the app share the counter, so what remains is a fact some milliseconds old, and others spend from it too.
https://developers.intercom.com/docs/references/rest-api/errors/rate-limiting
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from aiointercom._protocol.headers import ServerClock
from aiointercom._values.limits import WINDOW
from aiointercom.errors import RateLimit

FAR, LATE = 60.0, 2.0  # seconds ahead and ago: a reset outside of them tells that a clock, or the header, is wrong
SPREAD = 0.03  # part of a window over which the calls that waited for it start
PROBES = 2  # calls that go first into a window after one that ran low: two, for one answer may be lost
PROBE_EVERY = 1.0  # seconds after which one more call may go without any answer: one that hangs must not stop the rest
BURST_PART = 32  # at most this part of what is left goes at once where calls are spread over time
MARGIN = 0.03  # at most this part of the limit stays unused so that several processes do not race for the last calls
SMALLEST_SHARE = 1 / 16  # lower bound of our part of all use, so that a new process gets a share


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


class Budget:
    """What may still be sent in this window, when the next call may go, and what an answer changes in that.

    1. Never more in flight than remain. Each of ours counts also for those that others probably have in flight at the
       same time.
    2. While that leaves half of the window, calls go at once.
    3. Below that, and in the window after, what is left is spread over the time that is left. All processes do the same
       sum with the same numbers: together they slow down before the end, where "send while something remains" runs over
       it, and who joins late gets a fair part. (To divide by an estimate of the others' rate was the alternative: it
       starves late joiners.)
    4. A window of which nothing is known gets a small burst, or, after one that ran low, two probing calls.
    """

    def __init__(self, burst: int, random: Callable[[], float]) -> None:
        self._burst, self._random = burst, random
        # Calls in flight that were sent in this window, and that were sent before it began.
        self._in_flight = self._carried = 0
        self._limit = self._remaining = 0
        # The end of the window in Intercom's time; on the monotonic clock; the same with jitter; from when on an older
        # window is believed.
        self._resets_at = self._ends = self._opens = self._older_from = -inf
        self._length = WINDOW
        # Whether less than half was seen to remain: in this window, in the one before.
        self._low = self._was_low = False
        # Answers of this window; our part of all use in the windows before.
        self._own, self._share_before = 0, 1.0
        # From these: our part of all use, what others have in flight for each of ours, what stays unused.
        self._share, self._others, self._margin = 1.0, 0.0, 0.0
        # Calls in flight that calm windows showed to be harmless; answers without headers in a row.
        self._width, self._bare = burst, 0
        # Calls that Intercom may have counted although no answer came; answers until later ones tell.
        self._lost = self._lost_behind = 0
        self._mistakes = 0
        self._spent_until = self._last_sent = -inf

    def ready_at(self, now: float, reserve: float) -> float:
        """Return when the next call may go (not after `now`: at once), or when to look again; answers may change it."""
        if now >= self._ends:
            return self._ready_without_window(now)
        left = self._left(reserve)
        if left < 1:
            return self._opens
        if left >= self._limit / 2 and not self._low and not self._was_low and self._in_flight < self._width:
            return now
        return self._paced_at(now, left)

    def _paced_at(self, now: float, left: float) -> float:
        pause = self._pause(now, left)
        return min(self._opens, self._spent(now, left, pause) + pause)

    def expected_wait(self, now: float, reserve: float, ahead: int) -> float:
        """Return the seconds until a call behind `ahead` others gets its turn; 0: at once, or nothing is known."""
        if now >= self._ends:
            return 0.0
        spare = self._spare(reserve)
        missing = ahead + 1 - spare
        if missing <= 0:
            spread = max(0.0, ahead - max(1.0, spare / BURST_PART)) * (self._ends - now) / spare
            left = self._left(reserve)
            return max(spread, self._paced_at(now, left) - now) if left >= 1 else spread
        windows = max(0.0, (missing - 1) // max(1.0, self._limit * (1 - reserve))) if self._limit else 0.0
        return self._opens - now + windows * self._length

    def sent(self, now: float, reserve: float) -> None:
        """Books one call that goes now."""
        self._roll(now)
        if now < self._ends:
            left = max(1.0, self._left(reserve))
            pause = self._pause(now, left)
            self._spent_until = min(now, self._spent(now, left, pause) + pause)
        self._last_sent = now
        self._in_flight += 1

    def failed(self, sent: bool) -> None:
        """One call ended without an answer.

        If it was sent, Intercom may have counted it: it stays spent until later calls tell.
        """
        self._landed(old=sent)
        if sent:
            self._lost, self._lost_behind = self._lost + 1, self._in_flight

    def answered(self, told: RateLimit | None, ends: float | None, refused: bool, now: float) -> None:
        """One call was answered.

        Args:
            told: The rate limit that the answer told.
            ends: When the window that it told ends, on the clock of `now`; None: nobody knows.
            refused: Whether the answer was a 429, which ends the window's budget whatever the headers say.
            now: The monotonic clock.
        """
        self._roll(now)
        late = self._carried > 0 and now >= self._ends
        stale = told is not None and not self._newer(told, now) and (late or told.resets_at != self._resets_at)
        self._landed(old=stale)
        self._lost, self._lost_behind = (self._lost, self._lost_behind - 1) if self._lost_behind else (0, 0)
        self._bare = self._bare + 1 if told is None else 0
        if told is not None and not stale:
            self._told(told, ends, now)
        # Without headers, and with no window known, there is nothing to pace by: then the retry's own backoff is all
        # there is.
        if refused and not stale and (told is not None or now < self._ends):
            self._refused(now)
        self._weigh()

    def _weigh(self) -> None:
        weight, used = self._limit / 20, self._limit - self._remaining
        share = (self._own + weight * self._share_before) / (used + weight) if self._limit else 1.0
        self._share = max(SMALLEST_SHARE, min(1.0, share))
        self._others = 1 / self._share - 1
        self._margin = min(self._others, MARGIN * self._limit)

    def _spare(self, reserve: float) -> float:
        return self._remaining - self._lost - reserve * self._limit - self._in_flight - self._margin

    def _left(self, reserve: float) -> float:
        return self._spare(reserve) - self._in_flight * self._others

    def _pause(self, now: float, left: float) -> float:
        # Full pace for everybody while much is left, our share of it towards the end: there everybody's pace would be
        # too much.
        return (self._ends - now) / left / (self._share + (1 - self._share) * left / self._limit)

    def _spent(self, now: float, left: float, pause: float) -> float:
        return max(self._spent_until, now - pause * max(1.0, left / BURST_PART))

    def _ready_without_window(self, now: float) -> float:
        self._roll(now)
        low = self._low and now < self._ends + self._length
        if low and now < self._opens:
            return self._opens
        # Answers without headers (a proxy, bad credentials) double the width each: what does not count calls must not
        # hold them up.
        width = (PROBES if low else self._width) << min(self._bare, 16)
        return now if self._in_flight < width else self._last_sent + PROBE_EVERY

    def _roll(self, now: float) -> None:
        if self._last_sent < self._ends <= now:
            self._carried, self._in_flight = self._carried + self._in_flight, 0

    def _landed(self, old: bool) -> None:
        if self._carried and (old or not self._in_flight):
            self._carried -= 1
        else:
            self._in_flight = max(0, self._in_flight - 1)

    def _newer(self, told: RateLimit, now: float) -> bool:
        return told.resets_at > self._resets_at or (told.resets_at < self._resets_at and now >= self._older_from)

    def _told(self, told: RateLimit, ends: float | None, now: float) -> None:
        if told.resets_at != self._resets_at:
            self._begin(told, ends, now)
        elif now >= self._ends:
            self._goes_on(now)
        self._own += 1
        # Answers overtake each other: within a window the smallest number is the latest.
        self._remaining = min(self._remaining, told.remaining)
        if self._remaining < self._limit / 2:
            self._low, self._width = True, self._burst
        elif not self._was_low:
            self._width = max(self._burst, min(self._width + 4, self._limit))

    def _begin(self, told: RateLimit, ends: float | None, now: float) -> None:
        self._share_before, self._own, self._lost, self._mistakes = self._share, 0, 0, 0
        self._was_low, self._low = self._low and now < self._ends + self._length, False
        if 1 <= told.resets_at - self._resets_at < self._length:
            self._length = told.resets_at - self._resets_at
        self._limit, self._remaining, self._resets_at = told.limit, told.remaining, told.resets_at
        if ends is not None and -LATE < ends - now <= FAR:
            self._end(ends)
            self._older_from = self._ends + FAR
        else:
            self._end(now + self._length)
            self._older_from = self._ends

    def _end(self, at: float) -> None:
        self._ends, self._opens = at, at + self._random() * self._length * SPREAD

    def _goes_on(self, now: float) -> None:
        """Our clock says that the window is over, a later answer says that it is not: retry at growing intervals."""
        self._end(now + (min(self._length, 0.25 * 2**self._mistakes) if self._limit else self._length))
        self._mistakes = min(self._mistakes + 1, 8)

    def _refused(self, now: float) -> None:
        self._remaining, self._low, self._width = 0, True, self._burst
        if now >= self._ends:
            self._goes_on(now)
