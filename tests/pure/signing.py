"""Notifications for the tests, signed as Intercom signs them. The signature is made here, by other code than the one
that is tested.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

SECRET = "client-secret"
CARD = "4111 1111 1111 1111"


def sign(body: bytes, secret: str = SECRET) -> str:
    """The value of the header."""
    return "sha1=" + hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()


def headers(body: bytes, secret: str = SECRET) -> dict[str, str]:
    """The headers of a signed request."""
    return {"Content-Type": "application/json", "X-Hub-Signature": sign(body, secret)}


def message(id: str | None, body: str | None, author: str = "user", **more: Any) -> dict[str, Any]:
    """A part or a source."""
    return {"id": id, "body": body, "author": {"type": author, "id": "7"}, "redacted": False, **more}


def conversation(
    *parts: dict[str, Any], source: dict[str, Any] | None = None, total: int | None = None, **more: Any
) -> dict[str, Any]:
    """A conversation with its new part, or several."""
    given = [{"type": "conversation_part", "part_type": "comment", **part} for part in parts]
    listed = {
        "type": "conversation_part.list",
        "conversation_parts": given,
        "total_count": len(given) if total is None else total,
    }
    opening = message("900", "<p>Hello</p>") if source is None else source
    return {"type": "conversation", "id": "471", "source": opening, "conversation_parts": listed, **more}


def envelope(topic: str = "conversation.user.replied", item: Any = None, **more: Any) -> dict[str, Any]:
    """A notification."""
    return {
        "type": "notification_event",
        "id": "notif_1",
        "topic": topic,
        "app_id": "abc123",
        "created_at": 1_700_000_000,
        "first_sent_at": 1_700_000_001,
        "delivery_status": "pending",
        "delivery_attempts": 1,
        "data": {"type": "notification_event_data", "item": conversation(message("115", f"<p>{CARD}</p>")) if item is None else item},
        **more,
    }  # fmt: skip


def packed(topic: str = "conversation.user.replied", item: Any = None, **more: Any) -> bytes:
    """The body of a notification."""
    return json.dumps(envelope(topic, item, **more)).encode()
