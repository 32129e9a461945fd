"""Executes one item: sends the write, or reads back an earlier one. `run` and `carry_out` both record what it returns.

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

from .settle import ended_by_reading, settle, still_unknown

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

    def note(self, ended: Ended, recorder: EventRecorder) -> None:
        """Keep what one execution showed."""
        self.unknown = ended if ended.state == "unknown" else None
        self.attempts += recorder.attempts
        self.request_id = recorder.request_id or self.request_id


def _nothing() -> None:
    """Do nothing."""


async def _never(_: float | None) -> bool:
    """Wait for nothing: the rate limit ends the execution."""
    return False


async def _unrecorded(_: Item) -> None:
    """Record nothing."""


def _unobserved(_: Item, __: IntercomError | None, ___: EventRecorder) -> None:
    """Note nothing."""


class ItemExecutor:
    """Executes items one at a time. A run adds its own parts to it; without them it only sends and reads.

    Args:
        intercom: The client.
        check: Called after each request that failed or said nothing; raises an error if the token must not be used any
            more.
        before_resend: Called before an item is sent that may have been sent before.
        wait_for_rate_limit: Waits until the rate limit may allow another request, for the given seconds (None: not
            known). Returns False if the item is not to wait. A call limits its own waiting; a clean-up can wait as long
            as it takes.
        on_outcome: Called after each write, with its error or None.
    """

    def __init__(
        self,
        intercom: Intercom,
        *,
        check: Callable[[], None] = _nothing,
        before_resend: Callable[[Item], Awaitable[None]] = _unrecorded,
        wait_for_rate_limit: Callable[[float | None], Awaitable[bool]] = _never,
        on_outcome: Callable[[Item, IntercomError | None, EventRecorder], None] = _unobserved,
    ) -> None:
        self._intercom, self._check, self._before_resend = intercom, check, before_resend
        self._wait_for_rate_limit, self._on_outcome = wait_for_rate_limit, on_outcome

    async def execute(self, job: Job, recorder: EventRecorder) -> Ended:
        """Send or read an item."""
        return await (self._send(job, recorder) if job.doubt is None else self._look(job, job.doubt, recorder))

    def due_in(self, job: Job) -> float | None:
        """Return the seconds until an item in doubt must be read; None: it stays unknown in this run."""
        if job.doubt is None or job.rounds >= ROUNDS or job.looks >= len(INTERVALS):
            return None
        if not job.waited:
            job.waited = True
            horizon = self._intercom.horizon + MARGIN
            missing = min(job.doubt.last_doubt_at + horizon - self._intercom.server_time(), horizon)
            job.look_until = self._intercom.server_time() + max(missing, 0.0) + sum(INTERVALS)
            if missing > 0:
                return missing
        if self._intercom.server_time() > job.look_until:
            return None
        job.looks += 1
        return INTERVALS[job.looks - 1]

    async def _look(self, job: Job, doubt: Doubt, recorder: EventRecorder) -> Ended:
        """Read back an item in doubt, and send it again if that is safe."""
        # A read that fails is not repeated here, since the next one is due in seconds.
        settlement = await settle(self._intercom.with_options(max_retries=0), job.item, doubt)
        if (ended := ended_by_reading(job.item, settlement)) is not None:
            return ended
        self._check()
        if settlement.outcome == "not_applied":
            job.doubt = None
        elif not self._may_be_sent(job, doubt, settlement, recorder):
            ended = still_unknown(job.item, doubt, settlement.reason or "no read shows it", by_reading=True)
            if recorder.unanswered:
                self._on_outcome(job.item, ended.error, recorder)
            return ended
        await self._before_resend(job.item)
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
        if (
            settlement.retry_after is not None
            or job.sent_in_doubt
            or not self._is_over(doubt, self._intercom.server_time())
        ):
            return False
        job.sent_in_doubt = recorder.gone or (redaction and not recorder.unanswered)
        return job.sent_in_doubt

    def _is_over(self, doubt: Doubt, now: float) -> bool:
        return now >= doubt.last_doubt_at + self._intercom.horizon

    async def _send(self, job: Job, recorder: EventRecorder) -> Ended:
        began = self._intercom.server_time()
        try:
            ended = await self._sent(job.item, recorder)
        except IntercomError as error:
            self._check()
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
