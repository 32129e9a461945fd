"""The looks and sweeps of live redaction, as jobs. The redactions that they find are ordinary items in the queue."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from contextlib import aclosing
from datetime import timedelta
from typing import TYPE_CHECKING, Never

import anyio.to_thread
from attrs import asdict, define, field

from aiointercom._values.validation import checked_seconds
from aiointercom.cleanup import Moment
from aiointercom.cleanup.outcomes import stops_the_run
from aiointercom.cleanup.planning.rate_limit_retry import retry_rate_limited
from aiointercom.client import Intercom
from aiointercom.errors import DetectorError, IntercomError, NotFoundError
from aiointercom.live import LiveRules
from aiointercom.live.memory import seconds_of
from aiointercom.live.sweep import Sweeper
from aiointercom.webhooks.items import redactions_in

from .handler import attended
from .live_producer import LOOK, SWEEP, admit, enqueue_sweep, entrypoint_for
from .live_tables import BEGIN, READ, SWEPT, WATERMARK
from .requirements import checked_queries, entrypoint_of
from .schema import Tables, fitting_tables
from .workspaces import PAUSE, ClientFor, WorkspaceClient

if TYPE_CHECKING:
    from pgqueuer import PgQueuer
    from pgqueuer.models import Job
    from pgqueuer.queries import Queries

logger = logging.getLogger("aiointercom.pgqueuer")

EVERY = 300.0
LOOKS_AT_ONCE = 4


@define(eq=False)
class LiveWorkspace:
    """One workspace of a worker: it reads conversations and enqueues what the rules find."""

    workspace: str
    queries: Queries
    client: WorkspaceClient
    rules: LiveRules
    every: float
    pgq: PgQueuer
    _sweeper: Sweeper | None = field(default=None, init=False)

    async def look(self, job: Job) -> None:
        """Read the conversation that a job names."""
        await attended(job, self.workspace, self._look)

    async def sweep(self, job: Job) -> None:
        """Read what changed since the watermark, and have it done again after a while."""
        await attended(job, self.workspace, self._sweep)

    async def _look(self, job: Job) -> None:
        id = (job.payload or b"").decode()
        try:
            await self._read(await self._intercom(), id, by_sweep=False)
        except IntercomError as error:
            if stops_the_run(error):
                await self._pause(error)
            logger.warning("conversation %s is left to the sweep: %s", id, type(error).__name__)

    async def _sweep(self, job: Job) -> None:
        try:
            await self._sweep_once(await self._intercom())
        except IntercomError as error:
            if stops_the_run(error):
                await self._pause(error)
            logger.warning("a sweep failed with %s; the next one covers the same time", type(error).__name__)
        self._again(0 if self.pgq.shutdown.is_set() else self.every)

    async def _sweep_once(self, intercom: Intercom) -> None:
        """Sweep, and move the watermark if all that was found is enqueued."""
        [row] = await self._fetch(WATERMARK)
        if row["stopped"]:
            return
        self._sweeper = self._sweeper or Sweeper(intercom, row["watermark"])
        self._sweeper.watermark = row["watermark"]
        failed: IntercomError | None = None
        async with aclosing(self._sweeper.changed()) as changed:
            async for id in changed:
                try:
                    if self.pgq.shutdown.is_set() or not await self._read(intercom, id, by_sweep=True):
                        return
                except IntercomError as error:
                    if stops_the_run(error):
                        raise
                    failed = error.with_traceback(None)  # one conversation must not hold up the others
        if failed is not None:
            raise failed
        self._sweeper.ended()
        await self._fetch(SWEPT, self._sweeper.advance())

    async def _read(self, intercom: Intercom, id: str, *, by_sweep: bool) -> bool:
        """Read a conversation and enqueue what is found in it. Returns False if the workspace has stopped."""
        at = intercom.server_time()
        try:
            conversation = await retry_rate_limited(lambda: intercom.conversations.retrieve(id, priority="batch"))
        except NotFoundError:
            return True
        await self._fetch(READ, 1)
        rules = self.rules
        items = await anyio.to_thread.run_sync(
            redactions_in, id, conversation, rules.detectors, rules.authors, rules.channels
        )
        _, all_admitted = await admit(self.queries, self.workspace, items, rules, by_sweep=by_sweep)
        if by_sweep and all_admitted and self._sweeper is not None and conversation.conversation_parts is not None:
            self._sweeper.read(id, at)
        return all_admitted

    async def _intercom(self) -> Intercom:
        guard = await self.client.guarded()
        guard.watch()
        return guard.intercom

    async def _fetch(self, statement: str, *values: float) -> list[dict[str, object]]:
        tables = asdict(Tables.of(self.queries))
        return await self.queries.driver.fetch(statement.format(**tables), self.workspace, self.rules.dry_run, *values)

    async def _pause(self, error: IntercomError) -> Never:
        await self.client.pause(error)
        self._again(PAUSE)

    def _again(self, seconds: float) -> Never:
        from pgqueuer.errors import RetryRequested

        raise RetryRequested(timedelta(seconds=seconds), "again")
