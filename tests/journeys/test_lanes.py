"""ConnectionPool: one connection for each request under way, used again in the order last in, first out, and never
after a bad end.
"""

from __future__ import annotations

import gzip
from typing import Any

import anyio
import anyio.lowlevel
import httpx
import pytest

from aiointercom._http.pool import KEEP, ConnectionPool, SingleTransport

pytestmark = pytest.mark.anyio


class Line(httpx.AsyncBaseTransport):
    """A transport that notes what becomes of it."""

    def __init__(self, answer: Any = None) -> None:
        self.answer = answer
        self.carried = 0
        self.closed = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.carried += 1
        await anyio.lowlevel.checkpoint()
        if isinstance(self.answer, BaseException):
            raise self.answer
        return httpx.Response(200, headers={"X-Name": "a"}, stream=httpx.ByteStream(b"{}"))

    async def aclose(self) -> None:
        self.closed = True
        if isinstance(self.answer, BaseException):
            raise OSError("cannot be closed properly")


class Works:
    """Makes lines, and keeps them to look at."""

    def __init__(self, answer: Any = None) -> None:
        self.lines: list[Line] = []
        self.answer = answer
        self.now = 0.0
        self.lanes = ConnectionPool[httpx.Request](self.make, lambda: self.now)

    def make(self, to: str) -> Line:
        self.lines.append(Line(self.answer))
        return self.lines[-1]

    async def send(self, to: str = "https://a") -> Any:
        return await self.lanes.send(httpx.Request("GET", to), to)


async def test_one_after_the_other_share_a_lane() -> None:
    """The lane that was used last is used again, and the answer comes read whole, its headers by lower-case name."""
    works = Works()
    for _ in range(3):
        arrived = await works.send()
    assert (arrived.status, arrived.headers, arrived.content) == (200, {"x-name": "a"}, b"{}")
    assert [line.carried for line in works.lines] == [3]


async def test_at_once_have_a_lane_each() -> None:
    """Two requests under way at once never share a lane; afterwards both lanes wait for the next."""
    works = Works()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(works.send)
        tasks.start_soon(works.send)
    assert [line.carried for line in works.lines] == [1, 1]
    await works.send()
    assert len(works.lines) == 2


async def test_a_lane_leads_to_one_place() -> None:
    """A request to another address takes another lane, whose connection leads there."""
    works = Works()
    await works.send("https://a")
    await works.send("https://b")
    await works.send("https://a")
    assert [line.carried for line in works.lines] == [2, 1]


async def test_a_bad_end_closes_the_lane() -> None:
    """After an error the lane is closed and forgotten; that closing fails hides nothing."""
    works = Works(httpx.ReadTimeout("late"))
    with pytest.raises(httpx.ReadTimeout):
        await works.send()
    assert works.lines[0].closed
    works.answer = None
    await works.send()
    assert [line.carried for line in works.lines] == [1, 1]


async def test_a_cancelled_request_closes_the_lane() -> None:
    """Cancelled in the middle, the lane is closed before the caller goes on."""
    works = Works()
    with anyio.CancelScope() as scope:
        scope.cancel()
        await works.send()
    assert [line.closed for line in works.lines] == [True]
    assert not works.lanes._busy


async def test_idle_lanes_are_closed() -> None:
    """A lane that nobody used for as long as httpx keeps a connection is closed by the next request."""
    works = Works()
    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(works.send)
    works.now = KEEP / 2
    await works.send()
    works.now = KEEP + 1
    await works.send()
    assert sorted(line.closed for line in works.lines) == [False, True, True]


async def test_closing_closes_all() -> None:
    """Closing reaches idle lanes and those under way; one that ends later closes itself."""
    works = Works()
    await works.send("https://b")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(works.send)
        await anyio.lowlevel.checkpoint()
        await works.lanes.aclose()
    assert [line.closed for line in works.lines] == [True, True]


async def test_encoded_answers_are_decoded() -> None:
    """An answer of a caller's own transport that is encoded is undone by httpx."""

    async def handle(_: httpx.Request) -> httpx.Response:
        return httpx.Response(
            200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(gzip.compress(b"x" * 9))
        )

    carrier = SingleTransport[httpx.Request](httpx.MockTransport(handle))
    arrived = await carrier.send(httpx.Request("GET", "https://a"), "https://a")
    assert arrived.content == b"x" * 9
    await carrier.aclose()
