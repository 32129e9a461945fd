"""One conversation -> the items that it gives: which of its messages can be redacted, and in which of them detectors find something."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from anyio.lowlevel import checkpoint

from aiointercom._coverage import Message, beyond_cap, message_id, redactable, source_of
from aiointercom.detect import Detector, visible_text
from aiointercom.errors import DetectorError
from intercom_raw.models import Conversation, ConversationListItem, ConversationSource

from ._tally import Tally
from .items import Item, RedactPart, RedactSource

SLICE = 0.005  # seconds of detecting after which the event loop gets a turn


async def redactions(
    conversation_id: str, conversation: Conversation, detectors: Sequence[Detector] | None, tally: Tally
) -> list[Item]:
    """Return what is to be redacted in a conversation, and count what is not.

    Raises:
        DetectorError: A detector raised something.
    """
    items: list[Item] = []
    turn = time.perf_counter()
    for message in messages(conversation):
        if time.perf_counter() - turn > SLICE:
            await checkpoint()
            turn = time.perf_counter()
        tally.parts += 1
        tally.attachments += len(message.attachments or ())
        found, reason = _wanted(conversation_id, message, detectors, tally)
        if reason is not None:
            tally.skipped[reason] += 1
            continue
        kind = RedactSource if isinstance(message, ConversationSource) else RedactPart
        items.append(kind(conversation_id, message_id(message) or "", found))  # one without an id gives a reason above
    tally.beyond_cap += beyond_cap(conversation)
    return items


def _wanted(
    conversation_id: str, message: Message, detectors: Sequence[Detector] | None, tally: Tally
) -> tuple[tuple[str, ...], str | None]:
    """Return what was found in a message, and why it gives no item; None: it gives one."""
    reason = redactable(message)
    if detectors is None:
        return (), reason
    where = conversation_id, str(message_id(message))
    subject = message.subject if isinstance(message, ConversationSource) else None
    in_subject = _found(where, subject, detectors)
    tally.subjects += bool(in_subject)
    if reason is not None:
        return (), reason
    found = in_subject | _found(where, message.body, detectors)
    return tuple(sorted(found)), None if found else "nothing_found"


def messages(conversation: Conversation) -> Iterator[Message]:
    """Go through the source, if there is one, and the parts."""
    source = source_of(conversation)
    if source is not None:
        yield source
    if conversation.conversation_parts is not None:
        yield from conversation.conversation_parts.conversation_parts or ()


def _found(where: tuple[str, str], html: str | None, detectors: Sequence[Detector]) -> set[str]:
    text = visible_text(html) if html else ""
    names: set[str] = set()
    for detector in detectors if text else ():
        found, failure = _finds(detector, text)
        if failure is not None:
            id, part_id = where
            told = f"the detector {detector.name} raised {failure} on part {part_id} of conversation {id}"
            raise DetectorError(told, conversation_id=id, part_id=part_id, detector=detector.name, failure=failure)
        if found:
            names.add(detector.name)
    return names


def _finds(detector: Detector, text: str) -> tuple[bool, str | None]:
    """Ask one detector. What it raises may quote the text, so only the name of its class is kept, and nothing is chained."""
    try:
        return next(iter(detector.find(text)), None) is not None, None
    except Exception as error:  # noqa: BLE001  # whatever the user's code raises
        return False, type(error).__name__


def is_ticket(seen: Conversation | ConversationListItem) -> bool | None:
    """Say whether a conversation is a ticket; None: what was read does not show it."""
    return seen.raw["ticket"] is not None if "ticket" in seen.raw else None
