"""Two workspaces on one client, over real sockets: what one waits while all places of the other hang.

python -m scripts.soaking.tenants  prints the figures alone, in about half a minute.
"""

from __future__ import annotations

import time
from statistics import quantiles
from typing import Literal

import anyio
from attrs import frozen

from aiointercom import Intercom
from aiointercom.errors import IntercomError
from aiointercom.sandbox import Fault, Sandbox, Workspaces

SECONDS, HANGS = 5.0, 2.0
"""How long the prompt workspace is watched, and after which time the slow one answers."""
SLOW, PROMPT = 100, 10
"""Callers without a pause: of the slow workspace twice as many as one token has places, and of the prompt one."""
Transport = Literal["httpx", "aiohttp"]
TRANSPORTS: tuple[Transport, ...] = ("httpx", "aiohttp")


@frozen
class Waits:
    """Seconds of each call of the prompt workspace, and how many of its calls failed."""

    seconds: list[float]
    failed: int

    @property
    def median(self) -> float:
        """Milliseconds that half of the calls took at most."""
        return 1000 * quantiles(self.seconds, n=2)[0]

    @property
    def p99(self) -> float:
        """Milliseconds that 99 of 100 calls took at most."""
        return 1000 * quantiles(self.seconds, n=100)[98]


async def watch(transport: Transport, slow: int) -> Waits:
    """Return what the prompt workspace waits beside so many callers of the slow one."""
    boxes = [Sandbox(f"token-of-{name}", limit=1_000_000, workspace=name) for name in ("slow", "prompt")]
    boxes[0].fault(Fault(delay=HANGS, times=None))
    waited, failed, until = list[float](), 0, time.monotonic() + SECONDS

    async def hang(client: Intercom) -> None:
        while True:
            await client.me()

    async def call(client: Intercom) -> None:
        nonlocal failed
        while (began := time.monotonic()) < until:
            try:
                await client.me()
            except IntercomError:
                failed += 1
            waited.append(time.monotonic() - began)

    with Workspaces(boxes).serve() as server:
        slow_client = Intercom(boxes[0].token, base_url=server.url, transport=transport)
        async with slow_client as intercom, anyio.create_task_group() as hanging:
            for _ in range(slow):
                hanging.start_soon(hang, intercom)
            async with anyio.create_task_group() as group:
                prompt = intercom.with_options(token=boxes[1].token)
                for _ in range(PROMPT):
                    group.start_soon(call, prompt)
            hanging.cancel_scope.cancel()
    return Waits(waited, failed)


def fairness() -> list[str]:
    """Print the figures over both transports; returns what was not reached."""
    missed: list[str] = []
    print(f"\ntwo workspaces on one client: {PROMPT} callers of one, while each answer of the other takes {HANGS:g} s")
    for transport in TRANSPORTS:
        alone, beside = (anyio.run(watch, transport, slow) for slow in (0, SLOW))
        print(
            f"  {transport}: alone {len(alone.seconds)} calls, median {alone.median:.1f} ms, p99 {alone.p99:.1f} ms; "
            f"beside {SLOW} callers {len(beside.seconds)} calls, median {beside.median:.1f} ms, p99 {beside.p99:.1f} ms",
            flush=True,
        )
        if alone.failed + beside.failed:
            missed.append(f"two workspaces over {transport}: {alone.failed + beside.failed} calls of the prompt failed")
        if max(beside.seconds) >= HANGS:
            missed.append(f"two workspaces over {transport}: a call of the prompt one waited for the slow one")
    return missed


if __name__ == "__main__":
    for promise in fairness():
        print(f"BROKEN: {promise}")
