"""What conversion to a ticket does to the workspace, when it is refused, and how a ticket is shown. Pure."""

from aiointercom.sandbox import shapes

from .attributes import accepted
from .refusals import Json, id_in, invalid, not_found
from .workspace import ConversationRecord, TicketRecord, Workspace

LABELS = {
    "submitted": "Submitted",
    "in_progress": "In progress",
    "waiting_on_customer": "Waiting on you",
    "resolved": "Resolved",
}


def convert(workspace: Workspace, conversation_id: str, body: Json, at: float) -> ConversationRecord:
    """Make a ticket of a conversation. The ticket keeps the conversation's id."""
    type_id = id_in(body, "ticket_type_id")
    record = workspace.conversation(conversation_id)
    if record.ticket is not None:
        # Assumption: only that the answer is a 4xx was reported; status, code and words are ours.
        raise invalid("Conversation is a ticket already")
    ticket_type = _customer_type(workspace, type_id)
    attributes = accepted(ticket_type, body.get("attributes"))
    record.keep(at)
    become_ticket(workspace, record, ticket_type, attributes, int(at))
    return record


def _customer_type(workspace: Workspace, id: str) -> Json:
    ticket_type = workspace.ticket_types.get(id)
    # Assumption: the answer to an unknown or archived ticket type was not found anywhere.
    if ticket_type is None or ticket_type["archived"]:
        raise invalid("Ticket type not found")
    if ticket_type["category"] != "Customer":
        raise invalid("Ticket type is not a customer ticket type")
    return ticket_type


def become_ticket(
    workspace: Workspace, record: ConversationRecord, ticket_type: Json, attributes: Json, now: int
) -> None:
    """Attach a ticket without any check: conversion's second half, and the way a workspace is seeded."""
    ticket = TicketRecord(workspace.next_ticket_id(), ticket_type, attributes, "submitted")
    change = {"part_type": "ticket_state_updated_by_admin", "body": None, "author": shapes.bot(workspace.id)}
    part = workspace.new_part(record, now, change)
    record.add(part)
    ticket.changes[part["id"]] = {"ticket_state": "submitted", "previous_ticket_state": "submitted"}
    record.ticket = ticket
    record.fields["ticket"] = _within_conversation(workspace.id, record.fields["id"], ticket)
    record.fields["updated_at"] = now


def _within_conversation(workspace_id: str, conversation_id: str, ticket: TicketRecord) -> Json:
    """`conversation.ticket`: undocumented, and unlike the Ticket in every respect but its type."""
    kinds = {item["name"]: item["data_type"] for item in ticket.type["ticket_type_attributes"]["data"]}
    return {
        "type": "ticket",
        "id": int(conversation_id),
        "url": f"https://app.intercom.com/a/apps/{workspace_id}/conversations/{conversation_id}",
        "custom_attributes": {
            name: {"value": value, "type": kinds.get(name, "string")} for name, value in ticket.attributes.items()
        },
        "state": ticket.state,
        "ticket_type": ticket.type["name"],
        "ticket_type_description": ticket.type["description"],
        "ticket_type_emoji": ticket.type["icon"],
        "ticket_custom_state_admin_label": LABELS[ticket.state],
        "ticket_custom_state_user_label": LABELS[ticket.state],
    }


def ticket_shown(workspace: Workspace, id: str) -> Json:
    """The Ticket object of one id, or a 404: a conversation that was never converted is no ticket."""
    record = workspace.conversation(id)
    ticket = record.ticket
    if ticket is None:
        raise not_found()
    fields = record.fields
    category = ticket.type["category"]
    # Assumption: as of a conversation, the most recent; the description of a ticket states the number only.
    parts = [_ticket_part(part, ticket) for part in record.parts[-shapes.PART_LIMIT :]]
    return {
        "type": "ticket",
        "id": fields["id"],
        "ticket_id": ticket.ticket_id,
        "ticket_attributes": ticket.attributes,
        "ticket_state": ticket.state,
        "ticket_type": ticket.type,
        "contacts": fields["contacts"],
        # A ticket writes an unassigned teammate as "0", where its conversation says null.
        "admin_assignee_id": str(fields["admin_assignee_id"] or 0),
        "team_assignee_id": str(fields["team_assignee_id"] or 0),
        "created_at": fields["created_at"],
        "updated_at": fields["updated_at"],
        "ticket_parts": {"type": "ticket_part.list", "ticket_parts": parts, "total_count": len(record.parts)},
        "open": fields["open"],
        "linked_objects": fields["linked_objects"],
        "category": category,
        "is_shared": category == "Customer",
        "ticket_state_internal_label": LABELS[ticket.state],
        "ticket_state_external_label": LABELS[ticket.state],
    }


def _ticket_part(part: Json, ticket: TicketRecord) -> Json:
    """A part as a ticket shows it: what is unset is absent, where a conversation sends null."""
    kept = {name: value for name, value in part.items() if name != "notified_at" and value is not None}
    return kept | {"type": "ticket_part"} | ticket.changes.get(part["id"], {})
