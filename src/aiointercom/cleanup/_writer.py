"""Writes the ledger: whatever waits to be written is committed together, in a thread, and only then do the waiters go on.

So the event loop never waits for a disk, and a commit, whose price is the disk's, is shared by all that go on at once.
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

from aiointercom._cancellation import in_own_task
from aiointercom.cleanup import _entries, _schema
from aiointercom.errors import ConfigurationError, LedgerError

T = TypeVar("T")
OWNER_ONLY = 0o600
"""The mode of new files: a ledger names conversations, and is nobody else's business."""
BUSY = 5.0
"""Seconds to wait for somebody who looks into the file with a tool of his own and locks it."""


@define(eq=False)
class _Wanted(Generic[T]):
    """Something that waits to be written."""

    work: Callable[[sqlite3.Connection], T]
    value: T | None = None


@define(eq=False)
class _Batch:
    """What is committed together. All of it fails, or none."""

    wanted: list[_Wanted[Any]] = field(factory=list[_Wanted[Any]])
    ended: bool = False
    problem: LedgerError | None = None


class Writer:
    """The one who writes a ledger. Made by `Writer.open`, in a thread; used by the tasks of one event loop."""

    def __init__(self, connection: sqlite3.Connection, path: Path, lock: Any) -> None:
        self.connection, self._path, self._file_lock = connection, path, lock
        self._limiter = anyio.CapacityLimiter(1)
        self._turn, self._alone = anyio.Lock(), threading.Lock()
        self._batch = _Batch()
        self._owner: str | None = None

    @classmethod
    async def open(cls, path: str | os.PathLike[str]) -> Self:
        """Lock a ledger and open it, or begin it.

        Raises:
            LedgerError: Another run uses it, it is no ledger, of a newer version, damaged, or cannot be written.
            ConfigurationError: The extra `cleanup` is not installed.
        """
        where = _schema.resolved(path)
        lock = _lock_of(where)

        async def opened() -> Self:
            writer = cls(await to_thread.run_sync(_open, where, lock), where, lock)
            try:
                await checkpoint()
            except BaseException:  # cancelled meanwhile: nobody else would give the file free
                await writer.aclose()
                raise
            return writer

        return await in_own_task(opened)

    def claim(self, connection: sqlite3.Connection) -> None:
        """Make this writer the owner of the ledger: from then on no other one writes into it, though the lock file is removed."""
        self._owner = uuid4().hex
        _entries.claim(connection, self._owner)

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do `work` in a transaction that it shares with others, and return its value once the disk has it.

        Raises:
            LedgerError: The disk has not taken it.
        """
        batch, wanted = self._batch, _Wanted(work)
        batch.wanted.append(wanted)
        async with self._turn:
            if not batch.ended:
                self._batch = _Batch() if self._batch is batch else self._batch
                await to_thread.run_sync(self._commit, batch, limiter=self._limiter)
        if batch.problem is not None:
            raise LedgerError(*batch.problem.args)
        return cast("T", wanted.value)

    def _commit(self, batch: _Batch) -> None:
        # A plain `task.cancel()` of asyncio leaves the thread behind, at work, and lets the next one in.
        with self._alone:
            if not batch.ended:
                self._carry_out(batch)

    def _carry_out(self, batch: _Batch) -> None:
        connection = self.connection
        try:
            with _schema.told(self._path):
                connection.execute("BEGIN IMMEDIATE")
                if self._owner is not None:
                    _entries.check_owner(connection, self._owner)
                for wanted in batch.wanted:
                    wanted.value = wanted.work(connection)
                connection.execute("COMMIT")
        except LedgerError as problem:
            batch.problem = problem
        except Exception as error:  # noqa: BLE001  # whatever it is: nobody in this batch may take it for written
            batch.problem = LedgerError(f"the ledger {self._path} was not written: {type(error).__name__}")
        finally:
            batch.ended = True
            if connection.in_transaction:
                connection.execute("ROLLBACK")

    async def aclose(self) -> None:
        """Close the file, and give it free for other runs. Afterwards one plain file is left."""
        with anyio.CancelScope(shield=True):
            await to_thread.run_sync(self._close, limiter=self._limiter)

    def _close(self) -> None:
        with self._alone:
            try:
                self.connection.execute("PRAGMA journal_mode = DELETE")
            except sqlite3.Error:
                pass  # somebody reads it, or the disk is full: the ledger is as whole with its log beside it
            finally:
                self.connection.close()
                self._file_lock.release()


def _lock_of(where: Path) -> Any:
    try:
        from filelock import FileLock
    except ImportError:
        raise ConfigurationError('a clean-up needs: pip install "aiointercom[cleanup]"') from None
    # Not local to a thread: what one worker thread has locked another one releases.
    return FileLock(f"{where}.lock", timeout=0, mode=OWNER_ONLY, thread_local=False)


def _open(where: Path, lock: Any) -> sqlite3.Connection:
    from filelock import Timeout

    if not where.parent.is_dir():  # filelock would make it, and a slip of the pen begin a new ledger
        raise LedgerError(f"the ledger {where} cannot be used: there is no folder {where.parent}")
    with _schema.told(where):
        try:
            lock.acquire()
        except Timeout:
            problem = LedgerError(f"the ledger {where} is in use by another run")
        else:
            try:
                return _begun(where)
            except BaseException:
                lock.release()
                raise
    raise problem


def _begun(where: Path) -> sqlite3.Connection:
    # SQLite gives its companion files the mode of the ledger.
    os.close(os.open(where, os.O_RDWR | os.O_CREAT, OWNER_ONLY))
    connection = sqlite3.connect(where, timeout=BUSY, isolation_level=None, check_same_thread=False)
    try:
        version = _schema.check(connection, where)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        if not version:
            _schema.create(connection)
        elif version < _schema.VERSION:
            _schema.migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection
