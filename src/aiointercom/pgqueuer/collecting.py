"""Writes an ordinary ledger of one workspace from the queue and our table, for report, evidence and page."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, cast

import anyio.to_thread
from attrs import frozen

from aiointercom.cleanup import item_from_json
from aiointercom.cleanup.items import Key
from aiointercom.cleanup.ledger import statements
from aiointercom.cleanup.ledger.live_record import save_live_record
from aiointercom.cleanup.ledger.writer import Writer

from . import engine
from .live_reporting import live_record
from .requirements import checked_queries, entrypoint_of
from .schema import OURS, Tables, fitting_tables

PAGE = 1000
"""Rows that are read at once. No more are in memory."""
COLUMNS = (
    "kind, conversation_id, target_id, state, outcome, error, code, status, reason, ticket_id, request_id, "
    "by_reading, intended_at, first_sent_at, last_doubt_at, ended_at, requests, refused, waited"
)
RESULTS = """
SELECT {columns} FROM {outcomes} WHERE workspace = $1 AND (kind, conversation_id, target_id) > ($2, $3, $4)
ORDER BY kind, conversation_id, target_id LIMIT {page}
"""
IN_PROGRESS = """
SELECT q.id, q.payload, extract(epoch FROM q.updated)::float8 AS picked FROM {queue} q
WHERE q.entrypoint = $1 AND q.status = 'picked' AND q.id > $2 ORDER BY q.id LIMIT {page}
"""
COUNTS = """
SELECT count(*) FILTER (WHERE status = 'queued') AS queued, count(*) FILTER (WHERE status = 'picked') AS in_progress,
    count(*) FILTER (WHERE status = 'failed') AS parked
FROM {queue} WHERE entrypoint = $1
"""
NAMES = [name.strip() for name in COLUMNS.split(",")]
UPDATES = ", ".join(f"{name} = excluded.{name}" for name in NAMES[3:])
WRITE = f"""
INSERT INTO items ({COLUMNS}, run) VALUES ({", ".join("?" * len(NAMES))}, ?)
ON CONFLICT (kind, conversation_id, target_id) DO UPDATE SET {UPDATES}, run = excluded.run
WHERE (items.state NOT IN ('done', 'refused') OR excluded.state IN ('done', 'refused'))
    AND (items.state, items.ended_at) IS NOT (excluded.state, excluded.ended_at)
"""  # noqa: S608  # our own words
BEGIN = """
INSERT INTO items (kind, conversation_id, target_id, state, intended_at, run) VALUES (?, ?, ?, 'in_flight', ?, ?)
ON CONFLICT (kind, conversation_id, target_id) DO NOTHING
"""
SUMS = """
UPDATE runs SET started_at = coalesce((SELECT min(intended_at) FROM items WHERE run = runs.id), started_at),
    ended_at = ?, stopped_by = ?,
    requests = coalesce((SELECT sum(requests) FROM items), 0)
        - coalesce((SELECT sum(requests) FROM runs r WHERE r.id < runs.id), 0),
    refused = coalesce((SELECT sum(refused) FROM items), 0)
        - coalesce((SELECT sum(refused) FROM runs r WHERE r.id < runs.id), 0),
    waited = coalesce((SELECT sum(waited) FROM items), 0)
        - coalesce((SELECT sum(waited) FROM runs r WHERE r.id < runs.id), 0)
WHERE id = ?
"""


@frozen(kw_only=True)
class Collected:
    """What is in a workspace's queue, and what its ledger says now."""

    results: int
    """Items with a result, whatever it is."""
    queued: int
    """Items that wait in the queue, those included that are due again later."""
    in_progress: int
    """Items that are handed out to workers."""
    parked: int
    """Items that wait for a person."""

    @property
    def complete(self) -> bool:
        """Whether nothing is left to do, for a worker or a person."""
        return not (self.queued or self.in_progress or self.parked)


async def collect(queries: engine.Queries, workspace: str, ledger: str | os.PathLike[str]) -> Collected:
    """Write what became of a workspace's items into a ledger, as a run would have written it.

    Where the workspace is registered for live redaction, its counts and times come with it, as those of `Live`.

    It may be done at any time and again: the ledger is brought up to date. A thousand rows are in memory at once,
    whatever the size.

    Args:
        queries: PgQueuer's.
        workspace: The id of the workspace.
        ledger: The path of the ledger, created if it does not exist. It must be of this workspace.

    Returns:
        What is in the queue and in the ledger.

    Raises:
        LedgerError: The ledger belongs to another workspace, is used by a run, or cannot be written.
        ValueError, TypeError: `workspace` cannot be the id of a workspace.
        ConfigurationError: An extra is not installed, another event loop than asyncio runs, or the tables are missing
            or may not be used.
    """
    queries, entrypoint = checked_queries(queries), entrypoint_of(workspace)
    with fitting_tables():
        tables = Tables.of(queries)
        [counts] = cast(
            "list[dict[str, int]]", await queries.driver.fetch(COUNTS.format(queue=tables.queue), entrypoint)
        )
        await queries.driver.fetch(OURS.format(outcomes=tables.outcomes))  # before a ledger is made
    writer = await Writer.open(ledger)
    try:
        run = await writer.write(lambda connection: _bind(writer, connection, workspace))
        results = 0
        async for page in _results(queries, workspace):
            results += len(page)
            await writer.write(_written(WRITE, page, run))
        async for page in _in_progress(queries, entrypoint):
            await writer.write(_written(BEGIN, page, run))
        collected = Collected(results=results, **counts)
        await writer.write(lambda connection: _finish(connection, run, collected))
    finally:
        await writer.aclose()
    if (record := await live_record(queries, workspace)) is not None:
        await anyio.to_thread.run_sync(save_live_record, ledger, record)
    return collected


def _bind(writer: Writer, connection: sqlite3.Connection, workspace: str) -> int:
    run = statements.bind(connection, workspace, "", now=time.time(), requests=0)
    writer.claim(connection)
    return run


def _written(statement: str, rows: list[tuple[Any, ...]], run: int) -> Callable[[sqlite3.Connection], None]:
    """Return the work of writing some rows."""

    def write(connection: sqlite3.Connection) -> None:
        connection.executemany(statement, [(*row, run) for row in rows])

    return write


def _finish(connection: sqlite3.Connection, run: int, collected: Collected) -> None:
    connection.execute(SUMS, (time.time(), None if collected.complete else "asked", run))


async def _results(queries: engine.Queries, workspace: str) -> AsyncIterator[list[tuple[Any, ...]]]:
    statement = RESULTS.format(columns=COLUMNS, outcomes=Tables.of(queries).outcomes, page=PAGE)
    last: tuple[Any, ...] = ("", "", "")
    while rows := cast("list[dict[str, Any]]", await queries.driver.fetch(statement, workspace, *last)):
        page = [tuple(row[name] for name in NAMES) for row in rows]
        last = page[-1][:3]
        yield page


async def _in_progress(queries: engine.Queries, entrypoint: str) -> AsyncIterator[list[tuple[Any, ...]]]:
    statement, last = IN_PROGRESS.format(queue=Tables.of(queries).queue, page=PAGE), 0
    while rows := cast("list[dict[str, Any]]", await queries.driver.fetch(statement, entrypoint, last)):
        last = rows[-1]["id"]
        yield [(*key, row["picked"]) for row in rows if (key := _key_in(row["payload"])) is not None]


def _key_in(payload: bytes) -> Key | None:
    """Return the key of an item in the queue; None: it is no item, so that a worker will park it."""
    try:
        return item_from_json(payload).key
    except ValueError:
        return None
