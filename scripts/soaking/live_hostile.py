"""Notifications that are forged, replayed, truncated, huge or deeply nested.

What each is answered with, over raw sockets.
"""

from __future__ import annotations

import hmac
import json
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from attrs import define, field

HUGE = 8 << 20
DEEP = 100_000
PATIENCE = 30.0
NO_ANSWER = "no answer"
"""Also what a client sees whose body was not read to its end.

The connection may be reset before it reads the answer.
"""


def signed(body: bytes, secret: str) -> str:
    """The value of the header."""
    return "sha1=" + hmac.new(secret.encode(), body, "sha1").hexdigest()


def notification(workspace: str, conversation_id: str, message_id: str, body: str) -> bytes:
    """A notification of a contact's reply."""
    part = {"type": "conversation_part", "id": message_id, "body": body, "author": {"type": "user", "id": "7"}}
    item: dict[str, Any] = {
        "type": "conversation",
        "id": conversation_id,
        "source": {"id": "1", "type": "conversation", "body": "<p>Hello</p>", "author": {"type": "user", "id": "7"}},
        "conversation_parts": {"conversation_parts": [part], "total_count": 1},
    }
    envelope = {"topic": "conversation.user.replied", "id": "notif_0", "app_id": workspace, "data": {"item": item}}
    return json.dumps({"type": "notification_event", **envelope}).encode()


@define
class Hostile:
    """Sends them, and counts the answers that are not as promised, and the words that stand in answers.

    genuine: a notification as Intercom would send it, which is replayed.
    """

    url: str
    secret: str
    genuine: bytes
    planted: tuple[bytes, ...]
    sent: int = 0
    replies: Counter[str] = field(factory=Counter[str])
    wrong: Counter[str] = field(factory=Counter[str])
    words: int = 0

    def round(self) -> None:
        """Send one of each kind."""
        for kind, request, expected in self._requests():
            reply = request()
            status = reply.split(b" ", 2)[1].decode() if reply.startswith(b"HTTP/") else NO_ANSWER
            self.sent += 1
            self.replies[f"{kind}: {status}"] += 1
            self.words += sum(reply.count(word) for word in self.planted)
            if status not in expected:
                self.wrong[f"{kind}: {status}"] += 1

    def _requests(self) -> Iterator[tuple[str, Callable[[], bytes], tuple[str, ...]]]:
        body, right = self.genuine, signed(self.genuine, self.secret)
        deep = b'{"topic": "ping", "data": ' + b"[" * DEEP + b"]" * DEEP + b"}"
        half = body[: len(body) // 2]
        odd = body[:-20] + b"\xff\xfe" + body[-20:]
        yield "replayed", lambda: self._send(body, right), ("200",)
        yield "forged", lambda: self._send(body, signed(body, "guessed")), ("401",)
        yield "unsigned", lambda: self._send(body, None), ("401",)
        yield "changed", lambda: self._send(body.replace(b"user", b"lead"), right), ("401",)
        yield "signature that is no ASCII", lambda: self._send(body, "sha1=\xe4\xf6"), ("401",)
        yield "truncated", lambda: self._send(half, right), ("401",)
        yield "truncated and signed", lambda: self._send(half, signed(half, self.secret)), ("400",)
        yield "cut off", lambda: self._send(half, right, length=len(body), cut=True), (NO_ANSWER,)
        yield "no UTF-8", lambda: self._send(odd, signed(odd, self.secret)), ("400",)
        yield "deep", lambda: self._send(deep, signed(deep, self.secret)), ("400",)
        yield "deep and forged", lambda: self._send(deep, "sha1=" + 40 * "0"), ("401",)
        yield "huge, by its header", lambda: self._send(b"[", right, length=HUGE), ("413",)
        yield "huge", lambda: self._send(b"[" * HUGE, right), ("413", NO_ANSWER)
        yield "huge, in chunks", lambda: self._send(b"[" * HUGE, right, chunked=True), ("413", NO_ANSWER)
        yield "GET", lambda: self._send(b"", right, method="GET"), ("405",)

    def _send(
        self,
        body: bytes,
        signature: str | None,
        *,
        length: int | None = None,
        cut: bool = False,
        chunked: bool = False,
        method: str = "POST",
    ) -> bytes:
        """Send a request and return the whole answer.

        Length: what the header says; more than comes. cut: end after that.
        """
        parts = urlsplit(self.url)
        lines = [f"{method} {parts.path} HTTP/1.1", f"Host: {parts.netloc}", "Connection: close"]
        lines += [] if signature is None else [f"X-Hub-Signature: {signature}"]
        lines += ["Transfer-Encoding: chunked"] if chunked else [f"Content-Length: {length or len(body)}"]
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        if chunked:
            body = f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
        with socket.create_connection((parts.hostname or "", parts.port or 80), PATIENCE) as connection:
            try:
                connection.sendall(head + body)
                if cut:
                    connection.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # it answered and closed before all was sent
            return _all_of(connection)


def _all_of(connection: socket.socket) -> bytes:
    """What comes until the other side closes, or resets, the connection."""
    came = b""
    while True:
        try:
            more = connection.recv(65_536)
        except OSError:
            return came
        if not more:
            return came
        came += more
