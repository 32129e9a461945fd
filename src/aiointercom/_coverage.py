"""PURE: which messages of a conversation can be redacted, and what became of each of them. No I/O here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from inspect import iscoroutine
from typing import Any, TypeAlias

from attrs import define, frozen

from intercom_raw import models

from ._request import id_like

Message: TypeAlias = "models.ConversationPart | models.ConversationSource"
Select = Callable[[Message], bool]

MOST_PARTS = 500
"""Intercom sends at most so many parts with a conversation, whatever their true number."""
NO_BODY, NO_ID, ALREADY_REDACTED, NOT_SELECTED = "no_body", "no_id", "already_redacted", "not_selected"


def redactable(message: Message) -> str | None:
    """Say why Intercom would not redact a message, as far as the message itself shows it.

    Args:
        message: A part or the source of a conversation.

    Returns:
        None where it can be redacted; else "already_redacted", "no_body", "no_id", or, for a source that no contact wrote,
        "written_by_admin", "written_by_bot" or "written_by_team".

    Source: https://developers.intercom.com/docs/references/2.11/rest-api/api.intercom.io/conversations/redactconversation
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
    seen = _seen(conversation)
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
    """Intercom's code, or why nobody can say."""


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

    def coverage(self, last: models.Conversation | None) -> Coverage:
        """Hold what was done against the last read; None: there was none after the redactions, so nothing is complete."""
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
            seen=_seen(read),
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
        """Say whether the read shows every redaction. That a message is gone shows none."""
        return all(found.key in shown and shown[found.key].redacted for found in self.targets)

    def _remains(self, key: Key, message: Message, stopped: bool) -> bool:
        """Say whether a text or a file is still there that was wanted, or that nobody has judged."""
        found = self.found.get(key)
        done = bool(message.redacted) or (stopped and found is not None and found.outcome == "redacted")
        text = bool(message.body) and not done
        unjudged = found is None or (found.reason == NO_BODY and text)
        rest = isinstance(message, models.ConversationSource) and bool(message.subject)
        return (unjudged or (found is not None and found.wanted)) and (text or rest or _attachments(message) > 0)


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
    """Ask, and take nothing but True or False: what cannot be undone must not happen because a coroutine counts as true."""
    wanted: Any = select(message)
    if iscoroutine(wanted):
        wanted.close()
    if wanted.__class__ is not bool:
        raise TypeError(f"select must return True or False, not {type(wanted).__name__}; it cannot be async")
    return bool(wanted)


def _seen(conversation: models.Conversation) -> int:
    return len(conversation.conversation_parts.conversation_parts or ()) if conversation.conversation_parts else 0


def _whole(conversation: models.Conversation) -> bool:
    """Say whether all parts came."""
    parts = conversation.conversation_parts
    return parts is not None and parts.conversation_parts is not None and not beyond_cap(conversation)


def _attachments(message: Message) -> int:
    return len(message.attachments or ())
