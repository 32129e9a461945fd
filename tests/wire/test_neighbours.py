"""Calls beside each other, over real sockets: what one waits for, leaves behind or is cancelled in harms no other."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.abc
import httpx
import pytest
from attrs import define, field

from aiointercom import Intercom, NotSentError
from aiointercom.cleanup import RedactPart, run
from aiointercom.cleanup.running import execute
from aiointercom.errors import IntercomError, ResponseLostError

pytestmark = pytest.mark.anyio
KINDS = ["httpx", "aiohttp", "own client"]
WAYS = [(kind, loop) for kind in KINDS for loop in ("asyncio", "trio") if (kind, loop) != ("aiohttp", "trio")]
ME = {"type": "admin", "id": "1", "app": {"type": "app", "id_code": "w1", "region": "US"}}
TICKET_TYPE = {"type": "ticket_type", "id": "79", "category": "Customer", "ticket_type_attributes": {"data": []}}


@define
class Request:
    """What came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


Reply = tuple[dict[str, Any], dict[str, str]]


@define
class Server:
    """Answers each request with what `reply` gives: JSON and headers. None: the answer drips, and never ends."""

    reply: Callable[[Request], Awaitable[Reply | None]]
    requests: list[Request] = field(factory=list[Request])
    url: str = ""

    async def handle(self, stream: anyio.abc.SocketStream) -> None:
        """Serve one connection."""
        async with stream:
            try:
                while True:
                    request = await read(stream)
                    self.requests.append(request)
                    reply = await self.reply(request)
                    if reply is None:
                        await drip(stream)
                    else:
                        await stream.send(encoded(*reply))
            except (anyio.EndOfStream, anyio.BrokenResourceError):
                return


async def read(stream: anyio.abc.SocketStream) -> Request:
    """Read one request."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += await stream.receive()
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        body += await stream.receive()
    method, target, _ = first.split(" ")
    return Request(method, target, headers, body)


async def drip(stream: anyio.abc.SocketStream) -> None:
    """Send a body that never ends, byte by byte."""
    await stream.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        await stream.send(b" ")
        await anyio.sleep(0.05)


def encoded(answer: dict[str, Any], headers: dict[str, str]) -> bytes:
    """Write an answer."""
    body = json.dumps(answer).encode()
    lines = [f"{name}: {value}" for name, value in {**headers, "Content-Length": str(len(body))}.items()]
    return "\r\n".join(["HTTP/1.1 200 OK", *lines, "", ""]).encode() + body


@asynccontextmanager
async def serving(reply: Callable[[Request], Awaitable[Reply | None]]) -> AsyncIterator[Server]:
    """A server on loopback."""
    server = Server(reply)
    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener, anyio.create_task_group() as tasks:
        server.url = f"http://127.0.0.1:{listener.extra(anyio.abc.SocketAttribute.local_port)}"
        tasks.start_soon(listener.serve, server.handle)
        yield server
        tasks.cancel_scope.cancel()


@pytest.fixture(params=WAYS, ids="-".join)
def way(request: pytest.FixtureRequest) -> tuple[str, str]:
    """What carries the requests, and on which kind of event loop."""
    kind, loop = request.param
    return kind, loop


@asynccontextmanager
async def client(kind: str, url: str, **options: Any) -> AsyncIterator[Intercom]:
    """A client over one of the transports."""
    if kind == "own client":
        async with (
            httpx.AsyncClient(trust_env=False) as http,
            Intercom(base_url=url, http_client=http, **options) as intercom,
        ):
            yield intercom
    else:
        async with Intercom(base_url=url, transport="httpx" if kind == "httpx" else "aiohttp", **options) as intercom:
            yield intercom


class TestTransports:
    """Over each transport."""

    @pytest.fixture
    def anyio_backend(self, way: tuple[str, str]) -> str:
        """The kind of event loop."""
        return way[1]

    async def test_two_tenants_on_one_client(self, way: tuple[str, str]) -> None:
        """What the answers of one token set, cookies and rate limits, is seen in no request and in no number of the
        other one.
        """

        async def reply(request: Request) -> Reply:
            tenant = request.headers["authorization"].removeprefix("Bearer ")
            limits = {"X-RateLimit-Limit": "500", "X-RateLimit-Remaining": "400", "X-RateLimit-Reset": "9999999999"}
            cookie = {"Set-Cookie": f"tenant={tenant}; Path=/"}
            return ME | {"id": tenant}, cookie | (limits if tenant == "one" else {})

        async with serving(reply) as server, client(way[0], server.url, token="one") as one:
            two = one.with_options(token="two")
            for _ in range(3):
                assert (await one.me()).id == "one"
                assert (await two.me()).id == "two"
                await two.request("PUT", "/tags/1", json={})
        assert [request.headers["cookie"] for request in server.requests if "cookie" in request.headers] == []
        assert one.rate_limit is not None
        assert two.rate_limit is None

    async def test_a_tenant_without_budget_holds_nobody_up(self, way: tuple[str, str]) -> None:
        """Where one token's window is used up, its next call would have to wait; another token's is sent at once."""

        async def reply(request: Request) -> Reply:
            spent = {"X-RateLimit-Limit": "500", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9999999999"}
            return ME, spent if request.headers["authorization"] == "Bearer one" else {}

        async with serving(reply) as server, client(way[0], server.url, token="one", timeout=2) as one:
            await one.me()
            with pytest.raises(IntercomError):
                await one.me()
            two = one.with_options(token="two")
            for _ in range(20):
                await two.me()
        assert Counter(request.headers["authorization"] for request in server.requests) == {
            "Bearer one": 1,
            "Bearer two": 20,
        }

    async def test_a_cleanup_beside_a_dripping_answer(
        self, way: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """One conversation whose answers drip ends as unknown; the clean-up ends, and everything else is done."""
        if way[0] == "own client":
            pytest.skip("calls of all kinds end in their time with it, as with the others")
        monkeypatch.setattr(execute, "INTERVALS", (0.1, 0.1))  # what a clean-up has patience for takes minutes else

        async def reply(request: Request) -> Reply | None:
            if request.target == "/me":
                return ME, {}
            id = (
                json.loads(request.body)["conversation_id"]
                if request.body
                else request.target.split("/")[2].split("?")[0]
            )
            if id == "13":
                return None
            parts = [
                {"type": "conversation_part", "id": f"{id}5", "part_type": "comment", "redacted": True, "body": None}
            ]
            return {
                "type": "conversation",
                "id": id,
                "conversation_parts": {"conversation_parts": parts, "total_count": 1},
            }, {}

        short = {"settle_for": 1, "horizon": 1, "max_retries": 0}
        items = [RedactPart(str(number), f"{number}5") for number in range(10, 20)]
        async with serving(reply) as server, client(way[0], server.url, token="t", timeout=2, **short) as intercom:
            with anyio.fail_after(60):
                async with run(intercom, items, ledger=tmp_path / "a.ledger", concurrency=3) as results:
                    states = {result.item.conversation_id: result.state async for result in results}
        assert states == {str(number): "unknown" if number == 13 else "done" for number in range(10, 20)}


class TestLocks:
    """What calls wait for that another one holds, on asyncio and on trio."""

    async def test_each_waits_for_me_in_its_own_time(self) -> None:
        """`/me` of strict_region drips for one call: another one with less time ends in its own time, and sends
        nothing.
        """

        async def reply(request: Request) -> None:
            return None

        async with serving(reply) as server:
            intercom = Intercom("t", base_url=server.url, strict_region=True, timeout=4, max_retries=0)
            await bounded(intercom.conversations.retrieve, server)
            await intercom.aclose()
        assert {request.target for request in server.requests} == {"/me"}

    async def test_each_waits_for_a_ticket_type_in_its_own_time(self) -> None:
        """So does the read of a ticket type that many calls share."""

        async def reply(request: Request) -> None:
            return None

        async def resolve(id: str, timeout: float | None = None) -> None:
            await intercom.ticket_types.resolve(id, {}, timeout=timeout)

        async with serving(reply) as server, Intercom("t", base_url=server.url, timeout=4, max_retries=0) as intercom:
            await bounded(resolve, server)

    @pytest.mark.parametrize("what", ["me", "ticket type", "token"])
    async def test_one_cancelled_caller_fails_no_other(self, what: str) -> None:
        """The call that reads for all is cancelled: the others read anew, once, and are all answered."""
        slow, answered = anyio.Event(), []

        async def reply(request: Request) -> Reply:
            shared = request.target == ("/me" if what == "me" else "/ticket_types/79")
            if shared and not slow.is_set() and what != "token":
                slow.set()
                await anyio.sleep_forever()
            return (ME if request.target == "/me" else TICKET_TYPE), {}

        async def token() -> str:
            if what == "token" and not slow.is_set():
                slow.set()
                await anyio.sleep_forever()
            return "t"

        async def ask() -> None:
            await intercom.ticket_types.resolve("79", {})
            answered.append(1)

        async with (
            serving(reply) as server,
            Intercom(token, base_url=server.url, strict_region=what == "me") as intercom,
        ):
            with anyio.fail_after(30):
                async with anyio.create_task_group() as tasks:
                    with anyio.CancelScope() as first:
                        async with anyio.create_task_group() as cancelled:
                            cancelled.start_soon(ask)
                            await slow.wait()
                            for _ in range(20):
                                tasks.start_soon(ask)
                            await anyio.wait_all_tasks_blocked()
                            first.cancel()
        assert len(answered) == 20
        read = Counter(request.target for request in server.requests)
        assert read["/ticket_types/79"] == (2 if what == "ticket type" else 1)
        assert read["/me"] == (2 if what == "me" else 0)


async def bounded(call: Callable[..., Awaitable[object]], server: Server) -> None:
    """Have one call hold a lock for four seconds, and others with half a second wait for it."""
    took: list[float] = []

    async def hold() -> None:
        with pytest.raises(ResponseLostError):
            await call("79")

    async def wait() -> None:
        began = anyio.current_time()
        with pytest.raises(NotSentError, match=r"another call took longer than 0\.5 s"):
            await call("79", timeout=0.5)
        took.append(anyio.current_time() - began)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(hold)
        while not server.requests:  # noqa: ASYNC110  # the server is asked for a fact, which has no event
            await anyio.sleep(0.01)
        async with anyio.create_task_group() as waiting:
            for _ in range(10):
                waiting.start_soon(wait)
        assert len(server.requests) == 1, "the first call still holds what the others gave up waiting for"
        assert min(took) >= 0.5
