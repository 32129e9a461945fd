"""The types that public signatures name, for the annotations of your own functions and for tests.

Each name is imported when it is first asked for, as in `aiointercom` itself.
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from intercom_raw.sender import Sender

    from ._http.factory import Transport
    from ._types import Priority, Timeout
    from ._values.json_types import JSONMapping, JSONObject
    from .auth import Token
    from .conversations import Conversations
    from .pagination import ConversationPages, Query
    from .redaction import Message, Select
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
    "JSONMapping": "._values.json_types",
    "JSONObject": "._values.json_types",
    "Message": ".redaction",
    "Priority": "._types",
    "Query": ".pagination",
    "Select": ".redaction",
    "Sender": "intercom_raw.sender",
    "TicketTypes": ".tickets",
    "Tickets": ".tickets",
    "Timeout": "._types",
    "Token": ".auth",
    "Transport": "._http.factory",
}

if not TYPE_CHECKING:  # type checkers know the names from above

    def __getattr__(name: str) -> object:
        """Import the module of a name, and keep the name here."""
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = getattr(_import_module(_MODULES[name], __package__), name)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
