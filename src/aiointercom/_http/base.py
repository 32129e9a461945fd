"""What the rest of the package knows of a transport, and how an answer is read whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

import httpx
from attrs import field, frozen

from .decompression import Body, TooLargeError


class HTTPTransport(Protocol):
    """Brings one request to its host and its answer back, read whole: see `_http.pool`, and `Client`."""

    @property
    def streams(self) -> bool:
        """Whether it takes the body of a request from the request's stream, and only after the headers were sent."""
        ...

    @property
    def certifies(self) -> bool:
        """Whether it trusts the authorities that the environment names."""
        ...

    @property
    def is_closed(self) -> bool:
        """Whether the caller closed what carries the requests, and is its own."""
        ...

    async def send(self, request: httpx.Request, to: str, most: int | None) -> RawResponse:
        """Send one request. `to`: the address of the host. `most`: bytes that the answer may have; None: no limit."""
        ...

    def is_transport_error(self, failure: Exception) -> bool:
        """Say whether an error of `send` came from the transport; an error of the caller's own code passes through."""
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...

    async def abandon(self) -> None:
        """Let go of connections that belong to another event loop."""
        ...


class Headers(Protocol):
    """What is known here of an answer's headers."""

    @property
    def raw(self) -> list[tuple[bytes, bytes]]:
        """Names and values, as they came."""
        ...


class StreamedResponse(Protocol):
    """What is known here of an answer: an httpx.Response."""

    status_code: int
    stream: Any

    @property
    def headers(self) -> Headers:
        """The headers."""
        ...

    async def aclose(self) -> None:
        """Give the connection back."""
        ...


R = TypeVar("R")
R_contra = TypeVar("R_contra", contravariant=True)


class AsyncTransport(Protocol[R_contra]):
    """What carries requests: an httpx.AsyncBaseTransport."""

    async def handle_async_request(self, request: R_contra, /) -> StreamedResponse:
        """Send one request, and return its answer once the headers are there."""
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...


@frozen(eq=False, repr=False)
class RawResponse:
    """An answer that was read whole."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    """By lower-case name."""
    content: bytes = field(repr=False)


@frozen
class AnswerTooLargeError(Exception):
    """An answer of which more bytes came, or were unpacked, than allowed; the reading stopped there."""

    status: int
    headers: Mapping[str, str] = field(repr=False)


async def fetch(transport: AsyncTransport[R], request: R, most: int | None = None) -> RawResponse:
    """Send one request and read its answer whole, straight from the stream.

    Args:
        transport: What carries it.
        request: What to send.
        most: Bytes of the body that may be received, and that they may be unpacked to; None: no limit.

    Raises:
        AnswerTooLargeError: There are more.
        Exception: What the transport raises.
    """
    answer = await transport.handle_async_request(request)
    try:
        return await read_answer(answer, most)
    finally:
        await answer.aclose()


async def read_answer(answer: StreamedResponse, most: int | None) -> RawResponse:
    """Read an answer whole from its stream; as for `fetch`."""
    headers = lowercase_headers(answer.headers)
    body = Body(headers.get("content-encoding"), most)
    parts = aiter(answer.stream)
    try:
        async for part in parts:
            body.add(part)
    except TooLargeError:
        if hasattr(parts, "aclose"):  # an async generator that is left in the middle: trio warns of it
            await parts.aclose()
        raise AnswerTooLargeError(answer.status_code, headers) from None
    return RawResponse(answer.status_code, headers, body.whole())


def lowercase_headers(headers: Headers) -> dict[str, str]:
    """Turn headers into a plain dict by lower-case name.

    Each look-up in httpx's own headers costs as much as making this dict.
    """
    return {name.decode("latin-1").lower(): text.decode("latin-1") for name, text in headers.raw}
