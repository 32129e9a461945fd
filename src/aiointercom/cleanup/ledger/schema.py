"""The schema of a ledger, and the check that a file is one. Every error of SQLite is translated into a LedgerError."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from aiointercom.cleanup.errors import LedgerError

VERSION = 2
"""`user_version` of the file. A ledger of a greater one is refused: what it says might mean something else. A run
brings an older one up to this one; a reader reads it as it is."""
APPLICATION_ID = int.from_bytes(b"aiLg")
"""`application_id` of the file, which tells it from every other SQLite database."""

THE_ITEM = "WHERE kind = ? AND conversation_id = ? AND target_id = ?"

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE runs (
    id INTEGER PRIMARY KEY, started_at REAL NOT NULL, ended_at REAL, stopped_by TEXT, version TEXT NOT NULL,
    requests INTEGER NOT NULL DEFAULT 0, refused INTEGER NOT NULL DEFAULT 0, waited REAL NOT NULL DEFAULT 0
);
CREATE TABLE items (
    kind TEXT NOT NULL, conversation_id TEXT NOT NULL, target_id TEXT NOT NULL,
    state TEXT NOT NULL, outcome TEXT, error TEXT, code TEXT, status INTEGER, reason TEXT, ticket_id TEXT,
    request_id TEXT, by_reading INTEGER NOT NULL DEFAULT 0,
    intended_at REAL NOT NULL, first_sent_at REAL, last_doubt_at REAL, ended_at REAL,
    requests INTEGER NOT NULL DEFAULT 0, refused INTEGER NOT NULL DEFAULT 0, waited REAL NOT NULL DEFAULT 0,
    run INTEGER NOT NULL,
    PRIMARY KEY (kind, conversation_id, target_id)
) WITHOUT ROWID;
"""
FROM_1 = """
ALTER TABLE items ADD COLUMN first_sent_at REAL;
ALTER TABLE items ADD COLUMN last_doubt_at REAL;
UPDATE items SET first_sent_at = intended_at, last_doubt_at = ended_at WHERE state IN ('in_flight', 'unknown');
"""
"""The times that version 1 did not record. No request of an item was sent before its intent, or after its outcome was
recorded as unknown."""
SINCE_2 = frozenset({"first_sent_at", "last_doubt_at"})
"""The columns that are new in version 2."""


@contextmanager
def translate_errors(path: Path) -> Generator[None, None, None]:
    """Translate errors of SQLite and of the file system into a LedgerError with the file and the reason."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        problem = error.strerror if isinstance(error, OSError) else str(error)
        failure = LedgerError(f"the ledger {path} cannot be used: {problem or type(error).__name__}")
    else:
        return
    raise failure


def resolve_path(path: str | os.PathLike[str]) -> Path:
    """Return the path of a ledger with links resolved, so that two names of one file share one lock.

    Raises:
        LedgerError: It is a directory, or it cannot be resolved.
    """
    with translate_errors(Path(path)):
        where = Path(path).expanduser().resolve()
        if not where.is_dir():
            return where
    raise LedgerError(f"the ledger {where} cannot be used: it is a directory")


def create(connection: sqlite3.Connection) -> None:
    """Create the tables of a new ledger in one transaction."""
    connection.executescript(
        f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION}; COMMIT;"
    )


def migrate(connection: sqlite3.Connection) -> None:
    """Migrate a ledger of version 1 in one transaction, so that a kill leaves the old version or the new one."""
    connection.executescript(f"BEGIN IMMEDIATE; {FROM_1} PRAGMA user_version = {VERSION}; COMMIT;")


def check(connection: sqlite3.Connection, path: Path) -> int:
    """Return the version of the ledger in a file; 0: the file is new or empty.

    Raises:
        LedgerError: The file is not a ledger, has a newer version, or is damaged.
    """
    application = _number(connection, "application_id")
    if application == 0 and not connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
        return 0
    if application != APPLICATION_ID:
        raise LedgerError(f"{path} is a database, but not a ledger of aiointercom")
    version = _number(connection, "user_version")
    if version > VERSION:
        raise LedgerError(
            f"the ledger {path} is of version {version}, this aiointercom knows {VERSION}: use a newer one"
        )
    if (found := connection.execute("PRAGMA quick_check(1)").fetchone()) != ("ok",):
        raise LedgerError(f"the ledger {path} is damaged ({found[0]}): nothing was sent; keep it, and restore a copy")
    return version


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    value: int = connection.execute(f"PRAGMA {pragma}").fetchone()[0]
    return value
