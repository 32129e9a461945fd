# Do not edit. Written by `scripts/regenerate` from openapi/; change the fragment or the templates there.
from __future__ import annotations

from ... import models
from ...sender import Sender


async def get_ticket(
    sender: Sender,
    ticket_id: str | int,
) -> models.Ticket:
    """Retrieve a ticket.

    Gives one ticket with its parts, at most 500 of them.

    Args:
        sender: What carries the request.
        ticket_id: The ticket's `id` (not its `ticket_id`, the small number that people see).

    Returns:
        The Ticket of a successful answer.

    Raises:
        Exception: What the sender raises, for every other answer.
    """
    answer = await sender.send(
        "GET",
        "/tickets/{ticket_id}",
        values={
            "ticket_id": ticket_id,
        },
    )
    return models.Ticket.from_dict(answer)
