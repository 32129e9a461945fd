"""Tickets and ticket types: reading only, so nothing here needs settling."""

from __future__ import annotations

import builtins

from intercom_raw.api.ticket_types import get_ticket_type, list_ticket_types
from intercom_raw.api.tickets import get_ticket
from intercom_raw.models import Ticket, TicketType

from ._call import Priority
from ._request import checked_id
from ._sender import Sender, Timeout
from .errors import UnreadableResponseError


class Tickets:
    """The operations on tickets, as `Intercom.tickets`."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def retrieve(
        self, ticket_id: str | int, *, timeout: Timeout | None = None, priority: Priority | None = None
    ) -> Ticket:
        """Read one ticket.

        Args:
            ticket_id: The ticket's `id` (a converted conversation's own id), not the small number `ticket_id` that people see.
            timeout: Seconds, or an httpx.Timeout; None: the client's.
            priority: "interactive" or "batch"; None: the client's.

        Returns:
            The Ticket.

        Raises:
            ValueError, TypeError: The id cannot be sent.
            NotFoundError: There is no such ticket.
            IntercomError: As for every read: see `Intercom`.

        Source: https://developers.intercom.com/docs/references/2.11/rest-api/api.intercom.io/tickets/getticket
        """
        sender = self._sender.but(timeout=timeout, priority=priority)
        return await get_ticket(sender, checked_id(ticket_id, "ticket_id"))


class TicketTypes:
    """The operations on ticket types, as `Intercom.ticket_types`."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def retrieve(
        self, ticket_type_id: str | int, *, timeout: Timeout | None = None, priority: Priority | None = None
    ) -> TicketType:
        """Read one ticket type, with its attributes.

        Args:
            ticket_type_id: Its id.
            timeout: Seconds, or an httpx.Timeout; None: the client's.
            priority: "interactive" or "batch"; None: the client's.

        Returns:
            The TicketType; its attributes are in `ticket_type_attributes.data`.

        Raises:
            ValueError, TypeError: The id cannot be sent.
            NotFoundError: There is no such ticket type.
            IntercomError: As for every read: see `Intercom`.

        Source: https://developers.intercom.com/docs/references/2.11/rest-api/api.intercom.io/ticket-types/gettickettype
        """
        sender = self._sender.but(timeout=timeout, priority=priority)
        return await get_ticket_type(sender, checked_id(ticket_type_id, "ticket_type_id"))

    async def list(
        self, *, timeout: Timeout | None = None, priority: Priority | None = None
    ) -> builtins.list[TicketType]:
        """Read all ticket types; Intercom gives them at once, without pages.

        Args:
            timeout: Seconds, or an httpx.Timeout; None: the client's.
            priority: "interactive" or "batch"; None: the client's.

        Returns:
            The list of TicketType.

        Raises:
            UnreadableResponseError: The answer holds no list.
            IntercomError: As for every read: see `Intercom`.

        Source: https://developers.intercom.com/docs/references/2.11/rest-api/api.intercom.io/ticket-types/listtickettypes
        """
        answer = await list_ticket_types(self._sender.but(timeout=timeout, priority=priority))
        if answer.data is None:
            raise UnreadableResponseError("GET /ticket_types: an answer without a list of ticket types", status=200)
        return answer.data
