"""What aiohttp does by itself and must not do here: keep cookies, send twice, pass a proxy by, leave its session
open.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio
import anyio.abc
import pytest
from attrs import define, field

from aiointercom import Intercom
from aiointercom._delivery.gate import EACH
from aiointercom.errors import ConfigurationError, IntercomError, NotSentError, OutcomeUnknownError, ResponseLostError
from aiointercom.sandbox import Sandbox

pytestmark = pytest.mark.anyio
ANSWER = b'{"type":"admin","id":"1"}'


@pytest.fixture
def anyio_backend() -> str:
    """The aiohttp transport is for asyncio."""
    return "asyncio"


@define
class Server:
    """Says for each request, by its head, what to answer; None: the connection is dropped."""

    answer: Callable[[bytes], bytes | None]
    heads: list[bytes] = field(factory=list[bytes])
    url: str = ""

    async def handle(self, stream: anyio.abc.SocketStream) -> None:
        """Serve one connection."""
        async with stream:
            while True:
                try:
                    head = await stream.receive()
                except (anyio.EndOfStream, anyio.BrokenResourceError):
                    return
                self.heads.append(head)
                answer = self.answer(head)
                if answer is None:
                    return
                await stream.send(answer)


@asynccontextmanager
async def serving(answer: Callable[[bytes], bytes | None]) -> AsyncIterator[Server]:
    """A server on loopback."""
    server = Server(answer)
    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener, anyio.create_task_group() as tasks:
        server.url = f"http://127.0.0.1:{listener.extra(anyio.abc.SocketAttribute.local_port)}"
        tasks.start_soon(listener.serve, server.handle)
        yield server
        tasks.cancel_scope.cancel()


def ok(*headers: bytes) -> bytes:
    """An answer to `/me`."""
    return b"\r\n".join([b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(ANSWER), *headers, b"", ANSWER])


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST", "PATCH"])
async def test_nothing_is_sent_again_on_a_dropped_connection(method: str) -> None:
    """A connection that was used before and drops upon the next request: that request was sent once, and its end is
    told.
    """

    def answer(head: bytes) -> bytes | None:
        return ok() if b"/me" in head else None

    async with (
        serving(answer) as server,
        Intercom("t", base_url=server.url, transport="aiohttp", max_retries=0) as intercom,
    ):
        await intercom.me()
        with pytest.raises(ResponseLostError if method == "GET" else OutcomeUnknownError):
            await intercom.request(method, "/tags/7", json=None if method in ("GET", "DELETE") else {"name": "a"})
    assert [head.split(b" ")[0].decode() for head in server.heads if b"/tags" in head] == [method]


@pytest.mark.parametrize("broken", [False, True])
async def test_https_goes_through_the_proxy(monkeypatch: pytest.MonkeyPatch, broken: bool) -> None:
    """With HTTPS_PROXY a call goes to the proxy, and to nobody else; the token would go through the tunnel only."""
    refusal = None if broken else b"HTTP/1.1 503 Not now\r\nContent-Length: 0\r\n\r\n"
    async with serving(lambda _: refusal) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        async with Intercom("planted-token", transport="aiohttp", max_retries=0, timeout=5) as intercom:
            with pytest.raises(IntercomError):
                await intercom.me()
    assert proxy.heads
    assert all(head.startswith(b"CONNECT api.intercom.io:443") for head in proxy.heads)
    assert not any(b"planted-token" in head for head in proxy.heads)


async def test_a_proxy_that_refuses_had_nothing_to_pass_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that the proxy refuses to carry was certainly not sent."""
    async with serving(lambda _: b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n") as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        async with Intercom("t", transport="aiohttp", max_retries=0) as intercom:
            with pytest.raises(NotSentError):
                await intercom.conversations.redact_part("471", "115")


async def test_plain_http_passes_every_proxy_by(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy for http would get the token in clear, so there is none."""
    async with serving(lambda _: None) as proxy, serving(lambda _: ok()) as server:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        async with Intercom("t", base_url=server.url, transport="aiohttp") as intercom:
            await intercom.me()
    assert proxy.heads == []


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "ALL_PROXY"])
async def test_a_socks_proxy_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """What aiohttp cannot go through is an error before anything is sent, and not a direct connection."""
    monkeypatch.setenv(name, "socks5://user:planted@127.0.0.1:9")
    with pytest.raises(ConfigurationError, match=name) as refused:
        Intercom("t", transport="aiohttp")
    assert "planted" not in str(refused.value)


async def test_slow_answers_of_many_tokens_hold_nothing_up() -> None:
    """The connections of aiohttp have no number of their own: three tokens whose places all hang do not hold a fourth
    up.
    """
    server = await anyio.create_tcp_listener(local_host="127.0.0.1", backlog=1000)
    hanging = 0

    async def handle(stream: anyio.abc.SocketStream) -> None:
        nonlocal hanging
        async with stream:
            if b"Bearer prompt" in await stream.receive():
                await stream.send(ok())
                return
            hanging += 1
            await anyio.sleep_forever()

    async with server, anyio.create_task_group() as tasks:
        tasks.start_soon(server.serve, handle)
        url = f"http://127.0.0.1:{server.extra(anyio.abc.SocketAttribute.local_port)}"
        async with Intercom("prompt", base_url=url, transport="aiohttp", pace=None, timeout=20) as intercom:
            for token in ("a", "b", "c"):
                slow = intercom.with_options(token=token, timeout=60)
                for _ in range(EACH):
                    tasks.start_soon(slow.me)
            with anyio.fail_after(30):
                while hanging < 3 * EACH:  # noqa: ASYNC110  # the server is asked for a fact, which has no event
                    await anyio.sleep(0.01)
                await intercom.me()
            tasks.cancel_scope.cancel()


def test_closed_in_another_loop() -> None:
    """Closed from another event loop than it was used in, the session is closed all the same: nothing complains of
    it.
    """
    program = """
import asyncio, gc, sys
from aiointercom import Intercom
intercom = Intercom("sandbox-token", base_url=sys.argv[1], transport="aiohttp")
asyncio.run(intercom.me())
asyncio.run(intercom.aclose())
del intercom
gc.collect()
"""
    with Sandbox().serve() as server:
        done = subprocess.run(
            [sys.executable, "-W", "default", "-c", program, server.url], capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stderr
    assert "Unclosed" not in done.stderr
    assert "was never awaited" not in done.stderr
