"""The ledger as its readers see it: what became of each item, and of each run. It holds ids, codes, outcomes and times, and no text.

It is one SQLite file. All times are Unix seconds by Intercom's clock, as far as its answers told it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, cast

from attrs import fields, frozen

from aiointercom.cleanup import _schema
from aiointercom.errors import LedgerError

from .items import Key

State = Literal["in_flight", "done", "refused", "failed", "unknown"]
Outcome = Literal[
    "redacted",
    "already_redacted",
    "converted",
    "already_ticket",
    "not_redactable",
    "not_found",
    "refused",
    "not_applied",
    "unknown",
]

__all__ = ["Ledger", "LedgerError", "Outcome", "Record", "RunRecord", "State"]


@frozen(kw_only=True)
class Record:
    """What is known of one item."""

    kind: str
    """"redact_part", "redact_source" or "convert"."""
    conversation_id: str
    target_id: str
    """The id of the part or source; "" for a conversion."""
    state: State
    """"done" and "refused" are final. "failed" was not applied and is tried again by the next run; "unknown" and "in_flight" may have been
    applied, and are read first by the next run, if not by the one that goes on."""
    outcome: Outcome | None
    """None: in flight."""
    error: str | None
    """The name of the error's class; None: there was none."""
    code: str | None
    """Intercom's code of a refusal."""
    status: int | None
    """The HTTP status of a refusal."""
    reason: str | None
    """What reading back showed, in our words."""
    ticket_id: str | None
    """The id of the ticket that the conversation is, where that is known."""
    request_id: str | None
    """Intercom's id of the request that decided it."""
    by_reading: bool
    """True: reading the conversation back showed it, not the answer to the write."""
    intended_at: float
    """When it was noted first that it would be sent."""
    first_sent_at: float | None
    """When the first request was sent that may have taken effect without saying so; None: there was none, or a ledger of version 1."""
    last_doubt_at: float | None
    """Until when such a request can have been sent; of a run that was killed, when the next one began."""
    ended_at: float | None
    """When its outcome was known; None: in flight."""
    requests: int
    """Requests sent for it, readings and all runs included."""
    refused: int
    """Of these, how many were answered 429."""
    waited: float
    """Seconds that it waited for the rate limit and between attempts."""
    run: int
    """The id of the run that had it last."""


@frozen(kw_only=True)
class RunRecord:
    """What is known of one run."""

    id: int
    started_at: float
    ended_at: float | None
    """None: it goes on, or it was killed."""
    stopped_by: str | None
    """None: it came to its end, or goes on, or was killed. "asked", "cancelled", or the name of the error's class."""
    version: str
    """Of aiointercom."""
    requests: int
    refused: int
    """Of these, how many were answered 429."""
    waited: float
    """Seconds that its items waited, all together."""


class Ledger:
    """Reads a ledger, also while a run goes on. Open it with `Ledger.read(path)`, best in a `with`."""

    def __init__(self, connection: sqlite3.Connection, path: Path, version: int = _schema.VERSION) -> None:
        self._connection, self._path, self._version = connection, path, version

    def __repr__(self) -> str:
        return f"Ledger({str(self._path)!r})"

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Self:
        """Open a ledger for reading only.

        Args:
            path: Its file.

        Raises:
            LedgerError: There is none, it is of a newer version or damaged, or it cannot be read.
        """
        where = _schema.resolved(path)
        with _schema.told(where):
            where.stat()  # for the system's own words about a file that is not there
            connection = _opened(where)
            try:
                version = _schema.check(connection, where)
            except BaseException:
                connection.close()
                raise
        if not version:
            connection.close()
            raise LedgerError(f"the ledger {where} is empty: no run has begun it")
        return cls(connection, where, version)

    @property
    def meta(self) -> Mapping[str, str]:
        """What the ledger belongs to: `workspace` (the app's id_code), `region`, `created_at` (Unix seconds), `aiointercom` (version)."""
        with _schema.told(self._path):
            query = "SELECT key, value FROM meta WHERE key <> 'owner' ORDER BY key"
            return dict(self._connection.execute(query))

    def state(self, key: Key) -> State | None:
        """Return the state of one item, by its `key`; None: no run has begun it."""
        with _schema.told(self._path):
            query = f"SELECT state FROM items {_schema.THE_ITEM}"  # noqa: S608  # our own words
            row = cast("tuple[State] | None", self._connection.execute(query, key).fetchone())
            return None if row is None else row[0]

    def records(self) -> Iterator[Record]:
        """Go through all items in the order in which they ended, those in flight last, as they stood when this began."""
        order = "ended_at IS NULL, ended_at, kind, conversation_id, target_id"
        for row in self._rows(Record, f"items ORDER BY {order}"):
            row["by_reading"] = bool(row["by_reading"])
            yield Record(**row)

    def runs(self) -> list[RunRecord]:
        """Return all runs, the first one first."""
        return [RunRecord(**row) for row in self._rows(RunRecord, "runs ORDER BY id")]

    def _rows(self, kind: type[Record | RunRecord], source: str) -> Iterator[dict[str, Any]]:
        """Read the columns that a record is made of, which are named as its fields are."""
        names = [field.name for field in fields(kind)]
        columns = [f"NULL AS {name}" if self._version < 2 and name in _schema.SINCE_2 else name for name in names]
        with _schema.told(self._path):
            for row in self._connection.execute(f"SELECT {', '.join(columns)} FROM {source}"):  # noqa: S608  # our own names
                yield dict(zip(names, row, strict=True))

    def counts(self) -> dict[tuple[str, State, Outcome | None], int]:
        """Count the items by kind, state and outcome."""
        with _schema.told(self._path):
            query = "SELECT kind, state, outcome, count(*) FROM items GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
            rows = cast("list[tuple[str, State, Outcome | None, int]]", self._connection.execute(query).fetchall())
            return {(kind, state, outcome): number for kind, state, outcome, number in rows}

    def close(self) -> None:
        """Close the file; nothing can be read after this."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def _opened(where: Path) -> sqlite3.Connection:
    """Open a file for reading only.

    SQLite wants to write beside a file in WAL mode. Where it may not, and nothing stands beside it, the file alone is the whole ledger.
    """
    try:
        return _probed(where, "mode=ro")
    except sqlite3.OperationalError:
        log = where.with_name(where.name + "-wal")
        if log.exists() and log.stat().st_size:
            raise
        return _probed(where, "mode=ro&immutable=1")


def _probed(where: Path, how: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{where.as_uri()}?{how}", uri=True, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection
