"""Puts items into the queue, in the transaction of the application's own connection."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable

from aiointercom.cleanup import Item, item_to_json

from . import engine
from .requirements import checked_queries, entrypoint_of, is_integer
from .schema import Tables, fitting_tables

BATCH = 1000
"""Items in one statement. No more are in memory at once."""
FINISHED = """
SELECT o.kind, o.conversation_id, o.target_id FROM {outcomes} o
JOIN unnest($2::text[], $3::text[], $4::text[]) AS wanted (kind, conversation_id, target_id)
    USING (kind, conversation_id, target_id)
WHERE o.workspace = $1 AND o.state IN ('done', 'refused')
"""


async def enqueue(
    queries: engine.Queries, workspace: str, items: Iterable[Item] | AsyncIterable[Item], *, priority: int = 0
) -> int:
    """Put items into the queue of a workspace.

    With `queries` over the application's own connection, inside its own transaction, the items are in the queue
    exactly if that transaction is committed. An item that waits in the queue, is in progress or is finished is
    left out: its key is the deduplication key. One that is held for a person is queued again.

        async with connection.transaction():
            await connection.execute("UPDATE ...")
            await enqueue(Queries.from_asyncpg_connection(connection), "ab12cd34", [RedactPart("471", "115")])

    Args:
        queries: PgQueuer's. Without a transaction of yours, each thousand items are committed by themselves.
        workspace: The id of the workspace (`app.id_code` of `intercom.me()`).
        items: The items, pulled a thousand at a time.
        priority: The items of a higher one are handed out first, over all workspaces.

    Returns:
        How many items are new in the queue.

    Raises:
        ValueError, TypeError: The workspace, the priority or an item cannot be used.
        ConfigurationError: The extra is not installed, another event loop than asyncio runs, or the tables are missing
            or may not be used.

    What the database's driver raises is raised as it is.
    """
    queries, entrypoint = checked_queries(queries), entrypoint_of(workspace)
    if not is_integer(priority):
        raise TypeError(f"priority must be an integer, not {type(priority).__name__}")
    added = 0
    async for batch in _batches(items):
        with fitting_tables():
            added += await _enqueue(queries, workspace, entrypoint, batch, priority)
    return added


async def _enqueue(queries: engine.Queries, workspace: str, entrypoint: str, batch: list[Item], priority: int) -> int:
    payloads = [item_to_json(item).encode() for item in batch]  # first, since it refuses what is no item
    columns = [list(column) for column in zip(*(item.key for item in batch), strict=True)]
    rows = await queries.driver.fetch(FINISHED.format(outcomes=Tables.of(queries).outcomes), workspace, *columns)
    finished = {(row["kind"], row["conversation_id"], row["target_id"]) for row in rows}
    left = [(item, payload) for item, payload in zip(batch, payloads, strict=True) if item.key not in finished]
    if not left:
        return 0
    ids = await queries.enqueue(
        [entrypoint] * len(left),
        [payload for _, payload in left],
        [priority] * len(left),
        dedupe_key=[dedupe_key(workspace, item) for item, _ in left],
        on_conflict="skip",
    )
    return sum(id is not None for id in ids)


def dedupe_key(workspace: str, item: Item) -> str:
    """Return the key under which the queue holds an item once. No id holds a slash."""
    return f"aiointercom/{workspace}/" + "/".join(item.key)


async def _batches(items: Iterable[Item] | AsyncIterable[Item]) -> AsyncIterator[list[Item]]:
    batch: list[Item] = []
    async for item in _stream(items):
        batch.append(item)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


async def _stream(items: Iterable[Item] | AsyncIterable[Item]) -> AsyncIterator[Item]:
    if isinstance(items, AsyncIterable):
        async for item in items:
            yield item
        return
    for item in items:
        yield item
