"""The end of a live redaction: the reason, and waiting for it."""

from __future__ import annotations

import logging

import anyio

from aiointercom.cleanup.outcomes import stops_the_run
from aiointercom.errors import DetectorError, IntercomError, LedgerError

logger = logging.getLogger("aiointercom")


class Stop:
    """Whether it has stopped, and why. The first reason is kept."""

    def __init__(self) -> None:
        self.by: str | None = None
        """None: it goes on. "asked", "at_most", or the class name of an error."""
        self._event = anyio.Event()

    @property
    def is_set(self) -> bool:
        """Whether it has stopped."""
        return self.by is not None

    def asked(self) -> None:
        """Stop because the block ends."""
        self.by = self.by or "asked"
        self._event.set()

    def now(self, by: str | Exception) -> None:
        """Stop because of a limit or an error, and tell in the log."""
        if self.by is None:
            self.by = by if isinstance(by, str) else type(by).__name__
            why = f"{self.by}: {by}" if isinstance(by, IntercomError) else self.by  # their texts hold nothing private
            logger.error("live redaction has stopped: %s", why)
            self._event.set()

    async def wait(self) -> str:
        """Wait until it stops, and return why."""
        await self._event.wait()
        return self.by or "asked"


def is_fatal(error: Exception) -> bool:
    """Return whether every other item or conversation would meet the same error."""
    return (
        not isinstance(error, IntercomError) or isinstance(error, LedgerError | DetectorError) or stops_the_run(error)
    )
