"""How long one answer of many parts keeps the event loop from everything else."""

from __future__ import annotations

import asyncio
import time
from statistics import median
from typing import Self

from clients import CLIENTS
from timing import Sample

CLOCKS = {"cpu": time.thread_time, "wall": time.perf_counter}


class Ticker:
    """Takes a turn of the event loop whenever it can, and remembers the longest time between two, by both clocks."""

    async def __aenter__(self) -> Self:
        self.longest = dict.fromkeys(CLOCKS, 0.0)
        self._before = {name: clock() for name, clock in CLOCKS.items()}
        self._task = asyncio.create_task(self._tick())
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.sleep(0)  # what happened since the last turn counts too
        self._task.cancel()

    async def _tick(self) -> None:
        while True:
            for name, clock in CLOCKS.items():
                now = clock()
                self.longest[name] = max(self.longest[name], now - self._before[name])
                self._before[name] = now
            await asyncio.sleep(0)


async def block(name: str, *, url: str, count: int) -> Sample:
    """The longest gap of one call in milliseconds, median of `count`, less what an idle loop shows for as long.

    `worst` is the longest of all.
    """
    gaps: dict[str, list[float]] = {clock: [] for clock in CLOCKS}
    idle: dict[str, list[float]] = {clock: [] for clock in CLOCKS}
    async with CLIENTS[name](url, 50) as call:
        await call()
        for _ in range(count):
            started = time.perf_counter()
            async with Ticker() as busy:
                await call()
            took = time.perf_counter() - started
            async with Ticker() as ticking:
                await asyncio.sleep(took)
            for clock in CLOCKS:
                gaps[clock].append(busy.longest[clock])
                idle[clock].append(ticking.longest[clock])
    sample = {clock: 1e3 * (median(gaps[clock]) - median(idle[clock])) for clock in CLOCKS}
    return {**sample, "worst": 1e3 * max(gaps["cpu"])}
