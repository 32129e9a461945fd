# Do not edit. Written by `scripts/regenerate` from openapi/; change the fragment or the templates there.
from __future__ import annotations

from ... import models
from ...sender import Sender


async def get_ticket_type(
    sender: Sender,
    ticket_type_id: str | int,
) -> models.TicketType:
    """Retrieve a ticket type.

    Gives one ticket type with its attributes.

    Args:
        sender: What carries the request.
        ticket_type_id: Id of the ticket type.

    Returns:
        The TicketType of a successful answer.

    Raises:
        Exception: What the sender raises, for every other answer.
    """
    answer = await sender.send(
        "GET",
        "/ticket_types/{ticket_type_id}",
        values={
            "ticket_type_id": ticket_type_id,
        },
    )
    return models.TicketType.from_dict(answer)
