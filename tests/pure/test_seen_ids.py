"""The set of ids that a plan has seen: exact, whatever its size, and its memory bounded."""

from __future__ import annotations

import sqlite3
import subprocess
import sys

import pytest

from aiointercom.cleanup.planning import seen_ids
from aiointercom.cleanup.planning.seen_ids import IN_MEMORY, SeenIds


def test_it_is_exact_on_both_sides_of_the_limit() -> None:
    """What was named is known, in memory and in the file, and nothing else is."""
    named = SeenIds()
    ids = [str(215_468_600_000_000 + number) for number in range(3 * IN_MEMORY)]
    assert all(named.add(id) for id in ids)
    assert not any(named.add(id) for id in ids)
    assert named.add("0")


MEASURED = """
import tracemalloc
from aiointercom.cleanup.planning.seen_ids import SeenIds
named = SeenIds()
tracemalloc.start()
for number in range(200_000):
    named.add(str(number))
first = tracemalloc.get_traced_memory()[0]
for number in range(200_000, 400_000):
    named.add(str(number))
print(first, tracemalloc.get_traced_memory()[0] - first)
"""


def test_memory_does_not_grow_with_the_ids() -> None:
    """200,000 more ids take no more of Python's memory: they stand in a file, of which SQLite holds 16 MB at most."""
    done = subprocess.run([sys.executable, "-c", MEASURED], capture_output=True, text=True, check=True)
    held, more = map(int, done.stdout.split())
    assert held < 2_000_000
    assert more < 100_000


def test_a_file_that_cannot_be_written_is_an_os_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk, or no folder for temporary files, is an OSError."""

    def full(*_: object, **__: object) -> sqlite3.Connection:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(seen_ids, "IN_MEMORY", 1)
    monkeypatch.setattr(sqlite3, "connect", full)
    named = SeenIds()
    assert named.add("1")
    with pytest.raises(OSError, match="disk is full"):
        named.add("2")
