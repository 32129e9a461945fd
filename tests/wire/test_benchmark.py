"""The benchmark runs: every group, with processes and sockets of its own, but for python-intercom, which has an
environment of its own.
"""

from __future__ import annotations

import sys

import pytest
from scripts.bench import processes, table
from scripts.bench.__main__ import GROUPS, run
from scripts.bench.document import document


def test_every_group_measures(monkeypatch: pytest.MonkeyPatch) -> None:
    """One short round of everything gives every row that does not need python-intercom, with figures above zero where
    they can be no less.
    """
    monkeypatch.setattr(processes, "python_of", lambda name: sys.executable)
    results = run(list(GROUPS), quick=True, without=["official"])
    rows = {group: module.rows() for group, module in GROUPS.items()}
    found = document(results, rows)
    told = {row["what"]: row for row in found["rows"]}
    assert set(told) == {row.what for some in rows.values() for row in some if "official" not in (row.above, row.below)}
    ratios = [row["figures"] for row in found["rows"] if row["unit"] == "x"]
    assert all(figure["value"] > 0 for figures in ratios for figure in figures.values())
    assert len(table.plain(found).splitlines()) == len(told) + 1


def test_contender_that_fails_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """A contender that dies is named, and nothing is measured without it."""
    monkeypatch.setattr(processes, "python_of", lambda name: sys.executable)
    with processes.Processes() as running, pytest.raises(SystemExit, match="nobody ended before it answered"):
        running.measure("nobody", {"kind": "parse", "parts": 1, "seconds": 0.0})
