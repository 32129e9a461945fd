"""The second way: a web app that enqueues, workers, and a Postgres. Each of the three kinds is killed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from attrs import frozen
from scripts.machines.postgres import PostgresProcess
from scripts.soaking.live_engine_app import DSN, EVERY, HEARTBEAT, SECRET, TOKENS
from scripts.soaking.live_processes import Service, free_port, wait_for
from scripts.soaking.live_watch import Key
from scripts.soaking.machines import read, words_in

from aiointercom.pgqueuer import connect, install
from aiointercom.sandbox import Sandbox

APP = "scripts.soaking.live_engine_app"
WORKERS = 2


@frozen
class EngineWay:
    """The processes."""

    database: PostgresProcess
    web: Service
    workers: Sequence[Service]
    urls: Sequence[str]
    name = "a web app, two workers and Postgres"
    kinds = ("web app", "worker", "database")
    """What can be killed."""

    def kill(self, kind: str, number: int) -> None:
        """Kill one of a kind with -9, and start it again."""
        if kind == "database":
            self.database.kill()
            self.database.start()
        elif kind == "worker":
            self.workers[number % len(self.workers)].kill()
        else:
            self.web.kill()

    def memory(self) -> float:
        """Megabytes of the web app."""
        return self.web.memory

    def stop(self) -> list[str]:
        """End all of them in order; returns what was wrong with that."""
        wrong = [f"a worker ended with {status}" for worker in self.workers if (status := worker.stop())]
        self.web.stop()  # uvicorn ends by the signal that it was sent
        return wrong

    def states(self) -> dict[Key, str]:
        """What the table of results says of each message."""
        rows = asyncio.run(read(self.database.dsn, "SELECT * FROM aiointercom_outcomes"))
        return {(row["workspace"], row["conversation_id"], row["target_id"]): row["state"] for row in rows}

    def words(self, planted: Sequence[bytes]) -> int:
        """In how many rows of all tables planted words stand."""
        return sum(asyncio.run(words_in(self.database.dsn, word.decode())) for word in planted)


@contextmanager
def engine_way(
    boxes: Sequence[Sandbox], base_url: str, secret: str, *, every: float, folder: Path, log: IO[bytes]
) -> Iterator[EngineWay]:
    """Start them, and end them whatever happens."""
    with ExitStack() as stack:
        database = stack.enter_context(PostgresProcess())
        asyncio.run(_installed(database.dsn))
        environment = {
            **os.environ,
            "INTERCOM_BASE_URL": base_url,
            "PYTHONPATH": str(Path.cwd()),
            "TMPDIR": str(folder),
            DSN: database.dsn,
            SECRET: secret,
            EVERY: str(every),
            HEARTBEAT: str(max(2.0, every / 6)),
            TOKENS: ",".join(f"{box.workspace}={box.token}" for box in boxes),
        }
        port = free_port()
        services = [Service([APP, "web", str(port)], environment, log)]
        services += [Service([APP, "work"], environment, log) for _ in range(WORKERS)]
        for service in services:
            stack.callback(service.stop)
        wait_for(port)
        asyncio.run(_registered(database.dsn, len(boxes)))
        yield EngineWay(database, services[0], services[1:], [f"http://127.0.0.1:{port}/intercom"] * len(boxes))


async def _installed(dsn: str) -> None:
    async with connect(dsn) as queries:
        await install(queries)


async def _registered(dsn: str, workspaces: int) -> None:
    """Wait until a worker has registered all workspaces: notifications of others are ignored."""
    async with asyncio.timeout(60), connect(dsn) as queries:
        while len(await queries.driver.fetch("SELECT 1 AS one FROM aiointercom_live")) < workspaces:  # noqa: ASYNC110  # it has no events for us
            await asyncio.sleep(0.1)
