"""Lanes: each request under way has a transport of its own, and with it a connection of its own. Knows no HTTP library.

A pool of connections is looked through by httpcore at every request, from one end to the other and for every request that waits: at 200
in flight that was 57 % of a call. The pool of a lane holds one connection, so there is nothing to look through. The gate in
`_connections` lets so many requests through as there may be lanes.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Generic, Protocol, TypeVar

from attrs import define, field, frozen

from ._apart import apart, to_the_end

KEEP = 5.0
"""Seconds that a lane may be idle: as long as httpx keeps a connection that nobody uses."""


class Headers(Protocol):
    """What is known here of an answer's headers."""

    @property
    def raw(self) -> list[tuple[bytes, bytes]]:
        """Names and values, as they came."""
        ...


class Answer(Protocol):
    """What is known here of an answer: an httpx.Response."""

    status_code: int
    stream: Any

    @property
    def headers(self) -> Headers:
        """The headers."""
        ...

    async def aread(self) -> bytes:
        """Read the whole body, and undo its encoding."""
        ...

    async def aclose(self) -> None:
        """Give the connection back."""
        ...


R = TypeVar("R")
R_contra = TypeVar("R_contra", contravariant=True)


class Transport(Protocol[R_contra]):
    """What carries requests: an httpx.AsyncBaseTransport."""

    async def handle_async_request(self, request: R_contra, /) -> Answer:
        """Send one request, and return its answer once the headers are there."""
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...


@frozen
class Arrived:
    """An answer that was read whole."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    """By lower-case name."""
    content: bytes = field(repr=False)


@define(eq=False)
class Lanes(Generic[R]):
    """One-connection transports, made as they are needed; the one that was used last is the first to be used again."""

    _make: Callable[[], Transport[R]]
    _now: Callable[[], float] = time.monotonic
    _idle: dict[str, deque[tuple[float, Transport[R]]]] = field(factory=dict[str, "deque[tuple[float, Transport[R]]]"])
    """By where they lead to; the longest idle one comes first."""
    _busy: set[Transport[R]] = field(factory=set["Transport[R]"])
    _closed: bool = False

    async def send(self, request: R, to: str) -> Arrived:
        """Send one request and read its answer whole. `to`: where, for a lane keeps the connection that it has.

        A lane whose request did not end well is closed and forgotten: a plain `task.cancel()` goes through the shields behind which
        httpcore cleans up, and may leave in it a connection that nobody will ever use again.
        """
        idle = self._idle.setdefault(to, deque())
        while idle and idle[0][0] < self._now() - KEEP:
            await close(idle.popleft()[1])
        lane = idle.pop()[1] if idle else self._make()
        self._busy.add(lane)
        try:
            arrived = await whole(lane, request)
        except BaseException:
            self._busy.discard(lane)
            await to_the_end(lambda: close(lane))
            raise
        self._busy.discard(lane)
        if self._closed:
            await close(lane)
        else:
            idle.append((self._now(), lane))
        return arrived

    async def aclose(self) -> None:
        """Close all lanes, those under way too."""
        self._closed = True
        lanes = [*self._busy, *(lane for idle in self._idle.values() for _, lane in idle)]
        self._idle.clear()
        for lane in lanes:
            await close(lane)


@define(eq=False)
class Single(Generic[R]):
    """One transport for all requests, which keeps its connections itself."""

    transport: Transport[R]
    foreign: bool
    """The caller's own: it may be built on httpcore, which a plain `task.cancel()` must not reach."""

    async def send(self, request: R, to: str) -> Arrived:  # noqa: ARG002  # as Lanes
        """Send one request and read its answer whole."""
        if self.foreign:
            return await apart(lambda: whole(self.transport, request))
        return await whole(self.transport, request)

    async def aclose(self) -> None:
        """Close the transport."""
        await self.transport.aclose()


async def whole(transport: Transport[R], request: R) -> Arrived:
    """Send one request and read its answer whole: straight from the stream, unless it is encoded."""
    answer = await transport.handle_async_request(request)
    headers = plain(answer.headers)
    try:
        if "content-encoding" in headers:
            return Arrived(answer.status_code, headers, await answer.aread())
        return Arrived(answer.status_code, headers, b"".join([part async for part in answer.stream]))
    finally:
        await answer.aclose()


def plain(headers: Headers) -> dict[str, str]:
    """Turn headers into a plain dict, by lower-case name: each look into httpx's own costs as much as making this one."""
    return {name.decode("latin-1").lower(): text.decode("latin-1") for name, text in headers.raw}


async def close(lane: Transport[R]) -> None:
    """Close one lane; that a connection cannot be closed properly is no error of any call."""
    with suppress(Exception):
        await lane.aclose()
