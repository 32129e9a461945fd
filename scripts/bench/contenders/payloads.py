"""The conversations that are measured: invented, of the size and shape of real ones.

Standard library only: all contenders read it.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

# By its path: the environment of a contender has no project.
STAMP = Path(__file__).parents[3] / "generated" / "STAMP.toml"
VERSION: str = tomllib.loads(STAMP.read_text(encoding="utf-8"))["api"]["version"]
TOKEN = "token"
HEADERS = {"Authorization": f"Bearer {TOKEN}", "Accept": "application/json", "Intercom-Version": VERSION}
CONVERSATION_ID, PART_ID = "100471", "115"
REDACTION = {"type": "conversation_part", "conversation_id": CONVERSATION_ID, "conversation_part_id": PART_ID}
TEXT = "<p>The parcel came two days late, and one of the three cups was broken. Could you send another, please?</p>"


def part(number: int) -> dict[str, Any]:
    """Make one part; the first is the redacted one, and every fifth has a file."""
    files = [
        {"type": "upload", "name": "cup.jpg", "url": "https://files.example/cup.jpg", "content_type": "image/jpeg"}
    ]
    return {
        "type": "conversation_part",
        "id": str(int(PART_ID) + number),
        "part_type": "comment",
        "body": TEXT if number else "<p><i>This message was deleted</i></p>",
        "created_at": 1_700_000_000 + 60 * number,
        "updated_at": 1_700_000_000 + 60 * number,
        "notified_at": 1_700_000_000 + 60 * number,
        "assigned_to": {"type": "admin", "id": "274"} if number % 7 == 3 else None,
        "author": {"type": "user", "id": "5f1", "name": "Sample Person", "email": "person@example.com"},
        "attachments": files if number % 5 == 4 else [],
        "external_id": None,
        "redacted": number == 0,
    }


def statistics() -> dict[str, Any]:
    """Make the statistics, numbers all."""
    durations = (
        "time_to_assignment",
        "time_to_admin_reply",
        "time_to_first_close",
        "time_to_last_close",
        "median_time_to_reply",
    )
    moments = (
        "first_contact_reply_at",
        "first_assignment_at",
        "first_admin_reply_at",
        "first_close_at",
        "last_close_at",
    )
    counts = ("count_reopens", "count_assignments", "count_conversation_parts")
    return {
        "type": "conversation_statistics",
        **dict.fromkeys(durations, 2310),
        **dict.fromkeys(moments, 1_700_000_600),
        **dict.fromkeys(counts, 3),
    }


def conversation(parts: int) -> bytes:
    """Encode a whole conversation with this number of parts, as the API would send it."""
    whole = {
        "type": "conversation",
        "id": CONVERSATION_ID,
        "title": "A broken cup",
        "created_at": 1_700_000_000,
        "updated_at": 1_700_000_900,
        "waiting_since": 1_700_000_300,
        "snoozed_until": None,
        "open": True,
        "state": "open",
        "read": False,
        "priority": "not_priority",
        "admin_assignee_id": 274,
        "team_assignee_id": "5017691",
        "tags": {
            "type": "tag.list",
            "tags": [{"type": "tag", "id": "123", "name": "shipping", "applied_at": 1_700_000_100}],
        },
        "conversation_rating": {
            "rating": 4,
            "remark": "Thank you",
            "created_at": 1_700_000_800,
            "contact": {"type": "contact", "id": "5f1", "external_id": "70"},
            "teammate": {"type": "teammate", "id": "274"},
        },
        "source": {
            "type": "conversation",
            "id": "403918311",
            "delivered_as": "customer_initiated",
            "subject": "",
            "body": TEXT,
            "author": {"type": "user", "id": "5f1", "name": "Sample Person", "email": "person@example.com"},
            "attachments": [],
            "url": None,
            "redacted": False,
        },
        "contacts": {"type": "contact.list", "contacts": [{"type": "contact", "id": "5f1", "external_id": "70"}]},
        "teammates": {"type": "admin.list", "teammates": [{"type": "admin", "id": "274"}]},
        "custom_attributes": {"order": "A-17", "weight": 2.5, "gift": False},
        "first_contact_reply": {"created_at": 1_700_000_200, "type": "conversation", "url": "https://shop.example/"},
        "sla_applied": {"type": "conversation_sla_summary", "sla_name": "two hours", "sla_status": "hit"},
        "statistics": statistics(),
        "conversation_parts": {
            "type": "conversation_part.list",
            "conversation_parts": [part(number) for number in range(parts)],
            "total_count": parts,
        },
        "linked_objects": {"type": "list", "data": [], "total_count": 0, "has_more": False},
        "ticket": None,
        "ai_agent": None,
        "ai_agent_participated": False,
        "topics": {"type": "topic.list", "topics": [], "total_count": 0},
    }
    return json.dumps(whole).encode()
