"""Executes the items of a run. The ledger has the intent before a request, and the outcome before the caller has it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiointercom.cleanup.items import Item
from aiointercom.cleanup.outcomes import Ended, EventRecorder
from aiointercom.client import Intercom
from aiointercom.errors import IntercomError

from .execute import ItemExecutor, Job
from .journal import Journal
from .settle import still_unknown
from .token_guard import TokenGuard


class RecordedExecutor:
    """Executes items and records them in a ledger.

    Args:
        intercom: The client.
        journal: The ledger.
        guard: Checks that the token still belongs to the ledger's workspace.
        executor: What executes each item.
        wait_for_rate_limit: As for `ItemExecutor`.
        on_outcome: As for `ItemExecutor`.
    """

    def __init__(
        self,
        intercom: Intercom,
        journal: Journal,
        guard: TokenGuard,
        executor: type[ItemExecutor],
        *,
        wait_for_rate_limit: Callable[[float | None], Awaitable[bool]],
        on_outcome: Callable[[Item, IntercomError | None, EventRecorder], None],
    ) -> None:
        self._journal = journal
        self._executor = executor(
            intercom,
            check=guard.check,
            before_resend=self._again,
            wait_for_rate_limit=wait_for_rate_limit,
            on_outcome=on_outcome,
        )

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
        ended = await self._executor.execute(job, recorder)
        await self._journal.end(job.item.key, ended, recorder)
        job.note(ended, recorder)
        return ended

    def due_in(self, job: Job) -> float | None:
        """Return the seconds until an item in doubt must be read; None: it stays unknown in this run."""
        return self._executor.due_in(job)

    async def _again(self, item: Item) -> None:
        await self._journal.again(item.key)
