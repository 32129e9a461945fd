"""The types that public signatures name, in one place, for annotations of your own."""

from __future__ import annotations

from ._http.factory import Transport
from ._types import Priority, Timeout
from .auth import Token
from .pagination import ConversationPages, Query
from .redaction import Message, Select

__all__ = ["ConversationPages", "Message", "Priority", "Query", "Select", "Timeout", "Token", "Transport"]
