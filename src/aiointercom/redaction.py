"""PURE: which messages of a conversation can be redacted, and what `redact_all` reports of each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intercom_raw import models

from ._values.lazy_names import lazy_names
from ._values.limits import MOST_PARTS
from ._values.records import Coverage as Coverage  # noqa: PLC0414  # its public place is here
from ._values.validation import id_like

if TYPE_CHECKING:
    from ._values.aliases import Message as Message  # noqa: PLC0414  # their public place is here
    from ._values.aliases import Select as Select  # noqa: PLC0414
else:
    __getattr__ = lazy_names(__name__, __package__, {"Message": "._values.aliases", "Select": "._values.aliases"})

NO_BODY, NO_ID, ALREADY_REDACTED, NOT_SELECTED = "no_body", "no_id", "already_redacted", "not_selected"


def redactable(message: models.ConversationPart | models.ConversationSource) -> str | None:
    """Say why Intercom would not redact a message, as far as the message itself shows it.

    Args:
        message: A part or the source of a conversation.

    Returns:
        None where it can be redacted; else "already_redacted", "no_body", "no_id", or, for a source that no contact
        wrote, "written_by_admin", "written_by_bot" or "written_by_team".

    Source: https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations/redactconversation
    """
    if message.redacted:
        return ALREADY_REDACTED
    if not message.body:
        return NO_BODY
    author = message.author.type if message.author else None
    if isinstance(message, models.ConversationSource) and author in ("admin", "bot", "team"):
        return f"written_by_{author}"
    return NO_ID if message_id(message) is None else None


def message_id(message: models.ConversationPart | models.ConversationSource) -> str | None:
    """Return the id of a message; None: it has no id, or one that no call could send."""
    return id_like(message.id)


def source_of(conversation: models.Conversation) -> models.ConversationSource | None:
    """Return the source; None: the conversation has no source, or one of nulls, as one that began as a ticket."""
    source = conversation.source
    return source if source is not None and (message_id(source) is not None or source.body) else None


def beyond_cap(conversation: models.Conversation) -> bool:
    """Say whether there may be parts that were not sent.

    With 500 parts it is unknown: the meaning of the count is then not documented.
    """
    parts = conversation.conversation_parts
    seen = parts_seen(conversation)
    return parts is not None and (seen >= MOST_PARTS or (parts.total_count or 0) > seen)


def parts_seen(conversation: models.Conversation) -> int:
    """Count the parts that came with a conversation."""
    return len(conversation.conversation_parts.conversation_parts or ()) if conversation.conversation_parts else 0
