"""The sweep: finds the conversations that changed since the last one. Intercom itself is the durable queue.

A notification may be lost, and so may what a killed process had in memory. `updated_at` is never lost: each sweep
searches from the watermark on, and the watermark moves only when what earlier sweeps found is in the ledger.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

from aiointercom._values.validation import id_like
from aiointercom.cleanup import search_query
from aiointercom.client import Intercom
from aiointercom.errors import IntercomError

logger = logging.getLogger("aiointercom")

OVERLAP = 120
"""Seconds before the watermark from which a sweep searches: the search index may lag behind, and pages may shift."""
SECOND = 2.0
"""Intercom's times are whole seconds: what was read within two of them after a change may not show the change."""
PER_PAGE = 150


class Sweeper:
    """Searches for changed conversations, at intervals.

    Args:
        intercom: The client.
        watermark: Until when all changes were looked at, in Unix seconds by Intercom's clock.
    """

    def __init__(self, intercom: Intercom, watermark: float) -> None:
        self._intercom = intercom
        self.watermark = watermark
        self._began = self._next = watermark
        self._read_at: dict[str, float] = {}

    def read(self, conversation_id: str, at: float) -> None:
        """Note that a conversation is read at a time: if it does not change after that, it need not be read again."""
        self._read_at[conversation_id] = at

    def advance(self) -> float:
        """Move the watermark to the beginning of the last sweep that came to its end, and return it."""
        self.watermark = self._next
        searched = self.watermark - OVERLAP - SECOND
        self._read_at = {id: at for id, at in self._read_at.items() if at > searched}
        return self.watermark

    async def sweep(self, read: Callable[[str], Awaitable[bool]], is_fatal: Callable[[IntercomError], bool]) -> bool:
        """Have all conversations read that changed and were not read since.

        Args:
            read: Reads the conversation with this id. It returns False if the sweep is to stop.
            is_fatal: Says of an error of `read` whether every other conversation would meet it too. Other errors hold
                up no conversation but their own.

        Returns:
            Whether it came to its end. Only then may the watermark move.

        Raises:
            IntercomError: The search or a read failed. The next sweep covers the same time.
        """
        failed: IntercomError | None = None
        async with aclosing(self._changed()) as changed:
            async for id in changed:
                try:
                    if not await read(id):
                        return False
                except IntercomError as error:
                    if is_fatal(error):
                        raise
                    failed = error.with_traceback(None)
        if failed is not None:
            raise failed
        self._next = self._began
        return True

    async def _changed(self) -> AsyncGenerator[str, None]:
        self._began = self._intercom.server_time()
        query = search_query(updated_after=max(0, int(self.watermark) - OVERLAP))
        async for item in self._intercom.conversations.search(query, per_page=PER_PAGE, priority="batch"):
            id = id_like(item.id)
            if id is None:
                logger.warning("a changed conversation cannot be looked at: the search gave no id that can be used")
            elif not self._is_known(id, item.updated_at):
                yield id

    def _is_known(self, id: str, updated_at: int | None) -> bool:
        read_at = self._read_at.get(id)
        return read_at is not None and updated_at is not None and updated_at + SECOND < read_at
