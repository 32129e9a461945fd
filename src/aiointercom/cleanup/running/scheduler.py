"""Schedules items: some at once, those of one conversation one after the other, and a limited number waiting.

An item in doubt makes room for those behind it. It is scheduled again when it is due, before new items.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable
from heapq import heappop, heappush
from itertools import count

import anyio
from anyio.abc import TaskGroup

from aiointercom.cleanup.items import Item, checked_item

from .execute import Job

PARKED = 1000
"""How many items may wait for their conversation. The API shows at most 500 parts of one, so items of the next
conversations can start."""
MOST_IN_DOUBT = 10_000
"""How many items in doubt may wait until they are due. While there are so many, no new item is started."""
CLOSING = 5.0
"""Seconds that the application's iterator has for closing."""


now = anyio.current_time
"""Seconds of the event loop's clock."""


async def wait_for(news: anyio.Event, seconds: float) -> None:
    """Wait for an event, at most for the given seconds."""
    with anyio.move_on_after(seconds):
        await news.wait()


class Scheduler:
    """Schedules the items of a run.

    Args:
        most: How many items are in progress at once.
        carry_out: Executes one item and raises no errors. Returns the seconds until the item is due again; None: it is
            finished.
        stopping: Returns whether the run starts no further items.
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
        """Whether items wait for their conversation or until they are due."""
        return bool(self._due) or any(self._busy.values())

    @property
    def in_doubt(self) -> int:
        """How many items in doubt wait until they are due."""
        return len(self._due)

    def stop(self) -> None:
        """Stop scheduling items that are due again."""
        self._returning.cancel()

    async def fill(self, items: Iterable[Item] | AsyncIterable[Item], chains: TaskGroup) -> None:
        """Pull items one at a time while there is room, to the end. Errors of the iterator propagate."""
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
        finally:
            # Here, in the task that it ran in: an async generator that is left to the collector may not clean up.
            if (close := getattr(stream, "aclose", None)) is not None:
                with anyio.move_on_after(CLOSING, shield=True):
                    await close()

    async def _admit(self, item: Item, chains: TaskGroup) -> None:
        """Start an item, or queue it behind the others of its conversation."""
        checked_item(item)
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
        """Start each item in doubt again when it is due, until no more can come."""
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
        """Wake the tasks that wait for a change."""
        self._news.set()
        self._news = anyio.Event()

    async def _work_off(self, job: Job) -> None:
        """Execute an item, then those of its conversation that arrived in the meantime."""
        conversation_id = job.item.conversation_id
        parked = self._busy[conversation_id]
        await self._have_a_turn(job)
        while parked and not self._stopping():
            following = parked.popleft()
            if following.doubt is None:  # one that is due again takes no room in the queue
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
