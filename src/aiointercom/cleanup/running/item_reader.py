"""Reads back one item in doubt, and sends nothing."""

from __future__ import annotations

from attrs import evolve

from aiointercom.cleanup.items import Convert
from aiointercom.cleanup.outcomes import Doubt, Ended, EventRecorder
from aiointercom.errors import NotFoundError, RateLimitedError
from aiointercom.settling import Settlement

from .execute import INTERVALS, ItemExecutor, Job
from .settle import ended_by_reading, settle, still_unknown

NO_TYPE = "unknown"
"""Stands for the ticket type of a conversion of which only the ledger is known. No ticket type of Intercom has this id:
its ids are numbers."""


class ItemReader(ItemExecutor):
    """Finds out what became of items in doubt, by reads alone. The arguments are those of `ItemExecutor`."""

    async def execute(self, job: Job, recorder: EventRecorder) -> Ended:
        """Read an item, and return what is known of it now."""
        assert job.doubt is not None  # only such items are read
        settlement = _without_type(job, await self._read(job, job.doubt))
        self._on_outcome(job.item, settlement.error, recorder)
        if (ended := ended_by_reading(job.item, settlement)) is not None:
            return ended
        self._check()
        if settlement.outcome == "not_applied":
            return Ended("failed", "not_applied", None, settlement.reason, by_reading=True)
        if self._is_over(job.doubt, self._intercom.server_time()) and _is_answered(settlement):
            job.looks = len(INTERVALS)  # another read would show the same
        return still_unknown(job.item, job.doubt, settlement.reason or "no read shows it", by_reading=True)

    async def _read(self, job: Job, doubt: Doubt) -> Settlement:
        while True:
            settlement = await settle(self._intercom, job.item, doubt)
            limited = settlement.error
            if not isinstance(limited, RateLimitedError) or not await self._wait_for_rate_limit(limited.retry_after):
                return settlement


def _is_answered(settlement: Settlement) -> bool:
    """Return whether Intercom answered the read: with the conversation, or that it is gone."""
    error = settlement.error
    return error is None or (isinstance(error, NotFoundError) and error.from_intercom)


def _without_type(job: Job, settlement: Settlement) -> Settlement:
    """Return what a read says of a conversion whose ticket type is not known: nothing, if it is a ticket."""
    if not isinstance(job.item, Convert) or job.item.ticket_type_id != NO_TYPE or settlement.ticket_id is None:
        return settlement
    reason = f"it is ticket {settlement.ticket_id}; only the plan tells the ticket type, and so whose ticket it is"
    return evolve(settlement, outcome="unknown", reason=reason, ticket_id=None)
