# Do not edit. Written by `scripts/regenerate` from openapi/ (Intercom API 2.11); change the fragment or the templates there.
from __future__ import annotations

from ...models.conversation import Conversation
from ...models.redact_conversation_part_request import RedactConversationPartRequest
from ...models.redact_conversation_source_request import RedactConversationSourceRequest
from ...sender import Sender


async def redact_conversation(
    sender: Sender,
    *,
    body: RedactConversationPartRequest | RedactConversationSourceRequest,
) -> Conversation:
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
    return Conversation.from_dict(answer)
