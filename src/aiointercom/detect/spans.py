"""What a detector is and what it gives: places, never the text in them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from attrs import frozen

# Letters that make a number a part of a longer word. Chinese, Japanese and Thai write no blanks between words, so their
# letters do not count.
LETTERS = "A-Za-z\u00c0-\u024f\u0370-\u052f"

WINDOW, CONTEXT = 10_000, 2_500
"""Characters of a text that a detector of ours searches at once, and those beside them that it may look at. So no call
of a regular expression takes long: until it returns, no other thread runs."""


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
            text: What a person sees of a body, as `visible_text` gives it; where nothing is found there, what is stored
                besides (`stored_text`).

        Returns:
            The places, in any order. `found_in` asks for the first only, so a generator saves work.
        """
        ...


def in_windows(text: str, find: Callable[[str], Iterable[Span]]) -> Iterator[Span]:
    """Search a text in windows that overlap, so that whatever is no longer than CONTEXT is found as in the whole.

    Args:
        text: All of it.
        find: Searches one window, and gives places in it, in order.
    """
    if len(text) <= WINDOW:
        yield from find(text)
        return
    end = 0
    for begin in range(0, len(text), WINDOW):
        left = max(0, begin - CONTEXT)
        for span in find(text[left : begin + WINDOW + CONTEXT]):
            start = left + span.start
            if max(begin, end) <= start < begin + WINDOW:
                end = left + span.end
                yield Span(start, end, span.kind)
