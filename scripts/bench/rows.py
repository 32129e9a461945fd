"""What is measured, of whom, and what each figure has to reach.

A *measurement* is one thing that every contender does once a round. A *row* is a figure made of them: one contender's
median, or the median over the rounds of one contender's share of another's, so that a machine that slows down for a
while harms no one contender.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

Sample = dict[str, float]
Results = dict[str, list[dict[str, Sample]]]
"""Measurement -> one entry a round: contender -> what it measured."""
TITLES = {
    "bare": "bare httpx",
    "bare_default": "bare httpx, its own limits",
    "core": "aiointercom",
    "speed": "aiointercom[speed]",
    "aiohttp": "aiointercom[aiohttp]",
    "official": "python-intercom",
    "struct": "msgspec Struct",
    "struct_orjson": "orjson + msgspec",
    "bare_aiohttp": "bare aiohttp",
    "floor": "hand-written loop",
    "run": "cleanup.run",
    "plan": "cleanup.plan",
}


@dataclass(frozen=True)
class Figure:
    """A median over the rounds, with the least and the most."""

    value: float
    low: float
    high: float

    @staticmethod
    def of(values: Sequence[float]) -> Figure:
        """Take median, least and most."""
        return Figure(median(values), min(values), max(values))


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    measurement: str
    above: str
    below: str | None = None
    """Whose share it is taken of, in the same measurement or in `other`; None: the figure stands for itself."""
    reach: float | None = None
    """What it must reach; None: it is there to be compared with."""
    way: Literal["at most", "at least"] = "at most"
    unit: Literal["x", "ms", "MB", "%"] = "x"
    """x: `above` is divided by `below`; else `below` is taken off."""
    clocks: tuple[str, ...] = ("cpu", "wall")
    other: str | None = None
    scale: float = 1

    def measured(self, results: Results) -> bool:
        """Say whether all that it is made of took part."""
        first, other = results[self.measurement][0], results[self.other or self.measurement][0]
        return self.above in first and (self.below is None or self.below in other)

    def figure(self, results: Results, clock: str) -> Figure:
        """Work out the figure by one clock."""
        tops = [self.scale * one[self.above][clock] for one in results[self.measurement]]
        if self.below is None:
            return Figure.of(tops)
        bottoms = [one[self.below][clock] for one in results[self.other or self.measurement]]
        pairs = zip(tops, bottoms, strict=True)
        return Figure.of([top / bottom if self.unit == "x" else top - bottom for top, bottom in pairs])

    def met(self, figure: Figure) -> bool | None:
        """Say whether the goal is met. None: the row has no goal."""
        if self.reach is None:
            return None
        return figure.value <= self.reach if self.way == "at most" else figure.value >= self.reach
