# Do not edit. Written by `scripts/regenerate` from openapi/; change the fragment or the templates there.
from __future__ import annotations

from ... import models
from ...sender import Sender


async def search_conversations(
    sender: Sender,
    *,
    body: models.SearchRequest,
) -> models.ConversationList:
    """Search conversations.

    Gives the conversations that match a query, a page at a time and without their parts. It changes nothing,
    although it is a POST.

    Args:
        sender: What carries the request.
        body: The request's body.

    Returns:
        The ConversationList of a successful answer.

    Raises:
        Exception: What the sender raises, for every other answer.
    """
    answer = await sender.send(
        "POST",
        "/conversations/search",
        json=body.to_dict(),
    )
    return models.ConversationList.from_dict(answer)
