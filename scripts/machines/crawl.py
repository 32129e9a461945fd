"""How much a workspace at a crawl, queued first, holds up the others; and what an item costs beside `run`.

Printed, not asserted.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from scripts.machines.measuring import Work, cpu, environment, fill, wait_for, workers, workspaces
from scripts.machines.postgres import PostgresProcess

from aiointercom.cleanup import PlanHeader, PlanSummary
from aiointercom.cleanup.planning.codec import encode_entry
from aiointercom.sandbox import Workspaces

CRAWL = {"limit": 40, "window": 10.0}
"""Requests in a window of seconds."""


def seconds_of_others(each: int, others: int, slow: bool) -> float:
    """Carry out the items of some workspaces, with a slow one first in the queue or without it.

    Returns the others' seconds.
    """
    boxes, work = workspaces(others + slow, each)
    if slow:
        [crawling], first = workspaces(1, each, **CRAWL)
        boxes[0], work["space0"] = crawling, first["space0"]
    fast = boxes[1:] if slow else boxes
    with PostgresProcess() as database, Workspaces(boxes).serve() as server:
        asyncio.run(fill(database.dsn, work))
        with workers(2, environment(database.dsn, server.url, boxes)):
            began = wait_for(fast, 1)
            return wait_for(fast, each * others) - began


def crawl(each: int = 300, others: int = 19) -> None:
    """Print how much longer the others take."""
    without, beside = (seconds_of_others(each, others, slow) for slow in (False, True))
    print(
        f"a workspace at 40 requests per 10 s, queued first, beside {others} others with {each} items each, 2 workers: "
        f"the others take {beside:.1f} s, {without:.1f} s without it, {beside / without:.2f} times; goal 1.2",
        flush=True,
    )


def plan_of(work: Work, path: Path) -> None:
    """Write the plan of one workspace."""
    [(name, items)] = work.items()
    header = PlanHeader(made_at="2026-01-01T00:00:00Z", workspace=name, region="US", aiointercom="0", detectors=())
    summary = PlanSummary(items=len(items), by_kind={"redact_part": len(items)})
    path.write_text("".join(map(encode_entry, [header, *items, summary])))


def run_alone(items: int) -> float:
    """Carry out the items with `aiointercom run`, and return its CPU for one in milliseconds."""
    boxes, work = workspaces(1, items)
    with tempfile.TemporaryDirectory() as folder, Workspaces(boxes).serve() as server:
        plan = Path(folder) / "plan.jsonl"
        plan_of(work, plan)
        env = {**os.environ, "INTERCOM_ACCESS_TOKEN": boxes[0].token, "INTERCOM_BASE_URL": server.url}
        command = [sys.executable, "-m", "aiointercom", "run", str(plan), "--ledger", f"{folder}/ledger", "--yes"]
        here = psutil.Process(os.getpid())
        before = here.cpu_times()
        subprocess.run(command, env=env, check=True, capture_output=True)
        after = here.cpu_times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return 1000 * used / items


def worker_alone(items: int, spaces: int) -> tuple[float, float]:
    """Carry out the items with one worker, and return the CPU for one in milliseconds: the worker's, and Postgres's."""
    boxes, work = workspaces(spaces, items // spaces)
    with PostgresProcess() as database, Workspaces(boxes).serve() as server:
        asyncio.run(fill(database.dsn, work))
        postgres = psutil.Process(database.pid)
        before = cpu(postgres)
        with workers(1, environment(database.dsn, server.url, boxes)) as processes:
            wait_for(boxes, items)
            time.sleep(2)  # for the last results to be written
            return 1000 * cpu(*processes) / items, 1000 * (cpu(postgres) - before) / items


def cost(items: int = 4000, spaces: int = 20) -> None:
    """Print what an item costs beside `run`."""
    alone = run_alone(items)
    worker, postgres = worker_alone(items, spaces)
    print(
        f"CPU of an item, {items:,} items: {alone:.2f} ms with `aiointercom run`; {worker:.2f} ms with one "
        f"`aiointercom worker` over {spaces} workspaces, and {postgres:.2f} ms in Postgres: "
        f"{(worker + postgres) / alone:.1f} times",
        flush=True,
    )
