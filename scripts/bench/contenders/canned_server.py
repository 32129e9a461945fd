"""The least HTTP server that keeps connections open.

One canned answer to every request, so that only the client is measured.

canned_server.py PARTS      the answer is a conversation of that many parts; prints the port
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from email.utils import formatdate

from payloads import CONVERSATION_ID, VERSION, conversation

ME = json.dumps({"type": "admin", "id": "1", "app": {"type": "app", "id_code": "bench", "region": "US"}}).encode()
BODY = conversation(int(sys.argv[1]))
ID = CONVERSATION_ID.encode()
WANTED = re.compile(rb'^GET /conversations/(\d{6}) |"conversation_id": ?"(\d{6})"')


def answer(body: bytes) -> bytes:
    """Build an answer, with rate-limit headers that never hold a client back."""
    now = int(time.time())
    head = (
        "HTTP/1.1 200 OK\r\n"
        f"Date: {formatdate(now, usegmt=True)}\r\n"
        "Content-Type: application/json; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\n"
        f"Intercom-Version: {VERSION}\r\n"
        "X-Request-Id: 0002kg3lq5b6v7e8f9h0\r\n"
        "X-RateLimit-Limit: 1000000\r\n"
        "X-RateLimit-Remaining: 999999\r\n"
        f"X-RateLimit-Reset: {now + 10}\r\n"
        "\r\n"
    )
    return head.encode() + body


class Canned(asyncio.Protocol):
    """One connection; requests with Content-Length, one after the other."""

    me, current = answer(ME), answer(BODY)

    def __init__(self) -> None:
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport to write to."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole."""
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            whole = end + 4 + content_length(self._received[:end])
            if len(self._received) < whole:
                return
            self._transport.write(
                Canned.me if self._received.startswith(b"GET /me ") else about(self._received[:whole])
            )
            self._received = self._received[whole:]


def about(request: bytes) -> bytes:
    """Return the conversation that a request asks for; nobody checks more of it than the id."""
    found = WANTED.search(request)
    wanted = ID if found is None else found[1] or found[2]
    return Canned.current if wanted == ID else Canned.current.replace(b'"id": "' + ID, b'"id": "' + wanted, 1)


def content_length(head: bytes) -> int:
    """Read the length of the body; it is 0 without the header."""
    _, found, rest = head.lower().partition(b"\r\ncontent-length:")
    return int(rest.split(b"\r\n", 1)[0]) if found else 0


async def serve() -> None:
    """Print the port, then answer until standard input closes.

    So the server never outlives the process that started it.
    """
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Canned, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    ended = loop.run_in_executor(None, sys.stdin.read)
    while not ended.done():
        Canned.me, Canned.current = answer(ME), answer(BODY)
        await asyncio.wait([ended], timeout=1)


if __name__ == "__main__":
    asyncio.run(serve())
