"""Ledgers for the tests of reports, written row by row as the schema says, and not by the code that writes ledgers."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

BEGUN = 1_795_370_400.0  # 2026-11-22 18:00 UTC
APPLICATION_ID = int.from_bytes(b"aiLg")
SCHEMA = f"""
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = 1;
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT);
CREATE TABLE items(kind TEXT, conversation_id TEXT, target_id TEXT, state TEXT, outcome TEXT, error TEXT, code TEXT, status INTEGER, reason TEXT,
    ticket_id TEXT, request_id TEXT, by_reading INTEGER, intended_at REAL, ended_at REAL, requests INTEGER, refused INTEGER, waited REAL, run INTEGER,
    PRIMARY KEY(kind, conversation_id, target_id));
CREATE TABLE runs(id INTEGER PRIMARY KEY, started_at REAL, ended_at REAL, stopped_by TEXT, version TEXT, requests INTEGER, refused INTEGER, waited REAL);
"""
COLUMNS = [
    "kind",
    "conversation_id",
    "target_id",
    "state",
    "outcome",
    "error",
    "code",
    "status",
    "reason",
    "ticket_id",
    "request_id",
    "by_reading",
    "intended_at",
    "ended_at",
    "requests",
    "refused",
    "waited",
    "run",
]


def item(number: int, at: float, **columns: Any) -> dict[str, Any]:
    """A row of the items: a part that was redacted, unless `columns` say otherwise."""
    fresh = {
        "kind": "redact_part",
        "conversation_id": str(1000 + number // 9),
        "target_id": str(50_000 + number),
        "state": "done",
        "outcome": "redacted",
        "request_id": f"request-{number}",
        "by_reading": 0,
        "intended_at": at - 0.4,
        "ended_at": at,
        "requests": 1,
        "refused": 0,
        "waited": 0.1,
        "run": 1,
    }
    return dict.fromkeys(COLUMNS) | fresh | columns


def run_row(
    id: int, start: float, end: float | None, stopped_by: str | None = None, requests: int = 0
) -> tuple[Any, ...]:
    """A row of the runs; without an end it was killed, or goes on."""
    return id, start, end, stopped_by, "0.1.0", requests, 0, 0.0


def ledger(path: Path, items: Iterable[dict[str, Any]] = (), runs: Iterable[tuple[Any, ...]] = ()) -> Path:
    """Write a ledger."""
    connection = sqlite3.connect(path)
    with connection:
        connection.executescript(SCHEMA)
        meta = {"workspace": "lithic-weasel", "region": "EU", "created_at": str(BEGUN), "aiointercom": "0.1.0"}
        connection.executemany("INSERT INTO meta VALUES(?, ?)", meta.items())
        rows = ([row[column] for column in COLUMNS] for row in items)
        connection.executemany(f"INSERT INTO items VALUES({', '.join('?' * len(COLUMNS))})", rows)
        connection.executemany("INSERT INTO runs VALUES(?, ?, ?, ?, ?, ?, ?, ?)", runs)
    connection.close()
    return path


def large(path: Path, count: int, kills: int = 0, seconds: float = 1200.0, chance: int = 7) -> Path:
    """A ledger as a real clean-up leaves it: three kinds, some already done, refused and unknown, some 429, and runs
    that were killed.
    """
    random.seed(chance)
    ends = sorted(random.uniform(0, seconds) for _ in range(kills))
    starts = [0.0, *(end + 1.5 for end in ends)]
    rows = []
    for number in range(count):
        after = seconds * (number + 1) / count
        index = sum(start <= after for start in starts)
        columns: dict[str, Any] = {"run": index}
        lot = random.random()
        if number >= count * 10 // 11:
            columns |= {
                "kind": "convert",
                "target_id": "",
                "conversation_id": str(9000 + number),
                "outcome": "converted",
                "ticket_id": str(9000 + number),
            }
        elif number % 10 == 9:
            columns |= {"kind": "redact_source"}
        if lot < 0.002:
            columns |= {
                "state": "refused",
                "outcome": "not_redactable",
                "error": "PartNotRedactableError",
                "status": 400,
            }
            columns |= {"code": "conversation_part_not_redactable"}
        elif lot < 0.0025:
            columns |= {
                "state": "unknown",
                "outcome": "unknown",
                "error": "OutcomeUnknownError",
                "reason": "could not read the conversation",
            }
        elif lot < 0.004:
            columns |= {
                "state": "failed",
                "outcome": "not_applied",
                "error": "ServerError",
                "status": 503,
                "code": "service_unavailable",
            }
        elif lot < 0.02:
            columns |= {"requests": 2, "refused": 1, "waited": 4.0}
        elif lot < 0.04 and columns.get("kind") != "convert":
            columns |= {"outcome": "already_redacted", "by_reading": 1, "requests": 2}
        rows.append(item(number, BEGUN + after, **columns))
    runs = [run_row(i, BEGUN + start, None) for i, start in enumerate(starts, 1)]
    runs[-1] = run_row(len(starts), BEGUN + starts[-1], BEGUN + seconds + 0.2, None, 5000)
    return ledger(path, rows, runs)
