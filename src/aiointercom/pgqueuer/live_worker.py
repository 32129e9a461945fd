"""The looks and sweeps of live redaction, as jobs. The redactions that they find are ordinary items in the queue."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Never, cast

import anyio.to_thread
from attrs import asdict, define, field

from aiointercom._values.validation import checked_seconds
from aiointercom.cleanup import Moment
from aiointercom.cleanup.outcomes import stops_the_run
from aiointercom.cleanup.planning.rate_limit_retry import retry_rate_limited
from aiointercom.client import Intercom
from aiointercom.errors import IntercomError, NotFoundError
from aiointercom.live import LiveRules
from aiointercom.live.memory import seconds_of
from aiointercom.live.sweep import Sweeper

from . import engine
from .handler import attended
from .live_producer import LOOK, SWEEP, admit, enqueue_sweep, entrypoint_for
from .live_tables import BEGIN, READ, SWEPT, WATERMARK
from .requirements import checked_queries, entrypoint_of
from .schema import Tables, fitting_tables
from .workspaces import PAUSE, ClientFor, WorkspaceClient

if TYPE_CHECKING:
    from pgqueuer.models import Job

logger = logging.getLogger("aiointercom.pgqueuer")

EVERY = 300.0
LOOKS_AT_ONCE = 4


@define(eq=False)
class LiveWorkspace:
    """One workspace of a worker: it reads conversations and enqueues what the rules find."""

    workspace: str
    queries: engine.Queries
    client: WorkspaceClient
    rules: LiveRules
    every: float
    pgq: engine.PgQueuer
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

    async def _sweep(self, _: Job) -> None:
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

        async def read(id: str) -> bool:
            return not self.pgq.shutdown.is_set() and await self._read(intercom, id, by_sweep=True)

        if await self._sweeper.sweep(read, stops_the_run):
            await self._fetch(SWEPT, self._sweeper.advance())

    async def _read(self, intercom: Intercom, id: str, *, by_sweep: bool) -> bool:
        """Read a conversation and enqueue what is found in it. Returns False if the workspace has stopped."""
        at = intercom.server_time()
        try:
            conversation = await retry_rate_limited(lambda: intercom.conversations.retrieve(id, priority="batch"))
        except NotFoundError:
            return True
        await self._fetch(READ, 1)
        items = await anyio.to_thread.run_sync(self.rules.in_conversation, id, conversation)
        _, all_admitted = await admit(self.queries, self.workspace, items, self.rules, by_sweep=by_sweep)
        if by_sweep and all_admitted and self._sweeper is not None and conversation.conversation_parts is not None:
            self._sweeper.read(id, at)
        return all_admitted

    async def _intercom(self) -> Intercom:
        guard = await self.client.guarded()
        guard.watch()
        return guard.intercom

    async def _fetch(self, statement: str, *more: float) -> list[dict[str, Any]]:
        tables = asdict(Tables.of(self.queries))
        values = self.workspace, self.rules.dry_run, *more
        return cast("list[dict[str, Any]]", await self.queries.driver.fetch(statement.format(**tables), *values))

    async def _pause(self, error: IntercomError) -> Never:
        await self.client.pause(error)
        self._again(PAUSE)

    def _again(self, seconds: float) -> Never:
        from pgqueuer.errors import RetryRequested

        raise RetryRequested(timedelta(seconds=seconds), "again")


async def register_live(
    pgq: engine.PgQueuer,
    client_for: ClientFor,
    rules: LiveRules,
    *,
    workspaces: Iterable[str],
    every: float = EVERY,
    since: Moment | None = None,
) -> None:
    """Let a worker read what notifications leave open, and sweep, for live redaction of some workspaces.

        register(pgq, client_for, workspaces=tokens)
        await register_live(pgq, client_for, rules, workspaces=tokens)
        await pgq.run()

    A sweep reads all conversations that changed since the workspace's watermark, and enqueues what the rules find. It
    is one job, which is requeued again and again: one worker at a time sweeps a workspace, and the sweep of a dead
    worker goes to another one. The watermark is in Postgres, and moves when all before it is enqueued. What was found
    is carried out by the workers that `register` made.

    Args:
        pgq: The worker's PgQueuer, over a connection pool if it can.
        client_for: As for `register`.
        rules: What may be redacted; the same in all workers and in the app. A dry run has a watermark of its own, so
            that the first real sweep begins where it would have begun without it.
        workspaces: The ids of the workspaces. From now on notifications of these are taken up.
        every: Seconds between two sweeps of a workspace.
        since: Where the first sweep begins if the workspace has no watermark: an aware datetime, a date or Unix
            seconds. None: now, by the clock of the database.

    Raises:
        ValueError, TypeError: An argument cannot be used.
        ConfigurationError: As for `register`, or the tables are missing or may not be used.

    What the database's driver raises is raised as it is.
    """
    queries = checked_queries(getattr(pgq, "queries", None))
    if not isinstance(rules, LiveRules):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers may be untyped
        raise TypeError(f"rules must be LiveRules, not {type(rules).__name__}")
    if isinstance(workspaces, str):
        raise TypeError("workspaces must be several ids, not one string")
    names = list(workspaces)
    for workspace in names:
        entrypoint_of(workspace)
    checked_seconds(every, "every")
    watermark = None if since is None else seconds_of(since)
    begin = BEGIN.format(**asdict(Tables.of(queries)))
    for workspace in names:
        with fitting_tables():
            await queries.driver.execute(begin, workspace, rules.dry_run, watermark)
            await enqueue_sweep(queries, workspace)
        if entrypoint_for(SWEEP, workspace) not in pgq.qm.entrypoint_registry:
            client = WorkspaceClient(workspace, client_for, pgq.shutdown)
            live = LiveWorkspace(workspace, queries, client, rules, every, pgq)
            look, sweep = entrypoint_for(LOOK, workspace), entrypoint_for(SWEEP, workspace)
            pgq.entrypoint(look, concurrency_limit=LOOKS_AT_ONCE, accepts_context=False)(live.look)
            pgq.entrypoint(sweep, concurrency_limit=1, accepts_context=False)(live.sweep)
