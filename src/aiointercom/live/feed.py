"""The queue between the detectors and the run: an async iterator that goes on until it is told to end."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Self

import anyio

from aiointercom.cleanup import Item


class Feed:
    """Items in the order in which they came. When one run leaves it, the next goes on with it, and no item is lost.

    Args:
        admits: Asked for each item before it is handed out; False ends the feed, and the item stays in it.
    """

    def __init__(self, admits: Callable[[Item], bool]) -> None:
        self._admits = admits
        self._items: deque[Item] = deque()
        self._changed = anyio.Event()
        self._ended = self._last = False
        self.refused = False
        """Whether an item was not admitted."""

    def __len__(self) -> int:
        return len(self._items)

    def put(self, items: Iterable[Item]) -> None:
        """Add items at the end."""
        self._items.extend(items)
        self._wake()

    def end(self) -> None:
        """Hand out nothing more, until it is opened again."""
        self._ended = True
        self._wake()

    def finish(self) -> None:
        """Hand out what waits, and then nothing more."""
        self._last = True
        self._wake()

    def open(self, first: Iterable[Item]) -> None:
        """Go on, with these items before those that wait."""
        self._items.extendleft(reversed(list(first)))
        self._ended = False

    def _wake(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Item:
        while not (self._items or self._ended or self._last):
            await self._changed.wait()
        if self._ended or not self._items:
            raise StopAsyncIteration
        if not self._admits(self._items[0]):
            self._ended = self.refused = True
            raise StopAsyncIteration
        return self._items.popleft()
