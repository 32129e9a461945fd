# Do not edit. Written by `scripts/regenerate` from openapi/; change the fragment or the templates there.
"""Intercom's API as code: a function per operation (`api`), a class per object (`models`), one door (`Sender`).

Knows no HTTP library: give the functions any object with the `send` method that `Sender` describes.
"""

from .sender import Sender

API_VERSION = "2.11"
"""The value of the header `Intercom-Version` that these functions and models were written for."""

__all__ = ["API_VERSION", "Sender"]
