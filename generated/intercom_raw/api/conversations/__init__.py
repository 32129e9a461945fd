# Do not edit. Written by `scripts/regenerate` from openapi/; change the fragment or the templates there.
"""The operations of this group, each an async function in a module of its own name."""

from .convert_conversation_to_ticket import convert_conversation_to_ticket
from .list_conversations import list_conversations
from .redact_conversation import redact_conversation
from .retrieve_conversation import retrieve_conversation
from .search_conversations import search_conversations

__all__ = [
    "convert_conversation_to_ticket",
    "list_conversations",
    "redact_conversation",
    "retrieve_conversation",
    "search_conversations",
]
