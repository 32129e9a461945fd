"""What `scripts/soak --machines --scale` prints: items, CPU and tables with one worker and with several.

The machine is shared with the server of the sandboxes, which is given apart. On a machine with few cores the workers
wait for it, so that the CPU of an item says more than the items of a second.
"""

from __future__ import annotations

import asyncio
import os
import time

import psutil
from attrs import frozen
from scripts.machines.crawl import cost, crawl
from scripts.machines.measuring import (
    cpu,
    effects,
    environment,
    fill,
    show_tables,
    vacuum,
    wait_for,
    workers,
    workspaces,
)
from scripts.machines.postgres import PostgresProcess

from aiointercom.sandbox import Workspaces


@frozen
class Throughput:
    """What a number of workers did."""

    workers: int
    items: int
    seconds: float
    worker_cpu: float
    database_cpu: float
    sandbox_cpu: float
    twice: int

    def __str__(self) -> str:
        per_item = [
            f"{1000 * used / self.items:.2f}" for used in (self.worker_cpu, self.database_cpu, self.sandbox_cpu)
        ]
        return (
            f"{self.workers} workers: {self.items:,} items in {self.seconds:.0f} s, "
            f"{self.items / self.seconds:.0f} a second; "
            f"CPU of an item: {per_item[0]} ms in workers, {per_item[1]} ms in Postgres, "
            f"{per_item[2]} ms in the sandbox; "
            f"{self.twice} twice"
        )


def measured(count: int, items: int, spaces: int) -> Throughput:
    """Carry out the items with so many workers; prints the growth of the tables."""
    boxes, work = workspaces(spaces, items // spaces)
    total = sum(map(len, work.values()))
    with PostgresProcess() as database, Workspaces(boxes).serve() as server:
        seconds = asyncio.run(fill(database.dsn, work))
        print(f"  {total:,} items enqueued in {seconds:.1f} s")
        show_tables(database.dsn, "before")
        postgres, here = psutil.Process(database.pid), psutil.Process(os.getpid())
        before = cpu(postgres), cpu(here)
        with workers(count, environment(database.dsn, server.url, boxes)) as processes:
            began = wait_for(boxes, 1)
            ended = wait_for(boxes, total)
            time.sleep(2)  # for the last results to be written
            used = cpu(*processes), cpu(postgres) - before[0], cpu(here) - before[1]
        show_tables(database.dsn, "after")
        print(f"  VACUUM of the queue by hand: {asyncio.run(vacuum(database.dsn)):.2f} s", flush=True)
    return Throughput(count, total, ended - began, *used, effects(boxes) - total)


def main(items: int, spaces: int, counts: list[int]) -> int:
    """Measure with each number of workers, and print; nothing is promised but that each item is done once."""
    twice = 0
    for count in counts:
        load = os.getloadavg()[0]
        print(
            f"{items:,} items, {spaces} workspaces, {count} workers (load of the machine before: {load:.1f})",
            flush=True,
        )
        figures = measured(count, items, spaces)
        print(f"  {figures}", flush=True)
        twice += figures.twice
    crawl()
    cost()
    return 1 if twice else 0
