"""The ASGI side of an answer: reading a body within its limit, and sending a status without a body."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, cast

from aiointercom._values.hidden import Hidden

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class BodyTooLargeError(Exception):
    """The body has more bytes than are read."""


class DisconnectedError(Exception):
    """The client went away before its request was whole."""


async def read_body(scope: Scope, receive: Receive, most: int) -> Hidden[bytes]:
    """Read the body of a request, and keep not more of it than `most` bytes.

    Raises:
        BodyTooLargeError: It has more, by its header or in fact. What follows is not read.
        DisconnectedError: The client went away.
    """
    if _announced(scope) > most:
        raise BodyTooLargeError
    kept, more = Hidden(bytearray()), True
    while more:
        message = Hidden(await receive())
        if message.reveal()["type"] == "http.disconnect":
            raise DisconnectedError
        if len(kept.reveal()) + len(message.reveal().get("body", b"")) > most:
            raise BodyTooLargeError
        kept.reveal().extend(message.reveal().get("body", b""))
        more = message.reveal().get("more_body", False)
    return Hidden(bytes(kept.reveal()))


def _announced(scope: Scope) -> int:
    """Return the length that the header tells; 0: the header is missing, or is not a number."""
    pairs = cast("Iterable[tuple[bytes, bytes]]", scope["headers"])
    values = [value for name, value in pairs if name.lower() == b"content-length"]
    return max((int(value[:20]) for value in values if value.isdigit()), default=0)


async def answer(send: Send, status: int, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
    """Send a status. No answer has a body, so that none can show anything."""
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0"), *headers]})
    await send({"type": "http.response.body", "body": b""})


async def serve_lifespan(receive: Receive, send: Send) -> None:
    """Answer the server's questions at its start and end, for an endpoint that is served alone."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
