"""The address of a webhook, over a connection that is kept; an answer has a limit of time and of size."""

import http.client
import socket
from contextlib import suppress
from threading import Timer
from urllib.parse import urlsplit

TIMEOUT = 5.0
"""Seconds that a request and its answer may take."""
MOST = 65_536
"""Bytes of an answer that are read."""


class Receiver:
    """Sends requests to one address, one after the other."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT)
        self._target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._socket: socket.socket | None = None
        self._late = False

    def request(self, method: str, body: bytes | None, headers: dict[str, str]) -> int | None:
        """Send a request, and return the status of the answer. None: there was no answer in time."""
        self._late = False
        timer = Timer(TIMEOUT, self._end)  # the connection's own time-out begins anew with each byte
        timer.start()
        try:
            status = self._ask(method, body, headers)
        finally:
            timer.cancel()
        return None if self._late else status

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _ask(self, method: str, body: bytes | None, headers: dict[str, str]) -> int | None:
        """As `request`. A connection that the server closed meanwhile is opened again."""
        connection = self._connection
        fresh = connection.sock is None
        try:
            if fresh:
                connection.connect()
                connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket = connection.sock  # the connection forgets it before the last answer is read
            connection.request(method, self._target, body, headers)
            answer = connection.getresponse()
            answer.read(MOST)
            if not answer.isclosed():  # there is more of it
                answer.close()
                connection.close()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            gone = isinstance(error, ConnectionError | http.client.RemoteDisconnected) and not fresh
            return self._ask(method, body, headers) if gone and not self._late else None
        return answer.status

    def _end(self) -> None:
        """Give up the request: what reads from its socket wakes up."""
        self._late = True
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
