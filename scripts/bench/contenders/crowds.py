"""Time of whole calls, while a crowd of tasks calls in a loop.

Each measurement is made in a child of the contender's process, which ends in the middle of it all: httpcore takes
longer to cancel a thousand waiting requests than to answer them, and nobody is interested in that.
"""

from __future__ import annotations

import asyncio
import json
import os
import traceback
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import NoReturn

from clients import CLIENTS, Call
from timing import Sample, Stopwatch

Client = AbstractAsyncContextManager[Call]
_ready: set[str] = set()


def calls(name: str, *, url: str, connections: int, concurrency: int, seconds: float) -> Sample:
    """Time one call while `concurrency` tasks call in a loop."""
    if name not in _ready:  # imports, once for all children
        asyncio.run(once(name, url))
        _ready.add(name)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        measure(CLIENTS[name](url, connections), min(concurrency, connections or 100), concurrency, seconds, writing)
    os.close(writing)
    with os.fdopen(reading) as told:
        answer = told.read()
    os.waitpid(child, 0)
    sample: Sample = json.loads(answer)
    return sample


async def once(name: str, url: str) -> None:
    """Make one call."""
    async with CLIENTS[name](url, 1) as call:
        await call()


def measure(client: Client, round_of: int, concurrency: int, seconds: float, writing: int) -> NoReturn:
    """Measure in this process, tell, and end."""

    def deliver(sample: Sample) -> NoReturn:
        os.write(writing, json.dumps(sample).encode())
        os._exit(0)

    try:
        asyncio.run(crowd(client, round_of, concurrency, seconds, deliver))
    except BaseException:  # noqa: BLE001  # whatever it is, this is a copy of another process, and has to end here
        traceback.print_exc()
    os._exit(1)


async def crowd(
    client: Client, round_of: int, concurrency: int, seconds: float, deliver: Callable[[Sample], NoReturn]
) -> None:
    """Call until it is measured.

    The clock runs in full swing only: from when each connection has carried a call until the time is over. It starts
    and stops at whole rounds of the connections, because on a busy loop their answers come in such rounds.
    """
    warm = max(round_of, 20)
    done, watch = 0, Stopwatch()
    async with client as call:

        async def work() -> None:
            nonlocal done, watch
            while True:
                await call()
                done += 1
                measured = done - warm
                if measured == 0:
                    watch = Stopwatch()
                elif measured > 0 and measured % round_of == 0 and watch.seconds >= seconds:
                    deliver(watch.per(measured))

        await asyncio.gather(*(work() for _ in range(concurrency)))
