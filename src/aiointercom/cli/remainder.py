"""The items of a ledger that are not done, with the reasons, for the report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aiointercom.cleanup import Ledger
from aiointercom.types import JSONObject

NAMED = 50
"""Items that the terminal names; --json and the evidence name all."""
WORDS = {"redact_part": "part", "redact_source": "source"}
IDS = {"redact_part": "part_id", "redact_source": "source_id"}


REASONS = ("state", "outcome", "error", "code", "status", "reason", "ticket_id", "request_id")
"""The fields of a record that say why its item is not done."""


def not_done(ledger: Ledger) -> Iterator[JSONObject]:
    """Iterate over the items that are not done, in the order of the ledger, with their ids and reasons."""
    for record in ledger.records():
        if record.state != "done":
            own = {IDS[record.kind]: record.target_id} if record.kind in IDS else {}
            yield {
                "type": record.kind,
                "conversation_id": record.conversation_id,
                **own,
                **{name: getattr(record, name) for name in REASONS},
            }


def rows(items: Iterable[JSONObject], limit: int | None) -> Iterator[tuple[str, str]]:
    """Return a row for each of the first items (None: as many as a terminal names), and the number of the others."""
    named = NAMED if limit is None else limit
    more = 0
    for number, item in enumerate(items):
        if number < named:
            yield (item["outcome"] or item["state"]).replace("_", " "), f"{_named(item)}{_why(item)}"
        else:
            more += 1
    if more:
        yield "", f"and {more} more: --json and --evidence name all"


def _named(item: JSONObject) -> str:
    conversation = f"conversation {item['conversation_id']}"
    kind = item["type"]
    return f"{WORDS[kind]} {item[IDS[kind]]} of {conversation}" if kind in WORDS else conversation


def _why(item: JSONObject) -> str:
    """Return the reason: Intercom's code or the class of the error, the status, what a read showed, and the ticket."""
    code = item["code"] or item["error"]
    status = None if item["status"] is None else f"status {item['status']}"
    ticket = None if item["ticket_id"] is None else f"ticket {item['ticket_id']}"
    words = ", ".join(filter(None, (code, status, item["reason"], ticket)))
    return f": {words}" if words else ""
