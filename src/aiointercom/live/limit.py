"""PURE: how many redactions may begin within an hour. A bad pattern matches everything, and a redaction is final."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from aiointercom.cleanup import Item
from aiointercom.cleanup.items import Key

HOUR = 3600.0


class HourlyLimit:
    """Counts the items of the last hour, each once, however often it comes.

    Args:
        at_most: How many may begin within an hour. None: any number.
        earlier: The items that began before, with their times, so that a restarted process does not begin from zero.
    """

    def __init__(self, at_most: int | None, earlier: Iterable[tuple[float, Key]] = ()) -> None:
        self._at_most = at_most
        self._begun: deque[tuple[float, Key]] = deque(sorted(earlier))
        self._keys = {key for _, key in self._begun}

    def admits(self, item: Item, now: float) -> bool:
        """Return whether an item may begin, and count it if it may."""
        while self._begun and self._begun[0][0] <= now - HOUR:
            self._keys.discard(self._begun.popleft()[1])
        if item.key in self._keys:
            return True
        if self._at_most is not None and len(self._begun) >= self._at_most:
            return False
        self._begun.append((now, item.key))
        self._keys.add(item.key)
        return True
