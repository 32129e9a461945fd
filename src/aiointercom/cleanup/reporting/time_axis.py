"""Pure: where a moment stands on a picture's time axis.

Long pauses between runs are folded, so that three nights do not look like three days.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from math import ceil

from attrs import frozen

FOLD_FROM = 60.0
"""Seconds; a shorter pause is never folded."""
FOLD_SHARE = 0.12
"""A pause is folded when it is longer than this share of the time at work."""
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
    """A stretch of time that is drawn to scale: from (Unix seconds) to, and where it begins and ends on the axis."""

    start: float
    end: float
    left: float
    right: float

    def at(self, moment: float) -> float:
        """Where a moment within it stands."""
        return self.left + (moment - self.start) / (self.end - self.start) * (self.right - self.left)


@frozen
class Tick:
    """A label on the axis."""

    at: float
    clock: str
    day: str | None
    """Of the first one of each day, if there are several days, or if a step is a day."""


@frozen
class TimeAxis:
    """Pieces to scale, with folded pauses between them."""

    pieces: tuple[Segment, ...]

    def at(self, moment: float) -> float:
        """Where a moment stands; what lies in a pause stands at its beginning."""
        inside = [piece for piece in self.pieces if piece.start <= moment] or list(self.pieces[:1])
        piece = inside[-1]
        return piece.at(min(max(moment, piece.start), piece.end))

    @property
    def pauses(self) -> list[tuple[Segment, Segment]]:
        """The folded pauses, each as what is before and after it."""
        return list(zip(self.pieces, self.pieces[1:], strict=False))

    def ticks(self, apart: float) -> Iterator[Tick]:
        """Round moments in UTC, at least so far apart but where a pause is folded."""
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
    """The round moments of a piece; where there is none, its beginning."""
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
    """Lay stretches of work, (start, end) in Unix seconds, out between two places."""
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
