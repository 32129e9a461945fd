"""Pure: a message that somebody writes in the imitated workspace, and its notification. The caller holds the lock."""

import hmac
import json
from collections.abc import Callable
from typing import Literal

from attrs import frozen

from aiointercom.sandbox import shapes

from .outbox import Letter
from .refusals import Json
from .workspace import ConversationRecord, Workspace, shown

Author = Literal["user", "lead", "admin", "bot"]

AUTHORS: dict[Author, Callable[[str], Json]] = {
    "user": lambda _: dict(shapes.CONTACT),
    "lead": lambda _: shapes.CONTACT | {"type": "lead"},
    "admin": lambda _: dict(shapes.ADMIN),
    "bot": shapes.bot,
}
"""By the id of the workspace."""


@frozen
class Written:
    """A message that was written: the conversation, the id of the part or source, and the topic of its notification."""

    conversation_id: str
    message_id: str
    topic: str


def write(workspace: Workspace, body: str, conversation_id: str | None, author: Author, at: float) -> Written:
    """Add a part to a conversation, or begin one. Raises KeyError when there is no such conversation, or author."""
    who = {"body": body, "author": AUTHORS[author](workspace.id)}
    kind = author if author in ("admin", "bot") else "user"
    if conversation_id is None:
        delivered = "admin_initiated" if kind == "admin" else "customer_initiated"
        source = who | {"delivered_as": delivered}
        id = workspace.add_conversation(None, int(at), source=source, parts=(), fields={})
        # Assumption: the topic of a conversation that a bot begins; only those of contacts and admins are documented.
        topic = f"conversation.{kind}.created" if kind == "user" else "conversation.admin.single.created"
        return Written(id, workspace.conversations[id].fields["source"]["id"], topic)
    record = workspace.conversations[conversation_id]
    part = workspace.new_part(record, int(at), who)
    record.keep(at)
    record.add(part)
    record.fields["updated_at"] = int(at)
    return Written(conversation_id, part["id"], f"conversation.{'user' if kind == 'user' else 'admin'}.replied")


def told(record: ConversationRecord, message_id: str, *, snapshot: bool) -> Json:
    """The conversation as a notification carries it: with its new part only, or with all that a read would show.

    Assumption: public fixtures show the new part only, with a count of one; one note claims a full snapshot.
    """
    item = shown(record)
    if not snapshot:
        new = [part for part in record.parts if part["id"] == message_id]
        item["conversation_parts"] = item["conversation_parts"] | {"conversation_parts": new, "total_count": len(new)}
    copied: Json = json.loads(json.dumps(item))
    return copied


def envelope(letter: Letter, app_id: str) -> bytes:
    """The body of a notification. app_id: the id of the workspace."""
    described: Json = {
        "type": "notification_event",
        "app_id": app_id,
        "id": letter.id,
        "topic": letter.topic,
        "created_at": letter.created_at,
        "first_sent_at": letter.first_sent_at,
        "delivery_status": "pending",
        "delivery_attempts": letter.attempts,
        "delivered_at": 0,
        "links": {},
        "self": None,
        "data": {"type": "notification_event_data", "item": letter.item},
    }
    return json.dumps(described).encode()


def signature(body: bytes, secret: str) -> str:
    """The value of the header X-Hub-Signature."""
    return "sha1=" + hmac.new(secret.encode(), body, "sha1").hexdigest()
