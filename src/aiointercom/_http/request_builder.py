"""Builds the httpx requests: address, headers, token and body."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx

from aiointercom._protocol.request import Request
from aiointercom._values.hidden import Hidden, Secret
from aiointercom._version import __version__
from intercom_raw import API_VERSION

from .base import HTTPTransport
from .httpx_client import CallersClient
from .timeouts import Timeouts

HEADERS = [
    (b"Accept", b"application/json"),
    (b"User-Agent", f"aiointercom/{__version__}".encode()),
]
ENCODINGS = (b"Accept-Encoding", b"gzip, deflate")
"""What httpx can always undo. A client of the caller's own says by itself what it can."""
CONTENT_TYPE = (b"Content-Type", b"application/json")
WITH_LENGTH = frozenset({"POST", "PUT", "PATCH"})
SMALL = 16_384
"""Bytes of a body that, with its headers, the buffer of a socket takes at once."""
FIXED_PATHS = frozenset({"/me", "/conversations", "/conversations/search", "/conversations/redact", "/ticket_types"})


class RequestBody(httpx.ByteStream):
    """The body of a request, which knows whether its sending has begun. Without its body a request has no effect."""

    begun = False

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self._content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.begun = True
        yield self._content


def headers_of(token: Secret, body: bool, version: str) -> list[tuple[bytes, bytes]]:
    """The headers that are ours, for every transport."""
    named = (b"Intercom-Version", version.encode())
    return [
        *HEADERS,
        named,
        (b"Authorization", b"Bearer " + token.reveal().encode()),
        *([CONTENT_TYPE] if body else []),
    ]


class RequestBuilder:
    """Builds the requests to one address.

    Args:
        base_url: The address.
        transport: What carries them: a client of the caller's own adds its headers and cookies.
        version: The version of the API that they ask for.
    """

    def __init__(self, base_url: str, transport: HTTPTransport, version: str = API_VERSION) -> None:
        self._base_url, self.version = base_url, version
        self._client = transport if isinstance(transport, CallersClient) else None
        self._streams = transport.streams
        self._urls: dict[str, httpx.URL] = {}
        self._headers: dict[bool, tuple[Secret, Hidden[httpx.Headers]]] = {}

    def build(self, request: Request, token: Secret, body: RequestBody, timeouts: Timeouts) -> httpx.Request:
        """Build a request: with the caller's own client, so that its headers and cookies are sent, or else directly.

        Directly, because merging the defaults of a client without defaults costs as much as all else that is done for a
        call here. It also keeps the cookies of one token's answers out of another token's requests.
        """
        url, content = self._urls.get(request.target) or self._url(request.target), request.content
        if self._client is not None:
            ours = [ENCODINGS, *headers_of(token, content is not None, self.version)]
            return self._client.build(request.method, url, headers=ours, content=content, timeout=timeouts.phases)
        small = self._streams and len(content or b"") <= SMALL
        # With all headers and the stream given, httpx adds no header, for which it would copy the whole list.
        message = httpx.Request(
            request.method,
            url,
            headers=self._headers_for(url, token, content is not None),
            stream=body,
            extensions={"timeout": timeouts.small_extension if small else timeouts.extension},
        )
        if content is not None or request.method in WITH_LENGTH:
            message.headers["Content-Length"] = str(len(content or b""))
        message.read()  # transports may ask for its `content`
        return message

    def _headers_for(self, url: httpx.URL, token: Secret, body: bool) -> httpx.Headers:
        """The headers of all requests with this token; httpx takes a copy."""
        known = self._headers.get(body)
        if known is not None and known[0] == token:
            return known[1].reveal()
        headers = httpx.Headers([(b"Host", url.netloc), ENCODINGS, *headers_of(token, body, self.version)])
        self._headers[body] = token, Hidden(headers)
        return headers

    def _url(self, target: str) -> httpx.URL:
        """Parse an address. Addresses of paths without ids are kept, because parsing costs more than sending."""
        url = httpx.URL(self._base_url + target)
        if target in FIXED_PATHS:
            self._urls[target] = url
        return url
