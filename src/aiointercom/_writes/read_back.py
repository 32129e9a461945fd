"""PURE: what reading back a redaction and a conversion share."""

from __future__ import annotations

from typing import cast

from aiointercom._delivery.settle import Unknown
from aiointercom._values.json_types import JSONMapping, JSONObject
from aiointercom._values.validation import id_like
from aiointercom.errors import (
    ClientClosedError,
    ForbiddenError,
    IntercomError,
    NotFoundError,
    UnauthorizedError,
)
from intercom_raw import models


def unread(error: IntercomError) -> Unknown:
    """A read that failed shows nothing.

    Where the token may not read, or the client is closed, further reads would show nothing either.
    """
    if isinstance(error, NotFoundError) and error.from_intercom:
        return Unknown("the conversation is gone: reading back failed with NotFoundError", error=error)
    useless = isinstance(error, UnauthorizedError | ForbiddenError | ClientClosedError)
    return Unknown(f"reading back failed with {type(error).__name__}", useless=useless, error=error)


def is_object(data: JSONMapping, kind: str, id: str | int) -> bool:
    """Say whether this is the object with that id, as a string or an integer, and of no other type."""
    return data.get("type") in (None, kind) and has_id(data, id)


def has_id(data: JSONMapping, id: str | int) -> bool:
    return id_like(data.get("id")) == str(id)


def object_in(data: JSONMapping, key: str) -> JSONObject:
    """Return a nested object; an empty one if it is missing."""
    value = data.get(key)
    return cast("JSONObject", value) if isinstance(value, dict) else {}


def workspace_of(me: models.AdminWithApp) -> str | None:
    """Return the id of the workspace that `/me` names; None: it names no valid id."""
    return None if me.app is None else id_like(me.app.id_code)
