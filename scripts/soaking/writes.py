"""Which writes are made: one to each conversation, so that every request and every effect belongs to one write."""

from __future__ import annotations

import json
from typing import Any

from attrs import asdict, frozen
from scripts.soaking.faults import Arrival

from aiointercom.sandbox import Sandbox

TICKET_TYPE = "85"
REDACT, CONVERT = "redactConversation", "convertConversationToTicket"
Key = tuple[str, str, str]


@frozen
class Write:
    """One write. target: the id of the part or source; of a conversion the conversation's own."""

    kind: str
    conversation_id: str
    target: str

    @property
    def key(self) -> Key:
        """Its name in the ledger: operation, conversation, target."""
        return CONVERT if self.kind == "convert" else REDACT, self.conversation_id, self.target

    def order(self) -> dict[str, str]:
        """What a worker is told."""
        return asdict(self)


def sow(sandbox: Sandbox, count: int) -> list[Write]:
    """Add so many conversations, and return a write to each of them, of the three kinds in turn."""
    writes: list[Write] = []
    for number in range(count):
        id = sandbox.add_conversation(parts=1)
        conversation = sandbox.conversation(id)
        part = Write("part", id, conversation["parts"][0]["id"])
        source = Write("source", id, conversation["source"]["id"])
        writes.append((part, source, Write("convert", id, id))[number % 3])
    return writes


def key_of(arrival: Arrival) -> Key | None:
    """The write that a request is; None for a read."""
    if arrival.method != "POST":
        return None
    words = arrival.path.split("/")
    if words[-1] == "convert":
        return CONVERT, words[2], words[2]
    body: dict[str, Any] = json.loads(arrival.body)
    return REDACT, str(body["conversation_id"]), str(body.get("conversation_part_id") or body["source_id"])


def read_of(arrival: Arrival) -> str | None:
    """The conversation that a request reads, or the ticket of the same id; None for a write."""
    return arrival.path.split("/")[2] if arrival.method == "GET" and arrival.path.count("/") == 2 else None
