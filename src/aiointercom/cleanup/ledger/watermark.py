"""The watermark of a live redaction: all conversations that changed before it were looked at.

It is kept in the ledger, beside the items. A run may have the ledger open meanwhile: SQLite lets one write after the
other, and nothing else writes this line.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from .schema import resolve_path, translate_errors

NAME = "watermark"
BUSY = 5.0


def load_watermark(path: str | os.PathLike[str]) -> float | None:
    """Return the watermark of an existing ledger, in Unix seconds by Intercom's clock; None: it has none.

    Raises:
        LedgerError: The ledger cannot be read.
    """
    where = resolve_path(path)
    with translate_errors(where), closing(_opened(where)) as connection:
        row = connection.execute("SELECT value FROM meta WHERE key = ?", (NAME,)).fetchone()
    return None if row is None else float(row[0])


def save_watermark(path: str | os.PathLike[str], watermark: float) -> None:
    """Keep a watermark in an existing ledger.

    Raises:
        LedgerError: The ledger cannot be written.
    """
    save_values(path, {NAME: f"{watermark:.3f}"})


def save_values(path: str | os.PathLike[str], values: Mapping[str, str]) -> None:
    """Keep values in the meta of an existing ledger, under names that a run does not write.

    Raises:
        LedgerError: The ledger cannot be written.
    """
    where = resolve_path(path)
    with translate_errors(where), closing(_opened(where)) as connection:
        connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())


def _opened(where: Path) -> sqlite3.Connection:
    where.stat()  # SQLite would make an empty file
    return sqlite3.connect(where, timeout=BUSY, isolation_level=None)
