"""Time of parsing and of calls. The garbage collector stays on, as it would in a service."""

from __future__ import annotations

import asyncio
import gc
import time

from clients import CLIENTS
from parsers import PARSERS
from payloads import conversation

Sample = dict[str, float]


class Stopwatch:
    """Wall and CPU time of this process since it was made."""

    def __init__(self) -> None:
        self._cpu, self._wall = time.process_time(), time.perf_counter()

    @property
    def seconds(self) -> float:
        """Wall time so far."""
        return time.perf_counter() - self._wall

    def per(self, count: int) -> Sample:
        """Microseconds for one of so many."""
        cpu, wall = time.process_time() - self._cpu, time.perf_counter() - self._wall
        return {"cpu": 1e6 * cpu / count, "wall": 1e6 * wall / count}


def parse(name: str, *, parts: int, seconds: float) -> Sample:
    """Time one parse. Each result dies before the next one is made."""
    read, data = PARSERS[name](), conversation(parts)
    read(data)
    gc.collect()
    count, watch = 0, Stopwatch()
    while count == 0 or watch.seconds < seconds:
        read(data)
        count += 1
    return watch.per(count)


async def calls(name: str, *, url: str, connections: int, concurrency: int, seconds: float) -> Sample:
    """Time one call while `concurrency` tasks call in a loop.

    The clock runs in full swing only: from when each connection has carried a call until the time is over. It starts and stops at
    whole rounds of the connections, because on a busy loop their answers come in such rounds.
    """
    round_of = min(concurrency, connections or 100)
    warm = max(round_of, 20)
    done, watch, sample = 0, Stopwatch(), asyncio.get_running_loop().create_future()
    async with CLIENTS[name](url, connections) as call:

        async def work() -> None:
            nonlocal done, watch
            while not sample.done():
                await call()
                done += 1
                measured = done - warm
                if measured == 0:
                    watch = Stopwatch()
                elif measured > 0 and measured % round_of == 0 and watch.seconds >= seconds and not sample.done():
                    sample.set_result(watch.per(measured))

        tasks = [asyncio.create_task(work()) for _ in range(concurrency)]
        await asyncio.wait([sample, *tasks], return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        if not sample.done():
            raise next(failure for failure in ended if isinstance(failure, Exception))
    return sample.result()
