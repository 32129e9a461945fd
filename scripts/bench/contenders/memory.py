"""Memory: what one conversation retains, and whether a process grows that makes many calls."""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import sys
import tracemalloc
from pathlib import Path

from clients import CLIENTS
from parsers import PARSERS
from payloads import conversation

STATM = Path("/proc/self/statm")


def retained(name: str, *, parts: int, held: int) -> dict[str, float]:
    """Megabytes that one conversation keeps, as tracemalloc counts them, over so many that are held at once."""
    read, data = PARSERS[name](), conversation(parts)
    read(data)
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    kept = [read(data) for _ in range(held)]
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return {"mb": (after - before) / len(kept) / 1e6}


def resident() -> float:
    """Megabytes of this process in memory; where the system does not tell, the most there have ever been."""
    gc.collect()
    if STATM.exists():
        return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1e3


async def growth(name: str, *, url: str, concurrency: int, count: int) -> dict[str, float]:
    """Megabytes that a process is larger after so many calls than it was after the first tenth as many."""
    async with CLIENTS[name](url, 50) as call:

        async def work(calls: int) -> None:
            for _ in range(calls):
                await call()

        async def crowd(calls: int) -> None:
            await asyncio.gather(*(work(max(1, calls // concurrency)) for _ in range(concurrency)))

        await crowd(count // 10)
        before = resident()
        await crowd(count)
        return {"mb": resident() - before, "size": resident()}
