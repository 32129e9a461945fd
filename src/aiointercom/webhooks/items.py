"""PURE: from a notification to what is to be redacted, or to the advice to read the conversation."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Literal, TypeAlias

from aiointercom._values.hidden import Hidden
from aiointercom.cleanup import RedactPart, RedactSource
from aiointercom.cleanup.planning.selection import messages, only_stored, run_detectors
from aiointercom.detect import Detector, checked_detectors
from aiointercom.detect.matching import Where
from aiointercom.errors import DetectorError
from aiointercom.models import Conversation, ConversationPart, ConversationSource
from aiointercom.redaction import NO_ID, Message, message_id, redactable, source_of

from .notification import Notification

Wanted: TypeAlias = tuple[RedactPart | RedactSource, ...]

REDACTED = "conversation_part.redacted"
"""It tells of a redaction, our own among them. There is nothing left to redact in what it shows."""
NEW_MESSAGE = (".created", ".replied", ".noted")
"""The ends of the topics that announce a message. It may be missing in what came."""


def wanted(
    notification: Notification,
    detectors: Iterable[Detector],
    *,
    authors: Collection[str] | None = None,
    channels: Collection[str] | None = None,
) -> Wanted | Literal["look"]:
    """Say what is to be redacted after a notification. Nothing is sent.

        match wanted(notification, [CardNumbers()]):
            case "look": ...  # read the conversation: find(intercom, [notification.conversation_id], detectors)
            case items: ...   # run(intercom, items, ledger=...)

    Detectors take some milliseconds for a long message. Call this in a thread where the event loop has other work.

    Args:
        notification: The notification.
        detectors: Select the messages in which at least one of them finds something; at least one.
        authors: The types of authors whose messages may be redacted, for instance {"user", "lead"}. None: all.
        channels: The channels whose conversations may be redacted, by `source.type`, for instance {"email"}. None: all.

    Returns:
        The items: ids and names of detectors, the source first; an empty tuple if there is nothing to redact. Or
        "look", if not all may have come: the message that the topic announces is missing, a part has no body or no
        id, or the conversation has more parts than came. Then read the conversation, under
        `notification.conversation_id`.

    Raises:
        ValueError: There are no detectors, or two have the same name.
        DetectorError: A detector raised an error.
    """
    chosen = checked_detectors(detectors)
    if not chosen:
        raise ValueError("detectors is empty: nothing would ever be wanted")
    if notification.topic == REDACTED or notification.conversation_id is None:
        return ()
    conversation = notification.conversation
    if conversation is None:  # a ticket: its texts are those of the conversation that it was made of
        return "look" if notification.topic.endswith(NEW_MESSAGE) else ()
    if _may_lack(conversation, notification.topic) or (channels is not None and source_of(conversation) is None):
        return "look"
    return redactions_in(notification.conversation_id, conversation, chosen, authors, channels)


def _may_lack(conversation: Conversation, topic: str) -> bool:
    """Return whether something that can be new did not come, or cannot be read or named."""
    came = list(messages(conversation))
    if any("body" not in message.raw or redactable(message) == NO_ID for message in came):
        return True
    parts = conversation.conversation_parts
    seen = len([message for message in came if isinstance(message, ConversationPart)])
    if parts is not None and (parts.total_count or 0) > seen:
        return True
    if not topic.endswith(NEW_MESSAGE):
        return False
    # The message with which a conversation began is its source; every later one is a part.
    return source_of(conversation) is None if topic.endswith(".created") else not seen


def redactions_in(
    conversation_id: str,
    conversation: Conversation,
    detectors: Sequence[Detector],
    authors: Collection[str] | None = None,
    channels: Collection[str] | None = None,
) -> Wanted:
    """Return the items in what a conversation shows. The arguments are those of `wanted`.

    Raises:
        DetectorError: A detector raised an error.
    """
    source = source_of(conversation)
    if channels is not None and (source is None or source.type not in channels):
        return ()
    items: list[RedactPart | RedactSource] = []
    for message in messages(conversation):
        if redactable(message) is None and _allowed(message, authors):
            found = _found(conversation_id, message, detectors)
            kind = RedactSource if isinstance(message, ConversationSource) else RedactPart
            if found:
                items.append(kind(conversation_id, message_id(message) or "", sorted(found), only_stored(found)))
    return tuple(items)


def _allowed(message: Message, authors: Collection[str] | None) -> bool:
    return authors is None or (message.author is not None and message.author.type in authors)


def _found(conversation_id: str, message: Message, detectors: Sequence[Detector]) -> dict[str, Where]:
    """Return where each detector found something: "shown" if the body or the subject shows it, else "stored"."""
    part_id = str(message_id(message))
    found: dict[str, Where] = {}
    for name in ("body", "subject"):
        html: Hidden[str | None] = Hidden(getattr(message, name, None))
        in_text, failed = run_detectors(html, detectors) if html.reveal() else ({}, None)
        if failed is not None:
            detector, failure = failed
            told = f"the detector {detector} raised {failure} on part {part_id} of conversation {conversation_id}"
            raise DetectorError(
                told, conversation_id=conversation_id, part_id=part_id, detector=detector, failure=failure
            )
        found |= {detector: where for detector, where in in_text.items() if found.get(detector) != "shown"}
    return found
