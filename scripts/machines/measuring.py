"""What the measurements of many machines share.

Workspaces, workers with tokens of their own, CPU, and the size of tables.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psutil
from attrs import frozen

from aiointercom.cleanup import Item, RedactPart
from aiointercom.pgqueuer import connect, enqueue, install
from aiointercom.sandbox import Sandbox

TABLES = """
SELECT c.relname AS name, pg_table_size(c.oid) AS heap, pg_indexes_size(c.oid) AS indexes, s.n_live_tup AS live,
    s.n_dead_tup AS dead, s.autovacuum_count AS vacuums
FROM pg_class c JOIN pg_stat_user_tables s ON s.relid = c.oid
WHERE c.relname IN ('pgqueuer', 'pgqueuer_log', 'aiointercom_outcomes') ORDER BY 1
"""
PATIENCE = 7200.0
"""Seconds that a measurement waits for its last item."""
Work = dict[str, list[Item]]


def workspaces(count: int, items: int, **limit: Any) -> tuple[list[Sandbox], Work]:
    """Make workspaces with parts to redact, without a rate limit to speak of unless one is given."""
    boxes, work = list[Sandbox](), Work()
    for number in range(count):
        name = f"space{number}"
        box = Sandbox(f"token-of-{name}", seed=False, workspace=name, **({"limit": 1_000_000, "window": 10.0} | limit))
        ids = [box.add_conversation(parts=[{"body": "message"}]) for _ in range(items)]
        work[name] = [RedactPart(id, box.conversation(id)["parts"][0]["id"]) for id in ids]
        boxes.append(box)
    return boxes, work


def effects(boxes: list[Sandbox]) -> int:
    """How many writes took effect."""
    return sum(len(box.ledger) for box in boxes)


def environment(dsn: str, url: str, boxes: list[Sandbox]) -> dict[str, str]:
    """What a worker is told."""
    tokens = {f"INTERCOM_ACCESS_TOKEN_{box.workspace}": box.token for box in boxes}
    return {**os.environ, "AIOINTERCOM_DSN": dsn, "INTERCOM_BASE_URL": url, **tokens}


@contextmanager
def workers(count: int, env: dict[str, str]) -> Iterator[list[psutil.Process]]:
    """Start workers, and end them with the block."""
    command = [sys.executable, "-m", "aiointercom", "worker"]
    started = [subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=sys.stderr) for _ in range(count)]
    try:
        yield [psutil.Process(process.pid) for process in started]
    finally:
        for process in started:
            process.terminate()
        for process in started:
            with suppress(subprocess.TimeoutExpired):
                process.wait(40)
            process.kill()
            process.wait()


def cpu(*processes: psutil.Process) -> float:
    """The seconds of CPU that some processes have used, with their children, those included that have ended."""
    used = 0.0
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            used += times.user + times.system + times.children_user + times.children_system
            used += cpu(*process.children()) if process.pid != os.getpid() else 0.0
    return used


async def fill(dsn: str, work: Work) -> float:
    """Install the tables, enqueue everything, the first workspace first, and return the seconds of enqueuing."""
    async with connect(dsn) as queries:
        await install(queries)
        began = time.monotonic()
        for name, items in work.items():
            await enqueue(queries, name, items)
        return time.monotonic() - began


@frozen
class Table:
    """The size of a table in bytes and rows."""

    name: str
    heap: int
    indexes: int
    live: int
    dead: int
    vacuums: int

    def __str__(self) -> str:
        size = (self.heap + self.indexes) / 1e6
        return (
            f"{self.name:20} {size:7.1f} MB ({self.indexes / 1e6:.1f} of it indexes), {self.live:,} rows, "
            f"{self.dead:,} dead, vacuumed {self.vacuums} times by itself"
        )


async def tables(dsn: str) -> list[Table]:
    """How large the tables are."""
    async with connect(dsn) as queries:
        await queries.driver.execute("ANALYZE")
        rows: list[Any] = await queries.driver.fetch(TABLES)
    return [Table(**row) for row in rows]


async def vacuum(dsn: str) -> float:
    """Vacuum the queue by hand, and return the seconds that it took."""
    async with connect(dsn) as queries:
        began = time.monotonic()
        await queries.driver.execute("VACUUM pgqueuer")
        return time.monotonic() - began


def show_tables(dsn: str, when: str) -> None:
    """Print how large the tables are."""
    print(f"  {when}:", *asyncio.run(tables(dsn)), sep="\n    ", flush=True)


def wait_for(boxes: list[Sandbox], count: int) -> float:
    """Wait until so many writes took effect, and return when that was."""
    until = time.monotonic() + PATIENCE
    while effects(boxes) < count:
        if time.monotonic() > until:
            raise TimeoutError(f"{effects(boxes)} of {count} after {PATIENCE:.0f} s")
        time.sleep(0.02)
    return time.monotonic()
