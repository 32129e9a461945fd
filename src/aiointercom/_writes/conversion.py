"""How each write is confirmed by its answer, and settled by reading back when the answer was lost or says too little.

Reading back is one GET of the conversation (`part.redacted`, `source.redacted`, `conversation.ticket`), and for a
conversion one of the ticket. What a read cannot show is unknown, never a success; and what is read must be about what
was asked: the same object, type and id.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import cast

from attrs import field, frozen

from aiointercom._delivery.settle import Done, NotApplied, Refused, Sent, Unknown, Verdict
from aiointercom._protocol.response import already_ticket
from aiointercom._values.json_types import JSONMapping, JSONObject
from aiointercom._values.limits import DESCRIPTION, TITLE
from aiointercom._values.validation import id_like
from aiointercom.errors import (
    IntercomError,
)
from intercom_raw import Sender, models
from intercom_raw.api.conversations import retrieve_conversation
from intercom_raw.api.ticket_types import get_ticket_type
from intercom_raw.api.tickets import get_ticket

from .read_back import has_id, is_object, object_in, unread

SLACK = 5.0
"""Seconds by which two readings of Intercom's clock may differ: it tells whole seconds, answers travel, and it runs on
many machines."""


async def _data_types(reader: Sender, ticket_type_id: str | int) -> dict[str, str]:
    """Read which types the attributes of a ticket type have; nothing where that cannot be read."""
    from .ownership import data_types

    try:
        ticket_type = await get_ticket_type(reader, ticket_type_id)
    except IntercomError:
        return {}
    return data_types(ticket_type) if has_id(ticket_type.raw, ticket_type_id) else {}


@frozen(eq=False, repr=False)
class Conversion:
    """The conversion of a conversation to a ticket."""

    conversation_id: str | int
    ticket_type_id: str | int
    attributes: JSONMapping | None = field(repr=False)
    """What was asked for; None: that is not known any more."""
    was_ticket: bool = False
    """This process converted it before. The API's times are whole seconds, so a read alone could not tell two calls of
    one second apart."""
    outcome: str = "converted"

    def confirms(self, answer: JSONMapping) -> bool:
        """The answer is a ticket, of the type that was asked for where it says so.

        Its id may differ: the published example's does.
        """
        kind = object_in(answer, "ticket_type").get("id")
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
            ticket_id = self._ticket_id((await retrieve_conversation(reader, self.conversation_id)).raw)
        except IntercomError as error:
            return unread(error)
        if isinstance(ticket_id, Unknown):
            return ticket_id
        if ticket_id is None:
            return Refused(sent.refusal, "not_applied") if sent.refusal else NotApplied("no ticket")
        if sent.window is None or self.was_ticket:
            return self._already(sent, ticket_id)
        return await self._whose(reader, sent, sent.window, ticket_id)

    def _ticket_id(self, conversation: JSONMapping) -> str | Unknown | None:
        """Return the id of the ticket that a conversation is; None: it is no ticket."""
        if not is_object(conversation, "conversation", self.conversation_id) or "ticket" not in conversation:
            return Unknown("the read answered with another conversation, or without its ticket")
        ticket = conversation["ticket"]
        if ticket is None:
            return None
        ticket_id = id_like(cast("JSONObject", ticket).get("id")) if isinstance(ticket, dict) else None
        return ticket_id or Unknown("the conversation is a ticket, and its id is not readable")

    async def _whose(
        self, reader: Sender, sent: Sent, window: Callable[[], tuple[float, float]], ticket_id: str
    ) -> Verdict:
        """Read the ticket and say whether this call's requests can have made it, with what this call asked for."""
        try:
            ticket = await get_ticket(reader, ticket_id)
        except IntercomError as error:
            text = f"the conversation is ticket {ticket_id}, and reading that failed with {type(error).__name__}"
            return Unknown(text, useless=unread(error).useless, error=error)
        kind = id_like(object_in(ticket.raw, "ticket_type").get("id"))
        if not is_object(ticket.raw, "ticket", ticket_id) or kind is None:
            return Unknown(f"the conversation is ticket {ticket_id}, and reading that gave another ticket, or no type")
        if kind != str(self.ticket_type_id):
            return self._already(sent, ticket_id)
        return await self._judge(reader, sent, ticket, window())

    async def _judge(self, reader: Sender, sent: Sent, ticket: models.Ticket, window: tuple[float, float]) -> Verdict:
        """Say by its time and its attributes whose a ticket of the asked type is."""
        from aiointercom._writes import ownership  # needed where the answer to a conversion was lost, and nowhere else

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


def with_texts(title: str | None, description: str | None, attributes: JSONMapping | None) -> JSONObject:
    """Put title and description among the attributes, under the names that Intercom gives them."""
    asked: JSONObject = dict(attributes or {})
    for name, key, value in (("title", TITLE, title), ("description", DESCRIPTION, description)):
        if value is not None and key in asked:
            raise ValueError(f"{name}= and attributes[{key!r}] say the same thing twice: pass one of them")
        if value is not None:
            asked[key] = value
    return asked
