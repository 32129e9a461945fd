"""The two programs of an application whose notifications are carried out by PgQueuer: its web app, and its worker.

python -m scripts.soaking.live_engine_app web PORT
python -m scripts.soaking.live_engine_app work
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg
import uvicorn
from pgqueuer import Queries
from scripts.soaking.live_messages import CONTACTS
from starlette.applications import Starlette
from starlette.routing import Route

from aiointercom import Intercom
from aiointercom.detect import CardNumbers
from aiointercom.live import LiveRules
from aiointercom.pgqueuer import enqueue_notification, serve
from aiointercom.webhooks import Endpoint, Notification

DSN, EVERY, HEARTBEAT, TOKENS, SECRET = "APP_DSN", "APP_EVERY", "APP_HEARTBEAT", "APP_TOKENS", "APP_SECRET"
"""The environment variables; the tokens are written as `workspace=token`, with commas between them."""
RULES = LiveRules([CardNumbers()], authors=CONTACTS)
CONNECTIONS = 8


def web() -> Starlette:
    """The web app: it enqueues before it answers."""
    pools: list[asyncpg.Pool] = []

    async def handle(notification: Notification) -> None:
        async with pools[0].acquire() as connection:
            await enqueue_notification(Queries.from_asyncpg_connection(connection), notification, RULES)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        # No connection at the start, so that it starts while the database is away.
        async with asyncpg.create_pool(os.environ[DSN], min_size=0, max_size=CONNECTIONS, timeout=5.0) as pool:
            pools.append(pool)
            yield

    return Starlette(routes=[Route("/intercom", Endpoint(handle, secret=os.environ[SECRET]))], lifespan=lifespan)


async def work() -> bool:
    """The worker: it carries out, reads and sweeps."""
    tokens = dict(pair.split("=", 1) for pair in os.environ[TOKENS].split(","))
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(Intercom(next(iter(tokens.values()))))
        return await serve(
            os.environ[DSN],
            lambda workspace: first.with_options(token=tokens[workspace]),
            workspaces=tokens,
            at_once=16,
            heartbeat=float(os.environ[HEARTBEAT]),
            live=RULES,
            every=float(os.environ[EVERY]),
            stop_on_signals=True,
        )


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    if sys.argv[1] == "web":
        uvicorn.run(web, factory=True, host="127.0.0.1", port=int(sys.argv[2]), access_log=False)
    else:
        sys.exit(0 if asyncio.run(work()) else 3)
