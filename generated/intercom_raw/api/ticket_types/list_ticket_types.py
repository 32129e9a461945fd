# Do not edit. Written by `scripts/regenerate` from openapi/; change the fragment or the templates there.
from __future__ import annotations

from ... import models
from ...sender import Sender


async def list_ticket_types(
    sender: Sender,
) -> models.TicketTypeList:
    """List ticket types.

    Gives all ticket types of the workspace with their attributes, in one answer without pages.

    Args:
        sender: What carries the request.

    Returns:
        The TicketTypeList of a successful answer.

    Raises:
        Exception: What the sender raises, for every other answer.
    """
    answer = await sender.send(
        "GET",
        "/ticket_types",
    )
    return models.TicketTypeList.from_dict(answer)
