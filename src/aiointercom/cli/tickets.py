"""What conversations become: the options that describe a ticket, and `aiointercom convert`."""

from __future__ import annotations

import json
from typing import Annotated

from attrs import frozen
from cyclopts import Group, Parameter

from aiointercom import AsIs, Intercom
from aiointercom.cleanup import Convert
from aiointercom.types import JSONObject

from .account import OWN, Account
from .consent import CONSENT_ASKED, Consent
from .exits import Exit, UsageError, arguments
from .single import Write
from .talk import TALK, Talk

TICKET = Group("The ticket", sort_key=0)


@Parameter(name="*", group=TICKET)
@frozen(kw_only=True)
class Ticket:
    """What the ticket says, besides its type."""

    title: str | None = None
    """Its title."""

    description: str | None = None
    """Its description."""

    attribute: Annotated[list[str] | None, Parameter(negative="")] = None
    """NAME=VALUE as people see them, e.g. "Priority=High"; NAME:=JSON is sent unchecked. May be given several times."""

    def attributes(self) -> JSONObject:
        """Return the attributes by name.

        Raises:
            UsageError: One is no NAME=VALUE, or comes twice.
        """
        found: JSONObject = {}
        for given in self.attribute or ():
            name, equals, value = given.partition("=")
            key = name.removesuffix(":")
            if not equals or not key or key in found:
                raise UsageError("--attribute takes NAME=VALUE, and each name once")
            found[key] = value if key == name else _as_is(value)
        return found


PLAIN_TICKET = Ticket()


def _as_is(value: str) -> AsIs:
    try:
        return AsIs(json.loads(value))
    except ValueError:
        raise UsageError("--attribute NAME:=JSON takes JSON: a text in it stands in quotes") from None


async def convert(
    conversation: str,
    /,
    *,
    type: str,
    ticket: Ticket = PLAIN_TICKET,
    consent: Consent = CONSENT_ASKED,
    account: Account = OWN,
    talk: Talk = TALK,
) -> Exit:
    """Turn a conversation into a ticket. With --dry-run its type is read, and the attributes are checked all the same.

    Args:
        conversation: The conversation's id.
        type: The id of a ticket type of category Customer.
    """
    with arguments():
        item = Convert(conversation, type, ticket.title, ticket.description)
        attributes = ticket.attributes()
    what = f"conversation {item.conversation_id} to a ticket of type {item.ticket_type_id}"

    async def write(intercom: Intercom) -> str | None:
        ticket = await intercom.conversations.convert_to_ticket(
            item.conversation_id,
            ticket_type_id=item.ticket_type_id,
            title=item.title,
            description=item.description,
            attributes=attributes,
            resolve=True,
        )
        id = ticket.raw.get("id")
        return None if id is None else str(id)

    async def look(intercom: Intercom) -> None:
        await intercom.ticket_types.resolve(item.ticket_type_id, {**attributes, **item.asked})

    return await Write(item, "convert", what, write, look).carried_out(consent, account, talk)
