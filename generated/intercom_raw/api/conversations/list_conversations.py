# Do not edit. Written by `scripts/regenerate` from openapi/; change the fragment or the templates there.
from __future__ import annotations

from ... import models
from ...sender import Sender


async def list_conversations(
    sender: Sender,
    *,
    per_page: int | None = None,
    starting_after: str | None = None,
) -> models.ConversationList:
    """List conversations.

    Gives the workspace's conversations, a page at a time and without their parts.

    Args:
        sender: What carries the request.
        per_page: How many conversations a page holds, 1 to 150. Intercom gives 20 when it is left out. None: not
            sent.
        starting_after: The cursor from `pages.next.starting_after` of the page before; left out for the first page. None:
            not sent.

    Returns:
        The ConversationList of a successful answer.

    Raises:
        Exception: What the sender raises, for every other answer.
    """
    answer = await sender.send(
        "GET",
        "/conversations",
        query={
            "per_page": per_page,
            "starting_after": starting_after,
        },
    )
    return models.ConversationList.from_dict(answer)
