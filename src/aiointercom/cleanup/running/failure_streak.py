"""Pure: counts consecutive writes whose errors say nothing about their items: further writes may fail likewise."""

from __future__ import annotations

from attrs import define

from aiointercom.cleanup.items import Item
from aiointercom.cleanup.outcomes import EventRecorder, concerns_item
from aiointercom.errors import IntercomError

IN_A_ROW = 5
"""How many such failures in a row, per concurrent item, end the run."""


@define
class FailureStreak:
    """Consecutive writes that fail without saying anything about their item.

    Such ends are no response, a proxy's error page, or a refused token or app.
    """

    places: int
    count: int = 0

    def note(self, item: Item, error: IntercomError | None, recorder: EventRecorder) -> None:
        """Record how a write ended; `error` is None if it succeeded."""
        telling = error is None or concerns_item(error, recorder, item)
        self.count = 0 if telling else self.count + 1

    @property
    def pauses(self) -> bool:
        """Whether to pause between writes: as many have failed in a row as run concurrently."""
        return self.count >= self.places

    @property
    def ends(self) -> bool:
        """Whether to end the run."""
        return self.count >= IN_A_ROW * self.places
