"""Executes one item: records the intent, sends the write (or reads back an earlier one), and records the outcome.

An item in doubt is executed several times. The doubt ends with a response or a read that shows the effect, or with a
read after the horizon that does not show it. A second request that is refused does not end it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from attrs import define

from aiointercom.cleanup.items import Convert, Item, RedactPart
from aiointercom.cleanup.outcomes import GONE, Doubt, Ended, EventRecorder, failed, succeeded
from aiointercom.client import Intercom
from aiointercom.errors import IntercomError, NotFoundError, OutcomeUnknownError, RateLimitedError
from aiointercom.settling import Settlement

from .journal import Journal
from .settle import ended_by_reading, settle, still_unknown
from .token_guard import TokenGuard

MARGIN = 2.25
"""Seconds to wait beyond the horizon before an item is read: Intercom's clock has whole seconds, so two readings of it
may differ."""
INTERVALS = (1.0, 2.0, 4.0, 8.0, 10.0)
"""Seconds between the reads after the horizon, if a read fails or contradicts an earlier one. No read begins later than
their sum, so that answers that never end cannot hold an item for many times the time of a request."""
ROUNDS = 3
"""How often an item may be in doubt in one run before its result is "unknown"."""


@define(eq=False)
class Job:
    """One item and its state in a run."""

    item: Item
    doubt: Doubt | None = None
    """When it may have taken effect; None: it has not, or it was never sent."""
    inherited: bool = False
    """Whether an earlier run left the outcome unknown and this run has not read it yet."""
    unknown: Ended | None = None
    """Its outcome in the ledger while it waits to be read."""
    first_sent_at: float | None = None
    waited: bool = False
    """Whether it has waited for the horizon."""
    looks: int = 0
    """Reads after the horizon."""
    look_until: float = 0.0
    """When it is not read again, in Unix seconds."""
    rounds: int = 0
    sent_in_doubt: bool = False
    """Whether it was sent after the horizon although no read could show that it had not taken effect."""
    attempts: int = 0
    request_id: str | None = None

    def in_doubt_since(self, doubt: Doubt) -> Doubt:
        """Start a new doubt with its own horizon. The time of the first request is kept."""
        self.first_sent_at = doubt.first_sent_at if self.first_sent_at is None else self.first_sent_at
        self.doubt = Doubt(min(self.first_sent_at, doubt.first_sent_at), doubt.last_doubt_at)
        self.waited, self.looks, self.sent_in_doubt = False, 0, False
        return self.doubt


class ItemExecutor:
    """Executes items one at a time.

    Args:
        intercom: The client.
        journal: The ledger.
        guard: Checks that the token still belongs to the ledger's workspace.
        wait_for_rate_limit: Waits until the rate limit may allow another request, for the given seconds (None: not
            known). Returns False if the run stops. A call limits its own waiting; a clean-up can wait as long as it
            takes.
        on_outcome: Called after each write, with its error or None.
    """

    def __init__(
        self,
        intercom: Intercom,
        journal: Journal,
        guard: TokenGuard,
        *,
        wait_for_rate_limit: Callable[[float | None], Awaitable[bool]],
        on_outcome: Callable[[Item, IntercomError | None, EventRecorder], None],
    ) -> None:
        self._intercom, self._journal, self._guard = intercom, journal, guard
        self._wait_for_rate_limit, self._on_outcome = wait_for_rate_limit, on_outcome

    async def begin(self, job: Job) -> bool:
        """Record the intent. Returns False if the item is finished already."""
        earlier = await self._journal.intend(job.item.key)
        if earlier.doubt is not None:
            doubt = job.in_doubt_since(earlier.doubt)
            job.inherited = True
            job.unknown = still_unknown(job.item, doubt, "an earlier run left the outcome unknown", by_reading=False)
        return not earlier.over

    async def execute(self, job: Job, recorder: EventRecorder) -> Ended:
        """Send or read an item, and record the outcome."""
        ended = await (self._send(job, recorder) if job.doubt is None else self._look(job, job.doubt, recorder))
        await self._journal.end(job.item.key, ended, recorder)
        job.unknown = ended if ended.state == "unknown" else None
        job.attempts += recorder.attempts
        job.request_id = recorder.request_id or job.request_id
        return ended

    def due_in(self, job: Job) -> float | None:
        """Return the seconds until an item in doubt must be read; None: it stays unknown in this run."""
        if job.doubt is None or job.rounds >= ROUNDS or job.looks >= len(INTERVALS):
            return None
        if not job.waited:
            job.waited = True
            horizon = self._intercom.horizon + MARGIN
            missing = min(job.doubt.last_doubt_at + horizon - self._journal.now(), horizon)
            job.look_until = self._journal.now() + max(missing, 0.0) + sum(INTERVALS)
            if missing > 0:
                return missing
        if self._journal.now() > job.look_until:
            return None
        job.looks += 1
        return INTERVALS[job.looks - 1]

    async def _look(self, job: Job, doubt: Doubt, recorder: EventRecorder) -> Ended:
        """Read back an item in doubt, and send it again if that is safe."""
        settlement = await settle(self._intercom, job.item, doubt)
        if (ended := ended_by_reading(job.item, settlement)) is not None:
            return ended
        self._guard.check()
        if settlement.outcome == "not_applied":
            job.doubt = None
        elif not self._may_be_sent(job, doubt, settlement, recorder):
            ended = still_unknown(job.item, doubt, settlement.reason or "no read shows it", by_reading=True)
            if recorder.unanswered:
                self._on_outcome(job.item, ended.error, recorder)
            return ended
        await self._journal.again(job.item.key)
        job.unknown = None
        return await self._send(job, recorder)

    def _may_be_sent(self, job: Job, doubt: Doubt, settlement: Settlement, recorder: EventRecorder) -> bool:
        """Return whether to send an item that is in doubt.

        Redacting twice has the same effect as redacting once, so a redaction that an earlier run left in doubt is sent
        at once. Any other item is sent only after the horizon, and only if no read can ever show it: the conversation
        is gone, or Intercom does not show the message.
        """
        redaction, first = not isinstance(job.item, Convert), job.inherited
        job.inherited = False
        if first and redaction:
            return True
        if settlement.retry_after is not None or job.sent_in_doubt or not self._is_over(doubt, self._journal.now()):
            return False
        job.sent_in_doubt = recorder.gone or (redaction and not recorder.unanswered)
        return job.sent_in_doubt

    def _is_over(self, doubt: Doubt, now: float) -> bool:
        return now >= doubt.last_doubt_at + self._intercom.horizon

    async def _send(self, job: Job, recorder: EventRecorder) -> Ended:
        began = self._journal.now()
        try:
            ended = await self._sent(job.item, recorder)
        except IntercomError as error:
            self._guard.check()
            self._on_outcome(job.item, error, recorder)
            return self._failed(job, error.with_traceback(None), recorder, began)
        self._on_outcome(job.item, None, recorder)
        return ended

    def _failed(self, job: Job, error: IntercomError, recorder: EventRecorder, began: float) -> Ended:
        if isinstance(error, OutcomeUnknownError):
            job.rounds += 1
            doubt = job.in_doubt_since(Doubt(error.first_sent_at.timestamp(), error.last_doubt_at.timestamp()))
            by_reading = recorder.settled is not None and recorder.settled.by_reading
            return Ended("unknown", "unknown", error, error.reason, None, by_reading, doubt)
        if job.doubt is None:
            return failed(error, recorder, job.item)
        if isinstance(error, NotFoundError) and error.code in GONE and self._is_over(job.doubt, began):
            return Ended(
                "refused", "not_found", error, "it no longer exists; the outcome of an earlier request was unknown"
            )
        reason = f"sent again, which failed with {type(error).__name__}; the outcome of an earlier request is unknown"
        return still_unknown(job.item, job.doubt, reason, by_reading=False)

    async def _sent(self, item: Item, recorder: EventRecorder) -> Ended:
        while True:
            try:
                return await self._send_once(item, recorder)
            except RateLimitedError as error:
                if not await self._wait_for_rate_limit(error.retry_after):
                    raise

    async def _send_once(self, item: Item, recorder: EventRecorder) -> Ended:
        conversations = self._intercom.conversations
        if isinstance(item, Convert):
            ticket = await conversations.convert_to_ticket(
                item.conversation_id, ticket_type_id=item.ticket_type_id, attributes=item.asked
            )
            return succeeded(recorder, "converted", ticket.id)
        if isinstance(item, RedactPart):
            await conversations.redact_part(item.conversation_id, item.part_id)
        else:
            await conversations.redact_source(item.conversation_id, item.source_id)
        return succeeded(recorder, "redacted")
