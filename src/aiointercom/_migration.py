"""PURE: what python-intercom names otherwise, for the errors that say what to write here."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec

PAGE = "docs/from-python-intercom.md"
ITERATE = "`async for conversation in intercom.conversations.list(): ...`"
LOOP = f"pages are fetched as the loop needs them, {ITERATE}"
ELSEWHERE = 'an endpoint without a method here is called as `await intercom.request("GET", "/...")`'
"""What to say of any other public name that a client or a resource lacks."""

NAMES = {
    "Conversations": {
        "find": "it is retrieve(conversation_id) here",
        "get": "it is retrieve(conversation_id) here",
        "redact_conversation_part": "it is redact_part(conversation_id, part_id) or "
        "redact_source(conversation_id, source_id) here",
    },
    "Tickets": {"get": "it is retrieve(ticket_id) here", "find": "it is retrieve(ticket_id) here"},
    "TicketTypes": {"get": "it is retrieve(ticket_type_id) here", "find": "it is retrieve(ticket_type_id) here"},
    "Intercom": {"admins": "admins.identify() is `await intercom.me()` here"},
    "ConversationPages": {
        "items": LOOP,
        "data": LOOP,
        "has_next": LOOP,
        "next_page": LOOP,
        "get_next": LOOP,
        "iter_pages": LOOP,
        "response": LOOP,
    },
}
"""By class and name: what python-intercom's name is here."""
ARGUMENTS = {
    "environment": 'write region="EU", or set INTERCOM_REGION',
    "httpx_client": "it is http_client here",
    "headers": "the version that the models describe is sent by itself, and other headers are set on an http_client",
    "api_key": "it is token here",
    "access_token": "it is token here",
}
"""By name: what an argument of python-intercom's client, or of other SDKs, is here."""
P = ParamSpec("P")


def explains_arguments(init: Callable[P, None]) -> Callable[P, None]:
    """Let a constructor say, of an argument that has another name here, what to write. Its signature stays as it is."""

    @wraps(init)
    def explaining(*args: P.args, **kwargs: P.kwargs) -> None:
        for name in ARGUMENTS.keys() & kwargs:
            raise TypeError(f"Intercom() takes no argument {name!r}: {ARGUMENTS[name]}; see {PAGE}")
        init(*args, **kwargs)

    return explaining


class KnowsOtherNames:
    """Gives a class errors that say what to write in place of an attribute that python-intercom has.

    They are AttributeErrors like any other: `hasattr` is False, and `dir`, mocks with a spec and type checkers do not
    know the names.
    """

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            raise AttributeError(missing(type(self), name), name=name, obj=self)


def missing(kind: type, name: str) -> str:
    """Say that a class has no such attribute, and what to write instead, where that is known."""
    told = f"{kind.__name__!r} object has no attribute {name!r}"
    of = next(
        (base.__name__ for base in kind.__mro__ if base.__name__ in NAMES), ""
    )  # a subclass of a user knows the names too
    if name in NAMES.get(of, ()):
        return f"{told}: {NAMES[of][name]}; see {PAGE}"
    return told if name.startswith("_") or of == "ConversationPages" else f"{told}: {ELSEWHERE}; see {PAGE}"


def not_awaited() -> str:
    """Say how to go through conversations, to a caller that awaits them or iterates without `async`."""
    told = "list() and search() of conversations are neither awaited nor iterated without async"
    return f"{told}: write {ITERATE}; see {PAGE}"
