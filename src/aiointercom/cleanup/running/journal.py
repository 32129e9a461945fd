"""The journal of one run: records intents and outcomes in the ledger, with times by Intercom's clock."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from typing import Self

import anyio

from aiointercom.cleanup.errors import LedgerError
from aiointercom.cleanup.items import Key
from aiointercom.cleanup.ledger import statements
from aiointercom.cleanup.ledger.statements import EarlierState, RunContext
from aiointercom.cleanup.ledger.writer import Writer
from aiointercom.cleanup.outcomes import Ended, EventRecorder
from aiointercom.client import Intercom
from aiointercom.errors import UnreadableResponseError
from aiointercom.models import App


class Journal:
    """Records what happens to the items of one run.

    Made by `Journal.open`; every method raises LedgerError if the ledger cannot be written.
    """

    def __init__(self, writer: Writer, intercom: Intercom, *, retry_refused: bool) -> None:
        self.writer, self._intercom, self._retry_refused = writer, intercom, retry_refused
        self._run = RunContext(0, 0.0, retry_refused)

    @classmethod
    async def open(cls, path: str | os.PathLike[str], intercom: Intercom, *, retry_refused: bool) -> Self:
        """Lock and open a ledger; raises as `Writer.open` does."""
        return cls(await Writer.open(path), intercom, retry_refused=retry_refused)

    async def begin(self, app: App | None, requests: int) -> None:
        """Record the start of a run in the workspace that `/me` names.

        Raises:
            LedgerError: The ledger belongs to another workspace.
            UnreadableResponseError: `/me` does not name a workspace.
        """
        workspace = None if app is None else app.id_code
        if app is None or not workspace:
            raise UnreadableResponseError("GET /me: the response does not name the workspace", status=200)
        region, now = app.region or "", self.now()
        region = region if region.isprintable() else ""

        def bind(connection: sqlite3.Connection) -> int:
            run = statements.bind(connection, workspace, region, now=now, requests=requests)
            self.writer.claim(connection)
            return run

        self._run = RunContext(await self.writer.write(bind), now, self._retry_refused)

    async def in_doubt(self) -> list[Key]:
        """Return the keys of all items that may have taken effect: those in flight or unknown."""
        return await self.writer.write(statements.in_doubt)

    async def intend(self, key: Key) -> EarlierState:
        """Record that an item will be sent, and return its earlier state."""
        now = self.now()
        return await self.writer.write(lambda connection: statements.intend(connection, key, self._run, now))

    async def again(self, key: Key) -> None:
        """Record that an item will be sent again."""
        await self.writer.write(lambda connection: statements.again(connection, key))

    async def end(self, key: Key, ended: Ended, recorder: EventRecorder) -> None:
        """Record the outcome of an item, or that it is in doubt."""
        now = self.now()
        await self.writer.write(
            lambda connection: statements.end(connection, key, self._run.id, ended=ended, recorder=recorder, now=now)
        )

    async def finish(self, stopped_by: str | None) -> int | None:
        """Record the end of the run and close, even if cancelled.

        Returns how many items are still in flight; None: not known.
        """
        left, now = None, self.now()
        with anyio.CancelScope(shield=True):
            with suppress(LedgerError):  # for example a full disk: what matters is in the ledger already
                left = await self.writer.write(
                    lambda connection: statements.finish(connection, self._run.id, stopped_by, now)
                )
            await self.writer.aclose()
        return left

    def now(self) -> float:
        """Return the time by Intercom's clock, so that setting the local clock between two runs does no harm."""
        return self._intercom.server_time()
