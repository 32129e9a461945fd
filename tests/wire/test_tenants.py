"""Two tokens on one client, over real sockets: what hangs for one holds nothing of the other up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import anyio.abc
import httpx
import pytest

from aiointercom import Intercom
from aiointercom._delivery.gate import EACH

pytestmark = pytest.mark.anyio
ANSWER = b'{"type":"admin","id":"1"}'


class Server:
    """Answers the token "prompt" at once, with a rate limit of its own, and never answers the token "slow"."""

    def __init__(self) -> None:
        self.hanging = 0
        self.url = ""

    async def handle(self, stream: anyio.abc.SocketStream) -> None:
        """Serve one connection."""
        async with stream:
            try:
                while True:
                    head = b""
                    while b"\r\n\r\n" not in head:
                        head += await stream.receive()
                    if b"Bearer slow" in head:
                        self.hanging += 1
                        await anyio.sleep_forever()
                    limits = (
                        b"X-RateLimit-Limit: 500\r\nX-RateLimit-Remaining: 400\r\nX-RateLimit-Reset: 9999999999\r\n"
                    )
                    size = str(len(ANSWER)).encode()
                    await stream.send(
                        b"HTTP/1.1 200 OK\r\nContent-Length: " + size + b"\r\n" + limits + b"\r\n" + ANSWER
                    )
            except (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError):
                return


@asynccontextmanager
async def serving() -> AsyncIterator[Server]:
    """A server on loopback."""
    server = Server()
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = listener.extra(anyio.abc.SocketAttribute.local_port)
    server.url = f"http://127.0.0.1:{port}"
    async with listener, anyio.create_task_group() as group:
        group.start_soon(listener.serve, server.handle)
        yield server
        group.cancel_scope.cancel()


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Both kinds of event loop."""
    return str(request.param)


@pytest.mark.parametrize("kind", ["httpx", "aiohttp", "own client"])
async def test_hanging_answers_of_one_token_hold_nothing_of_another_up(kind: str, anyio_backend: str) -> None:
    """All 50 places of one token hang and more of its calls wait; 200 calls of another token are answered all the
    same.
    """
    if kind == "aiohttp" and anyio_backend == "trio":
        pytest.skip("the aiohttp transport is for asyncio")
    own = httpx.AsyncClient(trust_env=False) if kind == "own client" else None
    async with serving() as server:
        intercom = Intercom(
            "slow",
            base_url=server.url,
            pace=None,
            http_client=own,
            transport="aiohttp" if kind == "aiohttp" else "httpx",
        )
        async with intercom, anyio.create_task_group() as group:
            prompt = intercom.with_options(token="prompt")
            for _ in range(EACH + 10):
                group.start_soon(intercom.me)
            with anyio.fail_after(30):
                while server.hanging < EACH:  # noqa: ASYNC110  # the server is asked for a fact, which has no event
                    await anyio.sleep(0.01)
                async with anyio.create_task_group() as calls:
                    for _ in range(200):
                        calls.start_soon(prompt.me)
            assert server.hanging == EACH
            assert intercom._token_state.gate.places.value == 0
            assert prompt._token_state.gate.places.value == EACH
            assert prompt.rate_limit is not None
            assert intercom.rate_limit is None
            group.cancel_scope.cancel()
        assert intercom._token_state.gate.places.value == EACH
    if own is not None:
        await own.aclose()
