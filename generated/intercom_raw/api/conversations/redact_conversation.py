# Do not edit. Written by `scripts/regenerate` from openapi/; change the fragment or the templates there.
from __future__ import annotations

from ... import models
from ...sender import Sender


async def redact_conversation(
    sender: Sender,
    *,
    body: models.RedactConversationPartRequest | models.RedactConversationSourceRequest,
) -> models.Conversation:
    """Redact a conversation part or source.

    Removes the text of one part, or of the message that opened the conversation, for good. A part needs a body, and
    a source must come from a contact; anything else is refused with the code `conversation_part_not_redactable`.

    Args:
        sender: What carries the request.
        body: The request's body.

    Returns:
        The Conversation of a successful answer.

    Raises:
        Exception: What the sender raises, for every other answer.
    """
    answer = await sender.send(
        "POST",
        "/conversations/redact",
        json=body.to_dict(),
    )
    return models.Conversation.from_dict(answer)
