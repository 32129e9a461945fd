"""Builds the httpx requests: address, headers, token and body."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx

from aiointercom._hidden import Secret
from aiointercom._version import __version__
from intercom_raw import API_VERSION

HEADERS = [
    (b"Accept", b"application/json"),
    (b"Intercom-Version", API_VERSION.encode()),
    (b"User-Agent", f"aiointercom/{__version__}".encode()),
]


ENCODINGS = (b"Accept-Encoding", b"gzip, deflate")
"""What httpx can always undo. A client of the caller's own says by itself what it can."""


CONTENT_TYPE = (b"Content-Type", b"application/json")


WITH_LENGTH = frozenset({"POST", "PUT", "PATCH"})


FIXED_PATHS = frozenset({"/me", "/conversations", "/conversations/search", "/conversations/redact", "/ticket_types"})


class Departure(httpx.ByteStream):
    """The body of a request, which knows whether its sending has begun. Without its body a request has no effect."""

    begun = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.begun = True
        for part in self:
            yield part


def headers_of(token: Secret, body: bool) -> list[tuple[bytes, bytes]]:
    """The headers that are ours, whoever carries the request."""
    return [*HEADERS, (b"Authorization", b"Bearer " + token.reveal().encode()), *([CONTENT_TYPE] if body else [])]
