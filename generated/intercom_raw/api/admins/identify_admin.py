# Do not edit. Written by `scripts/regenerate` from openapi/; change the fragment or the templates there.
from __future__ import annotations

from ... import models
from ...sender import Sender


async def identify_admin(
    sender: Sender,
) -> models.AdminWithApp:
    """Identify the token's admin.

    Tells which teammate, app and region the access token belongs to.

    Args:
        sender: What carries the request.

    Returns:
        The AdminWithApp of a successful answer.

    Raises:
        Exception: What the sender raises, for every other answer.
    """
    answer = await sender.send(
        "GET",
        "/me",
    )
    return models.AdminWithApp.from_dict(answer)
