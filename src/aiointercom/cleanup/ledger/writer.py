"""Writes the ledger: all pending writes are committed together, in a thread, and then their callers continue.

So the event loop never waits for the disk, and concurrent items share the cost of a commit.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, Self, TypeVar, cast
from uuid import uuid4

import anyio
from anyio import to_thread
from anyio.lowlevel import checkpoint
from attrs import define, field

from aiointercom._concurrency.cancellation import in_own_task
from aiointercom.cleanup.errors import LedgerError
from aiointercom.cleanup.ledger import schema, statements
from aiointercom.errors import ConfigurationError

T = TypeVar("T")
OWNER_ONLY = 0o600
"""The mode of new files: a ledger holds ids of conversations, so only its owner may read it."""
BUSY = 5.0
"""Seconds to wait while another program, such as the SQLite shell, locks the file."""


@define(eq=False)
class _QueuedWrite(Generic[T]):
    """A pending write."""

    work: Callable[[sqlite3.Connection], T]
    value: T | None = None


@define(eq=False)
class _Batch:
    """Writes that are committed in one transaction: all of them, or no one."""

    wanted: list[_QueuedWrite[Any]] = field(factory=list[_QueuedWrite[Any]])
    ended: bool = False
    problem: LedgerError | None = None


class Writer:
    """The only writer of a ledger. Made by `Writer.open`, in a thread; used by the tasks of one event loop."""

    def __init__(self, connection: sqlite3.Connection, path: Path, lock: Any) -> None:
        self.connection, self._path, self._file_lock = connection, path, lock
        self._limiter = anyio.CapacityLimiter(1)
        self._turn, self._alone = anyio.Lock(), threading.Lock()
        self._batch = _Batch()
        self._owner: str | None = None

    @classmethod
    async def open(cls, path: str | os.PathLike[str]) -> Self:
        """Lock and open a ledger, or create it.

        Raises:
            LedgerError: It is used by another run, is not a ledger, has a newer version, is damaged, or cannot be
                written.
            ConfigurationError: The extra `cleanup` is not installed.
        """
        where = schema.resolve_path(path)
        lock = _lock_of(where)

        async def opened() -> Self:
            writer = cls(await to_thread.run_sync(_open, where, lock), where, lock)
            try:
                await checkpoint()
            except BaseException:  # cancelled in the meantime: no other code would release the lock
                await writer.aclose()
                raise
            return writer

        return await in_own_task(opened)

    def claim(self, connection: sqlite3.Connection) -> None:
        """Make this writer the owner of the ledger: no other can write into it, even if the lock file is removed."""
        self._owner = uuid4().hex
        statements.claim(connection, self._owner)

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Execute `work` in a shared transaction, and return its value after the commit.

        Raises:
            LedgerError: It could not be committed.
        """
        batch, wanted = self._batch, _QueuedWrite(work)
        batch.wanted.append(wanted)
        async with self._turn:
            if not batch.ended:
                self._batch = _Batch() if self._batch is batch else self._batch
                await to_thread.run_sync(self._commit, batch, limiter=self._limiter)
        if batch.problem is not None:
            raise LedgerError(*batch.problem.args)
        return cast("T", wanted.value)

    def _commit(self, batch: _Batch) -> None:
        # After a plain `task.cancel()` of asyncio the thread goes on, and the next one may start beside it.
        with self._alone:
            if not batch.ended:
                self._carry_out(batch)

    def _carry_out(self, batch: _Batch) -> None:
        connection = self.connection
        try:
            with schema.translate_errors(self._path):
                connection.execute("BEGIN IMMEDIATE")
                if self._owner is not None:
                    statements.check_owner(connection, self._owner)
                for wanted in batch.wanted:
                    wanted.value = wanted.work(connection)
                connection.execute("COMMIT")
        except LedgerError as problem:
            batch.problem = problem
        except Exception as error:  # noqa: BLE001  # whatever the error is, no write of this batch was committed
            batch.problem = LedgerError(f"the ledger {self._path} was not written: {type(error).__name__}")
        finally:
            batch.ended = True
            if connection.in_transaction:
                connection.execute("ROLLBACK")

    async def aclose(self) -> None:
        """Close the file and release the lock. Afterwards the ledger is a single file."""
        with anyio.CancelScope(shield=True):
            await to_thread.run_sync(self._close, limiter=self._limiter)

    def _close(self) -> None:
        with self._alone:
            try:
                self.connection.execute("PRAGMA journal_mode = DELETE")
            except sqlite3.Error:
                pass  # it is being read, or the disk is full: the ledger is complete with its log file
            finally:
                self.connection.close()
                self._file_lock.release()


def _lock_of(where: Path) -> Any:
    try:
        from filelock import FileLock
    except ImportError:
        raise ConfigurationError('a clean-up needs: pip install "aiointercom[cleanup]"') from None
    # Not local to a thread: one worker thread locks it, another one releases it.
    return FileLock(f"{where}.lock", timeout=0, mode=OWNER_ONLY, thread_local=False)


def _open(where: Path, lock: Any) -> sqlite3.Connection:
    from filelock import Timeout

    if not where.parent.is_dir():  # filelock would create it, and a typing error would start a new ledger
        raise LedgerError(f"the ledger {where} cannot be used: there is no folder {where.parent}")
    with schema.translate_errors(where):
        try:
            lock.acquire()
        except Timeout:
            problem = LedgerError(f"the ledger {where} is in use by another run")
        else:
            try:
                return _open_connection(where)
            except BaseException:
                lock.release()
                raise
    raise problem


def _open_connection(where: Path) -> sqlite3.Connection:
    # SQLite creates its companion files with the mode of the ledger.
    os.close(os.open(where, os.O_RDWR | os.O_CREAT, OWNER_ONLY))
    connection = sqlite3.connect(where, timeout=BUSY, isolation_level=None, check_same_thread=False)
    try:
        version = schema.check(connection, where)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        if not version:
            schema.create(connection)
        elif version < schema.VERSION:
            schema.migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection
