"""What can go wrong with a request and its answer.

It also holds the little of HTTP/1.1 and of sockets that the fault proxy needs for it.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from enum import Enum
from typing import cast

import anyio
from anyio.abc import SocketAttribute, SocketStream
from anyio.streams.buffered import BufferedByteReceiveStream
from attrs import frozen

HEAD_LIMIT = 65_536  # bytes
NEVER_ASKED = b"HTTP/1.1 200 OK\r\nContent-Length: 64\r\n\r\n", b'{"type": "conversation"' + b" " * 41
"""Head and body of an answer that is broken off, where the real server was never asked."""
NO_HTTP = b"\x15\x03\x03\x00\x02\x02\x28 this is no HTTP\r\n\r\n"


class Kind(Enum):
    """What goes wrong with an answer. That connections are refused is a state of the proxy: see `refuse`."""

    RESET = "reset"
    """The connection is reset (RST)."""
    HANG_UP = "hang up"
    """The connection is closed in order, without an answer."""
    DELAY = "delay"
    """Before: the request arrives late, even if nobody waits for it by then. After: the answer comes late."""
    CUT = "cut short"
    """Half of a body under its whole Content-Length, then the end of the connection."""
    GARBAGE = "garbage"
    """Bytes that are no HTTP."""
    HTML = "html page"
    """Status 200 with a page in the place of JSON."""
    GATEWAY = "gateway error"
    """Status 502 with a page, as a load balancer sends it."""
    GIVES_UP = "gateway gives up"
    """Status 504 with a page. Before: the gateway waits no longer, and the request still goes on and arrives late."""
    STALL = "stall"
    """Half a line of headers, then silence until the client leaves."""


@frozen
class Strike:
    """One fault. after: the request was forwarded and took effect; else it never arrives, or late (see `arrives`)."""

    kind: Kind
    after: bool
    then_refuse: bool = False
    """Refuse new connections from this moment on."""

    @property
    def arrives(self) -> bool:
        """Whether the request reaches the real server, be it late."""
        return self.after or self.kind in (Kind.DELAY, Kind.GIVES_UP)


@frozen
class Arrival:
    """A request as it came from the client. at: Unix seconds."""

    method: str
    path: str
    head: bytes
    body: bytes
    at: float


Choose = Callable[[Arrival], Strike | None]


async def message(stream: BufferedByteReceiveStream) -> tuple[bytes, bytes]:
    """One HTTP message: its head with the empty line, and its body."""
    head = await stream.receive_until(b"\r\n\r\n", HEAD_LIMIT) + b"\r\n\r\n"
    length = next((line[15:] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b"0")
    return head, await stream.receive_exactly(int(length))


def page(status: str) -> bytes:
    """A web page as a gateway would send it."""
    text = f"<html><body><h1>{status}</h1></body></html>".encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {len(text)}\r\n\r\n"
    return head.encode() + text


def bound_socket(port: int) -> socket.socket:
    """A socket that holds a port; while none on this port listens, the system refuses connections to it."""
    # The protocol is named, for asyncio turns Nagle's algorithm off only for sockets that name it.
    holder = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    holder.bind(("127.0.0.1", port))
    return holder


async def reset(client: SocketStream) -> None:
    """Close a connection so that the other side gets an RST: with nothing to linger for."""
    raw = cast("socket.socket", client.extra(SocketAttribute.raw_socket))
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    await anyio.aclose_forcefully(client)
