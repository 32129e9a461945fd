"""Selects the messages of a conversation to redact: those that Intercom can redact and a detector matches."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence

from anyio import Lock
from anyio.lowlevel import checkpoint
from anyio.to_thread import run_sync

from aiointercom._values.hidden import Hidden
from aiointercom.cleanup.errors import DetectorError
from aiointercom.cleanup.items import Item, RedactPart, RedactSource
from aiointercom.detect import Detector, texts_in, where_in
from aiointercom.detect.matching import Where
from aiointercom.models import Conversation, ConversationListItem, ConversationSource
from aiointercom.redaction import Message, beyond_cap, message_id, redactable, source_of

from .counts import PlanCounts

SLICE = 0.005  # seconds of detecting after which the event loop may run other tasks
LARGE = 2_000
"""Characters of a body from which on it is searched in a thread; a smaller one holds the event loop for some
milliseconds at most."""


async def find_redactions(
    conversation_id: str,
    conversation: Conversation,
    detectors: Sequence[Detector] | None,
    counts: PlanCounts,
    turns: Lock,
) -> list[Item]:
    """Return the items to redact in a conversation, and count the messages that are skipped.

    Args:
        conversation_id: The conversation's id.
        conversation: The conversation, with its parts.
        detectors: The detectors. None: select all messages.
        counts: The counts.
        turns: A lock that is held while detectors run, so that each is called from one thread at a time.

    Raises:
        DetectorError: A detector raised an error.
    """
    items: list[Item] = []
    turn = time.perf_counter()
    for message in messages(conversation):
        if time.perf_counter() - turn > SLICE:
            await checkpoint()
            turn = time.perf_counter()
        counts.parts += 1
        counts.attachments += len(message.attachments or ())
        found, reason = await _selected(conversation_id, message, detectors, counts, turns)
        if reason is not None:
            counts.skipped[reason] += 1
            continue
        kind = RedactSource if isinstance(message, ConversationSource) else RedactPart
        # A message without an id has a reason above.
        items.append(kind(conversation_id, message_id(message) or "", sorted(found), only_stored(found)))
    counts.beyond_cap += beyond_cap(conversation)
    return items


async def _selected(
    conversation_id: str, message: Message, detectors: Sequence[Detector] | None, counts: PlanCounts, turns: Lock
) -> tuple[Mapping[str, Where], str | None]:
    """Return what was found in a message and where, and the reason to skip it; None: it is selected."""
    reason = redactable(message)
    if detectors is None:
        return {}, reason
    part = conversation_id, str(message_id(message))
    subject = Hidden(message.subject if isinstance(message, ConversationSource) else None)
    in_subject = await _detect(part, subject, detectors, turns)
    counts.subjects += bool(in_subject)
    if reason is not None:
        return {}, reason
    found = await _detect(part, Hidden(message.body), detectors, turns)
    found |= {name: where for name, where in in_subject.items() if where == "shown" or name not in found}
    return found, None if found else "nothing_found"


def only_stored(found: Mapping[str, Where]) -> list[str]:
    """Return the names of the detectors that found something only where people do not see it."""
    return sorted(name for name, where in found.items() if where == "stored")


def messages(conversation: Conversation) -> Iterator[Message]:
    """Iterate over the source, if there is one, and the parts."""
    source = source_of(conversation)
    if source is not None:
        yield source
    if conversation.conversation_parts is not None:
        yield from conversation.conversation_parts.conversation_parts or ()


async def _detect(
    part: tuple[str, str], html: Hidden[str | None], detectors: Sequence[Detector], turns: Lock
) -> dict[str, Where]:
    size = len(html.reveal() or "")
    if not size:
        return {}
    async with turns:
        if size < LARGE:
            found, failed = run_detectors(html, detectors)
        else:
            found, failed = await run_sync(run_detectors, html, detectors)
    if failed is not None:
        (id, part_id), (name, failure) = part, failed
        told = f"the detector {name} raised {failure} on part {part_id} of conversation {id}"
        raise DetectorError(told, conversation_id=id, part_id=part_id, detector=name, failure=failure)
    return found


def run_detectors(
    html: Hidden[str | None], detectors: Sequence[Detector]
) -> tuple[dict[str, Where], tuple[str, str] | None]:
    """Run the detectors.

    The error of a detector may quote the text, so only the names of the detector and of the error's class are kept.
    """
    texts = texts_in(html.reveal() or "")
    found: dict[str, Where] = {}
    for detector in detectors:
        try:
            where = where_in(texts, detector)
        except Exception as error:  # noqa: BLE001  # whatever the user's code raises
            return {}, (detector.name, type(error).__name__)
        if where is not None:
            found[detector.name] = where
    return found, None


def is_ticket(seen: Conversation | ConversationListItem) -> bool | None:
    """Return whether a conversation is a ticket; None: the response does not show it."""
    return seen.raw["ticket"] is not None if "ticket" in seen.raw else None
