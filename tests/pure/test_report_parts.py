"""What a report is put together from: words, markup, the time axis."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiointercom.cleanup.reporting.formatting import counted, share, span
from aiointercom.cleanup.reporting.html import Markup, element, joined
from aiointercom.cleanup.reporting.statistics import BINS, Histogram
from aiointercom.cleanup.reporting.time_axis import time_axis
from tests.pure.ledgers import BEGUN

LEFT, RIGHT = 64.0, 904.0


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [
        (0, 0, "-"),
        (0, 7, "0 %"),
        (1, 100_000, "< 0.1 %"),
        (1, 3, "33.3 %"),
        (99_999, 100_000, "> 99.9 %"),
        (7, 7, "100 %"),
    ],
)
def test_shares(part: int, whole: int, words: str) -> None:
    """A share is never rounded to nothing or to all; of nothing there is none."""
    assert share(part, whole) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-0.2, "0.0 s"),
        (0.04, "0.0 s"),
        (9.96, "10.0 s"),
        (59.7, "1 min"),
        (61, "1 min 1 s"),
        (3600, "1 h"),
        (3605, "1 h"),
        (90_061, "1 d 1 h"),
    ],
)
def test_spans(seconds: float, words: str) -> None:
    """A span of time is said in its two largest units."""
    assert span(seconds) == words


def test_counted() -> None:
    """One thing is singular, thousands are set apart."""
    assert (counted(1, "item"), counted(0, "item"), counted(22_000, "item")) == ("1 item", "0 items", "22,000 items")


def test_only_markup_is_markup() -> None:
    """Texts, ids and attributes are escaped; what came from here is not escaped again; None is nothing."""
    inner = element("b", "<&>", None, 5)
    assert inner == "<b>&lt;&amp;&gt;5</b>"
    assert (
        element("td", inner, class_="a", aria_label='"<', width=None)
        == f'<td class="a" aria-label="&quot;&lt;">{inner}</td>'
    )
    assert element("meta", charset="utf-8") == '<meta charset="utf-8">'
    assert joined("<", Markup("<br>")) == "&lt;<br>"


STRETCHES = st.lists(
    st.tuples(st.floats(0, 30 * 86_400), st.floats(-2, 86_400)).map(lambda pair: (BEGUN + pair[0], BEGUN + sum(pair))),
    min_size=1,
    max_size=40,
)


@given(STRETCHES)
def test_time_axis_goes_one_way_and_stays_inside(stretches: list[tuple[float, float]]) -> None:
    """Whenever the runs were, later stands further right, nothing stands outside, and there are labels, but not too
    many.
    """
    axis = time_axis(stretches, LEFT, RIGHT)
    moments = sorted(moment for stretch in stretches for moment in stretch)
    places = [axis.at(moment) for moment in moments]
    assert all(after >= before - 1e-6 for before, after in pairwise(places))
    assert min(places) >= LEFT - 1e-6
    assert max(places) <= RIGHT + 1e-6
    ticks = list(axis.ticks(96))
    assert 1 <= len(ticks) <= 10 + len(axis.pieces)
    assert all(LEFT - 1e-6 <= tick.at <= RIGHT + 1e-6 for tick in ticks)


@pytest.mark.parametrize("days", [3, 400])
def test_days_are_named_where_there_are_several(days: int) -> None:
    """A run over midnight names each day once; a run of an hour names none."""
    ticks = list(time_axis([(BEGUN, BEGUN + 86_400 * days)], LEFT, RIGHT).ticks(96))
    named = [tick.day for tick in ticks if tick.day is not None]
    assert named == sorted(set(named), key=named.index)
    assert len(named) >= 3
    assert [tick.day for tick in time_axis([(BEGUN, BEGUN + 3600)], LEFT, RIGHT).ticks(96)] == [None] * 7


@given(st.lists(st.tuples(st.floats(-1, 1e7), st.integers(0, 3), st.integers(0, 3)), max_size=60))
def test_bins_lose_nothing(counts: list[tuple[float, int, int]]) -> None:
    """However long it takes, there are no more bins than allowed, and their sums are what was counted."""
    bins = Histogram(BEGUN)
    for after, done, limited in counts:
        bins.add(BEGUN + after, done, limited)
    assert len(bins.done) == len(bins.limited) <= BINS
    assert (sum(bins.done), sum(bins.limited)) == (sum(c[1] for c in counts), sum(c[2] for c in counts))
