# Do not edit. Written by `scripts/regenerate` from openapi/; change the fragment or the templates there.
"""The operations of this group, each an async function in a module of its own name."""

from .get_ticket_type import get_ticket_type
from .list_ticket_types import list_ticket_types

__all__ = [
    "get_ticket_type",
    "list_ticket_types",
]
