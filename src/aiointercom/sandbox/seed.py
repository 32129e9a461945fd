"""What a fresh sandbox holds: the ids, dates and states of Intercom's published examples, people and texts ours."""

from typing import Any

from aiointercom.sandbox import shapes

from .conversion import become_ticket
from .refusals import Json
from .workspace import Workspace

# Ids a visitor can start with, and what they show.
TOUR = (
    ("conversation 471", "part 115 can be redacted; source 403918311 cannot: an admin wrote it"),
    ("conversation 480", "source 403918320 and part 120 can be redacted; part 122 cannot: it has no body"),
    ("conversation 474, 123", "can be converted"),
    ("conversation 493", "is a ticket already"),
    ("ticket type 79, 85, 90", "for customers; conversion accepts them"),
    ("ticket type 95", 'needs "amount"; "priority" is a list with items'),
    ("ticket type 80, 112", "Back-office; conversion refuses them"),
)

PRIORITY_ITEMS = (
    {"id": "5b0c6f7e-2d1a-4c8e-9f43-7a1e0d9b6c21", "name": "High"},
    {"id": "c4e19a02-8b5d-4f76-a3c0-1f2d7e6b9a58", "name": "Low"},
)

TITLE: Json = {"name": "_default_title_", "input_options": {"multiline": False}}
DESCRIPTION: Json = {"name": "_default_description_", "input_options": {"multiline": True}}


def sow(workspace: Workspace) -> None:
    """Fill an empty workspace."""
    _ticket_types(workspace)
    _closed_conversations(workspace)
    _redactable_conversations(workspace)
    _convertible_conversations(workspace)
    _ticket(workspace)


def _ticket_types(workspace: Workspace) -> None:
    plain = {"name": "name", "description": "description", "visible_on_create": False, "visible_to_contacts": False}
    defaults = (TITLE, plain, DESCRIPTION)
    workspace.add_ticket_type(79, 1719492947, [], {"name": "Refund", "description": "Money back", "icon": "🦁"})
    workspace.add_ticket_type(80, 1719492947, [], {"name": "Stock check", "category": "Back-office"})
    workspace.add_ticket_type(85, 1719493014, defaults, {"name": "Fault report", "icon": "🎟️"})
    workspace.add_ticket_type(90, 1719493017, defaults, {"name": "Defect", "icon": "🎟️"})
    demanding = (
        TITLE,
        DESCRIPTION,
        {"name": "amount", "data_type": "decimal", "required_to_create": True},
        # Assumption: where a list attribute keeps its items; no example of one exists in any source.
        {"name": "priority", "data_type": "list", "input_options": {"items": [dict(item) for item in PRIORITY_ITEMS]}},
    )
    workspace.add_ticket_type(95, 1719493020, demanding, {"name": "Complaint"})
    internal = [
        {"name": name, "required_to_create": True, "default": False} for name in (TITLE["name"], DESCRIPTION["name"])
    ]
    workspace.add_ticket_type(112, 1719493060, internal, {"name": "Review", "category": "Back-office"})


def _by_admin(id: str) -> Json:
    return {
        "id": id,
        "delivered_as": "admin_initiated",
        "body": "<p>Your parcel is on its way.</p>",
        "author": dict(shapes.ADMIN),
    }


def _by_contact(id: str) -> Json:
    return {"id": id, "body": "<p>My card number is 4000 0000 0000 0002, please charge it.</p>"}


def _add(workspace: Workspace, id: int, at: int, source: Json, *parts: Json, **fields: Any) -> None:
    workspace.add_conversation(id, at, source=source, parts=parts, fields=fields)


def _closed_conversations(workspace: Workspace) -> None:
    closed = {"open": False, "state": "closed", "admin_assignee_id": 991267715, "team_assignee_id": 5017691}
    _add(workspace, 335, 1719492795, _by_admin("403918241"), **closed)
    _add(workspace, 367, 1719492825, _by_admin("403918255"), **closed)
    _add(workspace, 378, 1719492843, _by_admin("403918266"), **closed)


def _redactable_conversations(workspace: Workspace) -> None:
    reply = {"created_at": 1719492939, "type": "conversation", "url": None}
    times = {"created_at": 1719492939, "updated_at": 1719492939, "notified_at": 1719492939}
    answer = {"id": "115", "part_type": "open", "body": "<p>Please forget my phone number 555-0117.</p>", **times}
    _add(
        workspace,
        471,
        1719492938,
        _by_admin("403918311"),
        answer,
        first_contact_reply=reply,
        waiting_since=1719492939,
        read=True,
    )
    _add(
        workspace,
        480,
        1719492950,
        _by_contact("403918320"),
        {"id": "120", "body": "<p>Here is my passport.</p>", "attachments": [_photo()]},
        {"id": "121", "body": "<p>Thank you, I will look.</p>", "author": dict(shapes.ADMIN)},
        {"id": "122", "part_type": "assignment", "body": None, "author": shapes.bot(workspace.id)},
        admin_assignee_id=int(shapes.ADMIN["id"]),
        first_contact_reply=reply,
    )


def _photo() -> Json:
    return {
        "type": "upload",
        "name": "passport.png",
        "url": "https://example.com/passport.png",
        "content_type": "image/png",
        "filesize": 100,
        "width": 100,
        "height": 100,
    }


def _convertible_conversations(workspace: Workspace) -> None:
    _add(workspace, 123, 1719492700, _by_contact("403918100"))
    _add(workspace, 474, 1719492945, _by_contact("403918314"), {"id": "117", "body": "<p>The kettle came broken.</p>"})


def _ticket(workspace: Workspace) -> None:
    _add(workspace, 493, 1719493061, _by_admin("403918333"))
    title = {"_default_title_": "Shelf count is off", "_default_description_": None}
    become_ticket(workspace, workspace.conversations["493"], workspace.ticket_types["112"], title, 1719493061)
