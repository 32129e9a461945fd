"""A sandbox as a process of its own, for the clean-up.

Sown with what is to be cleaned up, and it counts what it was asked.

It takes its order in a line of JSON, prints its address and ids, and upon any further line prints its own ledger and
its counts.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from aiointercom.sandbox import Fault, Sandbox, Server

PLANTED = "Zwetschgenknoedel"
"""Stands in every body. Nothing that a clean-up writes may hold it."""
BODY = f"<p>My card is 4111 1111 1111 1111, {PLANTED}.</p>"


GATEWAY = b"<html><body><h1>504 Gateway Time-out</h1></body></html>"
FAULTS = (
    *(
        Fault(operation=operation, status=504, body=GATEWAY, late=1.0, every=20, times=None)
        for operation in ("redactConversation", "convertConversationToTicket")
    ),
    Fault(operation="retrieveConversation", lag=0.6, every=10, times=None),
)
"""Each twentieth write is given up by a gateway and takes effect a second later; each tenth read comes from a copy that
lags behind."""


class Counting:
    """The sandbox, with a count of requests by window, method and status before it."""

    def __init__(self, sandbox: Sandbox, window: float) -> None:
        self._sandbox, self._window = sandbox, window
        self.counts: Counter[tuple[int, str, int]] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        arrived = int(time.time() / self._window)

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                kind = "web" if scope["path"] == "/me" else "write" if scope["method"] == "POST" else "read"
                self.counts[arrived, kind, message["status"]] += 1
            await send(message)

        await self._sandbox(scope, receive, counted)


def sow(
    sandbox: Sandbox, redactions: int, conversions: int, parts: int
) -> tuple[list[str], list[str], list[list[str]]]:
    """Add conversations: those to redact, those to convert, and every redaction as (conversation, target).

    parts: of each conversation to redact, which also has a source.
    """
    redactable, targets = list[str](), list[list[str]]()
    for _ in range(redactions // (parts + 1)):
        id = sandbox.add_conversation(source={"body": BODY}, parts=[{"body": BODY}] * parts)
        conversation = sandbox.conversation(id)
        redactable.append(id)
        targets += [[id, conversation["source"]["id"]], *([id, part["id"]] for part in conversation["parts"])]
    convertible = [sandbox.add_conversation(source={"body": BODY}) for _ in range(conversions)]
    return redactable, convertible, targets


def serve(order: dict[str, Any]) -> None:
    """Carry out an order."""
    sandbox = Sandbox(limit=order["limit"], window=order["window"])
    if order.get("faults"):
        sandbox.fault(*FAULTS)
    redactable, convertible, targets = sow(sandbox, order["redactions"], order["conversions"], order["parts"])
    counting = Counting(sandbox, order["window"])
    with Server(counting, http="httptools") as server:
        sown = {"redactable": redactable, "convertible": convertible, "targets": targets}
        print(json.dumps({"url": server.url, "token": sandbox.token, **sown}), flush=True)
        for _ in sys.stdin:
            effects = [[effect.operation, effect.conversation_id, effect.target_id] for effect in sandbox.ledger]
            counts = [[*key, count] for key, count in counting.counts.items()]
            print(json.dumps({"effects": effects, "counts": counts}), flush=True)


if __name__ == "__main__":
    serve(json.loads(sys.stdin.readline()))
