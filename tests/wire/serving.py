"""Real servers for ASGI apps, each in a thread with an event loop of its own: uvicorn, and hypercorn on asyncio and on
trio.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import anyio
import anyio.to_thread
import hypercorn.asyncio
import hypercorn.trio
import uvicorn
from hypercorn.config import Config

WITHIN = 20.0


def listener() -> socket.socket:
    """A socket that listens on a free port; who connects before the server accepts has to wait, and is not refused."""
    return socket.create_server(("127.0.0.1", 0))


@contextmanager
def in_a_thread(run: Callable[[], Any], stop: Callable[[], Any], bound: socket.socket) -> Iterator[str]:
    """Serve between `with` and its end; gives the URL."""
    thread = Thread(target=run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    finally:
        stop()
        thread.join(WITHIN)
        bound.close()
        assert not thread.is_alive()


@contextmanager
def uvicorn_serves(app: Any) -> Iterator[str]:
    """uvicorn on asyncio, with the lifespan of the app."""
    bound = listener()
    server = uvicorn.Server(uvicorn.Config(app, lifespan="on", log_config=None, log_level="critical", ws="none"))

    def stop() -> None:
        server.should_exit = True

    with in_a_thread(lambda: server.run([bound]), stop, bound) as url:
        yield url


def hypercorn_serves(backend: str) -> Callable[[Any], Any]:
    """hypercorn on one of the event loops."""

    @contextmanager
    def serves(app: Any) -> Iterator[str]:
        bound, stopped = listener(), Event()
        config = Config()
        config.bind = [f"fd://{os.dup(bound.fileno())}"]  # which it closes
        config.loglevel = "CRITICAL"
        config.graceful_timeout = 1.0
        serve: Any = hypercorn.asyncio.serve if backend == "asyncio" else hypercorn.trio.serve

        async def until_stopped() -> None:
            await anyio.to_thread.run_sync(stopped.wait, abandon_on_cancel=True)

        async def main() -> None:
            await serve(app, config, shutdown_trigger=until_stopped)

        with in_a_thread(lambda: anyio.run(main, backend=backend), stopped.set, bound) as url:
            yield url

    return serves


SERVERS: dict[str, Callable[[Any], Any]] = {
    "uvicorn": uvicorn_serves,
    "hypercorn on asyncio": hypercorn_serves("asyncio"),
    "hypercorn on trio": hypercorn_serves("trio"),
}
