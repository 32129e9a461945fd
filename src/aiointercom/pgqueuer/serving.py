"""A worker as a service: it survives an absent database, shows a supervisor that it is well, and ends in order."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, nullcontext, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from attrs import define, field

from aiointercom._concurrency.signals import borrowed_signals, in_main_thread
from aiointercom.cleanup import Result
from aiointercom.errors import ConfigurationError
from aiointercom.live import LiveRules

from . import engine
from .connecting import CONNECT_WITHIN, driver, outages, unusable
from .live_producer import enqueue_sweep
from .live_worker import EVERY, register_live
from .registration import register
from .requirements import entrypoint_of
from .schema import Tables, check_tables
from .workspaces import ClientFor

logger = logging.getLogger("aiointercom.pgqueuer")

HEARTBEAT = 30.0
"""Seconds without a sign of life after which an item is handed to another worker."""
LOOK_AGAIN = 5.0
"""Seconds between two looks into an idle queue. So much later than the heartbeat allows, a dead worker is noticed."""
SHORTEST_ABSENCE, LONGEST_ABSENCE = 0.5, 15.0
"""Seconds until the next attempt to reach the database, doubled from the first to the second number."""
WELL_EVERY = 2.0
"""Seconds between two questions whether the database answers, and the queue is empty."""
LEFT = "SELECT 1 FROM {queue} WHERE entrypoint = ANY($1) AND status <> 'failed' LIMIT 1"
HELD_BY_AN_OUTAGE = """
SELECT q.id FROM {queue} q JOIN {outcomes} o ON o.job_id = q.id
WHERE q.entrypoint = ANY($1) AND q.status = 'failed' AND NOT o.parked AND NOT EXISTS (
    SELECT 1 FROM {queue} twin WHERE twin.dedupe_key = q.dedupe_key AND twin.status IN ('queued', 'picked')
)
"""
"""Items that PgQueuer holds as failed only because the database went away when they were to be requeued, but for those
that were enqueued again since: each is in the queue once."""


@define(eq=False)
class _Service:
    dsn: str | None
    client_for: ClientFor
    workspaces: list[str]
    at_once: int
    stopping: asyncio.Event
    drain: float
    until_empty: bool
    health: Path | None
    on_result: Callable[[str, Result], object] | None
    heartbeat: float
    live: LiveRules | None
    every: float
    cut_short: bool = field(default=False, init=False)
    absence: float = field(default=SHORTEST_ABSENCE, init=False)
    reached: bool = field(default=False, init=False)

    async def run(self) -> bool:
        """Work until it is told to stop, or until the queue is empty. Returns whether nothing was cut short."""
        try:
            while not self.stopping.is_set():
                try:
                    await self._work()
                except outages() as error:
                    if unusable(error, known_to_be_right=self.reached):
                        raise ConfigurationError(f"the database cannot be reached: {type(error).__name__}") from None
                    logger.warning(
                        "the database is away: %s; trying again in %.1f s", type(error).__name__, self.absence
                    )
                    await self._sleep(self.absence)
                    self.absence = min(LONGEST_ABSENCE, self.absence * 2)
        finally:
            if self.health is not None:
                self.health.unlink(missing_ok=True)
        return not self.cut_short

    async def _work(self) -> None:
        pool = await driver().create_pool(
            self.dsn, min_size=1, max_size=5, timeout=CONNECT_WITHIN, command_timeout=self.heartbeat
        )
        try:
            pgq = engine.PgQueuer.from_asyncpg_pool(pool)
            queries = cast("engine.Queries", pgq.queries)
            await check_tables(pgq, queries)
            self.reached = True
            register(pgq, self.client_for, workspaces=self.workspaces, at_once=self.at_once, on_result=self.on_result)
            if self.live is not None:
                await register_live(pgq, self.client_for, self.live, workspaces=self.workspaces, every=self.every)
            await self._attended(pgq, queries)
        finally:
            with suppress(TimeoutError):
                await asyncio.wait_for(pool.close(), 2.0)
            pool.terminate()

    async def _attended(self, pgq: engine.PgQueuer, queries: engine.Queries) -> None:
        working = asyncio.create_task(
            pgq.run(dequeue_timeout=timedelta(seconds=LOOK_AGAIN), heartbeat_timeout=timedelta(seconds=self.heartbeat))
        )
        attending = asyncio.create_task(self._attend(queries))
        stopped = asyncio.create_task(self.stopping.wait())
        try:
            await asyncio.wait({working, attending, stopped}, return_when=asyncio.FIRST_COMPLETED)
            pgq.shutdown.set()
            done, _ = await asyncio.wait({working}, timeout=self.drain)
            self.cut_short = self.cut_short or not done
        finally:
            await _end(stopped, attending)
            await _cancel_jobs(working)
        failures = [task.exception() for task in (attending, working) if not task.cancelled()]
        for error in failures:
            if error is not None:
                raise error

    async def _attend(self, queries: engine.Queries) -> None:
        """Touch the health file while the database answers. With `until_empty`, return once the queue is empty."""
        tables, names = Tables.of(queries), [entrypoint_of(workspace) for workspace in self.workspaces]
        left = LEFT.format(queue=tables.queue)
        held = HELD_BY_AN_OUTAGE.format(queue=tables.queue, outcomes=tables.outcomes)
        while True:
            rows = cast("list[dict[str, Any]]", await queries.driver.fetch(held, names))
            await queries.requeue_jobs([row["id"] for row in rows])
            self.absence = SHORTEST_ABSENCE
            for workspace in self.workspaces if self.live is not None else ():
                await enqueue_sweep(queries, workspace)  # an outage may have ended the one that was there
            if self.health is not None:
                self.health.write_text(f"{os.getpid()}\n", encoding="ascii")
            if self.until_empty and not await queries.driver.fetch(left, names):
                self.stopping.set()
                return
            await asyncio.sleep(WELL_EVERY)  # also while what is in progress ends: `stopping` must not wake it for ever

    async def _sleep(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), seconds)


async def _end(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _cancel_jobs(working: asyncio.Task[None]) -> None:
    """End what is still in progress. A cancelled PgQueuer still waits for its jobs, so cancel the jobs themselves."""
    from .handler import in_progress

    while not working.done():
        working.cancel()
        for task in list(in_progress):
            task.cancel()
        await asyncio.wait({working}, timeout=1.0)


async def serve(
    dsn: str | None,
    client_for: ClientFor,
    *,
    workspaces: Iterable[str],
    at_once: int = 4,
    stopping: asyncio.Event | None = None,
    drain: float = 30.0,
    until_empty: bool = False,
    health: str | os.PathLike[str] | None = None,
    on_result: Callable[[str, Result], object] | None = None,
    heartbeat: float = HEARTBEAT,
    stop_on_signals: bool = False,
    live: LiveRules | None = None,
    every: float = EVERY,
) -> bool:
    """Work as `aiointercom worker` does: carry out the items of some workspaces until told to stop.

    An outage of the database does not end it. A database that cannot be used from the beginning does: its address is
    not valid, the server refuses the name or the password, or tables are missing.

    Args:
        dsn: The address of Postgres. None: what the environment says (PGHOST, ...).
        client_for: As for `register`.
        workspaces: As for `register`.
        at_once: As for `register`.
        stopping: Set it to stop in order. None: it ends with its task, or with the queue.
        drain: Seconds that the items in progress have to finish after that. Those that do not are carried out by
            another worker.
        until_empty: Whether to end once nothing is left in the queues, but what waits for a person.
        health: A file that is written every few seconds while the database answers, and removed at the end. None:
            no file is written.
        on_result: As for `register`.
        heartbeat: Seconds without a sign of life after which another worker takes over; the same for all workers.
        stop_on_signals: Whether SIGINT and SIGTERM stop it in order. In the main thread only. As in `cleanup.run`, an
            ignored SIGINT stays ignored, and afterwards the earlier handlers are back.
        live: The rules of live redaction, for `register_live`. None: there is no live redaction.
        every: Seconds between two sweeps of live redaction.

    Returns:
        Whether all that was in progress finished within `drain`.

    Raises:
        ValueError, TypeError, ConfigurationError: As for `register`; or the database cannot be used, or the queue or
            its log would not survive a crash of it; or `stop_on_signals` outside the main thread.
        OSError: The health file cannot be written.
    """
    if stop_on_signals and not in_main_thread():
        raise ConfigurationError("stop_on_signals works in the main thread only: set `stopping` yourself")
    service = _Service(
        dsn=dsn,
        client_for=client_for,
        workspaces=list(workspaces),
        at_once=at_once,
        stopping=asyncio.Event() if stopping is None else stopping,
        drain=drain,
        until_empty=until_empty,
        health=None if health is None else Path(health),
        on_result=on_result,
        heartbeat=heartbeat,
        live=live,
        every=every,
    )
    if service.health is not None:
        service.health.write_text(f"{os.getpid()}\n", encoding="ascii")  # so that a wrong path is told now
    with _listening(service.stopping.set) if stop_on_signals else nullcontext():
        return await service.run()


@contextmanager
def _listening(stop: Callable[[], None]) -> Generator[None]:
    loop = asyncio.get_running_loop()
    with borrowed_signals() as numbers:
        with suppress(NotImplementedError):  # Windows
            for number in numbers:
                loop.add_signal_handler(number, stop)
        try:
            yield
        finally:
            with suppress(NotImplementedError):
                for number in numbers:
                    loop.remove_signal_handler(number)
