"""What one call is made of: its options, its state on the way, and what a resource knows about settling a write.

No I/O.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from attrs import define, field, frozen

from aiointercom._protocol.request import Request
from aiointercom._protocol.response import code_like
from aiointercom._protocol.retry_policy import DOUBTFUL, Happened, RequestEffect
from aiointercom.errors import APIError, IntercomError, Seen, UnreadableResponseError

_numbers = itertools.count(1)


@define(eq=False, repr=False)
class Call:
    """The state of one call on its way through the sender.

    Times are seconds of the monotonic clock, unless they say otherwise.
    """

    request: Request
    started: float
    number: int
    waited: float = 0.0
    """Seconds spent waiting for the rate limit and between attempts."""
    paced: float = 0.0
    """Those of them that were for the rate limit: for its turns, and after it was refused."""
    invited: bool = False
    """The server said by `Retry-After` when to come again, and that is now."""
    attempt: int = 0
    """Rounds of the loop."""
    sent: int = 0
    """Requests that left."""
    sent_at: float | None = None
    """When the last one did, Unix seconds of this machine's clock."""
    left_at: float = 0.0
    """When the last one did."""
    under_way: bool = False
    """A request of a write has left and its end is not known yet."""
    first_sent: float | None = None
    """When the first request left whose end was never known; None: there is no such request."""
    doubt_at: float | None = None
    """When the last such request was given up; None: the call is not in doubt."""
    looked_at: float | None = None
    """When the last read of a call in doubt began. None: no read since the last doubtful request."""
    empty_reads: int = 0
    """Successful reads since the last doubtful request that showed no effect."""
    seen: Seen | None = None
    """What the last answer said that did not settle the write."""
    stage: str = "waiting"
    large: bool = False
    """Its answer took the event loop some milliseconds to decode."""

    @classmethod
    def begin(cls, request: Request, started: float, parent: int | None) -> Call:
        """Start a call; reading back shares the number of the call that it reads for."""
        return cls(request, started, next(_numbers) if parent is None else parent)

    @property
    def in_doubt(self) -> bool:
        """Whether an earlier request may have taken effect, or may still."""
        return self.doubt_at is not None

    @property
    def may_be_applied(self) -> bool:
        """Whether a caller that leaves now leaves a write behind that may take effect."""
        return self.under_way or self.in_doubt

    def leaves(self, at: float, wall: float) -> None:
        """Note that a request is about to leave. `wall`: Unix seconds of this machine's clock."""
        self.sent, self.sent_at, self.left_at, self.stage = self.sent + 1, wall, at, "sent"
        self.under_way = self.request.effect is not RequestEffect.READ

    def ended(self, result: AttemptResult, at: float) -> None:
        """Note how the last request ended.

        Only one whose end is not known brings the call into doubt; nothing here ends a doubt.
        """
        self.stage, self.under_way = "waiting", False
        if self.request.effect is RequestEffect.READ or result.happened is Happened.ANSWERED:
            return
        if result.status is not None:
            self.seen = Seen(result.status, getattr(result.error, "code", None), result.request_id)
        if result.happened in DOUBTFUL:
            self.first_sent = self.left_at if self.first_sent is None else self.first_sent
            self.doubt_at, self.looked_at, self.empty_reads = at, None, 0

    def looked(self, at: float, *, empty: bool) -> None:
        """Note a read of a call in doubt. `empty`: it was whole and showed no effect."""
        self.looked_at, self.empty_reads = at, self.empty_reads + empty

    def clear(self) -> None:
        """End the doubt: a read later than the horizon showed no effect."""
        self.first_sent = self.doubt_at = self.looked_at = None


@frozen(eq=False, repr=False)
class AttemptResult:
    """How one attempt ended."""

    happened: Happened
    value: Any = field(default=None, repr=False)
    error: IntercomError | None = None
    status: int | None = None
    headers: Mapping[str, str] | None = field(default=None, repr=False)

    @property
    def request_id(self) -> str | None:
        """Intercom's id of the request, where the answer has one."""
        if isinstance(self.error, APIError | UnreadableResponseError):
            return self.error.request_id
        return None if self.headers is None else code_like(self.headers.get("x-request-id"))
