"""PURE: finding what somebody means by a label, and reading the items of a list attribute. No I/O here."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Generic, TypeVar, cast

from attrs import frozen

from aiointercom._values.json_types import JSONArray, JSONMapping

T = TypeVar("T")

# Assumption: where a list attribute keeps its items. No public source shows one, so all likely names are tried; `AsIs`
# is the way around.
LIST_KEYS = ("items", "list_items", "list_options", "options", "values")
ID_KEYS, LABEL_KEYS = ("id", "uuid", "guid", "key"), ("name", "label", "title", "value", "text")
MOST_NEAREST = 5


@frozen
class Choice(Generic[T]):
    """Something that can be named by a label."""

    label: str
    value: T
    archived: bool = False


class MisfitError(Exception):
    """What is wrong with one label or one value; it never leaves the package."""

    def __init__(self, code: str, nearest: Sequence[str] = (), expected: str | None = None) -> None:
        super().__init__(code)
        self.code, self.nearest, self.expected = code, tuple(nearest), expected


def pick(text: str, choices: Sequence[Choice[T]], what: str) -> T:
    """Return what a text names: exactly, or else but for case and blanks, if that is one only.

    Args:
        text: What somebody wrote.
        choices: What there is. What is archived is found last, and refused.
        what: "attribute" or "item", for the code.

    Raises:
        MisfitError: Nothing or several things are called so, or it is archived.
    """
    exact = [choice for choice in choices if choice.label == text]
    alike = [choice for choice in choices if plain(choice.label) == plain(text)]
    for found in (exact, alike):
        live = [choice for choice in found if not choice.archived]
        if len(live) > 1:
            raise MisfitError(f"ambiguous_{what}", [choice.label for choice in live])
        if live:
            return live[0].value
    raise MisfitError(f"archived_{what}" if alike else f"unknown_{what}", _nearest(text, choices))


def plain(label: str) -> str:
    """Return a label without case, blanks and HTML entities, which labels were seen to come with."""
    return "".join(unicodedata.normalize("NFKC", html.unescape(label)).casefold().split())


def _nearest(text: str, choices: Sequence[Choice[Any]]) -> list[str]:
    """Name what may have been meant; where nothing is like it, the first few that there are."""
    labels = {plain(choice.label): choice.label for choice in choices if not choice.archived}
    close = get_close_matches(plain(text), labels, n=3, cutoff=0.5)
    return [labels[label] for label in close] or list(labels.values())[:MOST_NEAREST]


def list_items(options: object) -> list[Choice[str | int]] | None:
    """Read the items of a list attribute from its `input_options`; None where nothing there looks like items."""
    found = options
    if isinstance(options, Mapping):
        keyed = cast("JSONMapping", options)
        found = next((keyed[key] for key in LIST_KEYS if isinstance(keyed.get(key), list)), None)
    items = [_item(entry) for entry in cast("JSONArray", found)] if isinstance(found, list) else []
    return [item for item in items if item is not None] or None


def _item(entry: object) -> Choice[str | int] | None:
    """Read one item: an object with an id and a label, or a plain text, which is both."""
    if isinstance(entry, str):
        return Choice(entry, entry)
    if not isinstance(entry, Mapping):
        return None
    keyed = cast("JSONMapping", entry)
    label = next((keyed[key] for key in LABEL_KEYS if isinstance(keyed.get(key), str)), None)
    id = next((keyed[key] for key in (*ID_KEYS, "value") if _is_id(keyed.get(key))), None)
    if id is None:
        return None
    return Choice(str(id) if label is None else label, id, keyed.get("archived") is True)


def _is_id(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool) and value != ""
