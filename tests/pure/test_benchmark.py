"""The benchmark's arithmetic, what it promises to reach, and that the page and the picture in docs/ say what was
measured.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree as ET

import attrs
import msgspec
import pytest
from scripts.bench import calling, cleanups, gaps, holding, overhead, parsing, starting, table
from scripts.bench.contenders.structs import struct_of
from scripts.bench.document import described, document, verdict
from scripts.bench.drawing import draw
from scripts.bench.pages import BEGIN, END, filled
from scripts.bench.rows import Figure, Row

from intercom_raw.models import Conversation

DOCS = Path(__file__).parents[2] / "docs"
GROUPS = {
    "parse": parsing,
    "calls": calling,
    "block": gaps,
    "start": starting,
    "memory": holding,
    "machinery": overhead,
    "cleanup": cleanups,
}
ROWS = {name: group.rows() for name, group in GROUPS.items()}
TWO_SLOW_ROUNDS = {
    "calls 1": [
        {"core": {"cpu": core, "wall": core}, "bare": {"cpu": bare, "wall": 1.0}}
        for core, bare in ((1.0, 2.0), (10.0, 20.0), (4.0, 2.0), (30.0, 60.0), (2.0, 2.0))
    ]
}


def all_measured(value: float = 1.0) -> dict[str, list[dict[str, dict[str, float]]]]:
    """A result in which everybody measured the same, once."""
    sample = {"cpu": value, "wall": value, "mb": value}
    results: dict[str, list[dict[str, dict[str, float]]]] = {}
    for row in (row for rows in ROWS.values() for row in rows):
        results.setdefault(row.measurement, [{}])[0][row.above] = sample
        if row.below is not None:
            results.setdefault(row.other or row.measurement, [{}])[0][row.below] = sample
    return results


def contrast(colour: str, page: str) -> float:
    """The contrast of two colours as WCAG has it: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""

    def luminance(written: str) -> float:
        channels = [int(written[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(colour), luminance(page)))
    return (high + 0.05) / (low + 0.05)


def fields_of(struct: type) -> dict[str, object]:
    """The fields of a Struct with their types."""
    return {field.name: field.type for field in msgspec.structs.fields(struct)}


def test_ratio_is_taken_within_rounds() -> None:
    """A ratio is the median of the rounds' ratios, not the ratio of two medians, so slow rounds harm no one
    contender.
    """
    row = Row("a call", "calls 1", "core", "bare", 0.9)
    assert row.figure(TWO_SLOW_ROUNDS, "cpu") == Figure(0.5, 0.5, 2.0)


def test_difference_is_taken_within_rounds() -> None:
    """In milliseconds the other contender's time is taken off, and without another one the figure stands for itself."""
    assert Row("first", "calls 1", "core", "bare", unit="ms").figure(TWO_SLOW_ROUNDS, "cpu") == Figure(-1.0, -30.0, 2.0)
    assert Row("block", "calls 1", "core", unit="ms").figure(TWO_SLOW_ROUNDS, "cpu") == Figure(4.0, 1.0, 30.0)


def test_growth_compares_two_measurements() -> None:
    """Time per part of a tenfold answer is held against that of the small one."""
    results = {"parse 500": [{"core": {"cpu": 4.0}}], "parse 5000": [{"core": {"cpu": 48.0}}]}
    row = Row("linear", "parse 5000", "core", "core", other="parse 500", scale=0.1)
    assert row.figure(results, "cpu").value == pytest.approx(1.2)


@pytest.mark.parametrize(
    ("way", "value", "met"),
    [("at most", 5.0, True), ("at most", 5.1, False), ("at least", 5.0, True), ("at least", 4.9, False)],
)
def test_reach(way: str, value: float, met: bool) -> None:
    """A figure that is exactly what was asked for reaches it."""
    row = Row("a call", "calls 1", "core", reach=5, way=way)  # type: ignore[arg-type]
    assert row.met(Figure(value, 0, 10)) is met


def test_verdict_names_the_clock() -> None:
    """A reach counts as met only if it is by every clock; where they disagree, the table says which; without a reach it
    says nothing.
    """
    assert [verdict([a, b]) for a in (True, False) for b in (True, False)] == [
        "yes",
        "CPU yes, wall NO",
        "CPU NO, wall yes",
        "NO",
    ]
    assert verdict([None, None]) is None


def test_slow_is_said_and_no_failure() -> None:
    """A figure out of reach is written as NO."""
    row = Row("a call", "calls 1", "core", reach=1, clocks=("cpu",))
    assert described("calls", row, {"calls 1": [{"core": {"cpu": 2.0}}]})["met"] == "NO"


def test_absent_contender_leaves_out_its_rows() -> None:
    """Without python-intercom all other rows are there."""
    results = all_measured()
    for rounds in results.values():
        rounds[0].pop("official", None)
    told = {row["what"] for row in document(results, ROWS)["rows"]}
    assert told == {row.what for rows in ROWS.values() for row in rows if "official" not in (row.above, row.below)}


def test_rows_are_told_apart() -> None:
    """No two rows have the same title."""
    titles = [row.what for rows in ROWS.values() for row in rows]
    assert len(titles) == len(set(titles))


def test_everything_promised_is_measured() -> None:
    """Each reach stands in the table as it was set."""
    reaches = {(row.measurement, row.above, row.below): row.reach for rows in ROWS.values() for row in rows}
    assert {key: reach for key, reach in reaches.items() if reach is not None} == {
        ("parse 500", "core", "struct"): 5,
        ("parse 500", "speed", "struct"): 3.8,
        ("parse 500", "official", "core"): 50,
        ("parse 500", "official", "speed"): 70,
        ("parse 5000", "core", "core"): 1.3,
        ("parse 5000", "speed", "speed"): 1.3,
        **{
            (f"calls {n}", "core", bare): reach
            for n, reach in ((1, 0.9), (50, 0.7), (200, 0.5))
            for bare in ("bare", "bare_default")
        },
        **{
            (f"calls {n}", "aiohttp", bare): reach
            for n, reach in ((1, 0.65), (50, 0.3), (200, 0.25))
            for bare in ("bare", "bare_default")
        },
        **{(f"calls {n}", "official", "core"): reach for n, reach in ((1, 3), (50, 3), (200, 3.5))},
        ("calls 1000", "core", "core"): 1.3,
        ("calls 1000", "aiohttp", "aiohttp"): 1.3,
        ("block", "core", None): 10,
        ("block", "speed", None): 10,
        ("first import", "core", "bare"): 40,
        ("first call", "core", "bare"): 100,
        ("retained", "core", "struct"): 2,
        ("retained", "speed", "struct"): 2,
        ("growth", "core", None): 5,
        ("machinery 1", "core", None): 5,
        ("machinery 50", "core", None): 5,
    }


def test_struct_has_the_shape_of_the_model() -> None:
    """The Struct that we are measured against has every field of our models, at every depth, but for `raw`."""
    seen = set()

    def compare(model: type, struct: type) -> None:
        if model in seen:
            return
        seen.add(model)
        declared = [field.name for field in attrs.fields(model) if field.name != "raw"]
        found = fields_of(struct)
        assert list(found) == declared
        hints = attrs.resolve_types(model).__attrs_attrs__
        for field in hints:
            for part in (inner for outer in get_args(field.type) for inner in (outer, *get_args(outer))):
                if attrs.has(part):
                    compare(part, struct_of(part))
                    assert struct_of(part).__name__ in str(found[field.name])

    compare(Conversation, struct_of(Conversation))
    assert len(seen) > 20


def test_page_keeps_all_but_the_block() -> None:
    """A run writes between the marks and nowhere else, and refuses a page without them."""
    assert filled(f"a\n{BEGIN}\nold\n{END}\nb\n", "new") == f"a\n{BEGIN}\n\nnew\n\n{END}\nb\n"
    with pytest.raises(ValueError, match="no marks"):
        filled("a page", "new")


def test_docs_say_what_was_measured() -> None:
    """The table in docs/performance.md and the picture are made of docs/benchmark.json, and nothing else."""
    measured = json.loads((DOCS / "benchmark.json").read_text(encoding="utf-8"))
    page = (DOCS / "performance.md").read_text(encoding="utf-8")
    assert filled(page, table.markdown(measured)) == page
    assert draw(measured) == (DOCS / "benchmark.svg").read_text(encoding="utf-8")


def test_picture_is_plain() -> None:
    """The picture is well-formed, fits what it holds, can be read on dark and on light, and runs nothing."""
    text = (DOCS / "benchmark.svg").read_text(encoding="utf-8")
    root = ET.fromstring(text)
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    bars = [element.attrib for element in root.iter() if element.tag.endswith("rect")]
    assert all(float(bar["x"]) + float(bar["width"]) < width and float(bar["y"]) < height for bar in bars)
    for colour in set(re.findall(r"#[0-9a-f]{6}", text)):
        assert all(contrast(colour, page) >= 2.9 for page in ("#ffffff", "#0d1117"))
    assert not re.search(r"<script|href|@import|url\(", text)
