"""Where items wait their turn: so many at work at once, those of one conversation one after the other, and no more held than is bounded.

An item in doubt leaves its place, and those behind it go on. It comes back by itself when it is due, before what is new.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable
from heapq import heappop, heappush
from itertools import count

import anyio
from anyio.abc import TaskGroup

from ._turns import Job
from .items import Convert, Item, RedactPart, RedactSource

PARKED = 1000
"""Items that may wait for their conversation. One has at most 500 parts that the API shows, so the next ones can go on meanwhile."""
MOST_IN_DOUBT = 10_000
"""Items in doubt that may wait to be due: with that many nothing new is begun, until some of them are settled."""
CLOSING = 5.0
"""Seconds that the application's iterator has for its own cleaning up."""


now = anyio.current_time
"""Seconds of the event loop's clock."""


async def wait_for(news: anyio.Event, seconds: float) -> None:
    """Wait for an event, but not longer than so many seconds."""
    with anyio.move_on_after(seconds):
        await news.wait()


class Places:
    """Gives items their places.

    Args:
        most: Items at work at once.
        carry_out: Carries out one item; raises nothing. Returns in how many seconds it is due again; None: it is over.
        stopping: Says whether nothing new is begun any more.
    """

    def __init__(
        self, most: int, carry_out: Callable[[Job], Awaitable[float | None]], stopping: Callable[[], bool]
    ) -> None:
        self._carry_out, self._stopping = carry_out, stopping
        self._free, self._room = anyio.Semaphore(most), anyio.Semaphore(PARKED)
        self._busy: dict[str, deque[Job]] = {}
        self._due: list[tuple[float, int, Job]] = []
        self._numbers = count()
        self._news = anyio.Event()
        self._returning = anyio.CancelScope()
        self._exhausted = False

    @property
    def waiting(self) -> bool:
        """Whether items wait for their conversation, or to be due."""
        return bool(self._due) or any(self._busy.values())

    @property
    def in_doubt(self) -> int:
        """How many items wait to be due."""
        return len(self._due)

    def stop(self) -> None:
        """Let nothing come back any more."""
        self._returning.cancel()

    async def fill(self, items: Iterable[Item] | AsyncIterable[Item], chains: TaskGroup) -> None:
        """Pull items one at a time, as there is room, until there are none; raises what they raise."""
        chains.start_soon(self._return, chains)
        try:
            await self._pull(items, chains)
        finally:
            self._exhausted = True
            self._tell()

    async def _pull(self, items: Iterable[Item] | AsyncIterable[Item], chains: TaskGroup) -> None:
        if not isinstance(items, AsyncIterable):
            for item in items:
                await self._admit(item, chains)
            return
        stream = aiter(items)
        try:
            async for item in stream:
                await self._admit(item, chains)
        finally:  # here, in the task that it ran in: an async generator that is left to the garbage collector may not clean up any more
            if (close := getattr(stream, "aclose", None)) is not None:
                with anyio.move_on_after(CLOSING, shield=True):
                    await close()

    async def _admit(self, item: Item, chains: TaskGroup) -> None:
        """Give an item a place, or let it wait behind the others of its conversation."""
        if not isinstance(item, RedactPart | RedactSource | Convert):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers may be untyped
            raise TypeError(f"an item must be a RedactPart, a RedactSource or a Convert, not {type(item).__name__}")
        while len(self._due) >= MOST_IN_DOUBT:
            await self._news.wait()
        parked = self._busy.get(item.conversation_id)
        if parked is None:
            await self._begin(Job(item), chains)
            return
        parked.append(Job(item))
        await self._room.acquire()

    async def _begin(self, job: Job, chains: TaskGroup) -> None:
        self._busy[job.item.conversation_id] = deque()
        await self._free.acquire()
        chains.start_soon(self._work_off, job)

    async def _return(self, chains: TaskGroup) -> None:
        """Bring back each item in doubt when it is due, until there can be no more of them."""
        with self._returning:
            while self._due or self._busy or not self._exhausted:
                news = self._news
                await wait_for(news, self._until_due())
                while self._due and self._until_due() <= 0:
                    _, _, job = heappop(self._due)
                    if (parked := self._busy.get(job.item.conversation_id)) is not None:
                        parked.appendleft(job)
                    else:
                        await self._begin(job, chains)
                    self._tell()

    def _until_due(self) -> float:
        return max(0.0, self._due[0][0] - now()) if self._due else float("inf")

    def _tell(self) -> None:
        """Wake whoever waits for something to change."""
        self._news.set()
        self._news = anyio.Event()

    async def _work_off(self, job: Job) -> None:
        """Carry out an item, and those of its conversation that came meanwhile."""
        conversation_id = job.item.conversation_id
        parked = self._busy[conversation_id]
        await self._have_a_turn(job)
        while parked and not self._stopping():
            following = parked.popleft()
            if following.doubt is None:  # one that comes back took no room
                self._room.release()
            await self._have_a_turn(following)
        if not parked:
            del self._busy[conversation_id]
        self._free.release()
        self._tell()

    async def _have_a_turn(self, job: Job) -> None:
        seconds = await self._carry_out(job)
        if seconds is not None:
            heappush(self._due, (now() + seconds, next(self._numbers), job))
            self._tell()
