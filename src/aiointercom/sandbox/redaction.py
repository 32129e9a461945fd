"""What redaction does to the workspace, and when it is refused. Pure."""

from .refusals import Json, RefusedError, id_in
from .shapes import DELETED
from .workspace import ConversationRecord, Workspace

CONTACT_TYPES = frozenset({"user", "lead", "contact"})


def redact(workspace: Workspace, body: Json, at: float) -> tuple[ConversationRecord, str]:
    """Take the words out of a part or a source. Returns the conversation and the id of what was redacted."""
    kind = body.get("type")
    if kind not in ("conversation_part", "source"):
        raise RefusedError(400, "type_mismatch", "type must be conversation_part or source")
    conversation_id = id_in(body, "conversation_id")
    target_id = id_in(body, "conversation_part_id" if kind == "conversation_part" else "source_id")
    record = workspace.conversations.get(conversation_id)
    if record is None:
        raise _no_such_message()
    message = _part(record, target_id) if kind == "conversation_part" else _source(record, target_id)
    record.replace(message, _emptied(message, int(at)), at)
    return record, target_id


def _part(record: ConversationRecord, id: str) -> Json:
    try:
        return record.by_id[id]
    except KeyError:
        raise _no_such_message() from None


def _source(record: ConversationRecord, id: str) -> Json:
    source: Json = record.fields["source"]
    if source["id"] != id:
        raise _no_such_message()
    if source["author"]["type"] not in CONTACT_TYPES:
        raise _not_redactable()
    return source


def _emptied(message: Json, now: int) -> Json:
    # Assumption: a source without a body is refused like a part without one.
    if message["redacted"] or not message["body"]:
        raise _not_redactable()
    # Assumption: the attachments go too; the published example had no attachments.
    emptied: Json = message | {"body": DELETED, "redacted": True, "attachments": []}
    return emptied | ({"updated_at": now} if "updated_at" in message else {})


def _no_such_message() -> RefusedError:
    return RefusedError(404, "conversation_part_or_message_not_found", "Conversation part or message not found")


def _not_redactable() -> RefusedError:
    return RefusedError(400, "conversation_part_not_redactable", "Part can't be redacted")
