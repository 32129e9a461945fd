"""One item's turn: intent before and outcome after it in the ledger, and between them the write, or the read of what became of it.

An item in doubt has several turns. What ends its doubt is an answer or a read that shows the effect, or a read later than the horizon that
does not; sending again, and being refused, does not.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from attrs import define

from aiointercom.client import Intercom
from aiointercom.errors import IntercomError, NotFoundError, OutcomeUnknownError, RateLimitedError
from aiointercom.settling import Settlement

from ._book import Book
from ._guard import Guard
from ._settling import ended_by_reading, settle, still_unknown
from ._verdicts import GONE, Doubt, Ended, Witness, failed, succeeded
from .items import Convert, Item, RedactPart

MARGIN = 2.25
"""Seconds after the horizon at which an item is read: two readings of Intercom's clock, which tells whole seconds, may differ."""
INTERVALS = (1.0, 2.0, 4.0, 8.0, 10.0)
"""Seconds between the reads after the horizon, where one fails or contradicts what was told before."""
ROUNDS = 3
"""How often an item may end in doubt in one run, until that is the last word of this run."""


@define(eq=False)
class Job:
    """One item on its way through a run."""

    item: Item
    doubt: Doubt | None = None
    """It may have taken effect; None: it has not, or was never sent."""
    inherited: bool = False
    """It is an earlier run that left it in doubt, and this one has not read it yet."""
    unknown: Ended | None = None
    """What the ledger says of it while it waits to be read."""
    first_sent_at: float | None = None
    waited: bool = False
    """It was put off to the horizon."""
    looks: int = 0
    """Reads after the horizon."""
    rounds: int = 0
    sent_in_doubt: bool = False
    """It was sent after the horizon although no read could show that it did not take effect."""
    attempts: int = 0
    request_id: str | None = None

    def in_doubt_since(self, doubt: Doubt) -> Doubt:
        """Note a new doubt, which waits for a horizon of its own. The first time of all stays."""
        self.first_sent_at = doubt.first_sent_at if self.first_sent_at is None else self.first_sent_at
        self.doubt = Doubt(min(self.first_sent_at, doubt.first_sent_at), doubt.last_doubt_at)
        self.waited, self.looks, self.sent_in_doubt = False, 0, False
        return self.doubt


class Turns:
    """Gives items their turns.

    Args:
        intercom: The client.
        book: The ledger.
        guard: Knows whether the token still belongs to the ledger's workspace.
        patience: Waits until the rate limit may allow more, given seconds or None; False: wait no longer. A call has its own limits to what
            it waits, and a clean-up beside a busy product has all the time there is.
        heed: Is told how each write ended: with an error, or None.
    """

    def __init__(
        self,
        intercom: Intercom,
        book: Book,
        guard: Guard,
        *,
        patience: Callable[[float | None], Awaitable[bool]],
        heed: Callable[[Item, IntercomError | None, Witness], None],
    ) -> None:
        self._intercom, self._book, self._guard = intercom, book, guard
        self._patience, self._heed = patience, heed

    async def begin(self, job: Job) -> bool:
        """Note the intent; False: the item is over, nothing is left to do."""
        earlier = await self._book.intend(job.item.key)
        if earlier.doubt is not None:
            doubt = job.in_doubt_since(earlier.doubt)
            job.inherited = True
            job.unknown = still_unknown(job.item, doubt, "an earlier run left it in doubt", by_reading=False)
        return not earlier.over

    async def take(self, job: Job, seen: Witness) -> Ended:
        """Send or read an item, and note how it ended."""
        ended = await (self._send(job, seen) if job.doubt is None else self._look(job, job.doubt, seen))
        await self._book.end(job.item.key, ended, seen)
        job.unknown = ended if ended.state == "unknown" else None
        job.attempts += seen.attempts
        job.request_id = seen.request_id or job.request_id
        return ended

    def due_in(self, job: Job) -> float | None:
        """Say in how many seconds an item in doubt is to be read; None: that it is unknown is the last word of this run."""
        if job.doubt is None or job.rounds >= ROUNDS or job.looks >= len(INTERVALS):
            return None
        if not job.waited:
            job.waited = True
            horizon = self._intercom.horizon + MARGIN
            missing = job.doubt.last_doubt_at + horizon - self._book.now()
            if missing > 0:
                return min(missing, horizon)
        job.looks += 1
        return INTERVALS[job.looks - 1]

    async def _look(self, job: Job, doubt: Doubt, seen: Witness) -> Ended:
        """Read what became of an item in doubt, and send it again where that is right."""
        settlement = await settle(self._intercom, job.item, doubt)
        if (ended := ended_by_reading(job.item, settlement)) is not None:
            return ended
        self._guard.check()
        if settlement.outcome == "not_applied":
            job.doubt = None
        elif not self._may_be_sent(job, doubt, settlement, seen):
            ended = still_unknown(job.item, doubt, settlement.reason or "no read shows it", by_reading=True)
            if seen.unanswered:
                self._heed(job.item, ended.error, seen)
            return ended
        await self._book.again(job.item.key)
        job.unknown = None
        return await self._send(job, seen)

    def _may_be_sent(self, job: Job, doubt: Doubt, settlement: Settlement, seen: Witness) -> bool:
        """Say whether to send an item that is in doubt.

        Twice is as good as once for a redaction, so one that an earlier run left is sent at once. Else only after the horizon, and where no
        read will ever show it: the conversation is gone, or the message is not among those that Intercom shows.
        """
        redaction, first = not isinstance(job.item, Convert), job.inherited
        job.inherited = False
        if first and redaction:
            return True
        if settlement.retry_after is not None or job.sent_in_doubt or not self._is_over(doubt, self._book.now()):
            return False
        job.sent_in_doubt = seen.gone or (redaction and not seen.unanswered)
        return job.sent_in_doubt

    def _is_over(self, doubt: Doubt, now: float) -> bool:
        return now >= doubt.last_doubt_at + self._intercom.horizon

    async def _send(self, job: Job, seen: Witness) -> Ended:
        began = self._book.now()
        try:
            ended = await self._sent(job.item, seen)
        except IntercomError as error:
            self._guard.check()
            self._heed(job.item, error, seen)
            return self._failed(job, error.with_traceback(None), seen, began)
        self._heed(job.item, None, seen)
        return ended

    def _failed(self, job: Job, error: IntercomError, seen: Witness, began: float) -> Ended:
        if isinstance(error, OutcomeUnknownError):
            job.rounds += 1
            doubt = job.in_doubt_since(Doubt(error.first_sent_at.timestamp(), error.last_doubt_at.timestamp()))
            by_reading = seen.settled is not None and seen.settled.by_reading
            return Ended("unknown", "unknown", error, error.reason, None, by_reading, doubt)
        if job.doubt is None:
            return failed(error, seen, job.item)
        if isinstance(error, NotFoundError) and error.code in GONE and self._is_over(job.doubt, began):
            return Ended("refused", "not_found", error, "it is not there any more; an earlier request was in doubt")
        reason = f"sent again, which ended with {type(error).__name__}; an earlier request is in doubt"
        return still_unknown(job.item, job.doubt, reason, by_reading=False)

    async def _sent(self, item: Item, seen: Witness) -> Ended:
        while True:
            try:
                return await self._send_once(item, seen)
            except RateLimitedError as error:
                if not await self._patience(error.retry_after):
                    raise

    async def _send_once(self, item: Item, seen: Witness) -> Ended:
        conversations = self._intercom.conversations
        if isinstance(item, Convert):
            ticket = await conversations.convert_to_ticket(
                item.conversation_id, ticket_type_id=item.ticket_type_id, attributes=item.asked
            )
            return succeeded(seen, "converted", ticket.id)
        if isinstance(item, RedactPart):
            await conversations.redact_part(item.conversation_id, item.part_id)
        else:
            await conversations.redact_source(item.conversation_id, item.source_id)
        return succeeded(seen, "redacted")
