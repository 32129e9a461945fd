"""A TCP proxy that breaks things on purpose, between an SDK and the sandbox's real server.

One fault for each request that is chosen.

It speaks just enough HTTP/1.1 to see where a message ends (Content-Length, which both sides send), and shares no code
with either. It runs in a thread with an event loop of its own, so callers on asyncio, on trio and in other processes
meet the same proxy.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from types import TracebackType
from typing import Self

import anyio
from anyio.abc import SocketListener, SocketStream, TaskGroup, TaskStatus
from anyio.from_thread import start_blocking_portal
from anyio.streams.buffered import BufferedByteReceiveStream
from scripts.soaking.faults import (
    NEVER_ASKED,
    NO_HTTP,
    Arrival,
    Choose,
    Kind,
    Strike,
    bound_socket,
    message,
    page,
    reset,
)

IDLE_FOR = 3.0  # seconds; less than the 5 s after which uvicorn hangs up, so that nothing breaks which nobody chose
GONE = (
    anyio.EndOfStream,
    anyio.IncompleteRead,
    anyio.BrokenResourceError,
    anyio.ClosedResourceError,
    OSError,
)


class FaultProxy:
    """A context manager; the proxy listens between `with` and its end.

    upstream: the port of the real server. choose: says for each request what goes wrong, None for nothing; it is called
    in the proxy's thread. delay: seconds of a DELAY, and after which a request arrives behind a gateway that gave up.
    refuse_for: seconds after which a `then_refuse` ends; None: with `listen()`.
    """

    def __init__(self, upstream: int, choose: Choose, *, delay: float = 0.5, refuse_for: float | None = None) -> None:
        self._upstream, self._choose, self._delay, self._refuse_for = upstream, choose, delay, refuse_for
        self._reserved = bound_socket(0)
        self.port: int = self._reserved.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.log: list[tuple[Arrival, Strike | None]] = []
        """Every request in the order of arrival, and what went wrong with it."""
        self.passed: dict[Arrival, float] = {}
        """The requests whose answer passed unharmed, and after how many seconds."""
        self.limited: list[Arrival] = []
        """Requests that the real server refused with 429."""
        self.connections = 0
        """How many were accepted so far."""
        self.holding = 0
        """Requests and answers that are held back at this moment: by a DELAY, or behind a gateway that gave up."""
        self._listener: SocketListener | None = None
        self._waiting: set[SocketStream] = set()
        self._tasks: TaskGroup
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._portal = self._stack.enter_context(start_blocking_portal())
        self._ended, _ = self._portal.start_task(self._run)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._portal.call(self._tasks.cancel_scope.cancel)
            self._ended.result(10)
        finally:
            self._stack.close()
            self._reserved.close()

    @property
    def struck(self) -> list[tuple[Arrival, Strike]]:
        """The requests that met a fault."""
        return [(arrival, strike) for arrival, strike in self.log if strike is not None]

    def refuse(self) -> None:
        """Refuse new connections, and close those on which no request is under way."""
        self._portal.call(self._refuse)

    def listen(self) -> None:
        """Accept connections again."""
        self._portal.call(self._listen)

    async def _run(self, *, task_status: TaskStatus[None]) -> None:
        async with anyio.create_task_group() as self._tasks:
            await self._listen()
            task_status.started()
            await anyio.sleep_forever()

    async def _listen(self) -> None:
        if self._listener is None:
            listener = bound_socket(self.port)
            listener.listen(1024)
            listener.setblocking(False)
            self._listener = await SocketListener.from_socket(listener)
            self._tasks.start_soon(self._accept, self._listener)

    async def _accept(self, listener: SocketListener) -> None:
        try:
            async with listener:
                await listener.serve(self._converse, self._tasks)
        except anyio.ClosedResourceError:
            pass  # by `_refuse`

    async def _refuse(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            await listener.aclose()
        for client in tuple(self._waiting):
            await client.aclose()

    async def _listen_later(self, seconds: float) -> None:
        await anyio.sleep(seconds)
        await self._listen()

    async def _converse(self, client: SocketStream) -> None:
        """One connection from the client, and the one behind it to the real server."""
        self.connections += 1
        try:
            async with client, await anyio.connect_tcp("127.0.0.1", self._upstream) as server:
                requests, answers = BufferedByteReceiveStream(client), BufferedByteReceiveStream(server)
                while True:
                    arrival = await self._next(client, requests)
                    if arrival is None or not await self._serve(arrival, client, requests, server, answers):
                        break
        except GONE:
            pass  # one side left, and the blocks above have closed the other

    async def _next(self, client: SocketStream, requests: BufferedByteReceiveStream) -> Arrival | None:
        """The next request; None when the client has closed, or says nothing for long."""
        self._waiting.add(client)
        try:
            with anyio.move_on_after(IDLE_FOR):
                head, body = await message(requests)
                method, path, _ = head.split(b" ", 2)
                return Arrival(method.decode(), path.decode(), head, body, time.time())
        except (anyio.EndOfStream, anyio.IncompleteRead, anyio.ClosedResourceError):
            pass
        finally:
            self._waiting.discard(client)
        return None

    async def _serve(
        self,
        arrival: Arrival,
        client: SocketStream,
        requests: BufferedByteReceiveStream,
        server: SocketStream,
        answers: BufferedByteReceiveStream,
    ) -> bool:
        """Answer one request, rightly or not; returns whether the connection goes on."""
        strike = self._choose(arrival)
        self.log.append((arrival, strike))
        head, body = NEVER_ASKED
        late = strike is not None and strike.kind is Kind.DELAY and not strike.after
        if late:
            await self._hold()
        if strike is None or strike.after or late:
            await server.send(arrival.head + arrival.body)
            head, body = await message(answers)
            if head.split(b" ", 2)[1] == b"429":
                self.limited.append(arrival)
        if strike is not None and strike.kind is Kind.GIVES_UP and not strike.after:
            # Here, since a test that waits until nothing is held back looks as soon as the page has come.
            self.holding += 1
            self._tasks.start_soon(self._arrive_late, arrival)
        if strike is not None and strike.then_refuse:
            await self._refuse()  # before the fault is seen, so that what it leads to meets a closed port
            if self._refuse_for is not None:
                self._tasks.start_soon(self._listen_later, self._refuse_for)
        if strike is None or late:
            await client.send(head + body)
            self.passed[arrival] = time.time() - arrival.at
            return True
        return await self._break(strike.kind, head, body, client, requests)

    async def _break(
        self, kind: Kind, head: bytes, body: bytes, client: SocketStream, requests: BufferedByteReceiveStream
    ) -> bool:
        match kind:
            case Kind.RESET:
                await reset(client)
            case Kind.HANG_UP:
                pass
            case Kind.DELAY:
                await self._hold()
                await client.send(head + body)
                return True
            case Kind.CUT:
                await client.send(head + body[: len(body) // 2])
            case Kind.GARBAGE:
                await client.send(NO_HTTP)
            case Kind.HTML:
                await client.send(page("200 OK"))
                return True
            case Kind.GATEWAY:
                await client.send(page("502 Bad Gateway"))
                return True
            case Kind.GIVES_UP:
                await client.send(page("504 Gateway Timeout"))
                return True
            case Kind.STALL:
                await client.send(b"HTTP/1.1 200 OK\r\nContent-Ty")
                await requests.receive()
        return False

    async def _arrive_late(self, arrival: Arrival) -> None:
        """Send a request on for which nobody waits any more, on a connection of its own."""
        try:
            await anyio.sleep(self._delay)
            async with await anyio.connect_tcp("127.0.0.1", self._upstream) as server:
                await server.send(arrival.head + arrival.body)
                await message(BufferedByteReceiveStream(server))
        except GONE:
            pass  # the real server is gone
        finally:
            self.holding -= 1

    async def _hold(self) -> None:
        self.holding += 1
        try:
            await anyio.sleep(self._delay)
        finally:
            self.holding -= 1
