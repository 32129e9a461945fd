"""Workers in this process, each with a pool of its own, over workspaces that are sandboxes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import asyncpg
from pgqueuer import PgQueuer, Queries

from aiointercom import Intercom
from aiointercom.cleanup import Convert, Item, RedactPart, RedactSource
from aiointercom.pgqueuer import register
from aiointercom.sandbox import Sandbox

HEARTBEAT = 1.0
"""Seconds without a sign of life after which PgQueuer hands an item to another worker."""
PATIENCE = 60.0
"""Seconds that a test waits for what must come."""


def workspace(name: str) -> Sandbox:
    """An empty workspace without a rate limit to speak of, and with short windows for faults that name one."""
    return Sandbox(f"token-of-{name}", seed=False, limit=100_000, window=1.0, workspace=name)


def items_in(box: Sandbox, parts: int = 0, sources: int = 0, conversions: int = 0, body: str = "hello") -> list[Item]:
    """Things that can be done in a workspace."""
    ids = [box.add_conversation(parts=[{"body": body}]) for _ in range(parts + sources + conversions)]
    told = [box.conversation(id) for id in ids]
    kind = box.add_ticket_type() if conversions else ""
    return [
        *(RedactPart(one["id"], one["parts"][0]["id"]) for one in told[:parts]),
        *(RedactSource(one["id"], one["source"]["id"]) for one in told[parts : parts + sources]),
        *(Convert(one["id"], kind, title="Refund") for one in told[parts + sources :]),
    ]


def effects(box: Sandbox) -> Counter[str]:
    """In which conversations something took effect, and how often."""
    return Counter(effect.conversation_id for effect in box.ledger)


def once(items: list[Item]) -> Counter[str]:
    """What the effects must be: each item's, once."""
    return Counter(item.conversation_id for item in items)


def clients(*boxes: Sandbox, **options: Any) -> Callable[[str], Intercom]:
    """The clients of some workspaces, by the id of each."""
    made = {box.workspace: box.client(**options) for box in boxes}
    return lambda name: made[name]


@asynccontextmanager
async def worker(
    dsn: str, client_for: Callable[[str], Any], workspaces: list[str], **options: Any
) -> AsyncIterator[PgQueuer]:
    """A worker, until the block ends; it drains then."""
    async with asyncpg.create_pool(dsn, min_size=1, max_size=4) as pool:
        pgq = PgQueuer.from_asyncpg_pool(pool)
        register(pgq, client_for, workspaces=workspaces, **options)
        running = asyncio.create_task(
            pgq.run(dequeue_timeout=timedelta(seconds=0.2), heartbeat_timeout=timedelta(seconds=HEARTBEAT))
        )
        try:
            yield pgq
        finally:
            pgq.shutdown.set()
            await asyncio.wait_for(running, PATIENCE)


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something is so; the database is asked, which has no events for us."""
    async with asyncio.timeout(PATIENCE):
        while not await condition():  # noqa: ASYNC110  # see above
            await asyncio.sleep(0.05)


def is_empty(connection: asyncpg.Connection) -> Callable[[], Awaitable[bool]]:
    """Whether nothing is in the queue but what waits for a person."""

    async def empty() -> bool:
        return await connection.fetchval("SELECT count(*) FROM pgqueuer WHERE status <> 'failed'") == 0

    return empty


async def picked_by_another(connection: asyncpg.Connection, name: str) -> None:
    """Let a worker pick all items of a workspace, and die."""
    import uuid

    from pgqueuer.queries import EntrypointExecutionParameter

    await Queries.from_asyncpg_connection(connection).dequeue(
        batch_size=1000,
        entrypoints={f"aiointercom:{name}": EntrypointExecutionParameter(concurrency_limit=0)},
        queue_manager_id=uuid.uuid4(),
        global_concurrency_limit=None,
        heartbeat_timeout=timedelta(seconds=30),
    )
