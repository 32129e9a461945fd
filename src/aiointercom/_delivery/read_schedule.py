"""PURE: when a call in doubt reads next what became of its write, and whether the write may be sent again.

Time comes in as an argument.
"""

from __future__ import annotations

from math import inf

from aiointercom._protocol import retry_policy as policy
from aiointercom._protocol.retry_policy import Limits

from .call import Call


class ReadSchedule:
    """The reads that follow one attempt of a call in doubt.

    Args:
        call: The call, which knows when it was last in doubt and when it last read.
        limits: For how long to look, and when a read proves that nothing was applied.
        refused: Whether Intercom refused the attempt, which may mean that an earlier one took effect: then the first
            read comes at once.
        ended: When the attempt ended, seconds of the monotonic clock.
        again_at: From when on the write may be sent again, as far as waits and limits go; infinite: not at all.
    """

    def __init__(self, call: Call, limits: Limits, *, refused: bool, ended: float, again_at: float) -> None:
        assert call.doubt_at is not None  # the call is in doubt
        self._call, self._limits, self._doubt_at, self._again_at = call, limits, call.doubt_at, again_at
        times = [call.doubt_at + after for after in policy.looks(limits)]
        # A server that asks for a longer pause than the looks last is asked once more, right before the write is sent
        # again.
        late = [again_at] if times[-1] < again_at < inf else []
        self._times = [*times, *late, *([ended] if refused else [])]

    def next(self, now: float) -> float | None:
        """Return when to read next, at the earliest now; None: no more.

        Of several times that have passed one read is enough.
        """
        last = self._call.looked_at
        left = [at for at in self._times if last is None or at > last]
        return max(now, min(left)) if left else None

    @property
    def beyond_horizon(self) -> bool:
        """Whether the last read began so late that a write which it does not show was not applied."""
        return self._since_doubt >= self._limits.horizon

    @property
    def may_send_again(self) -> bool:
        """Whether the reads so far, and the waits that were asked for, allow to send the write again."""
        if (self._call.looked_at or 0.0) < self._again_at:
            return False
        return policy.may_send_again(self._call.request.effect, self._call.empty_reads, self._since_doubt)

    @property
    def _since_doubt(self) -> float:
        """Seconds from the last doubtful request to the last read."""
        return (self._call.looked_at or self._doubt_at) - self._doubt_at
