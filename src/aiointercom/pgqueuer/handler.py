"""What a worker does with one item: read what is known, carry it out, record the result, and tell PgQueuer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from attrs import define

from aiointercom.cleanup import Item, Result, carry_out, item_from_json
from aiointercom.cleanup.outcomes import FINAL, EventRecorder, stops_the_run
from aiointercom.errors import IntercomError

from .claims import Claim, ClaimLostError, LeaveRow
from .records import Entry, Known, read_known, record
from .workspaces import PAUSE, WorkspaceClient

if TYPE_CHECKING:
    from pgqueuer.models import Job
    from pgqueuer.queries import Queries

logger = logging.getLogger("aiointercom.pgqueuer")

in_progress: set[asyncio.Task[Any]] = set()
"""The tasks that carry out an item now."""
MOST_FAILURES = 10
"""How many attempts in a row may fail for a passing reason, within some 40 minutes, until a person has to look."""
FIRST_DELAY, LONGEST_DELAY = 5.0, 600.0
"""Seconds until the next attempt after the first failure, doubled after each further one up to the second number."""


class ItemParkedError(Exception):
    """The item waits for a person: PgQueuer holds it as "failed", and `pgq` can requeue it."""


async def attended(job: Job, workspace: str, handle: Callable[[Job], Awaitable[None]]) -> None:
    """Handle a job. Whatever ends it but a result leaves its row to the next worker."""
    from pgqueuer.errors import RetryRequested

    task = asyncio.current_task()
    assert task is not None  # asyncio runs us
    in_progress.add(task)
    try:
        await handle(job)
    except (RetryRequested, ItemParkedError, LeaveRow):
        raise
    except asyncio.CancelledError:
        pass  # PgQueuer would delete the row
    except Exception as error:  # noqa: BLE001  # the database, or a token callable of the application
        logger.warning("job %s of workspace %s is left after %s", job.id, workspace, type(error).__name__)
    else:
        return
    finally:
        in_progress.discard(task)
    raise LeaveRow(f"job {job.id} is left for the next worker")


@define(eq=False)
class ItemHandler:
    """Carries out the items of one workspace, for PgQueuer."""

    workspace: str
    queries: Queries
    client: WorkspaceClient
    on_result: Callable[[str, Result], object] | None = None

    async def __call__(self, job: Job) -> None:
        """Carry out one item. Returns when it is finished; what else may happen is told by what it raises."""
        await attended(job, self.workspace, self._handle)

    async def _handle(self, job: Job) -> None:
        item = self._item(job)
        try:
            guard = await self.client.guarded()
        except IntercomError as error:
            await self._pause(error)
            return
        guard.watch()
        now = guard.intercom.server_time()
        known = await read_known(self.queries, self.workspace, job, item, now)
        if known.finished:
            return
        Claim(self.queries, job).watch()
        recorder = EventRecorder()
        observed = guard.intercom.with_options(on_event=recorder.before(guard.intercom.on_event))
        times = {"first_sent_at": known.first_sent_at, "last_doubt_at": known.last_doubt_at}
        result = await carry_out(observed, item, **times)
        if result.state != "done":
            guard.check()
        entry = self._entry(result, known, now, guard.intercom.server_time())
        if not await record(self.queries, job, result, recorder, entry):
            raise ClaimLostError
        self._tell(result)
        if entry.parked:
            raise ItemParkedError(f"job {job.id} of workspace {self.workspace}: {_told(result)}")
        await self._go_on(result, entry.failures)

    def _tell(self, result: Result) -> None:
        """Tell the application. What its function raises must not change what becomes of the item."""
        if self.on_result is None:
            return
        try:
            self.on_result(self.workspace, result)
        except Exception as error:  # noqa: BLE001  # whatever it is
            logger.error("on_result raised %s", type(error).__name__)

    def _item(self, job: Job) -> Item:
        try:
            return item_from_json(job.payload or b"")
        except ValueError as error:
            raise ItemParkedError(f"job {job.id} of workspace {self.workspace}: {error}") from None

    def _entry(self, result: Result, known: Known, began: float, ended: float) -> Entry:
        failures = known.failures + 1 if _may_pass(result) else 0
        return Entry(
            workspace=self.workspace,
            intended_at=began if known.intended_at is None else known.intended_at,
            ended_at=ended,
            failures=failures,
            parked=_is_for_a_person(result, failures),
        )

    async def _go_on(self, result: Result, failures: int) -> None:
        if result.state in FINAL:
            return
        if result.error is not None and stops_the_run(result.error):
            await self._pause(result.error)
        delay = min(LONGEST_DELAY, FIRST_DELAY * 2**failures) if result.retry_after is None else result.retry_after
        self._retry(delay, _told(result))

    async def _pause(self, error: IntercomError) -> None:
        await self.client.pause(error)
        self._retry(PAUSE, type(error).__name__)

    def _retry(self, seconds: float, reason: str) -> None:
        from pgqueuer.errors import RetryRequested

        raise RetryRequested(timedelta(seconds=seconds), reason)


def _may_pass(result: Result) -> bool:
    """Return whether an attempt failed for a reason that may pass, and that says nothing of all the other items."""
    if result.state != "failed" or result.retry_after is not None:
        return False
    return result.error is None or not stops_the_run(result.error)


def _is_for_a_person(result: Result, failures: int) -> bool:
    if result.state == "unknown":
        return result.retry_after is None
    return result.state == "failed" and (failures >= MOST_FAILURES or (failures > 0 and result.outcome == "refused"))


def _told(result: Result) -> str:
    """Say how an attempt ended, in ids, codes and words of ours."""
    error = "" if result.error is None else f" after {type(result.error).__name__}"
    return (
        f"{result.item.kind} in conversation {result.item.conversation_id} is {result.state} ({result.outcome}){error}"
    )
