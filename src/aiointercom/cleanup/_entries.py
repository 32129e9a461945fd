"""What is written into a ledger, each as a function of an open connection inside of a transaction. No text of anybody gets in."""

from __future__ import annotations

import sqlite3

from attrs import frozen

from aiointercom._version import __version__
from aiointercom.errors import LedgerError

from ._verdicts import Ended, Witness
from .items import Key

FINAL = frozenset({"done", "refused"})
IN_DOUBT = frozenset({"in_flight", "unknown"})

THE_ITEM = "WHERE kind = ? AND conversation_id = ? AND target_id = ?"
INTEND = """
INSERT INTO items (kind, conversation_id, target_id, state, intended_at, run) VALUES (?, ?, ?, 'in_flight', ?, ?)
ON CONFLICT (kind, conversation_id, target_id) DO UPDATE SET state = 'in_flight', outcome = NULL, error = NULL, code = NULL, status = NULL, reason = NULL, ticket_id = NULL,
    request_id = NULL, by_reading = 0, intended_at = excluded.intended_at, ended_at = NULL, run = excluded.run
"""
END = f"""
UPDATE items SET state = ?, outcome = ?, error = ?, code = ?, status = ?, reason = ?, ticket_id = ?, request_id = ?, by_reading = ?,
    ended_at = ?, requests = requests + ?, refused = refused + ?, waited = waited + ? {THE_ITEM}
"""  # noqa: S608  # our own words
FIGURES = "UPDATE runs SET requests = requests + ?, refused = refused + ?, waited = waited + ? WHERE id = ?"


@frozen
class Earlier:
    """What stood in the ledger of an item that is about to be sent."""

    over: bool
    """Nothing is left to do: it is final, or had its turn in this very run."""
    in_doubt: bool
    """It may have taken effect, so it is read back first."""
    intended_at: float


def bind(connection: sqlite3.Connection, workspace: str, region: str, *, now: float, requests: int) -> int:
    """Begin a run, in a ledger of this workspace or in a new one; gives the run's id.

    Raises:
        LedgerError: The ledger is of another workspace.
    """
    told = {"workspace": workspace, "region": region, "created_at": f"{now:.3f}", "aiointercom": __version__}
    connection.executemany("INSERT OR IGNORE INTO meta VALUES (?, ?)", told.items())
    (known,) = connection.execute("SELECT value FROM meta WHERE key = 'workspace'").fetchone()
    if known != workspace:
        raise LedgerError(f"the ledger is of workspace {known}, and the token belongs to workspace {workspace}")
    begin = "INSERT INTO runs (started_at, version, requests) VALUES (?, ?, ?)"
    run = connection.execute(begin, (now, __version__, requests)).lastrowid
    assert run is not None  # it was an INSERT
    return run


def intend(connection: sqlite3.Connection, key: Key, run: int, now: float) -> Earlier:
    """Note that an item will be sent, unless it is over. What is in doubt keeps the time at which it was first intended."""
    row = connection.execute(f"SELECT state, intended_at, run FROM items {THE_ITEM}", key).fetchone()  # noqa: S608  # our own words
    if row is None:
        connection.execute(INTEND, (*key, now, run))
        return Earlier(over=False, in_doubt=False, intended_at=now)
    state, intended_at, by = row
    if state in FINAL or by == run:
        return Earlier(over=True, in_doubt=False, intended_at=intended_at)
    in_doubt = state in IN_DOUBT
    at = intended_at if in_doubt else now
    connection.execute(INTEND, (*key, at, run))
    return Earlier(over=False, in_doubt=in_doubt, intended_at=at)


def again(connection: sqlite3.Connection, key: Key, now: float) -> None:
    """Note that an item will be sent once more, after a reading showed that it had not taken effect."""
    connection.execute(f"UPDATE items SET intended_at = ? {THE_ITEM}", (now, *key))  # noqa: S608  # our own words


def end(connection: sqlite3.Connection, key: Key, run: int, *, ended: Ended, seen: Witness, now: float) -> None:
    """Note how an item ended, and what it took."""
    error = ended.error
    figures = (seen.requests, seen.refused, seen.waited)
    connection.execute(
        END,
        (
            ended.state,
            ended.outcome,
            None if error is None else type(error).__name__,
            getattr(error, "code", None),
            getattr(error, "status", None),
            ended.reason,
            ended.ticket_id,
            seen.request_id,
            ended.by_reading,
            now,
            *figures,
            *key,
        ),
    )
    connection.execute(FIGURES, (*figures, run))


def finish(connection: sqlite3.Connection, run: int, stopped_by: str | None, now: float) -> int:
    """Note that a run is over; gives how many of its items are in flight still."""
    connection.execute("UPDATE runs SET ended_at = ?, stopped_by = ? WHERE id = ?", (now, stopped_by, run))
    left = connection.execute("SELECT count(*) FROM items WHERE state = 'in_flight' AND run = ?", (run,))
    return int(left.fetchone()[0])
