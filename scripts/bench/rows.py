"""What is measured, of whom, and what each figure has to reach.

A *measurement* is one thing that every contender does once a round. A *row* is a figure made of them: one contender's median, or the
median over the rounds of one contender's share of another's, so that a machine that slows down for a while harms no one contender.
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
    "bare": "bare httpx (parse: json.loads)",
    "bare_default": "bare httpx, its own limits",
    "core": "aiointercom",
    "speed": "aiointercom[speed]",
    "aiohttp": "aiointercom[aiohttp]",
    "official": "python-intercom",
    "struct": "msgspec Struct",
    "struct_orjson": "orjson + msgspec",
    "bare_aiohttp": "bare aiohttp",
    "floor": "hand-written loop",
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

    group: str
    what: str
    measurement: str
    above: str
    below: str | None = None
    reach: float | None = None
    """What it must reach; None: it is there to be compared with."""
    way: Literal["at most", "at least"] = "at most"
    unit: str = "x"
    clocks: tuple[str, ...] = ("cpu", "wall")
    other: str | None = None
    """The measurement of `below`, where it is another one."""

    def figure(self, results: Results, clock: str) -> Figure:
        """Work out the figure by one clock."""
        rounds = results[self.measurement]
        tops = [one[self.above][clock] for one in rounds]
        if self.below is None:
            return Figure.of(tops)
        bottoms = [one[self.below][clock] for one in results[self.other or self.measurement]]
        combine = (lambda a, b: a / b) if self.unit == "x" else (lambda a, b: a - b)
        return Figure.of([combine(top, bottom) for top, bottom in zip(tops, bottoms, strict=True)])

    def met(self, figure: Figure) -> bool | None:
        """Say whether the reach is met; None: there is none."""
        if self.reach is None:
            return None
        return figure.value <= self.reach if self.way == "at most" else figure.value >= self.reach
