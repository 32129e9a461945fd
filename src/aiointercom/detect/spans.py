"""What a detector is and what it gives: places, never the text in them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from attrs import frozen

# Letters that make a number a part of a longer word. Chinese, Japanese and Thai write no blanks between words, so their letters do not count.
LETTERS = "A-Za-z\u00c0-\u024f\u0370-\u052f"


@frozen
class Span:
    """A place in a text, without the text."""

    start: int
    """Offset of its first character in the text that the detector was given."""
    end: int
    """Offset behind its last character."""
    kind: str
    """The name of the detector that found it."""


class Detector(Protocol):
    """Finds one kind of data. Yours needs no more than these two; it is called from one thread at a time."""

    @property
    def name(self) -> str:
        """What it finds, as one word, e.g. "card_number": plans and reports show it."""
        ...

    def find(self, text: str) -> Iterable[Span]:
        """Say where it is.

        Args:
            text: What a person sees of a body, as `visible_text` gives it; where nothing is found there, what is stored besides (`stored_text`).

        Returns:
            The places, in any order. `found_in` asks for the first only, so a generator saves work.
        """
        ...
