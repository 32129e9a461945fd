"""A worker with aiointercom.

Makes the writes of its order, so many at a time, and prints how each ended and how large it is itself.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import anyio
import httpx

from aiointercom import Intercom
from aiointercom.errors import IntercomError, OutcomeUnknownError
from aiointercom.events import Event, OutcomeSettled, ResponseReceived

ATTEMPTS = 4  # sendings with the default options
WARM = 0.25  # share of the work after which the memory is measured for the first time; the second time is at its end


def memory() -> int:
    """How much memory this process holds, in kB; 0 where the system does not tell it this way."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), 0)


class Worker:
    """One client, and the writes that are still to be made."""

    def __init__(self, intercom: Intercom, order: dict[str, Any]) -> None:
        self._conversations = intercom.conversations
        self._writes: list[dict[str, str]] = order["writes"]
        self._until = time.monotonic() + order["seconds"]
        self._next = self._done = 0

    async def work(self) -> None:
        """Make one write after the other until all are made, or the time is over."""
        while self._next < len(self._writes) and time.monotonic() < self._until:
            number = self._next
            self._next += 1
            told = await self._told(self._writes[number])
            self._done += 1
            print(json.dumps({"number": number, "told": told}))
            if self._done == int(len(self._writes) * WARM):
                print(json.dumps({"memory": memory()}))

    async def _told(self, write: dict[str, str]) -> str:
        try:
            await self._send(**write)
        except OutcomeUnknownError as error:
            print(json.dumps({"unknown": error.reason, "conversation": write["conversation_id"]}))
            return "unknown" if error.attempts < ATTEMPTS else "given up"
        except IntercomError as error:
            return type(error).__name__
        return "done"

    def _send(self, kind: str, conversation_id: str, target: str) -> Awaitable[object]:
        if kind == "part":
            return self._conversations.redact_part(conversation_id, target)
        if kind == "source":
            return self._conversations.redact_source(conversation_id, target)
        return self._conversations.convert_to_ticket(
            conversation_id, ticket_type_id="85", title="Kettle", description="Came broken"
        )


async def carry_out(order: dict[str, Any]) -> None:
    """Carry out an order with the default options, but for a time-out that fits the faults' delays."""
    counts: Counter[str] = Counter()

    def hear(event: Event) -> None:
        if isinstance(event, OutcomeSettled) and event.by_reading:
            counts["settled by reading"] += 1
        elif isinstance(event, ResponseReceived) and event.status == 429:
            counts["429"] += 1

    timeout = httpx.Timeout(5.0, read=order["read_within"])
    async with Intercom(order["token"], base_url=order["url"], timeout=timeout, on_event=hear) as intercom:
        worker = Worker(intercom, order)
        async with anyio.create_task_group() as tasks:
            for _ in range(order["at_once"]):
                tasks.start_soon(worker.work)
        print(json.dumps({"memory": memory()}))
    print(json.dumps({"counts": counts}))


if __name__ == "__main__":
    print("ready", flush=True)
    anyio.run(carry_out, json.loads(sys.stdin.readline()))
