"""The statements that write into a ledger, as functions of an open connection in a transaction.

No text of a message is written.
"""

from __future__ import annotations

import sqlite3
from typing import cast

from attrs import frozen

from aiointercom._version import __version__
from aiointercom.cleanup.errors import LedgerError
from aiointercom.cleanup.items import Key
from aiointercom.cleanup.outcomes import Doubt, Ended, EventRecorder

from .schema import THE_ITEM

FORGET = """
    state = 'in_flight', outcome = NULL, error = NULL, code = NULL, status = NULL, reason = NULL, ticket_id = NULL,
    request_id = NULL, by_reading = 0, ended_at = NULL
"""
INTEND = f"""
INSERT INTO items (kind, conversation_id, target_id, state, intended_at, run) VALUES (?, ?, ?, 'in_flight', ?, ?)
ON CONFLICT (kind, conversation_id, target_id) DO UPDATE SET {FORGET}, intended_at = excluded.intended_at,
    first_sent_at = NULL, last_doubt_at = NULL, run = excluded.run
"""  # noqa: S608  # our own words
DOUBT = f"""
UPDATE items SET state = 'unknown', outcome = 'unknown', first_sent_at = ?, last_doubt_at = ?,
    ended_at = coalesce(ended_at, intended_at), run = ? {THE_ITEM}
"""  # noqa: S608  # our own words
IN_DOUBT = """
SELECT kind, conversation_id, target_id FROM items WHERE state IN ('in_flight', 'unknown')
ORDER BY last_doubt_at IS NULL, last_doubt_at, intended_at
"""
AGAIN = f"UPDATE items SET {FORGET} {THE_ITEM}"  # noqa: S608  # our own words
END = f"""
UPDATE items SET state = ?, outcome = ?, error = ?, code = ?, status = ?, reason = ?, ticket_id = ?, request_id = ?,
    by_reading = ?, first_sent_at = coalesce(?, first_sent_at), last_doubt_at = coalesce(?, last_doubt_at),
    ended_at = ?, requests = requests + ?, refused = refused + ?, waited = waited + ? {THE_ITEM}
"""  # noqa: S608  # our own words
FIGURES = "UPDATE runs SET requests = requests + ?, refused = refused + ?, waited = waited + ? WHERE id = ?"


@frozen
class RunContext:
    """The id of the run that writes."""

    id: int
    began: float
    """When it had locked the ledger, by Intercom's clock."""
    retry_refused: bool = False
    """Whether items that were refused in an earlier run are tried again."""


@frozen
class EarlierState:
    """The earlier state of an item that is about to be sent."""

    over: bool
    """Whether the item is finished: its state is final, or this run has processed it already."""
    doubt: Doubt | None = None
    """When it may have taken effect, so that it is read back first; None: it has not taken effect."""


def claim(connection: sqlite3.Connection, owner: str) -> None:
    """Record which run writes into the ledger from now on."""
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('owner', ?)", (owner,))


def check_owner(connection: sqlite3.Connection, owner: str) -> None:
    """Check that no other run has taken over, which is possible only if the lock file was removed during a run.

    Raises:
        LedgerError: Another run has taken over.
    """
    (known,) = connection.execute("SELECT value FROM meta WHERE key = 'owner'").fetchone()
    if known != owner:
        raise LedgerError("the ledger is in use by another run, which began later: its lock file was removed meanwhile")


def bind(connection: sqlite3.Connection, workspace: str, region: str, *, now: float, requests: int) -> int:
    """Record the start of a run in a ledger of this workspace or in a new one, and return the run's id.

    Raises:
        LedgerError: The ledger belongs to another workspace.
    """
    told = {"workspace": workspace, "region": region, "created_at": f"{now:.3f}", "aiointercom": __version__}
    connection.executemany("INSERT OR IGNORE INTO meta VALUES (?, ?)", told.items())
    (known,) = connection.execute("SELECT value FROM meta WHERE key = 'workspace'").fetchone()
    if known != workspace:
        raise LedgerError(f"the ledger is of workspace {known}, and this is workspace {workspace}")
    begin = "INSERT INTO runs (started_at, version, requests) VALUES (?, ?, ?)"
    run = connection.execute(begin, (now, __version__, requests)).lastrowid
    assert run is not None  # it was an INSERT
    return run


def intend(connection: sqlite3.Connection, key: Key, run: RunContext, now: float) -> EarlierState:
    """Record that an item will be sent, or that it is in doubt, unless it is finished.

    A killed run has not recorded when it sent an item last. It can have done so until this run locked the ledger, so
    that time is recorded now and is not postponed by further runs that are killed.
    """
    query = f"SELECT state, intended_at, first_sent_at, last_doubt_at, run FROM items {THE_ITEM}"  # noqa: S608  # ours
    row = connection.execute(query, key).fetchone()
    state, intended_at, first_sent_at, last_doubt_at, by = row or (None, now, None, None, None)
    if by == run.id or state == "done" or (state == "refused" and not run.retry_refused):
        return EarlierState(over=True)
    if state not in ("in_flight", "unknown"):
        connection.execute(INTEND, (*key, now, run.id))
        return EarlierState(over=False)
    first = intended_at if first_sent_at is None else first_sent_at
    last = run.began if state == "in_flight" or last_doubt_at is None else last_doubt_at
    connection.execute(DOUBT, (first, last, run.id, *key))
    return EarlierState(over=False, doubt=Doubt(first, last))


def in_doubt(connection: sqlite3.Connection) -> list[Key]:
    """Return the keys of the items that may have taken effect, those in doubt for the longest time first."""
    return cast("list[Key]", connection.execute(IN_DOUBT).fetchall())


def again(connection: sqlite3.Connection, key: Key) -> None:
    """Record that an item will be sent again."""
    connection.execute(AGAIN, key)


def end(
    connection: sqlite3.Connection, key: Key, run: int, *, ended: Ended, recorder: EventRecorder, now: float
) -> None:
    """Record the outcome of an item, with its requests and waits."""
    error, doubt = ended.error, None if ended.doubt is None else (ended.doubt.first_sent_at, ended.doubt.last_doubt_at)
    figures = (recorder.requests, recorder.refused, recorder.waited)
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
            recorder.request_id,
            ended.by_reading,
            *(doubt or (None, None)),
            now,
            *figures,
            *key,
        ),
    )
    connection.execute(FIGURES, (*figures, run))


def finish(connection: sqlite3.Connection, run: int, stopped_by: str | None, now: float) -> int:
    """Record the end of a run, and return how many of its items are still in flight."""
    connection.execute("UPDATE runs SET ended_at = ?, stopped_by = ? WHERE id = ?", (now, stopped_by, run))
    left = connection.execute("SELECT count(*) FROM items WHERE state = 'in_flight' AND run = ?", (run,))
    return int(left.fetchone()[0])
