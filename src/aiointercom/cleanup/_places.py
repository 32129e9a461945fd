"""Where items wait their turn: so many at work at once, those of one conversation one after the other, and no more held than is bounded."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable

import anyio
from anyio.abc import TaskGroup

from .items import Convert, Item, RedactPart, RedactSource

PARKED = 1000
"""Items that may wait for their conversation. One has at most 500 parts that the API shows, so the next ones can go on meanwhile."""
CLOSING = 5.0
"""Seconds that the application's iterator has for its own cleaning up."""


class Places:
    """Gives items their places.

    Args:
        most: Items at work at once.
        carry_out: Carries out one item; raises nothing.
        stopping: Says whether nothing new is begun any more.
    """

    def __init__(self, most: int, carry_out: Callable[[Item], Awaitable[None]], stopping: Callable[[], bool]) -> None:
        self._carry_out, self._stopping = carry_out, stopping
        self._free, self._room = anyio.Semaphore(most), anyio.Semaphore(PARKED)
        self._busy: dict[str, deque[Item]] = {}

    @property
    def waiting(self) -> bool:
        """Whether items wait for their conversation still."""
        return any(self._busy.values())

    async def fill(self, items: Iterable[Item] | AsyncIterable[Item], chains: TaskGroup) -> None:
        """Pull items one at a time, as there is room, until there are none; raises what they raise."""
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
        parked = self._busy.get(item.conversation_id)
        if parked is not None:
            parked.append(item)
            await self._room.acquire()
            return
        self._busy[item.conversation_id] = deque()
        await self._free.acquire()
        chains.start_soon(self._work_off, item)

    async def _work_off(self, item: Item) -> None:
        """Carry out an item, and those of its conversation that came meanwhile."""
        parked = self._busy[item.conversation_id]
        await self._carry_out(item)
        while parked and not self._stopping():
            self._room.release()
            await self._carry_out(parked.popleft())
        if not parked:
            del self._busy[item.conversation_id]
        self._free.release()
