# Do not edit. Written by `scripts/regenerate` from openapi/; change the fragment or the templates there.
from __future__ import annotations

from ... import models
from ...sender import Sender


async def convert_conversation_to_ticket(
    sender: Sender,
    conversation_id: str | int,
    *,
    body: models.ConvertConversationToTicketRequest,
) -> models.Ticket:
    """Convert a conversation to a ticket.

    Makes a ticket of a conversation. The ticket keeps the conversation's id; only ticket types of the category
    Customer are accepted.

    Args:
        sender: What carries the request.
        conversation_id: Id of the conversation to convert.
        body: The request's body.

    Returns:
        The Ticket of a successful answer.

    Raises:
        Exception: What the sender raises, for every other answer.
    """
    answer = await sender.send(
        "POST",
        "/conversations/{conversation_id}/convert",
        values={
            "conversation_id": conversation_id,
        },
        json=body.to_dict(),
    )
    return models.Ticket.from_dict(answer)
