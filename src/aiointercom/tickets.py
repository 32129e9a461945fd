"""Tickets and ticket types: reading only, so nothing here needs settling."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from typing import Any

import anyio

from intercom_raw import models
from intercom_raw.api.ticket_types import get_ticket_type, list_ticket_types
from intercom_raw.api.tickets import get_ticket

from ._concurrency.locks import hold
from ._delivery.sender import Sender
from ._http.arguments import Priority, Timeout
from ._migration import KnowsOtherNames
from ._values.hidden import Hidden
from ._values.validation import checked_id
from .errors import InvalidAttributesError, UnreadableResponseError

TYPES_LAST, TYPES_DOUBTED = 300.0, 10.0
"""Seconds for which a ticket type that was read is used; and how old it may be when attributes are refused because of
it."""


class Tickets(KnowsOtherNames):
    """The operations on tickets, as `Intercom.tickets`."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def retrieve(
        self, ticket_id: str | int, *, timeout: Timeout | None = None, priority: Priority | None = None
    ) -> models.Ticket:
        """Read one ticket.

        Args:
            ticket_id: The ticket's `id` (a converted conversation's own id), not the small number `ticket_id` that
                people see.
            timeout: Seconds, or an httpx.Timeout; None: the client's.
            priority: "interactive" or "batch"; None: the client's.

        Returns:
            The Ticket.

        Raises:
            ValueError, TypeError: The id cannot be sent.
            NotFoundError: There is no such ticket.
            UnreadableResponseError: The answer is about another ticket, or about no ticket.
            IntercomError: As for every read: see `Intercom`.

        Source: https://developers.intercom.com/docs/references/rest-api/api.intercom.io/tickets/getticket
        """
        sender = self._sender.with_options(timeout=timeout, priority=priority)
        return await get_ticket(sender, checked_id(ticket_id, "ticket_id"))


class TicketTypes(KnowsOtherNames):
    """The operations on ticket types, as `Intercom.ticket_types`."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def retrieve(
        self, ticket_type_id: str | int, *, timeout: Timeout | None = None, priority: Priority | None = None
    ) -> models.TicketType:
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
            UnreadableResponseError: The answer is about another ticket type, or about no ticket type.
            IntercomError: As for every read: see `Intercom`.

        Source: https://developers.intercom.com/docs/references/rest-api/api.intercom.io/ticket-types/gettickettype
        """
        sender = self._sender.with_options(timeout=timeout, priority=priority)
        return await get_ticket_type(sender, checked_id(ticket_type_id, "ticket_type_id"))

    async def list(
        self, *, timeout: Timeout | None = None, priority: Priority | None = None
    ) -> builtins.list[models.TicketType]:
        """Read all ticket types; Intercom gives them at once, without pages.

        Args:
            timeout: Seconds, or an httpx.Timeout; None: the client's.
            priority: "interactive" or "batch"; None: the client's.

        Returns:
            The list of TicketType.

        Raises:
            UnreadableResponseError: The answer holds no list.
            IntercomError: As for every read: see `Intercom`.

        Source: https://developers.intercom.com/docs/references/rest-api/api.intercom.io/ticket-types/listtickettypes
        """
        answer = await list_ticket_types(self._sender.with_options(timeout=timeout, priority=priority))
        if answer.data is None:
            raise UnreadableResponseError("GET /ticket_types: an answer without a list of ticket types", status=200)
        return answer.data

    async def resolve(
        self,
        ticket_type_id: str | int,
        attributes: Mapping[str, Any],
        *,
        refresh: bool = False,
        timeout: Timeout | None = None,
        priority: Priority | None = None,
    ) -> dict[str, Any]:
        """Check attributes as people write them, `{"Priority": "High"}`, and turn them into the API's own.

        The ticket type is read once in 5 minutes for all that use the token; before attributes are refused, it is read
        anew if the last read is older than 10 seconds.

        Args:
            ticket_type_id: The id of a ticket type.
            attributes: Values by the names that people see, or the API's; case and blanks do not matter where only one
                is called so. "Title" and "Description" stand for `_default_title_` and `_default_description_`. Of type
                list: the label of an item, or its id. integer, decimal, boolean: also as text ("12", "2.5", "true",
                "no"). datetime: a datetime or ISO text with a time zone, or Unix seconds. `AsIs(value)` is sent as it
                is.
            refresh: True: read the ticket type now.
            timeout: Seconds, or an httpx.Timeout; None: the client's.
            priority: "interactive" or "batch"; None: the client's.

        Returns:
            Values by the API's names: list items as their ids, times as Unix seconds.

        Raises:
            TypeError: `attributes` is no mapping with texts for names.
            InvalidAttributesError: One or more do not fit, a required one is missing, or the ticket type is archived or
                not of category "Customer"; `problems` lists all of it.
            NotFoundError: There is no such ticket type.
            UnreadableResponseError: Another ticket type came, or one without a list of attributes.
            IntercomError: As for every read: see `Intercom`.

        No source shows how a list attribute carries its items, nor in which form a conversion takes a time; both are
        read and written as seems likeliest, and `AsIs` is the way around.
        """
        named = Hidden(attributes)
        id = str(checked_id(ticket_type_id, "ticket_type_id"))
        sender = self._sender.with_options(timeout=timeout, priority=priority)
        return (await resolve_attributes(sender, id, named, 0.0 if refresh else TYPES_LAST)).reveal()


async def resolve_attributes(
    sender: Sender, ticket_type_id: str, attributes: Hidden[Mapping[str, Any]], age: float
) -> Hidden[dict[str, Any]]:
    """Resolve attributes by a ticket type that was read at most `age` seconds ago; see `TicketTypes.resolve`."""
    from ._writes.attributes import checked_names, resolved

    named = Hidden(checked_names(attributes.reveal()))
    ticket_type = await _known(sender, ticket_type_id, age)
    try:
        return resolved(ticket_type, named)
    except InvalidAttributesError:
        current = await _known(sender, ticket_type_id, TYPES_DOUBTED)
        if current is ticket_type:
            raise
    return resolved(current, named)


async def _known(sender: Sender, ticket_type_id: str, age: float) -> models.TicketType:
    """Return a ticket type as it was `age` seconds ago or later; concurrent callers share one read."""
    token_state, oldest = sender.token_state, anyio.current_time() - age
    if (known := token_state.known_type(ticket_type_id, oldest)) is not None:
        return known
    lock = token_state.reading_types.setdefault(ticket_type_id, anyio.Lock())
    async with hold(lock, sender.request_time, "GET /ticket_types/{id}"):
        if (known := token_state.known_type(ticket_type_id, oldest)) is not None:
            return known
        began = anyio.current_time()
        ticket_type = await get_ticket_type(sender, ticket_type_id)
        token_state.read(ticket_type_id, began, ticket_type)
        return ticket_type
