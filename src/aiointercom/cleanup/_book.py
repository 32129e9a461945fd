"""The ledger of one run: the entries that it makes, each at its time by Intercom's clock."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from typing import Self

import anyio

from aiointercom.cleanup import _entries
from aiointercom.client import Intercom
from aiointercom.errors import LedgerError, UnreadableResponseError
from aiointercom.models import App

from ._entries import Earlier, Turn
from ._verdicts import Ended, Witness
from ._writer import Writer
from .items import Key


class Book:
    """Writes what happens to the items of one run. Made by `Book.open`; every method raises LedgerError where the disk does not take it."""

    def __init__(self, writer: Writer, intercom: Intercom, *, retry_refused: bool) -> None:
        self.writer, self._sender, self._retry_refused = writer, intercom.sender, retry_refused
        self._turn = Turn(0, 0.0, retry_refused)

    @classmethod
    async def open(cls, path: str | os.PathLike[str], intercom: Intercom, *, retry_refused: bool) -> Self:
        """Lock and open a ledger; raises as `Writer.open` does."""
        return cls(await Writer.open(path), intercom, retry_refused=retry_refused)

    async def begin(self, app: App | None, requests: int) -> None:
        """Begin a run in the workspace that `/me` named.

        Raises:
            LedgerError: The ledger is of another one.
            UnreadableResponseError: It named none.
        """
        workspace = None if app is None else app.id_code
        if app is None or not workspace:
            raise UnreadableResponseError("GET /me: an answer that does not name the workspace", status=200)
        region, now = app.region or "", self.now()
        region = region if region.isprintable() else ""

        def bind(connection: sqlite3.Connection) -> int:
            run = _entries.bind(connection, workspace, region, now=now, requests=requests)
            self.writer.claim(connection)
            return run

        self._turn = Turn(await self.writer.write(bind), now, self._retry_refused)

    async def intend(self, key: Key) -> Earlier:
        """Note that an item will be sent, and say what stood there before."""
        now = self.now()
        return await self.writer.write(lambda connection: _entries.intend(connection, key, self._turn, now))

    async def again(self, key: Key) -> None:
        """Note that an item will be sent now, although it was sent before."""
        await self.writer.write(lambda connection: _entries.again(connection, key))

    async def end(self, key: Key, ended: Ended, seen: Witness) -> None:
        """Note how an item ended, or that it is in doubt."""
        now = self.now()
        await self.writer.write(
            lambda connection: _entries.end(connection, key, self._turn.id, ended=ended, seen=seen, now=now)
        )

    async def finish(self, stopped_by: str | None) -> int | None:
        """Note that the run is over, whatever is cancelled, and close; gives how many items are in flight still, None: not known."""
        left, now = None, self.now()
        with anyio.CancelScope(shield=True):
            with suppress(LedgerError):  # the disk is full, say: what matters stands there already
                left = await self.writer.write(
                    lambda connection: _entries.finish(connection, self._turn.id, stopped_by, now)
                )
            await self.writer.aclose()
        return left

    def now(self) -> float:
        """Return the time by Intercom's clock, so that a clock of ours that is set between two runs confuses nobody."""
        return self._sender.server_time()
