# Do not edit. Written by `scripts/regenerate` from openapi/; change the fragment or the templates there.
"""The operations of this group, each an async function in a module of its own name."""

from .identify_admin import identify_admin

__all__ = [
    "identify_admin",
]
