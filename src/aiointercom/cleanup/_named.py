"""Which conversations were named before: an exact set of ids whose memory is bounded, however many they are."""

from __future__ import annotations

import errno
import sqlite3
import weakref

IN_MEMORY = 10_000
"""Ids that are held in memory; beyond that they move to a file, which takes some 20 ms."""
CACHE = 16 * 1024
"""KiB that SQLite may hold of the file."""


class Named:
    """A set of ids that only grows. It needs no closing: its file has no name, and goes with it.

    The file is one that SQLite makes in the folder for temporary files and deletes when it is closed, also by the system where the process is killed.
    """

    def __init__(self) -> None:
        self._some: set[str] = set()
        self._file: sqlite3.Connection | None = None

    def add(self, id: str) -> bool:
        """Take an id in; False: it was in before.

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
            problem = OSError(errno.EIO, f"the ids that were named cannot be kept ({error})", "a temporary file")
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
