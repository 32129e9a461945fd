"""A regular expression of the user's as a detector. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .spans import Span


class Pattern:
    """Whatever a regular expression matches.

    Args:
        name: What it finds, as one word: letters, digits and underscores. Plans and reports show it.
        regex: A regular expression of Python's `re`, as text or compiled. It is searched in the visible text, whose
            digits, blanks and dashes are ASCII.

    Raises:
        ValueError: The name is not one word, or the regular expression is not valid.
    """

    def __init__(self, name: str, regex: str | re.Pattern[str]) -> None:
        self._name = checked_name(name)
        try:
            self._regex = re.compile(regex)
        except re.error as error:
            # Without the expression, which may hold a customer's name, and without the cause, which holds the
            # expression.
            raise ValueError(f"the pattern {name!r} is no regular expression: {error.msg}") from None

    @property
    def name(self) -> str:
        """What it finds."""
        return self._name

    def find(self, text: str) -> Iterator[Span]:
        """Return where it matches; empty matches do not count."""
        for found in self._regex.finditer(text):
            if found.end() > found.start():
                yield Span(found.start(), found.end(), self._name)

    def __repr__(self) -> str:
        return f"Pattern({self._name!r})"


def checked_name(name: object) -> str:
    """A detector's name, which stands in plans and reports."""
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,63}", name):
        raise ValueError("a detector's name is one word: a letter, then letters, digits and underscores, 64 at most")
    return name
