"""The types that public signatures name, for the annotations of your own functions and for tests.

Each name is imported when it is first asked for, as in `aiointercom` itself.
"""

from typing import TYPE_CHECKING

from aiointercom._values.lazy_names import lazy_names as _lazy_names

if TYPE_CHECKING:
    from intercom_raw.sender import Sender

    from ._http.arguments import Priority, Timeout
    from ._http.factory import Transport
    from ._values.aliases import Message, Query, Select
    from ._values.json_types import JSONMapping, JSONObject
    from .auth import Token
    from .conversations import Conversations
    from .events import Event as Event  # noqa: PLC0414  # for the client's hints; its public place is there
    from .pagination import ConversationPages
    from .settling import Settlement as Settlement  # noqa: PLC0414  # likewise; its public place is `aiointercom`
    from .tickets import Tickets, TicketTypes

__all__ = [
    "ConversationPages",
    "Conversations",
    "JSONMapping",
    "JSONObject",
    "Message",
    "Priority",
    "Query",
    "Select",
    "Sender",
    "TicketTypes",
    "Tickets",
    "Timeout",
    "Token",
    "Transport",
]

_MODULES = {
    "ConversationPages": ".pagination",
    "Conversations": ".conversations",
    "Event": ".events",
    "JSONMapping": "._values.json_types",
    "JSONObject": "._values.json_types",
    "Message": "._values.aliases",
    "Priority": "._http.arguments",
    "Query": "._values.aliases",
    "Select": "._values.aliases",
    "Sender": "intercom_raw.sender",
    "Settlement": ".settling",
    "TicketTypes": ".tickets",
    "Tickets": ".tickets",
    "Timeout": "._http.arguments",
    "Token": ".auth",
    "Transport": "._http.factory",
}

if not TYPE_CHECKING:  # type checkers know the names from above
    __getattr__ = _lazy_names(__name__, __package__, _MODULES)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
