"""The floor: what one HTTP/1.1 exchange costs in CPython with nothing around it.

For measuring only; it knows one server and no error.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from payloads import HEADERS, REDACTION


class Exchange(asyncio.Protocol):
    """One connection: one request at a time, answers with Content-Length."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport to write to."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._received = b""

    def data_received(self, data: bytes) -> None:
        """Hand the body over once it is whole."""
        self._received += data
        end = self._received.find(b"\r\n\r\n") + 4
        at = self._received.find(b"Content-Length: ") + 16
        if end >= 4 and len(self._received) >= end + int(self._received[at : self._received.index(b"\r", at)]):
            if not self._answer.done():  # the caller may have been cancelled
                self._answer.set_result(self._received[end:])
            self._received = b""

    def ask(self, message: bytes) -> asyncio.Future[bytes]:
        """Send a request; the result is the answer's body."""
        self._answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._transport.write(message)
        return self._answer

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()


@asynccontextmanager
async def connect(url: str, connections: int) -> AsyncIterator[Callable[[], Awaitable[object]]]:
    """Offer a call over this many connections; a call that finds no free one waits."""
    host, port = url.removeprefix("http://").split(":")
    loop = asyncio.get_running_loop()
    opened = [(await loop.create_connection(Exchange, host, int(port)))[1] for _ in range(connections)]
    free: asyncio.LifoQueue[Exchange] = asyncio.LifoQueue()
    for one in opened:
        free.put_nowait(one)
    fixed = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())

    async def call() -> object:
        body = json.dumps(REDACTION).encode()
        head = f"POST /conversations/redact HTTP/1.1\r\nHost: {host}\r\n{fixed}Content-Type: application/json\r\n"
        one = await free.get()
        answer = await one.ask(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        free.put_nowait(one)
        return json.loads(answer)

    try:
        yield call
    finally:
        for one in opened:
            one.close()
