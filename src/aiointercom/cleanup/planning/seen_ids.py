"""An exact set of the conversation ids seen so far, in bounded memory."""

from __future__ import annotations

import errno
import sqlite3
import weakref

IN_MEMORY = 10_000
"""How many ids are kept in memory. With more they move to a file, which takes about 20 ms."""
CACHE = 16 * 1024
"""KiB of the file that SQLite may cache."""


class SeenIds:
    """A set of ids that only grows. It need not be closed.

    Its file has no name: SQLite creates it in the folder for temporary files, and it disappears when it is closed or
    the process is killed.
    """

    def __init__(self) -> None:
        self._some: set[str] = set()
        self._file: sqlite3.Connection | None = None

    def add(self, id: str) -> bool:
        """Add an id. Returns False if it was in the set already.

        Raises:
            OSError: The temporary file cannot be written.
        """
        if self._file is None and len(self._some) < IN_MEMORY:
            before = len(self._some)
            self._some.add(id)
            return len(self._some) > before
        try:
            if self._file is None:
                self._file = self._moved()
            return self._file.execute("INSERT OR IGNORE INTO named VALUES (?)", (id,)).rowcount > 0
        except sqlite3.Error as error:
            problem = OSError(errno.EIO, f"the ids seen so far cannot be stored ({error})", "a temporary file")
        raise problem

    def _moved(self) -> sqlite3.Connection:
        # "" is a file; check_same_thread: the garbage collector may close it in any thread.
        file = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        weakref.finalize(self, file.close)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{CACHE}", "temp_store = FILE"):
            file.execute(f"PRAGMA {pragma}")
        file.execute("CREATE TABLE named (id TEXT PRIMARY KEY) WITHOUT ROWID")
        file.execute("BEGIN")  # never committed: each insertion alone would cost a transaction
        file.executemany("INSERT INTO named VALUES (?)", ((id,) for id in sorted(self._some)))
        self._some.clear()
        return file
