"""The redaction of a whole conversation: which of its messages are redacted, and what became of each of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from inspect import iscoroutine

from attrs import define

from aiointercom.errors import (
    BadRequestError,
    ConflictError,
    NotFoundError,
    OutcomeUnknownError,
    PartNotRedactableError,
    UnprocessableError,
)
from aiointercom.redaction import (
    ALREADY_REDACTED,
    NO_BODY,
    NOT_SELECTED,
    Coverage,
    Message,
    Select,
    beyond_cap,
    message_id,
    parts_seen,
    redactable,
    source_of,
)
from intercom_raw import models

OF_ONE_MESSAGE = (
    PartNotRedactableError,
    NotFoundError,
    BadRequestError,
    ConflictError,
    UnprocessableError,
)
"""Errors of a redaction that say nothing about the next one. All others would hit it as well, but for an unknown
outcome."""
DOUBTS_IN_A_ROW = 3
"""So many unknown outcomes one after the other, and no answers come any more: each further one would take minutes."""
Key = tuple[str, str]
"""Kind and id of a message: a part and the source may have the same id."""


@define
class Found:
    """One message of the conversation, as the first read showed it, and what became of it."""

    key: Key
    id: str | None
    reason: str | None
    """Why nothing is sent for it; None: it is to be redacted."""
    wanted: bool
    outcome: str | None = None
    """"redacted", "refused" or "unknown"; None: nothing was sent for it yet."""
    detail: str = ""
    """Intercom's code, or why the outcome is unknown."""


@define
class Sweep:
    """The work on one conversation."""

    conversation_id: str | int
    first: models.Conversation
    found: dict[Key, Found]

    @classmethod
    def begin(cls, conversation_id: str | int, first: models.Conversation, select: Select | None) -> Sweep:
        """Judge every message of a conversation, before anything is sent. What `select` raises goes through.

        Raises:
            TypeError: `select` returned something else than True or False.
        """
        found: dict[Key, Found] = {}
        for key, message in _messages(first):
            found.setdefault(key, _judged(key, message, select))
        return cls(conversation_id, first, found)

    @property
    def targets(self) -> list[Found]:
        """What is to be redacted: the parts in their order, then the source."""
        return [found for found in self.found.values() if found.reason is None]

    async def carry_out(self, redact: Callable[[str, str], Awaitable[object]]) -> None:
        """Redact one message after the other, and write down how each ended.

        Args:
            redact: Redacts one message, by its kind ("part" or "source") and its id.

        Raises:
            OutcomeUnknownError: The last of several unknown outcomes in a row: no answers come any more.
            IntercomError: What would hit the next message too.
        """
        doubts = 0
        for found in self.targets:
            doubt = await _carry_out(found, redact)
            doubts = 0 if doubt is None else doubts + 1
            if doubt is not None and doubts == DOUBTS_IN_A_ROW:
                raise doubt

    def coverage(self, last: models.Conversation | None) -> Coverage:
        """Compare what was done with the last read. None: no read followed the redactions, so nothing is complete."""
        read = self.first if last is None else last
        shown = dict(_messages(read))
        for found in self.targets:
            if found.key in shown and shown[found.key].redacted:
                found.outcome = "redacted"
        remaining = tuple(key[1] for key, message in shown.items() if self._remains(key, message, last is None))
        skipped = {found.key[1]: found.reason for found in self.found.values() if found.reason is not None}
        id = None if read.source is None else message_id(read.source)
        return Coverage(
            conversation_id=str(self.conversation_id),
            source_id=id,
            total=read.conversation_parts.total_count if read.conversation_parts else None,
            seen=parts_seen(read),
            redacted=tuple(self._ended("redacted")),
            already_redacted=tuple(id for id, reason in skipped.items() if reason == ALREADY_REDACTED),
            skipped={id: reason for id, reason in skipped.items() if reason != ALREADY_REDACTED},
            refused=self._ended("refused"),
            unknown=self._ended("unknown"),
            attachments={key[1]: count for key, message in shown.items() if (count := _attachments(message))},
            remaining=remaining,
            complete=last is not None and _whole(read) and not remaining and self._all_shown(shown),
        )

    def _ended(self, outcome: str) -> dict[str, str]:
        return {found.key[1]: found.detail for found in self.targets if found.outcome == outcome}

    def _all_shown(self, shown: Mapping[Key, Message]) -> bool:
        """Say whether the read shows every redaction. A missing message does not show one."""
        return all(found.key in shown and shown[found.key].redacted for found in self.targets)

    def _remains(self, key: Key, message: Message, stopped: bool) -> bool:
        """Say whether a selected text or file, or one that `select` never saw, is still there."""
        found = self.found.get(key)
        done = bool(message.redacted) or (stopped and found is not None and found.outcome == "redacted")
        text = bool(message.body) and not done
        unjudged = found is None or (found.reason == NO_BODY and text)
        rest = isinstance(message, models.ConversationSource) and bool(message.subject)
        return (unjudged or (found is not None and found.wanted)) and (text or rest or _attachments(message) > 0)


async def _carry_out(found: Found, redact: Callable[[str, str], Awaitable[object]]) -> OutcomeUnknownError | None:
    """Redact one message and record how that ended.

    Returns the error of an unknown outcome, and raises errors that would hit the next message too.
    """
    assert found.id is not None
    try:
        await redact(found.key[0], found.id)
    except OutcomeUnknownError as error:
        found.outcome, found.detail = "unknown", error.reason
        return error
    except OF_ONE_MESSAGE as error:
        found.outcome, found.detail = "refused", error.code or str(error.status)
    else:
        found.outcome = "redacted"
    return None


def _messages(conversation: models.Conversation) -> Iterator[tuple[Key, Message]]:
    parts = conversation.conversation_parts.conversation_parts if conversation.conversation_parts else None
    for place, part in enumerate(parts or ()):
        yield ("part", _name(part, place)), part
    source = source_of(conversation)
    if source is not None:
        yield ("source", _name(source, 0)), source


def _name(message: Message, place: int) -> str:
    return message_id(message) or f"?{place}"


def _judged(key: Key, message: Message, select: Select | None) -> Found:
    """Decide about one message. `select` is asked about every text that is still there.

    Of what it is not asked about, files beside a redacted text count as wanted: somebody wanted that message gone.
    """
    reason, id = redactable(message), message_id(message)
    if reason in (ALREADY_REDACTED, NO_BODY):
        return Found(key, id, reason, wanted=reason == ALREADY_REDACTED or select is None)
    wanted = select is None or _selected(select, message)
    return Found(key, id, reason if wanted else NOT_SELECTED, wanted)


def _selected(select: Select, message: Message) -> bool:
    """Call `select` and accept only True or False: a coroutine counts as true, and a redaction cannot be undone."""
    wanted: object = select(message)
    if iscoroutine(wanted):
        wanted.close()
    if wanted.__class__ is not bool:
        raise TypeError(f"select must return True or False, not {type(wanted).__name__}; it cannot be async")
    return bool(wanted)


def _whole(conversation: models.Conversation) -> bool:
    """Say whether all parts came."""
    parts = conversation.conversation_parts
    return parts is not None and parts.conversation_parts is not None and not beyond_cap(conversation)


def _attachments(message: Message) -> int:
    return len(message.attachments or ())
