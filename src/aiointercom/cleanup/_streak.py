"""Pure: counts writes in a row that end in an error which says nothing about the item, since all that follow may end so too."""

from __future__ import annotations

from attrs import define

from aiointercom.errors import IntercomError

from ._verdicts import Witness, about_the_item
from .items import Item

IN_A_ROW = 5
"""So many times in a row each place may see a write end so, until the run takes it that no other would fare better."""


@define
class Streak:
    """The writes in a row without a word about their item: no answer, a page of something in between, a refusal of the token or the app."""

    places: int
    count: int = 0

    def note(self, item: Item, error: IntercomError | None, seen: Witness) -> None:
        """Take in how a write ended; `error` None: well."""
        telling = error is None or about_the_item(error, seen, item)
        self.count = 0 if telling else self.count + 1

    @property
    def pauses(self) -> bool:
        """Whether each place has seen one."""
        return self.count >= self.places

    @property
    def ends(self) -> bool:
        """Whether it is time to stop."""
        return self.count >= IN_A_ROW * self.places
