"""A server in a thread of its own that answers every request badly: slowly, without end, or with more than anybody
asked for.
"""

from __future__ import annotations

import gzip
import socket
import threading
import zlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import chain, repeat
from types import TracebackType
from typing import Self

from attrs import define, field

Answer = Iterator[bytes | float]
"""What is sent one after the other; a number is so many seconds of waiting."""
DRIP = 0.05
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CONVERSATION = b'{"type":"conversation","id":"471"}'
UNPACKED = 600_000_000


def dripping_body() -> Answer:
    """A body that comes byte by byte, for hours."""
    yield OK + b"Content-Length: 1000000\r\n\r\n"
    yield from chain.from_iterable(zip(repeat(b" "), repeat(DRIP)))


def dripping_chunks() -> Answer:
    """The same, chunk by chunk."""
    yield OK + b"Transfer-Encoding: chunked\r\n\r\n"
    yield from chain.from_iterable(zip(repeat(b"1\r\n \r\n"), repeat(DRIP)))


def dripping_headers() -> Answer:
    """Headers that come byte by byte."""
    yield OK + b"X-Long: "
    yield from chain.from_iterable(zip(repeat(b"a"), repeat(DRIP)))


def dripping_status() -> Answer:
    """A status line of which nothing but the beginning comes, byte by byte."""
    yield b"HTTP/1.1 200 "
    yield from chain.from_iterable(zip(repeat(b"O"), repeat(DRIP)))


def early_hints() -> Answer:
    """Informational answers, one after the other, with a breath between them."""
    yield from chain.from_iterable(zip(repeat(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"), repeat(DRIP)))


def flood_of_early_hints() -> Answer:
    """Informational answers, as fast as they are taken."""
    yield from repeat(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 1000)


def latin_1_reason() -> Answer:
    """A refusal whose reason phrase is not UTF-8."""
    body = b'{"type":"error.list","request_id":"b1","errors":[{"code":"not_found","message":"Not found"}]}'
    yield b"HTTP/1.1 404 Nicht gef\xfcnden\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    yield body


def endless_body() -> Answer:
    """A body of which more comes for as long as somebody takes it."""
    yield OK + b"\r\n"
    yield from repeat(b" " * 1_000_000)


def endless_chunks() -> Answer:
    """The same in chunks."""
    yield OK + b"Transfer-Encoding: chunked\r\n\r\n"
    yield from repeat(b"f4240\r\n" + b" " * 1_000_000 + b"\r\n")


def endless_headers() -> Answer:
    """Headers without end, as fast as they are taken."""
    yield OK
    yield from repeat(b"X-More: a\r\n" * 10_000)


def endless_trailers() -> Answer:
    """A body that ends, and headers after it without end."""
    yield OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"22\r\n" + CONVERSATION + b"\r\n0\r\n"
    yield from repeat(b"X-More: a\r\n" * 10_000)


def bomb() -> Answer:
    """About 1 MB that unpacks to 600 MB."""
    yield from _packed("gzip", _bomb())


def bomb_in_a_bomb() -> Answer:
    """The same packed once more: some kilobytes."""
    yield from _packed("gzip, gzip", gzip.compress(_bomb()))


def deflated_bomb() -> Answer:
    """The same without gzip's header."""
    yield from _packed("deflate", _bomb(zlib.MAX_WBITS))


@lru_cache
def _bomb(wbits: int = zlib.MAX_WBITS | 16) -> bytes:
    packer = zlib.compressobj(wbits=wbits)
    parts = [packer.compress(b"0" * 10_000_000) for _ in range(UNPACKED // 10_000_000)]
    return b"".join([*parts, packer.flush()])


def _packed(encoding: str, body: bytes) -> Answer:
    yield OK + b"Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (encoding.encode(), len(body))
    yield body


@define(eq=False)
class Hostile:
    """The server, as a context manager.

    Args:
        answer: What it sends upon every request.
    """

    answer: Callable[[], Answer]
    targets: list[str] = field(factory=list[str])
    """Method and path of every request that came."""
    _listener: socket.socket = field(init=False)
    _ended: threading.Event = field(factory=threading.Event)

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=50)
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ended.set()
        self._listener.close()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection:
                while self._request(connection):
                    self._answer(connection)
        except OSError:  # the client is gone
            return

    def _request(self, connection: socket.socket) -> bool:
        """Read one request whole; False: there is none any more."""
        head = b""
        while b"\r\n\r\n" not in head:
            if not (more := connection.recv(65_536)):
                return False
            head += more
        self.targets.append(" ".join(head.decode("latin-1").split(" ", 2)[:2]))
        head, _, body = head.partition(b"\r\n\r\n")
        lengths = [
            line.partition(b":")[2] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
        ]
        while lengths and len(body) < int(lengths[0]):
            body += connection.recv(65_536)
        return True

    def _answer(self, connection: socket.socket) -> None:
        for part in self.answer():
            if self._ended.is_set():
                return
            if isinstance(part, bytes):
                connection.sendall(part)
            else:
                self._ended.wait(part)
