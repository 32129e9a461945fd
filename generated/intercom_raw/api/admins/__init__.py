# Do not edit. Written by `scripts/regenerate` from openapi/ (Intercom API 2.11); change the fragment or the templates there.
"""The operations of this group, each an async function in a module of its own name."""

from .identify_admin import identify_admin

__all__ = [
    "identify_admin",
]
