"""Pure: draws the progress of a clean-up over time as SVG.

It shows the items done, the periods of the runs, where runs were killed, and the 429 responses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from math import floor, log10

from attrs import frozen

from .formatting import counted, moment, number, share, span
from .html import Markup, element, joined
from .statistics import Histogram, RunPeriod, Statistics
from .time_axis import TimeAxis, time_axis

WIDTH, HEIGHT = 920.0, 376.0
LEFT, RIGHT = 64.0, 904.0
TOP, BOTTOM = 26.0, 268.0
TIMES = BOTTOM + 20
RUNS, LIMITED = 318.0, 352.0
"""The tops of the lanes for the runs and for the 429 responses; each is LANE high."""
LANE = 16.0
TICKS, LETTER = 96.0, 7.0
"""The distance between labels, and the width of one letter."""
COLUMN = 3.0
"""The width of a mark in the lane of the 429 responses."""


@frozen
class PlotArea:
    """The axes of the chart: time, and items up to `top`."""

    time: TimeAxis
    top: float

    def y(self, items: float) -> float:
        """Return the vertical position of a number of items."""
        return BOTTOM - items / self.top * (BOTTOM - TOP)


def progress(found: Statistics, planned: int | None) -> Markup:
    """Draw the chart; empty if there was no run."""
    if not found.stretches:
        return joined()
    whole = max(planned or 0, found.items, 1)
    time = time_axis([(s.run.started_at, s.ended_at) for s in found.stretches], LEFT, RIGHT)
    plane = PlotArea(time, _round_above(whole))
    return element(
        "svg",
        element("title", "Items done over time", id="progress-title"),
        element("desc", described(found), id="progress-description"),
        *_items_axis(plane),
        *_time_axis(plane),
        *_goal(plane, whole),
        *_curve(plane, found),
        *_runs(plane, found.stretches),
        *_limited(plane, found.bins),
        viewBox=f"0 0 {WIDTH:g} {HEIGHT:g}",
        role="img",
        aria_labelledby="progress-title progress-description",
        class_="progress",
    )


def described(found: Statistics) -> str:
    """Describe the chart in words."""
    first, last = found.bins.start, max(stretch.ended_at for stretch in found.stretches)
    killed = sum(stretch.killed for stretch in found.stretches)
    end = f", {number(killed)} of them killed" if killed else ""
    return (
        f"{counted(found.states['done'], 'item')} done from {moment(first)} to {moment(last)} UTC, "
        f"in {counted(len(found.stretches), 'run')}{end} that took {span(found.seconds)} together. "
        f"{share(found.limited, found.requests)} of the requests were answered with 429."
    )


def _items_axis(plane: PlotArea) -> Iterator[Markup]:
    step = _step(plane.top)
    for count in range(0, int(plane.top) + 1, step):
        y = plane.y(count)
        yield _line(LEFT, y, RIGHT, y, "grid" if count else "axis")
        yield _text(LEFT - 10, y + 4, number(count), "end")


def _time_axis(plane: PlotArea) -> Iterator[Markup]:
    for before, after in plane.time.pauses:
        words = f"Pause of {span(after.start - before.end)}"
        yield _box((before.right, TOP), (after.left - before.right, BOTTOM - TOP), "pause", words)
    free, day_free = LEFT, LEFT
    for tick in plane.time.ticks(TICKS):
        yield _line(tick.at, BOTTOM, tick.at, BOTTOM + 5, "axis")
        half = LETTER * len(tick.clock) / 2
        middle = min(max(tick.at, LEFT + half), RIGHT - half)
        if middle - half >= free:
            yield _text(middle, TIMES, tick.clock, "middle")
            free = middle + half + LETTER
        if tick.day is not None and middle - half >= day_free:
            yield _text(middle, TIMES + 15, tick.day, "middle")
            day_free = middle + LETTER * len(tick.day)


def _goal(plane: PlotArea, whole: int) -> Iterator[Markup]:
    yield _line(LEFT, plane.y(whole), RIGHT, plane.y(whole), "goal")
    yield _text(RIGHT, plane.y(whole) - 7, counted(whole, "item"), "end")


def _curve(plane: PlotArea, found: Statistics) -> Iterator[Markup]:
    bins = found.bins
    last = max(stretch.ended_at for stretch in found.stretches)
    points, done = [(plane.time.at(bins.start), plane.y(0))], 0
    for index, count in enumerate(bins.done):
        if count:
            begin, end = (min(bins.start + (index + part) * bins.width, last) for part in (0, 1))
            points += [(plane.time.at(begin), plane.y(done)), (plane.time.at(end), plane.y(done + count))]
            done += count
    points.append((plane.time.at(last), plane.y(done)))
    path = " L".join(dict.fromkeys(f"{x:.1f} {y:.1f}" for x, y in points))
    yield element("path", class_="area", d=f"M{LEFT:g} {BOTTOM:g} L{path} L{points[-1][0]:.1f} {BOTTOM:g} Z")
    yield element("path", class_="curve", d=f"M{path}")


def _runs(plane: PlotArea, stretches: list[RunPeriod]) -> Iterator[Markup]:
    yield _text(LEFT - 10, RUNS + LANE - 4, "runs", "end")
    for index, stretch in enumerate(stretches, 1):
        left, right = plane.time.at(stretch.run.started_at), plane.time.at(stretch.ended_at)
        words = f"Run {index}: {counted(stretch.items, 'item')} in {span(stretch.ended_at - stretch.run.started_at)}"
        yield _box((left, RUNS), (max(1.5, right - left - 1), LANE), "run", words)
        if stretch.killed:
            yield _line(right, TOP, right, RUNS, "killed")
            yield _box((right - 1.5, RUNS - 2), (3, LANE + 4), "killed", f"Run {index} was killed")


def _limited(plane: PlotArea, bins: Histogram) -> Iterator[Markup]:
    yield _text(LEFT - 10, LIMITED + LANE - 4, "429", "end")
    yield _line(LEFT, LIMITED + LANE, RIGHT, LIMITED + LANE, "grid")
    columns = Counter[int]()
    for index, count in enumerate(bins.limited):
        columns[int(plane.time.at(bins.start + (index + 0.5) * bins.width) / COLUMN)] += count
    for column, count in (+columns).items():
        height = max(3.0, LANE * count / max(columns.values()))
        corner = column * COLUMN, LIMITED + LANE - height
        yield _box(corner, (COLUMN - 1, height), "limited", f"{number(count)} answered with 429")


def _line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Markup:
    return element("line", x1=_at(x1), y1=_at(y1), x2=_at(x2), y2=_at(y2), class_=class_)


def _text(x: float, y: float, words: str, anchor: str) -> Markup:
    return element("text", words, x=_at(x), y=_at(y), text_anchor=anchor)


def _box(corner: tuple[float, float], size: tuple[float, float], class_: str, title: str) -> Markup:
    (x, y), (width, height) = corner, size
    return element(
        "rect", element("title", title), x=_at(x), y=_at(y), width=_at(width), height=_at(height), class_=class_
    )


def _at(place: float) -> str:
    return f"{place:.1f}"


def _step(top: float) -> int:
    """Return a round number that fits into `top` four to ten times."""
    power = 10 ** floor(log10(top))
    return max(
        1, next(int(power * part) for part in (0.1, 0.2, 0.25, 0.5, 1) if top / (power * part) <= 6 or part == 1)
    )


def _round_above(whole: int) -> float:
    """Return the next whole step, so that the highest line of the grid is not below the curve."""
    step = _step(whole)
    return float(-(-whole // step) * step)
