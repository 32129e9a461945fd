"""How each write is confirmed by its answer, and settled by reading back when the answer was lost or says too little.

Reading back is one GET of the conversation (`part.redacted`, `source.redacted`, `conversation.ticket`), and for a conversion one of the
ticket. What a read cannot show is unknown, never a success; and what is read must be about what was asked: the same object, type and id.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, cast

from attrs import field, frozen

from intercom_raw import models
from intercom_raw.api.conversations import retrieve_conversation
from intercom_raw.api.ticket_types import get_ticket_type
from intercom_raw.api.tickets import get_ticket

from ._call import Done, NotApplied, Refused, Sent, Unknown, Verdict
from ._decode import already_ticket
from ._request import id_like
from ._sender import Sender
from .errors import APIError, ForbiddenError, IntercomError, NotFoundError, PartNotRedactableError, UnauthorizedError

SLACK = 5.0
"""Seconds by which two readings of Intercom's clock may differ: it tells whole seconds, answers travel, and it runs on many machines."""


@frozen
class PartRedaction:
    """The redaction of a conversation part."""

    conversation_id: str | int
    part_id: str | int
    outcome: str = "redacted"
    attributes: None = None

    def confirms(self, answer: Mapping[str, Any]) -> bool:
        """The part says that it is redacted. Intercom's 200 stands where the part is beyond the 500 that come, and no read would show it."""
        parts = _parts(answer)
        found = self._redacted(parts)
        beyond = found is None and parts is not None and _capped(answer, parts) and answer.get("type") == "conversation"
        return _is(answer, "conversation", self.conversation_id) and (found is True or beyond)

    async def read_back(self, reader: Sender, sent: Sent) -> Verdict:
        """Look for the part in the conversation."""
        return await _read_back_redaction(self, reader, sent)

    def shown(self, conversation: Mapping[str, Any]) -> bool | Unknown | None:
        """Say whether the part is redacted; None: it is not there, or does not say."""
        parts = _parts(conversation)
        found = self._redacted(parts)
        if found is None and (parts is None or _capped(conversation, parts)):
            return Unknown(f"the part is not among the {_most_parts()} that Intercom sends with a conversation")
        return found

    def why_not(self, conversation: Mapping[str, Any]) -> str:
        """Say what the read showed about a part that cannot be redacted."""
        part = _find(_parts(conversation), self.part_id)
        if part is None:
            return "it is not a part of this conversation"
        return "the part has a body; Intercom does not say why" if part.get("body") else "the part has no body"

    def _redacted(self, parts: list[Any] | None) -> bool | None:
        part = _find(parts, self.part_id)
        return None if part is None else part.get("redacted") is True


@frozen
class SourceRedaction:
    """The redaction of the message that began a conversation."""

    conversation_id: str | int
    source_id: str | int
    outcome: str = "redacted"
    attributes: None = None

    def confirms(self, answer: Mapping[str, Any]) -> bool:
        """The source says that it is redacted."""
        return _is(answer, "conversation", self.conversation_id) and self.shown(answer) is True

    async def read_back(self, reader: Sender, sent: Sent) -> Verdict:
        """Look at the source of the conversation."""
        return await _read_back_redaction(self, reader, sent)

    def shown(self, conversation: Mapping[str, Any]) -> bool | Unknown | None:
        """Say whether the source is redacted; None: another message is the source."""
        source = _object(conversation, "source")
        if not source:
            return Unknown("the conversation was read without its source")
        return source.get("redacted") is True if _has_id(source, self.source_id) else None

    def why_not(self, conversation: Mapping[str, Any]) -> str:
        """Say what the read showed about a source that cannot be redacted."""
        source = _object(conversation, "source")
        if not _has_id(source, self.source_id):
            return "it is not the source of this conversation"
        author = _object(source, "author").get("type")
        if author in ("admin", "bot", "team"):
            return f"the source was written by an author of type {author}, not by a contact"
        return "the source has a body; Intercom does not say why" if source.get("body") else "the source has no body"


async def _read_back_redaction(write: PartRedaction | SourceRedaction, reader: Sender, sent: Sent) -> Verdict:
    verdict = await _look_for_redaction(write, reader, sent)
    if isinstance(verdict, Unknown) and sent.refusal is not None:
        # A refusal is an outcome that needs no reading: of a call that was never in doubt.
        return _not_redactable(sent.refusal, f"{verdict.reason}, so it may be redacted already")
    return verdict


async def _look_for_redaction(write: PartRedaction | SourceRedaction, reader: Sender, sent: Sent) -> Verdict:
    try:
        conversation = (await retrieve_conversation(reader, write.conversation_id)).raw
    except IntercomError as error:
        return _unread(error)
    if not _is(conversation, "conversation", write.conversation_id):
        return Unknown("the read answered with another conversation")
    shown = write.shown(conversation)
    if isinstance(shown, Unknown):
        return shown
    if shown:
        return Done(dict(conversation), "already_redacted" if sent.refusal is not None else "redacted")
    if sent.refusal is not None:
        return _not_redactable(sent.refusal, write.why_not(conversation))
    return NotApplied("not redacted")


def _not_redactable(refusal: APIError, reason: str) -> Refused:
    assert isinstance(refusal, PartNotRedactableError)  # of a redaction no other refusal is read back
    refusal.reason = reason
    refusal.args = (f"{refusal}: {reason}",)
    return Refused(refusal, "not_redactable", reason)


def _unread(error: IntercomError) -> Unknown:
    """A read that failed shows nothing. Where the token may not read, further reads would show nothing either."""
    if isinstance(error, NotFoundError) and error.from_intercom:
        return Unknown("the conversation is gone: reading back failed with NotFoundError")
    useless = isinstance(error, UnauthorizedError | ForbiddenError)
    return Unknown(f"reading back failed with {type(error).__name__}", useless=useless)


def _is(data: Mapping[str, Any], kind: str, id: str | int) -> bool:
    """Say whether this is the object with that id, as a string or an integer, and of no other type."""
    return data.get("type") in (None, kind) and _has_id(data, id)


def _has_id(data: Mapping[str, Any], id: str | int) -> bool:
    return id_like(data.get("id")) == str(id)


def _object(data: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return a nested object; an empty one where there is none."""
    value = data.get(key)
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _parts(conversation: Mapping[str, Any]) -> list[Any] | None:
    """Return the parts that came with a conversation; None where none were sent at all.

    On the JSON, not on the model: the caller's model is built once, from the same answer.
    """
    parts = _object(conversation, "conversation_parts").get("conversation_parts")
    return parts if parts.__class__ is list else None


def _find(parts: list[Any] | None, part_id: str | int) -> dict[str, Any] | None:
    wanted = str(part_id)
    return next((part for part in parts or () if part.__class__ is dict and str(part.get("id")) == wanted), None)


def _most_parts() -> int:
    from ._coverage import MOST_PARTS  # its classes take 10 ms to make, and few answers lack the part that was redacted

    return MOST_PARTS


def _capped(conversation: Mapping[str, Any], parts: list[Any]) -> bool:
    """Say whether the conversation may have more parts than were sent with it."""
    total = _object(conversation, "conversation_parts").get("total_count")
    return len(parts) >= _most_parts() or (isinstance(total, int) and total > len(parts))


async def _data_types(reader: Sender, ticket_type_id: str | int) -> dict[str, str]:
    """Read which types the attributes of a ticket type have; nothing where that cannot be read."""
    from ._ownership import data_types

    try:
        ticket_type = await get_ticket_type(reader, ticket_type_id)
    except IntercomError:
        return {}
    return data_types(ticket_type) if _has_id(ticket_type.raw, ticket_type_id) else {}


@frozen
class Conversion:
    """The conversion of a conversation to a ticket."""

    conversation_id: str | int
    ticket_type_id: str | int
    attributes: Mapping[str, Any] | None = field(repr=False)
    """What was asked for; None: that is not known any more."""
    was_ticket: bool = False
    """This process converted it before. The API's times are whole seconds, so a read alone could not tell two calls of one second apart."""
    outcome: str = "converted"

    def confirms(self, answer: Mapping[str, Any]) -> bool:
        """The answer is a ticket, of the type that was asked for where it says so. Its id may differ: the published example's does."""
        kind = _object(answer, "ticket_type").get("id")
        asked = kind is None or id_like(kind) == str(self.ticket_type_id)
        return answer.get("type") == "ticket" and id_like(answer.get("id")) is not None and asked

    async def read_back(self, reader: Sender, sent: Sent) -> Verdict:
        """Look whether the conversation is a ticket now, and if so, whether this call made it."""
        verdict = await self._look(reader, sent)
        if isinstance(verdict, Unknown) and sent.refusal is not None:
            # A refusal is an outcome that needs no reading: of a call that was never in doubt.
            return Refused(sent.refusal, "not_applied")
        return verdict

    async def _look(self, reader: Sender, sent: Sent) -> Verdict:
        try:
            conversation = (await retrieve_conversation(reader, self.conversation_id)).raw
        except IntercomError as error:
            return _unread(error)
        if not _is(conversation, "conversation", self.conversation_id) or "ticket" not in conversation:
            return Unknown("the read answered with another conversation, or without its ticket")
        ticket = conversation["ticket"]
        if ticket is None:
            return Refused(sent.refusal, "not_applied") if sent.refusal else NotApplied("no ticket")
        ticket_id = id_like(cast("dict[str, Any]", ticket).get("id")) if isinstance(ticket, dict) else None
        if ticket_id is None:
            return Unknown("the conversation is a ticket, and its id is not readable")
        if sent.window is None or self.was_ticket:
            return self._already(sent, ticket_id)
        return await self._whose(reader, sent, sent.window, ticket_id)

    async def _whose(
        self, reader: Sender, sent: Sent, window: Callable[[], tuple[float, float]], ticket_id: str
    ) -> Verdict:
        """Read the ticket and say whether it is what this call asked for, made while one of its requests could take effect."""
        try:
            ticket = await get_ticket(reader, ticket_id)
        except IntercomError as error:
            text = f"the conversation is ticket {ticket_id}, and reading that failed with {type(error).__name__}"
            return Unknown(text, useless=_unread(error).useless)
        kind = _object(ticket.raw, "ticket_type")
        if not _is(ticket.raw, "ticket", ticket_id) or id_like(kind.get("id")) is None:
            return Unknown(f"the conversation is ticket {ticket_id}, and reading that gave another ticket, or no type")
        if not _has_id(kind, self.ticket_type_id):
            return self._already(sent, ticket_id)
        return await self._judge(reader, sent, ticket, window())

    async def _judge(self, reader: Sender, sent: Sent, ticket: models.Ticket, window: tuple[float, float]) -> Verdict:
        """Say by its time and its attributes whose a ticket of the asked type is."""
        from . import _ownership as ownership  # needed where the answer to a conversion was lost, and nowhere else

        ticket_id, (since, until) = str(ticket.raw["id"]), window
        made = ownership.converted_at(ticket)
        if made is not None and not math.floor(since) - SLACK <= made <= until + SLACK:
            return self._already(sent, ticket_id)
        proof = ownership.Proof.SILENT
        if self.attributes is not None:
            proof = ownership.compare(ticket, self.attributes)
            if proof is ownership.Proof.UNCLEAR:
                types = await _data_types(reader, self.ticket_type_id)
                proof = ownership.compare(ticket, self.attributes, types)
        if proof is ownership.Proof.AGAINST:
            text = f"the conversation is ticket {ticket_id} now, with other attributes than were asked for"
            return Unknown(text, useless=True)
        if proof is not ownership.Proof.FOR and (made is None or not math.floor(since) <= made <= until):
            text = f"the conversation is ticket {ticket_id}, and neither its time nor its attributes tell whose"
            return Unknown(text, useless=True)
        return Done(dict(ticket.raw), self.outcome)

    def _already(self, sent: Sent, ticket_id: str) -> Refused:
        operation = "POST /conversations/{conversation_id}/convert"
        return Refused(
            already_ticket(sent.refusal, ticket_id, operation), "already_ticket", f"it is ticket {ticket_id}"
        )
