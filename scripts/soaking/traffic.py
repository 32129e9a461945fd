"""A process that only makes traffic, for the pacing experiment.

Reads as fast as its pacing lets it, or a web app's steady rate without pacing.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections import Counter
from typing import Any

import anyio
import httpx

from aiointercom import Intercom
from aiointercom.errors import IntercomError
from aiointercom.events import Event, ResponseReceived

AT_ONCE = 20  # calls that a worker would like to have under way


class Tally:
    """What this process saw: answers by window, refusals among them, and calls that failed in the end."""

    def __init__(self, window: float) -> None:
        self._window = window
        self.answered: Counter[int] = Counter()
        self.refused = self.failed = 0

    def answer(self, status: int | None) -> None:
        """Count one answer."""
        self.answered[int(time.time() / self._window)] += status != 429
        self.refused += status == 429

    def hear(self, event: Event) -> None:
        """Count the answers of paced calls, those that are retried too."""
        if isinstance(event, ResponseReceived):
            self.answer(event.status)


async def paced(order: dict[str, Any], tally: Tally) -> None:
    """Read as fast as the pacing lets us; a call that still waits at the end is left."""
    priority = order["priority"]
    async with Intercom(order["token"], base_url=order["url"], priority=priority, on_event=tally.hear) as intercom:

        async def work() -> None:
            while True:
                try:
                    await intercom.me()
                except IntercomError:
                    await anyio.sleep(0.1)
                    tally.failed += 1

        async with anyio.create_task_group() as tasks:
            for _ in range(AT_ONCE):
                tasks.start_soon(work)
            # Not a deadline around the calls: they would see it, and refuse to wait beyond it.
            await anyio.sleep(order["seconds"])
            tasks.cancel_scope.cancel()


async def unpaced(order: dict[str, Any], tally: Tally) -> None:
    """Send at a steady rate whatever the answers are, as the requests of a web app's visitors come."""
    headers = {"Authorization": f"Bearer {order['token']}"}
    began, sent = time.monotonic(), 0

    async def ask() -> None:
        tally.answer((await http.get("/me")).status_code)

    http = httpx.AsyncClient(base_url=order["url"], headers=headers, trust_env=False)
    async with http, anyio.create_task_group() as tasks:
        while (now := time.monotonic() - began) < order["seconds"]:
            while sent < now * order["rate"]:
                tasks.start_soon(ask)
                sent += 1
            await anyio.sleep(0.5 / order["rate"])


async def carry_out(order: dict[str, Any]) -> None:
    """Make the traffic of an order, and print the tally."""
    tally = Tally(order["window"])
    await anyio.sleep(order["after"])
    await (unpaced if order["rate"] else paced)(order, tally)
    print(json.dumps({"answered": tally.answered, "refused": tally.refused, "failed": tally.failed}))


async def warm_up() -> None:
    """Import what the first call would import.

    With fifty processes on two cores that takes longer than what is measured.
    """
    async with Intercom("token", base_url="http://127.0.0.1:9", max_retries=0) as intercom:
        with contextlib.suppress(IntercomError):
            await intercom.me()


if __name__ == "__main__":
    anyio.run(warm_up)
    print("ready", flush=True)
    anyio.run(carry_out, json.loads(sys.stdin.readline()))
