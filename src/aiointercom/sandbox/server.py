"""A real server on a socket: uvicorn with an event loop of its own, in a thread, whatever loop the caller runs."""

import os
import socket
from threading import Event, Thread
from types import TracebackType
from typing import Any, Literal, Self

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from .wire import CONNECTION

START_OR_STOP_WITHIN = 10.0


class _Announcing(uvicorn.Server):
    """Tells when it answers, so that nobody has to poll."""

    def __init__(self, config: uvicorn.Config, ready: Event) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready.set()


class Server:
    """A context manager that serves an app between `with` and its end, then closes every connection.

    app: the ASGI app. host: the address to bind. port: 0 takes a free one. http: uvicorn's implementation of HTTP/1.1;
    "httptools" is faster and must be installed. Raises OSError at once when the address is taken.
    """

    def __init__(
        self, app: ASGIApp, *, host: str = "127.0.0.1", port: int = 0, http: Literal["h11", "httptools"] = "h11"
    ) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = _listening(family, host, port)
        self.host = host
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(
            _with_connection(app),
            http=http,
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_config=None,  # that of uvicorn asks stdout whether it is a terminal, and it may be closed
            log_level="critical",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            # The app sends a Date of its own, from the sandbox's clock.
            date_header=False,
        )
        self._ready = Event()
        self._server = _Announcing(config, self._ready)
        self._thread = Thread(target=self._server.run, args=([self._socket],), name="intercom-sandbox", daemon=True)

    @property
    def url(self) -> str:
        """The base URL to hand to a client."""
        return f"http://[{self.host}]:{self.port}" if ":" in self.host else f"http://{self.host}:{self.port}"

    def start(self) -> None:
        """Serve from now on; returns when the server answers. Raises RuntimeError when it does not within 10 s."""
        self._thread.start()
        if not self._ready.wait(START_OR_STOP_WITHIN):
            raise RuntimeError("the sandbox's server did not start")

    def close(self) -> None:
        """Stop answering, close every connection and wait for the thread. Requests in flight are not waited for."""
        self._server.should_exit = True
        self._server.force_exit = True
        if self._thread.ident is not None:
            self._thread.join(START_OR_STOP_WITHIN)
        self._socket.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _listening(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    # asyncio turns Nagle's algorithm off only for sockets that name their protocol, which socket.create_server does
    # not; with it on, each answer waits 40 ms for the client's acknowledgement of its headers.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(1024)
    except OSError:
        listener.close()
        raise
    return listener


def _with_connection(app: ASGIApp) -> ASGIApp:
    """Hand the connection to the app: ASGI has no word for closing it, and some faults do just that."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        # uvicorn's `send` is a method of the cycle that owns the transport.
        method: Any = send
        extensions = {**scope.get("extensions", {}), CONNECTION: method.__self__.transport}
        await app({**scope, "extensions": extensions}, receive, send)

    return serve
