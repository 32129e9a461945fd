"""What conversations become: the options that describe a ticket, and `aiointercom convert`."""

from __future__ import annotations

from typing import Annotated, Any

from attrs import frozen
from cyclopts import Group, Parameter

from aiointercom import Intercom
from aiointercom.cleanup import Convert

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
    """NAME=VALUE as people see them, e.g. "Priority=High". May be given several times."""

    def attributes(self) -> dict[str, Any]:
        """Return the attributes by name.

        Raises:
            UsageError: One is no NAME=VALUE, or comes twice.
        """
        found: dict[str, Any] = {}
        for given in self.attribute or ():
            name, equals, value = given.partition("=")
            if not equals or not name or name in found:
                raise UsageError("--attribute takes NAME=VALUE, and each name once")
            found[name] = value
        return found


PLAIN_TICKET = Ticket()


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
    """Turn a conversation into a ticket.

    Args:
        conversation: The conversation's id.
        type: The id of a ticket type of category Customer.
    """
    with arguments():
        item = Convert(conversation, type, ticket.title, ticket.description, ticket.attributes())
    what = f"conversation {item.conversation_id} to a ticket of type {item.ticket_type_id}"

    async def write(intercom: Intercom) -> None:
        await intercom.conversations.convert_to_ticket(
            item.conversation_id,
            ticket_type_id=item.ticket_type_id,
            title=item.title,
            description=item.description,
            attributes=item.attributes,
            resolve=True,
        )

    return await Write(item, "convert", what, write).carried_out(consent, account, talk)
