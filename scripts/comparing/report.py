"""Writes what was found.

As text for people, as Markdown for a pull request, as JSON for programs, as lines of a changelog. Pure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from .description import Description
from .differences import SIDES, Difference, differences, related
from .examples import broken_examples

TOGETHER = {"required", "nullable"}
"""Kinds of which one line names all places of an object: an author usually changes them for a whole object."""


@dataclass(frozen=True)
class Comparison:
    """All that is to be told of two descriptions."""

    old: Description
    new: Description
    differences: list[Difference]
    examples: dict[tuple[str, str, str], int]
    related: list[tuple[str, str]]


def compare(old: Description, new: Description) -> Comparison:
    """Compare two descriptions."""
    return Comparison(old, new, differences(old, new), broken_examples(new), related(old, new))


def as_json(found: Comparison) -> str:
    """Write everything, nothing folded."""
    old, new = ({"file": d.path.name, "version": d.version} for d in (found.old, found.new))
    examples = [{"owner": o, "place": p, "complaint": c, "times": n} for (o, p, c), n in found.examples.items()]
    others = [{"kind": kind, "operation": operation} for kind, operation in found.related]
    told = {"old": old, "new": new, "differences": [asdict(d) for d in found.differences]}
    return json.dumps({**told, "examples": examples, "related": others}, indent=2, ensure_ascii=False)


def as_text(found: Comparison, *, markdown: bool = False) -> str:
    """Write a page for people.

    What answers require, or allow to be null, stands last: the fragment promises neither.
    """
    style = MARKDOWN if markdown else TEXT
    lines = [f"# {found.old.path.name} ({found.old.version}) -> {found.new.path.name} ({found.new.version})"]
    for side, title in SIDES.items():
        lines += _section(title, [d for d in found.differences if d.side == side and not _is_promise(d)], style)
    promises = [d for d in found.differences if _is_promise(d)]
    lines += _section("What is received: required and nullable", promises, style)
    nearby = [f"{kind}: {name}" for kind, name in found.related]
    complaints = [f"{o} {p}: {c} ({counted(n, 'time')})" for (o, p, c), n in found.examples.items()]
    for title, told in (("Operations nearby", nearby), ("Examples of NEW that break their own schema", complaints)):
        lines += ["", f"## {title}", "", *(f"{style.bullet}{line}" for line in told)] if told else []
    return "\n".join([*lines, "", counted(len(found.differences), "difference")])


@dataclass(frozen=True)
class Style:
    """How a page marks its parts."""

    heading: str
    bullet: str
    code: str


TEXT, MARKDOWN = Style("", "  ", ""), Style("### ", "- ", "`")


def _is_promise(difference: Difference) -> bool:
    return difference.side == "answer" and difference.kind in TOGETHER


def _section(title: str, members: list[Difference], style: Style) -> list[str]:
    lines = ["", f"## {title}"] if members else []
    for owner, group in groupby(members, key=lambda d: d.owner):
        lines += _object(owner, list(group), style)
    return lines


def _object(owner: str, members: list[Difference], style: Style) -> Iterator[str]:
    operations = list(dict.fromkeys(o for d in members for o in d.operations))
    shown = "" if operations == [owner] else f"   [{', '.join(operations)}]"
    yield from ("", f"{style.heading}{owner}{shown}")
    if style.heading:
        yield ""
    together = [d for d in members if d.kind in TOGETHER and isinstance(d.new, bool)]
    yield from (f"{style.bullet}{_line(d, style.code)}" for d in members if d not in together)
    together.sort(key=lambda d: (d.kind, d.new))
    for (kind, now), same in groupby(together, key=lambda d: (d.kind, d.new)):
        places = ", ".join(f"{style.code}{d.place or 'itself'}{style.code}" for d in same)
        yield f"{style.bullet}{'now' if now else 'no longer'} {kind}: {places}"


def counted(number: int, what: str) -> str:
    """Say how many there are of something."""
    return f"{number} {what}{'s' if number != 1 else ''}"


def _line(difference: Difference, code: str) -> str:
    place = f" {code}{difference.place}{code}" if difference.place else ""
    return f"{difference.kind}{place}: {change(difference)}"


def change(difference: Difference) -> str:
    """Say what became of a place, lists by what came and went, prose by its sentences that changed."""
    old, new = difference.old, difference.new
    if difference.kind in ("new", "gone"):
        return f"{old or new}"
    if difference.kind == "prose":
        if "prose:" in (str(old)[:6], str(new)[:6]):
            return "other words"
        came, went = (_sentences(new or "", old or ""), _sentences(old or "", new or ""))
        return f"{went or '(nothing)'} -> {came or '(nothing)'}"
    if difference.kind in ("values", "codes") and old and new:
        came, went = (", ".join(v for v in a if v not in b) for a, b in ((new, old), (old, new)))
        return "; ".join(f"{word} {listed}" for word, listed in (("new", came), ("gone", went)) if listed)
    return f"{say(old)} -> {say(new)}"


def _sentences(said: str, other: str, most: int = 300) -> str:
    """Give the sentences that the other text does not have, cut where they are long."""
    known = set(re.split(r"(?<=[.!?])\s+", other))
    told = " ".join(part for part in re.split(r"(?<=[.!?])\s+", said) if part not in known)
    return told if len(told) <= most else f"{told[:most]}..."


def say(value: Any) -> str:
    """Say a value for people: `any` where nothing is asked for."""
    if value is None or isinstance(value, bool):
        return {None: "any", True: "yes", False: "no"}[value]
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def as_changelog(found: Comparison) -> str:
    """Write a line for each thing that a caller of the models meets: keys that came or went, and changed types."""
    lines = (
        [f"- API version {found.new.version}, was {found.old.version}."]
        if found.old.version != found.new.version
        else []
    )
    for difference in found.differences:
        if difference.side == "operation" or difference.kind not in ("new", "gone", "type", "values"):
            continue
        where = f"`{difference.owner}.{difference.place}`" if difference.place else f"`{difference.owner}`"
        said = {"new": f"{where} is new: {difference.new}.", "gone": f"{where} is gone."}
        lines.append("- " + said.get(difference.kind, f"{where}: {difference.kind} {change(difference)}."))
    return "\n".join(lines)
