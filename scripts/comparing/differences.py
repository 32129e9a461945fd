"""Finds what differs between two descriptions, place by place. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .description import OPERATIONS, RELATED, Description
from .facts import fingerprint
from .places import Fact, Place, flatten

SIDES = {
    "operation": "Operations",
    "parameter": "Parameters",
    "body": "What is sent",
    "answer": "What is received",
}


@dataclass
class Difference:
    """One difference, with all operations that show it."""

    side: str
    owner: str
    """The object that has it, by its name in NEW (in OLD where it is gone), or the operation."""
    place: str
    kind: str
    """`new`, `gone`, or what changed: type, nullable, values, required, codes, path, prose, default, ..."""
    old: Any
    new: Any
    operations: list[str] = field(default_factory=list)
    at: list[str] = field(default_factory=list)
    """Every place that shows it, as `OPERATION SIDE PATH`."""
    within: list[str] = field(default_factory=list)
    """For a place that is new or gone: the places that came or went inside it."""


def differences(old: Description, new: Description) -> list[Difference]:
    """Give every difference once.

    One object in several operations is one line, and a new object tells what it holds.
    """
    found: dict[tuple[str, ...], Difference] = {}
    for place, difference in _raw(flatten(old), flatten(new)):
        key = (difference.side, difference.owner, difference.place, difference.kind)
        key += (str(difference.old), str(difference.new), str(difference.within))
        known = found.setdefault(key, difference)
        known.at.append(address(place))
        if place.operation not in known.operations:
            known.operations.append(place.operation)
    order = list(SIDES)
    return sorted(found.values(), key=lambda d: (order.index(d.side), d.owner))


def address(place: Place) -> str:
    """Give a place as one text."""
    return f"{place.operation} {place.side} {place.path}".rstrip()


def _raw(old: dict[Place, Fact], new: dict[Place, Fact]) -> Iterator[tuple[Place, Difference]]:
    for kind, here, there in (("gone", old, new), ("new", new, old)):
        alone = [place for place in here if place not in there]
        for place in alone:
            if not _holder_is(place, alone):
                yield place, _alone(place, kind, here, alone)
    for place, fact in new.items():
        if place in old:
            yield from ((place, difference) for difference in _changes(place, old[place], fact))


def _alone(place: Place, kind: str, facts: dict[Place, Fact], alone: list[Place]) -> Difference:
    fact = facts[place]
    within = [p.path[len(place.path) :] for p in alone if _is_inside(p, place)] if place.side != "operation" else []
    told = (fact.kind, "") if kind == "gone" else ("", fact.kind)
    return Difference(place.side, fact.owner, fact.key, kind, *told, within=within)


def _is_inside(place: Place, holder: Place) -> bool:
    """Say whether a place is below another one, or belongs to an operation that came or went as a whole."""
    if place.operation != holder.operation or place == holder:
        return False
    base = holder.path.removesuffix(".")
    return holder.side == "operation" or (place.side == holder.side and place.path.startswith((f"{base}.", f"{base}[")))


def _holder_is(place: Place, places: Iterable[Place]) -> bool:
    return any(_is_inside(place, holder) for holder in places)


def _changes(place: Place, old: Fact, new: Fact) -> Iterator[Difference]:
    for kind in dict.fromkeys([*old.says, *new.says]):
        was, now = old.says.get(kind), new.says.get(kind)
        if fingerprint(str(was or "")) != fingerprint(str(now or "")) if kind == "prose" else was != now:
            if kind == "type":
                was, now = old.kind, new.kind
            yield Difference(place.side, new.owner, new.key, kind, was, now)


def related(old: Description, new: Description) -> list[tuple[str, str]]:
    """Name the operations on conversations, tickets and jobs, outside the nine, that came or went."""
    kinds = (
        ("new", new.operations.keys() - old.operations.keys()),
        ("gone", old.operations.keys() - new.operations.keys()),
    )
    return [
        (kind, name)
        for kind, names in kinds
        for name in sorted(names)
        if RELATED.match(name) and name not in OPERATIONS
    ]
