"""PURE: which messages of a conversation can be redacted, and what `redact_all` reports of each of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from attrs import frozen

from intercom_raw import models

from ._limits import MOST_PARTS
from ._validation import id_like

Message: TypeAlias = "models.ConversationPart | models.ConversationSource"
Select = Callable[[Message], bool]
NO_BODY, NO_ID, ALREADY_REDACTED, NOT_SELECTED = "no_body", "no_id", "already_redacted", "not_selected"


def redactable(message: Message) -> str | None:
    """Say why Intercom would not redact a message, as far as the message itself shows it.

    Args:
        message: A part or the source of a conversation.

    Returns:
        None where it can be redacted; else "already_redacted", "no_body", "no_id", or, for a source that no contact wrote,
        "written_by_admin", "written_by_bot" or "written_by_team".

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


def message_id(message: Message) -> str | None:
    """Return the id of a message; None where it has none, or one that no call could send."""
    return id_like(message.id)


def source_of(conversation: models.Conversation) -> models.ConversationSource | None:
    """Return the source; None: the conversation has no source, or one of nulls, as one that began as a ticket."""
    source = conversation.source
    return source if source is not None and (message_id(source) is not None or source.body) else None


def beyond_cap(conversation: models.Conversation) -> bool:
    """Say whether there may be parts that were not sent. Of 500 nobody knows: what the count says then is not documented."""
    parts = conversation.conversation_parts
    seen = parts_seen(conversation)
    return parts is not None and (seen >= MOST_PARTS or (parts.total_count or 0) > seen)


@frozen(kw_only=True)
class Coverage:
    """What `redact_all` found in a conversation, what it did, and what is left. It holds ids and counts, never text.

    The ids are strings; that of the source is among them. A message without an id that could be sent is "?" and its place among the parts.
    """

    conversation_id: str
    source_id: str | None
    """The id of the message that began the conversation; None: it came without one."""
    total: int | None
    """How many parts the conversation has, by Intercom's count (`conversation_parts.total_count`); None: it did not say."""
    seen: int
    """How many parts were sent with the conversation, at most 500."""
    redacted: tuple[str, ...]
    """What this call redacted."""
    already_redacted: tuple[str, ...]
    """What was redacted before."""
    skipped: Mapping[str, str]
    """What nothing was sent for, and why: "no_body", "not_selected", "no_id", "written_by_admin", "written_by_bot", "written_by_team"."""
    refused: Mapping[str, str]
    """What Intercom refused to redact, and its code; the status where it gave no code."""
    unknown: Mapping[str, str]
    """What may be redacted or not, and why nobody can say."""
    attachments: Mapping[str, int]
    """The messages that still have attachments in the last read, redacted or not, and how many. What redaction does to attachments is
    not documented: only this tells."""
    remaining: tuple[str, ...]
    """What was wanted and still shows a text, attachments or, of the source, a subject: it was refused, an admin wrote it, redaction left
    that, ... Also messages that came meanwhile."""
    complete: bool
    """Whether a read after the last redaction showed all parts, and nothing of what was wanted remains or is unknown. Always False with
    500 parts and more: nobody can read the others."""


def parts_seen(conversation: models.Conversation) -> int:
    """Count the parts that came with a conversation."""
    return len(conversation.conversation_parts.conversation_parts or ()) if conversation.conversation_parts else 0
