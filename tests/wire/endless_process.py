"""A process that makes two calls to a hostile server, and prints how they ended and how much memory it took at most."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import anyio

from aiointercom import Intercom

UNIT = 1 if sys.platform == "darwin" else 1024


def peak() -> int:
    """Bytes of memory that this process held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT


async def calls(url: str, transport: Any) -> dict[str, str]:
    """Read and write once, both at the same time, and return the names of the errors."""
    ended: dict[str, str] = {}

    async def call(kind: str, sent: Callable[[], Awaitable[object]]) -> None:
        try:
            ended[kind] = repr(await sent())
        except Exception as error:  # noqa: BLE001  # the test says which it must be
            ended[kind] = type(error).__name__

    async with (
        Intercom("token", base_url=url, transport=transport, timeout=2, max_retries=0) as intercom,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(call, "read", lambda: intercom.conversations.retrieve("471"))
        tasks.start_soon(call, "write", lambda: intercom.conversations.redact_part("471", "115"))
    return ended


if __name__ == "__main__":
    before, (address, carrier, loop) = peak(), sys.argv[1:]
    began = time.monotonic()
    ends = anyio.run(calls, address, carrier, backend=loop)
    print(json.dumps({**ends, "seconds": time.monotonic() - began, "before": before, "peak": peak()}))  # noqa: T201
