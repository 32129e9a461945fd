"""ConnectionPool: each request under way has a transport of its own, and with it a connection of its own.

Knows no HTTP library.

A pool of connections is looked through by httpcore at every request, from one end to the other and for every request
that waits: at 200 in flight that was 57 % of a call. The pool of a lane holds one connection, so there is nothing to
look through. The gate in `_delivery.shared` lets so many requests through as there may be lanes.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Generic

from attrs import define, field

from aiointercom._concurrency.cancellation import in_own_task, run_to_the_end

from .base import AsyncTransport, R, RawResponse, fetch

KEEP = 5.0
"""Seconds that a lane may be idle: as long as httpx keeps a connection that nobody uses."""


@define(eq=False, repr=False)
class ConnectionPool(Generic[R]):
    """One-connection transports, made as they are needed; the one that was used last is the first to be used again."""

    _make: Callable[[str], AsyncTransport[R]]
    """Makes one that leads to an address."""
    _now: Callable[[], float] = time.monotonic
    _idle: dict[str, deque[tuple[float, AsyncTransport[R]]]] = field(
        factory=dict[str, "deque[tuple[float, AsyncTransport[R]]]"]
    )
    """By where they lead to; the longest idle one comes first."""
    _busy: set[AsyncTransport[R]] = field(factory=set["AsyncTransport[R]"])
    _closed: bool = False

    async def send(self, request: R, to: str, most: int | None = None) -> RawResponse:
        """Send one request and read its answer whole.

        `to`: where, for a lane keeps the connection that it has. `most`: see `fetch`.

        A lane whose request did not end well is closed and forgotten: a plain `task.cancel()` goes through the shields
        behind which httpcore cleans up, and may leave in it a connection that is never used again.
        """
        idle = self._idle.setdefault(to, deque())
        while idle and idle[0][0] < self._now() - KEEP:
            await close(idle.popleft()[1])
        lane = idle.pop()[1] if idle else self._make(to)
        self._busy.add(lane)
        try:
            arrived = await fetch(lane, request, most)
        except BaseException:
            self._busy.discard(lane)
            await run_to_the_end(lambda: close(lane))
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

    def is_transport_error(self, failure: Exception) -> bool:  # noqa: ARG002  # as Single
        """Say whether an error came from what carries the request: here nothing else runs."""
        return True

    @property
    def is_closed(self) -> bool:
        """Whether the caller closed it: what closes it here is the client."""
        return False

    @property
    def streams(self) -> bool:
        """Whether the body of a request is taken from its stream, after the headers were sent: httpcore does so."""
        return True

    @property
    def certifies(self) -> bool:
        """Whether the authorities that the environment names are trusted."""
        return True

    async def abandon(self) -> None:
        """Let go of connections that belong to another event loop: nothing needs to be closed from here."""
        self._closed = True
        self._idle.clear()


@define(eq=False, repr=False)
class SingleTransport(Generic[R]):
    """The caller's own transport for all requests, which keeps its connections itself."""

    transport: AsyncTransport[R]

    async def send(self, request: R, to: str, most: int | None = None) -> RawResponse:  # noqa: ARG002  # a protocol
        """Send one request and read its answer whole. `most`: see `fetch`.

        It may be built on httpcore, which a plain `task.cancel()` must not reach.
        """
        return await in_own_task(lambda: fetch(self.transport, request, most))

    async def aclose(self) -> None:
        """Close the transport."""
        await self.transport.aclose()

    def is_transport_error(self, failure: Exception) -> bool:
        """Say whether an error came from what carries the request: an assertion is that of a caller's test."""
        return not isinstance(failure, AssertionError)

    @property
    def is_closed(self) -> bool:
        """Whether the caller closed it: what closes it here is the client."""
        return False

    @property
    def streams(self) -> bool:
        """Whether the body of a request is taken from its stream: not known."""
        return False

    @property
    def certifies(self) -> bool:
        """Whether the authorities that the environment names are trusted: that is the caller's affair."""
        return False

    async def abandon(self) -> None:
        """Leave the transport to its owner."""


async def close(lane: AsyncTransport[R]) -> None:
    """Close one lane; if a connection cannot be closed properly, no call fails."""
    with suppress(Exception):
        await lane.aclose()
