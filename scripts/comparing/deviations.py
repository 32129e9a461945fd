"""The deviations as data.

Which differences between a published description and the fragment they explain, and the page they give. Pure.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .description import Description, DescriptionError
from .differences import Difference, differences
from .report import change, say

OF_FORM = {"prose", "path"}
"""Our words are ours, and the name of a path parameter is never sent: neither is a difference of the API."""


@dataclass(frozen=True)
class Explanation:
    """Which differences a row accounts for."""

    kinds: tuple[str, ...]
    places: tuple[str, ...]
    to: str | None
    since: str = ""
    """The version from which on it is needed; before that it may explain nothing."""

    def holds(self, place: str, difference: Difference) -> bool:
        """Say whether a place pattern accounts for a difference. Codes that the fragment lacks are never explained."""
        if difference.kind == "codes" and set(difference.old or ()) - set(difference.new or ()):
            return False
        fits = difference.kind in self.kinds and self.to in (None, say(difference.new))
        return fits and re.fullmatch(pattern(place), where(difference)) is not None


def pattern(place: str) -> str:
    """Turn a place of deviations.toml into a regular expression.

    `*` is anything, `[*]` the star that stands for the keys of a map.
    """
    return re.escape(place).replace(r"\[\*\]", "[*]").replace(r"\*", ".*").replace("[.*]", "[*]")


@dataclass(frozen=True)
class Row:
    """One deviation."""

    what: str
    published: str
    here: str
    why: str
    evidence: str
    grade: str
    explains: tuple[Explanation, ...] = ()


@dataclass
class Deviations:
    """All deviations, in their sections."""

    content: dict[str, Any]
    sections: list[tuple[str, str, list[Row]]] = field(default_factory=list)

    @property
    def rows(self) -> list[Row]:
        """All rows of all sections."""
        return [row for _, _, rows in self.sections for row in rows]


def load(path: Path) -> Deviations:
    """Read deviations.toml.

    Raises:
        DescriptionError: It cannot be read, or a row lacks something.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        sections = [(s["title"], s["place_heading"], [_row(row) for row in s["row"]]) for s in content["section"]]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise DescriptionError(f"{path.name} cannot be read: {type(error).__name__}: {error}") from None
    return Deviations(content, sections)


def _row(row: dict[str, Any]) -> Row:
    explains = tuple(
        Explanation(tuple(e["kinds"]), tuple(e["places"]), e.get("to"), e.get("since", ""))
        for e in row.get("explains", ())
    )
    return Row(**{**row, "explains": explains})


def render(deviations: Deviations) -> str:
    """Give the page deviations.md."""
    content = deviations.content
    lines = [f"# {content['title']}", "", content["introduction"].strip()]
    for title, heading, rows in deviations.sections:
        lines += ["", f"## {title}", "", f"| {heading} | published | here | why | evidence |", "|---|---|---|---|---|"]
        lines += [f"| {r.what} | {r.published} | {r.here} | {r.why} | {r.evidence} |" for r in rows]
    closing = content["closing"]
    return "\n".join([*lines, "", f"## {closing['title']}", "", closing["text"].strip()]) + "\n"


def where(difference: Difference) -> str:
    """Give a difference's place, its object named as the fragment names it: `answer ConversationTeammates.admins`."""
    owner = difference.owner
    if " " in owner:
        return " ".join(filter(None, (difference.side, owner, difference.place)))
    return f"{difference.side} {class_name(owner)}" + (f".{difference.place}" if difference.place else "")


def class_name(name: str) -> str:
    """Turn Intercom's name of a schema into ours: the same words, in PascalCase."""
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[_ ]", name))


@dataclass(frozen=True)
class Explained:
    """What came of holding the fragment against a published description."""

    number: int
    unexplained: list[Difference]
    idle: list[tuple[str, str]]
    """Rows, with the place that explains nothing any more."""


def explain(published: Description, fragment: Description, deviations: Deviations) -> Explained:
    """Find the differences that no row explains, and the rows that explain nothing."""
    found = [d for d in differences(published, fragment) if d.kind not in OF_FORM]
    patterns = [(row, e, place) for row in deviations.rows for e in row.explains for place in e.places]
    used = [any(e.holds(place, d) for d in found) for _, e, place in patterns]
    unexplained = [d for d in found if not any(e.holds(place, d) for _, e, place in patterns)]
    paired = zip(patterns, used, strict=True)
    idle = [
        (row.what, place) for (row, e, place), hit in paired if not hit and not _is_later(e.since, published.version)
    ]
    return Explained(len(found), unexplained, idle)


def _is_later(since: str, version: str) -> bool:
    """Say whether a version is before the one that a row is needed from; Intercom numbers them 9.9, 9.10, 9.11."""
    numbers = [[int(part) for part in text.split(".") if part.isdigit()] for text in (version, since)]
    return bool(since) and numbers[0] < numbers[1]


def told(result: Explained, published: Description) -> str:
    """Write the result for people."""
    lines = [f"{result.number} differences from {published.path.name} ({published.version})"]
    lines += [f"unexplained: {where(d)}: {d.kind}, {change(d)}" for d in result.unexplained]
    lines += [f"no longer so: row {what!r} explains nothing at `{place}`" for what, place in result.idle]
    return "\n".join([*lines, f"{len(result.unexplained)} unexplained"])
