"""How each write is confirmed by its answer, and settled by reading back when the answer was lost or says too little.

Reading back is one GET of the conversation (`part.redacted`, `source.redacted`, `conversation.ticket`), and for a conversion one of the
ticket. What a read cannot show is unknown, never a success.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, cast

from attrs import field, frozen

from intercom_raw import models
from intercom_raw.api.conversations import retrieve_conversation
from intercom_raw.api.tickets import get_ticket

from ._call import Done, NotApplied, Refused, Sent, Unknown, Verdict
from ._decode import already_ticket
from ._sender import Sender
from .errors import APIError, IntercomError, PartNotRedactableError, RateLimitedError, ServerError


@frozen
class PartRedaction:
    """The redaction of a conversation part."""

    conversation_id: str | int
    part_id: str | int
    outcome: str = "redacted"

    def confirms(self, answer: Mapping[str, Any]) -> bool:
        """The part says that it is redacted. Intercom's 200 stands where the conversation came without parts, or with 500 others."""
        parts = _parts(answer)
        found = self._redacted(parts)
        elsewhere = found is None and (parts is None or _capped(answer, parts))
        return _is(answer, self.conversation_id) and (found is True or elsewhere)

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

    def confirms(self, answer: Mapping[str, Any]) -> bool:
        """The source says that it is redacted. Intercom's 200 stands where the conversation came without one."""
        shown = self.shown(answer)
        return _is(answer, self.conversation_id) and (shown is True or isinstance(shown, Unknown))

    async def read_back(self, reader: Sender, sent: Sent) -> Verdict:
        """Look at the source of the conversation."""
        return await _read_back_redaction(self, reader, sent)

    def shown(self, conversation: Mapping[str, Any]) -> bool | Unknown | None:
        """Say whether the source is redacted; None: another message is the source."""
        source = _object(conversation, "source")
        if not source:
            return Unknown("the conversation was read without its source")
        return source.get("redacted") is True if _is(source, self.source_id) else None

    def why_not(self, conversation: Mapping[str, Any]) -> str:
        """Say what the read showed about a source that cannot be redacted."""
        source = _object(conversation, "source")
        if not _is(source, self.source_id):
            return "it is not the source of this conversation"
        author = _object(source, "author").get("type")
        if author in ("admin", "bot", "team"):
            return f"the source was written by an author of type {author}, not by a contact"
        return "the source has a body; Intercom does not say why" if source.get("body") else "the source has no body"


async def _read_back_redaction(write: PartRedaction | SourceRedaction, reader: Sender, sent: Sent) -> Verdict:
    try:
        conversation = (await retrieve_conversation(reader, write.conversation_id)).raw
    except IntercomError as error:
        return _unread(error, sent)
    if not _is(conversation, write.conversation_id):
        return Unknown("the read answered with another conversation")
    shown = write.shown(conversation)
    if isinstance(shown, Unknown):
        return shown
    if shown:
        earlier = sent.refusal is not None and sent.since is None
        return Done(dict(conversation), "already_redacted" if earlier else "redacted")
    if sent.refusal is not None:
        return _not_redactable(sent.refusal, write.why_not(conversation))
    return NotApplied("not redacted")


def _not_redactable(refusal: APIError, reason: str) -> Refused:
    assert isinstance(refusal, PartNotRedactableError)  # of a redaction no other refusal is read back
    refusal.reason = reason
    refusal.args = (f"{refusal}: {reason}",)
    return Refused(refusal, "not_redactable", reason)


def _unread(error: IntercomError, sent: Sent) -> Verdict:
    """A read that failed. A definite refusal of the write stands if the read was refused as definitely; else nothing is known."""
    definite = isinstance(error, APIError) and not isinstance(error, ServerError | RateLimitedError)
    if sent.refusal is not None and definite:
        return Refused(
            sent.refusal, "not_redactable" if isinstance(sent.refusal, PartNotRedactableError) else "not_applied"
        )
    return Unknown(f"reading back failed with {type(error).__name__}")


def _is(data: Mapping[str, Any], id: str | int) -> bool:
    """Say whether this is the object with that id, whichever of its two types the id came in."""
    return str(data.get("id")) == str(id)


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


@frozen
class Conversion:
    """The conversion of a conversation to a ticket."""

    conversation_id: str | int
    ticket_type_id: str | int
    attributes: Mapping[str, Any] = field(repr=False)
    was_ticket: bool = False
    """This process converted it before. The API's times are whole seconds, so a read alone could not tell two calls of one second apart."""
    outcome: str = "converted"

    def confirms(self, answer: Mapping[str, Any]) -> bool:
        """The answer is a ticket: it has an id, and is not the conversation."""
        return bool(answer.get("id")) and answer.get("type") != "conversation"

    async def read_back(self, reader: Sender, sent: Sent) -> Verdict:
        """Look whether the conversation is a ticket now, and if so, whether this call made it."""
        verdict = await self._look(reader, sent)
        if isinstance(verdict, Unknown) and sent.refusal is not None and sent.since is None:
            # A refusal is an outcome that needs no reading, unless an earlier request of this call is in doubt.
            return Refused(sent.refusal, "not_applied")
        return verdict

    async def _look(self, reader: Sender, sent: Sent) -> Verdict:
        try:
            conversation = await retrieve_conversation(reader, self.conversation_id)
        except IntercomError as error:
            return _unread(error, sent)
        if not _is(conversation.raw, self.conversation_id) or "ticket" not in conversation.raw:
            return Unknown("the read answered with another conversation, or without its ticket")
        ticket = conversation.raw["ticket"]
        if ticket is None:
            return Refused(sent.refusal, "not_applied") if sent.refusal else NotApplied("no ticket")
        ticket_id = cast("dict[str, Any]", ticket).get("id") if isinstance(ticket, dict) else None
        if not isinstance(ticket_id, str | int):
            return Unknown("the conversation is a ticket, and its id is not readable")
        if sent.since is None or self.was_ticket:
            return self._already(sent, str(ticket_id))
        return await self._whose(reader, sent, sent.since, ticket_id)

    async def _whose(self, reader: Sender, sent: Sent, since: float, ticket_id: str | int) -> Verdict:
        """Read the ticket and say whether it is what this call asked for, made since it was first sent."""
        try:
            ticket = await get_ticket(reader, ticket_id)
        except IntercomError as error:
            return Unknown(
                f"the conversation is ticket {ticket_id}, and reading that failed with {type(error).__name__}"
            )
        kind = _object(ticket.raw, "ticket_type")
        if not _is(ticket.raw, ticket_id) or kind.get("id") is None:
            return Unknown(f"the conversation is ticket {ticket_id}, and reading that gave another ticket, or no type")
        made = _converted_at(ticket)
        # Times of the API are whole seconds, and `since` is at most as late as the truth by the server's clock.
        if made is not None and made < math.floor(since + reader.ahead):
            return self._already(sent, str(ticket_id))
        if not _is(kind, self.ticket_type_id):
            return self._already(sent, str(ticket_id))
        if not _carries(ticket, self.attributes):
            return Unknown(f"the conversation is ticket {ticket_id} now, with other attributes than were asked for")
        return Done(dict(ticket.raw), self.outcome)

    def _already(self, sent: Sent, ticket_id: str) -> Refused:
        operation = "POST /conversations/{conversation_id}/convert"
        return Refused(
            already_ticket(sent.refusal, ticket_id, operation), "already_ticket", f"it is ticket {ticket_id}"
        )


def _converted_at(ticket: models.Ticket) -> int | None:
    """Read when the conversation became a ticket: the earliest part that set its state. `created_at` is the conversation's own.

    Evidence: the published 2.11 example of a conversion and the live tickets all have such a part, made at the conversion.
    """
    parts = (ticket.ticket_parts.ticket_parts if ticket.ticket_parts else None) or []
    times = (part.created_at for part in parts if (part.part_type or "").startswith("ticket_state_updated"))
    return min((time for time in times if time is not None), default=None)


def _carries(ticket: models.Ticket, asked: Mapping[str, Any]) -> bool:
    """Say whether a ticket has the attributes that were asked for.

    The default attributes are compared by their text. Of the others only that they are set: how the API shows a chosen list item, a date
    or a file was not found, so an inequality there would prove nothing.
    """
    have = ticket.ticket_attributes or {}
    return all(_same(name, value, have.get(name)) for name, value in asked.items())


def _same(name: str, asked: Any, have: Any) -> bool:
    if asked is None or asked == have:
        return True
    if name in ("_default_title_", "_default_description_") and isinstance(asked, str) and isinstance(have, str):
        return _words(have) in (asked.split(), _words(asked))
    return have is not None


def _words(text: str) -> list[str]:
    """Cut a text into words without tags and entities, since a description may come back as HTML."""
    from html import unescape  # its table of entities is needed where a lost conversion is settled, and nowhere else

    return unescape(re.sub(r"<[^>]*>", " ", text)).split()
