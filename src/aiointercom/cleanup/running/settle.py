"""Settles an item in doubt: calls `Intercom.settle` with the ledger's times and turns its result into an outcome."""

from __future__ import annotations

from datetime import UTC, datetime

from aiointercom.cleanup.items import Convert, Item, RedactPart
from aiointercom.cleanup.outcomes import Doubt, Ended, Outcome
from aiointercom.client import Intercom
from aiointercom.errors import AlreadyTicketError, OutcomeUnknownError
from aiointercom.settling import Settlement

REDACT = "POST /conversations/redact"
CONVERT = "POST /conversations/{conversation_id}/convert"
ALREADY_A_TICKET = 409
"""The status (conflict) of an error that follows from a read, not from a response to the write."""


async def settle(intercom: Intercom, item: Item, doubt: Doubt) -> Settlement:
    """Read back an item once."""
    error = unknown(item, doubt, "it is in doubt")
    return await intercom.settle(error, attributes=item.asked if isinstance(item, Convert) else None)


def ended_by_reading(item: Item, settlement: Settlement) -> Ended | None:
    """Return the outcome that a read shows.

    None: the item is still in doubt, or it did not take effect and may be sent again.
    """
    if settlement.outcome == "done":
        outcome: Outcome = "converted" if isinstance(item, Convert) else "redacted"
        return Ended("done", outcome, None, settlement.reason, settlement.ticket_id, by_reading=True)
    if settlement.outcome == "not_applied" and settlement.ticket_id is not None:
        error = _already_ticket(settlement.ticket_id)
        return Ended("refused", "already_ticket", error, settlement.reason, settlement.ticket_id, by_reading=True)
    return None


def still_unknown(item: Item, doubt: Doubt, reason: str, *, by_reading: bool) -> Ended:
    """Return the outcome of an item that is still in doubt, with the reason."""
    return Ended("unknown", "unknown", unknown(item, doubt, reason), reason, None, by_reading, doubt)


def unknown(item: Item, doubt: Doubt, reason: str) -> OutcomeUnknownError:
    """Return the error for an item in doubt, with the times in the ledger."""
    operation = CONVERT if isinstance(item, Convert) else REDACT
    return OutcomeUnknownError(
        f"{operation}: sent, outcome unknown for conversation_id {item.conversation_id}: {reason}",
        operation=operation,
        ids=_ids(item),
        sent_at=doubt.last_doubt_at,
        first_sent_at=datetime.fromtimestamp(doubt.first_sent_at, UTC),
        last_doubt_at=datetime.fromtimestamp(doubt.last_doubt_at, UTC),
        attempts=0,
        reason=reason,
    )


def _ids(item: Item) -> dict[str, str | int]:
    if isinstance(item, Convert):
        return {"conversation_id": item.conversation_id, "ticket_type_id": item.ticket_type_id}
    if isinstance(item, RedactPart):
        return {"conversation_id": item.conversation_id, "conversation_part_id": item.part_id}
    return {"conversation_id": item.conversation_id, "source_id": item.source_id}


def _already_ticket(ticket_id: str) -> AlreadyTicketError:
    error = AlreadyTicketError(f"{CONVERT}: the conversation is ticket {ticket_id} already", status=ALREADY_A_TICKET)
    error.ticket_id = ticket_id
    return error
