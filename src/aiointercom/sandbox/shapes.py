"""The JSON objects of the API as they were seen on the wire, nulls included. Pure: no clock, no state."""

from collections.abc import Iterable

from .refusals import Json, JsonMapping

WORKSPACE_ID = "sandbox1"
PART_LIMIT = 500
DELETED = "<p><i>This message was deleted</i></p>"

CONTACT: Json = {"type": "user", "id": "66a1f0c2d4e58b7a90c3e1f4", "name": "Ines Calder", "email": "ines@example.com"}
ADMIN: Json = {"type": "admin", "id": "991260001", "name": "Tomas Reyl", "email": "tomas@example.com"}


def bot(workspace_id: str) -> Json:
    """The bot of a workspace, whose address names the workspace."""
    return {"type": "bot", "id": "991260002", "name": "Operator", "email": f"operator+{workspace_id}@example.com"}


def source(id: str, fields: JsonMapping) -> Json:
    """The message that opened a conversation; written by a contact unless `fields` names another author."""
    usual: Json = {
        "type": "conversation",
        "id": id,
        "delivered_as": "customer_initiated",
        "subject": "",
        "body": "<p>Could somebody look at my order?</p>",
        "author": dict(CONTACT),
        "attachments": [],
        "url": None,
        "redacted": False,
    }
    return usual | dict(fields)


def part(id: str, now: int, fields: JsonMapping) -> Json:
    """One entry of a conversation: a comment by a contact unless `fields` says otherwise."""
    usual: Json = {
        "type": "conversation_part",
        "id": id,
        "part_type": "comment",
        "body": f"<p>Message {id}</p>",
        "created_at": now,
        "updated_at": now,
        "notified_at": now,
        "assigned_to": None,
        "author": dict(CONTACT),
        "attachments": [],
        "external_id": None,
        "redacted": False,
    }
    return usual | dict(fields)


def conversation(id: str, now: int, source: Json, fields: JsonMapping) -> Json:
    """A conversation without its parts, as lists and searches carry it."""
    usual: Json = {
        "type": "conversation",
        "id": id,
        "created_at": now,
        "updated_at": now,
        "waiting_since": None,
        "snoozed_until": None,
        "source": source,
        "contacts": {
            "type": "contact.list",
            "contacts": [{"type": "contact", "id": CONTACT["id"], "external_id": "70"}],
        },
        "first_contact_reply": None,
        "admin_assignee_id": None,
        "team_assignee_id": None,
        "open": True,
        "state": "open",
        "read": False,
        "tags": {"type": "tag.list", "tags": []},
        "priority": "not_priority",
        "sla_applied": None,
        "statistics": None,
        "conversation_rating": None,
        "teammates": None,
        "title": None,
        "custom_attributes": {},
        "topics": {},
        "ticket": None,
        "linked_objects": linked_objects(),
        "ai_agent": None,
        "ai_agent_participated": False,
    }
    return usual | dict(fields)


def linked_objects() -> Json:
    """An empty list of links to other conversations and tickets."""
    return {"type": "list", "data": [], "total_count": 0, "has_more": False}


def ticket_type(id: str, now: int, attributes: Iterable[JsonMapping], fields: JsonMapping, workspace_id: str) -> Json:
    """A ticket type; its attributes lie under `data`, whatever the published description says."""
    data = [_attribute(id, order, now, given, workspace_id) for order, given in enumerate(attributes)]
    usual: Json = {
        "type": "ticket_type",
        "id": id,
        "name": f"Type {id}",
        "description": "",
        "icon": "🎫",
        "workspace_id": workspace_id,
        "archived": False,
        "created_at": now,
        "updated_at": now,
        "is_internal": False,
        "ticket_type_attributes": {"type": "list", "data": data},
        "category": "Customer",
    }
    return usual | dict(fields)


def _attribute(ticket_type_id: str, order: int, now: int, fields: JsonMapping, workspace_id: str) -> Json:
    name = str(fields.get("name", f"attribute_{order}"))
    usual: Json = {
        "type": "ticket_type_attribute",
        "id": f"{ticket_type_id}{order:02}",
        "workspace_id": workspace_id,
        "name": name,
        "description": "",
        "data_type": "string",
        "input_options": None,
        "order": order,
        "required_to_create": False,
        "required_to_create_for_contacts": False,
        "visible_on_create": True,
        "visible_to_contacts": True,
        "default": name in ("_default_title_", "_default_description_"),
        "ticket_type_id": int(ticket_type_id),
        "archived": False,
        "created_at": now,
        "updated_at": now,
    }
    return usual | dict(fields)


def admin_with_app(region: str, workspace_id: str = WORKSPACE_ID) -> Json:
    """The answer of /me: the admin who owns the token, and the app whose `region` names where it lives."""
    return {
        "type": "admin",
        "id": ADMIN["id"],
        "email": ADMIN["email"],
        "name": ADMIN["name"],
        "email_verified": True,
        "app": {
            "type": "app",
            "id_code": workspace_id,
            "name": "Sandbox",
            "created_at": 1719492696,
            "secure": False,
            "identity_verification": False,
            "timezone": "America/Los_Angeles",
            "region": region,
        },
        "avatar": {"type": "avatar", "image_url": "https://example.com/avatars/128.png"},
        "has_inbox_seat": True,
    }
