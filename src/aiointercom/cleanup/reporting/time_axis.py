"""Pure: computes where a moment stands on the time axis of a chart.

Long pauses between runs are shortened, so that three nights of work do not look like three days.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from math import ceil

from attrs import frozen

FOLD_FROM = 60.0
"""Seconds; a shorter pause is never shortened."""
FOLD_SHARE = 0.12
"""A pause is shortened if it is longer than this share of the running time."""
PAUSE = 30.0
STEPS = (
    1,
    2,
    5,
    10,
    15,
    30,
    60,
    120,
    300,
    600,
    900,
    1800,
    3600,
    7200,
    10_800,
    21_600,
    43_200,
    86_400,
    172_800,
    604_800,
)


@frozen
class Segment:
    """A period that is drawn to scale: its start and end in Unix seconds, and their places on the axis."""

    start: float
    end: float
    left: float
    right: float

    def at(self, moment: float) -> float:
        """Return the place of a moment within it."""
        return self.left + (moment - self.start) / (self.end - self.start) * (self.right - self.left)


@frozen
class Tick:
    """A label on the axis."""

    at: float
    clock: str
    day: str | None
    """The day, on its first label only, if there are several days or a step is a day."""


@frozen
class TimeAxis:
    """Periods that are drawn to scale, with shortened pauses between them."""

    pieces: tuple[Segment, ...]

    def at(self, moment: float) -> float:
        """Return the place of a moment; moments in a pause are placed at its beginning."""
        inside = [piece for piece in self.pieces if piece.start <= moment] or list(self.pieces[:1])
        piece = inside[-1]
        return piece.at(min(max(moment, piece.start), piece.end))

    @property
    def pauses(self) -> list[tuple[Segment, Segment]]:
        """The shortened pauses, each as the period before and the period after it."""
        return list(zip(self.pieces, self.pieces[1:], strict=False))

    def ticks(self, apart: float) -> Iterator[Tick]:
        """Iterate over labels at round times in UTC, at least `apart` from each other except around pauses."""
        length = sum(piece.end - piece.start for piece in self.pieces)
        drawn = sum(piece.right - piece.left for piece in self.pieces)
        step = next((step for step in STEPS if step / length * drawn >= apart), STEPS[-1])
        first, last = self.pieces[0].start, self.pieces[-1].end
        day = "" if _day(first) != _day(last) else _day(first)
        for piece in self.pieces:
            for moment in _moments(piece, step):
                yield Tick(piece.at(moment), _clock(moment, step), None if _day(moment) == day else _day(moment))
                day = _day(moment)


def _moments(piece: Segment, step: int) -> Iterator[float]:
    """Iterate over the round times of a period, or give its beginning if it contains no round time."""
    moment = ceil(piece.start / step) * step
    if moment > piece.end:
        yield piece.start
    while moment <= piece.end:
        yield moment
        moment += step


def _day(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%d %b")


def _clock(moment: float, step: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%H:%M:%S" if step < 60 else "%H:%M")


def time_axis(stretches: Iterable[tuple[float, float]], left: float, right: float) -> TimeAxis:
    """Place periods of work, (start, end) in Unix seconds, between two places on the axis."""
    merged = _merged(sorted(stretches))
    work = sum(end - start for start, end in merged)
    pause = min(PAUSE, 0.3 * (right - left) / max(1, len(merged) - 1))
    scale = (right - left - pause * (len(merged) - 1)) / work
    pieces: list[Segment] = []
    for start, end in merged:
        pieces.append(Segment(start, end, left, left + (end - start) * scale))
        left = pieces[-1].right + pause
    return TimeAxis(tuple(pieces))


def _merged(stretches: list[tuple[float, float]]) -> list[tuple[float, float]]:
    work = sum(max(1.0, end - start) for start, end in stretches)
    folded = max(FOLD_FROM, FOLD_SHARE * work)
    merged: list[tuple[float, float]] = []
    for start, ended in stretches:
        end = max(ended, start + 1.0)
        if merged and start - merged[-1][1] < folded:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
