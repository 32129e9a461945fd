"""Reads a ledger: the outcome of each item and of each run. It holds ids, codes, outcomes and times, and no text.

A ledger is one SQLite file. All times are Unix seconds by Intercom's clock, as far as responses have shown it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self, cast

from attrs import fields, frozen

from aiointercom.cleanup.errors import LedgerError
from aiointercom.cleanup.items import Key
from aiointercom.cleanup.ledger import schema
from aiointercom.cleanup.ledger.live_record import LiveRecord
from aiointercom.cleanup.outcomes import Outcome, State
from aiointercom.types import JSONObject


@frozen(kw_only=True)
class Record:
    """The entry of one item."""

    kind: str
    """"redact_part", "redact_source" or "convert"."""
    conversation_id: str
    target_id: str
    """The id of the part or source; "" for a conversion."""
    state: State
    """"done" and "refused" are final. "failed" was not applied and is tried again by the next run; "unknown" and
    "in_flight" may have been applied, and are read back first by the next run, unless the current run settles them."""
    outcome: Outcome | None
    """How it ended; None: it is in flight."""
    error: str | None
    """The class name of the error; None: there was no error."""
    code: str | None
    """Intercom's code of a refusal."""
    status: int | None
    """The HTTP status of a refusal."""
    reason: str | None
    """What reading back showed, in the SDK's own words; None: there is nothing to report."""
    ticket_id: str | None
    """The id of the ticket that the conversation has become; None: not known, or not a conversion."""
    request_id: str | None
    """Intercom's id of the request that decided it."""
    by_reading: bool
    """Whether the outcome is known from reading the conversation back, not from the response to the write."""
    intended_at: float
    """When the intent to send it was first recorded."""
    first_sent_at: float | None
    """When the first request was sent whose outcome is unknown; None: there was no such request, or the ledger has
    version 1."""
    last_doubt_at: float | None
    """The latest time at which such a request can have been sent; after a killed run, the start of the next one."""
    ended_at: float | None
    """When its outcome became known; None: it is in flight."""
    requests: int
    """Requests sent for it by all runs, reads included."""
    refused: int
    """How many of these got the response 429."""
    waited: float
    """Seconds of waiting for the rate limit and between attempts."""
    run: int
    """The id of the last run that processed it."""


@frozen(kw_only=True)
class RunRecord:
    """The entry of one run."""

    id: int
    started_at: float
    ended_at: float | None
    """When it ended; None: it goes on, or it was killed."""
    stopped_by: str | None
    """None: it completed, goes on, or was killed. "asked", "cancelled", or the class name of the error."""
    version: str
    """The version of aiointercom that it used."""
    requests: int
    refused: int
    """How many of these got the response 429."""
    waited: float
    """Total seconds of waiting, summed over concurrent items."""


class Ledger:
    """Reads a ledger, also while a run goes on. Open it with `Ledger.read(path)`, preferably in a `with` statement."""

    def __init__(self, connection: sqlite3.Connection, path: Path, version: int = schema.VERSION) -> None:
        self._connection, self._path, self._version = connection, path, version

    def __repr__(self) -> str:
        return f"Ledger({str(self._path)!r})"

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Self:
        """Open a ledger for reading only.

        Args:
            path: The path of the ledger.

        Raises:
            LedgerError: The file does not exist, has a newer version, is damaged, or cannot be read.
        """
        where = schema.resolve_path(path)
        with schema.translate_errors(where):
            where.stat()  # for the system's own words about a file that is not there
            connection = _opened(where)
            try:
                version = schema.check(connection, where)
            except BaseException:
                connection.close()
                raise
        if not version:
            connection.close()
            raise LedgerError(f"the ledger {where} is empty: no run has used it")
        return cls(connection, where, version)

    @property
    def live(self) -> LiveRecord | None:
        """What a live redaction did with this ledger, all its processes together; None: there was none.

        Raises:
            LedgerError: What it left cannot be read.
        """
        try:
            return LiveRecord.from_meta(self.meta)
        except (ValueError, TypeError, KeyError):
            failure = LedgerError(f"the counts of live redaction in the ledger {self._path} are damaged")
        raise failure

    @property
    def meta(self) -> Mapping[str, str]:
        """The facts about the ledger, by name.

        They are `workspace` (the app's id_code), `region`, `created_at` (Unix seconds) and `aiointercom` (the version).
        """
        with schema.translate_errors(self._path):
            query = "SELECT key, value FROM meta WHERE key <> 'owner' ORDER BY key"
            return dict(self._connection.execute(query))

    def state(self, key: Key) -> State | None:
        """Return the state of one item, by its `key`; None: no run has started it."""
        with schema.translate_errors(self._path):
            query = f"SELECT state FROM items {schema.THE_ITEM}"  # noqa: S608  # our own words
            row = cast("tuple[State] | None", self._connection.execute(query, key).fetchone())
            return None if row is None else row[0]

    def records(self) -> Iterator[Record]:
        """Iterate over all items, as they were at the beginning, in the order of their ends, those in flight last."""
        order = "ended_at IS NULL, ended_at, kind, conversation_id, target_id"
        for row in self._rows(Record, f"items ORDER BY {order}"):
            row["by_reading"] = bool(row["by_reading"])
            yield Record(**row)

    def runs(self) -> list[RunRecord]:
        """Return all runs, the oldest first."""
        return [RunRecord(**row) for row in self._rows(RunRecord, "runs ORDER BY id")]

    def _rows(self, kind: type[Record | RunRecord], source: str) -> Iterator[JSONObject]:
        """Read the columns of a record; each column has the name of a field."""
        names = [field.name for field in fields(kind)]
        columns = [f"NULL AS {name}" if self._version < 2 and name in schema.SINCE_2 else name for name in names]
        with schema.translate_errors(self._path):
            for row in self._connection.execute(f"SELECT {', '.join(columns)} FROM {source}"):  # noqa: S608  # ours
                yield dict(zip(names, row, strict=True))

    def counts(self) -> dict[tuple[str, State, Outcome | None], int]:
        """Count the items by kind, state and outcome."""
        with schema.translate_errors(self._path):
            query = "SELECT kind, state, outcome, count(*) FROM items GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
            rows = cast("list[tuple[str, State, Outcome | None, int]]", self._connection.execute(query).fetchall())
            return {(kind, state, outcome): number for kind, state, outcome, number in rows}

    def close(self) -> None:
        """Close the file; afterwards it cannot be read."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def _opened(where: Path) -> sqlite3.Connection:
    """Open a file for reading only.

    In WAL mode SQLite writes companion files. If it is not allowed to, and no such file exists, the file alone is the
    whole ledger.
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
