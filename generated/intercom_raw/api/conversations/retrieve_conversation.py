# Do not edit. Written by `scripts/regenerate` from openapi/; change the fragment or the templates there.
from __future__ import annotations

from ... import models
from ...sender import Sender


async def retrieve_conversation(
    sender: Sender,
    conversation_id: str | int,
    *,
    display_as: str | None = None,
) -> models.Conversation:
    """Retrieve a conversation.

    Gives one conversation with its parts, the 500 most recent of them at most, whatever the true count is.

    Args:
        sender: What carries the request.
        conversation_id: Id of the conversation.
        display_as: Give `plaintext` to get message bodies as plain text; left out, they come as HTML. None: not sent.

    Returns:
        The Conversation of a successful answer.

    Raises:
        Exception: What the sender raises, for every other answer.
    """
    answer = await sender.send(
        "GET",
        "/conversations/{conversation_id}",
        values={
            "conversation_id": conversation_id,
        },
        query={
            "display_as": display_as,
        },
    )
    return models.Conversation.from_dict(answer)
