"""Carries out what was found: one clean-up run after the other over one queue, until every run would fail."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

import anyio
import anyio.to_thread

from aiointercom.cleanup import Item, Result, Run, run
from aiointercom.cleanup.items import Key
from aiointercom.cleanup.outcomes import FINAL
from aiointercom.client import Intercom
from aiointercom.errors import IntercomError, LedgerError

from .counts import Counts
from .feed import Feed
from .limit import HourlyLimit
from .memory import Memory
from .stop import Stop, is_fatal

logger = logging.getLogger("aiointercom")

T = TypeVar("T")

DRAIN = 10.0
"""Seconds that redactions in progress have to finish at the end."""
LINGER = 5.0
"""Seconds after which a run that only waits for items in doubt makes room for the next one, which reads them back."""
PAUSE = 10.0
"""Seconds until the next run after one that an error ended."""


def tell(callback: Callable[[T], object] | None, what: T, name: str) -> None:
    """Call a function of the caller's. If it fails, no message may be lost for that: its error is logged, by name."""
    if callback is None:
        return
    try:
        callback(what)
    except Exception as error:  # noqa: BLE001  # whatever it is, the work goes on
        logger.error("%s raised %s", name, type(error).__name__)


class Worker:
    """The queue and its runs.

    Args:
        intercom: The client.
        memory: Keeps what is handed out and not finished. Without a ledger nothing is sent.
        limit: How many may begin.
        counts: The counts.
        stop: Set when it stops for good.
        on_result: Called with each result. None: nothing is called.
    """

    def __init__(
        self,
        intercom: Intercom,
        memory: Memory,
        limit: HourlyLimit,
        counts: Counts,
        stop: Stop,
        *,
        on_result: Callable[[Result], object] | None,
    ) -> None:
        self._intercom, self._memory, self._limit = intercom, memory, limit
        self._counts, self._stop, self._on_result = counts, stop, on_result
        self._told_at: dict[Key, float] = {}
        self._swept: set[Key] = set()
        self._run: Run | None = None
        self.feed = Feed(self._admits)
        self.ready = anyio.Event()
        """Set when the ledger is there."""
        self.begun = anyio.Event()
        """Set when the ledger is there, or the first run has failed."""
        self.idle = anyio.Event()
        """Set at the end of the last run."""

    def put(self, item: Item, told_at: float | None) -> None:
        """Queue an item. told_at: when a notification told of it, on the monotonic clock; None: a sweep found it."""
        if told_at is None:
            self._swept.add(item.key)
        else:
            self._told_at[item.key] = told_at
        self.feed.put([item])

    async def work(self) -> None:
        """One run after the other."""
        try:
            while not self._stop.is_set:
                error = await (self._run_once() if self._memory.has_ledger else self._count_only())
                self.begun.set()
                if self.feed.refused:
                    self._stop.now("at_most")
                elif error is not None and is_fatal(error):
                    self._stop.now(error)
                elif not self._stop.is_set:
                    await anyio.sleep(0 if error is None else PAUSE)
                    self.feed.open(await anyio.to_thread.run_sync(self._memory.unfinished))
        except LedgerError as error:
            self._stop.now(error)
        finally:
            self.begun.set()
            self.idle.set()

    async def rotate(self) -> None:
        """Have this run end, so that the next one tries again what failed and reads back what is in doubt."""
        if (before := self._run) is not None:
            self.feed.end()
            await anyio.sleep(LINGER)
            before.stop(drain=DRAIN)

    async def _run_once(self) -> Exception | None:
        path = self._memory.path
        try:
            async with run(self._intercom, self.feed, ledger=path, priority="interactive", drain=DRAIN) as results:
                self._run = results
                self._has_ledger()
                async for result in results:
                    self._note(result)
        except IntercomError as error:
            return error
        return results.error

    def _has_ledger(self) -> None:
        self.ready.set()
        self.begun.set()

    async def _count_only(self) -> None:
        self._has_ledger()
        async for _ in self.feed:
            pass

    def _note(self, result: Result) -> None:
        if result.state in FINAL:
            self._memory.forget(result.item.key)
            self._counts.ended += 1
            self._counts.redacted_by_sweep += result.outcome == "redacted" and result.item.key in self._swept
            self._swept.discard(result.item.key)
        self._counts.outcomes[result.outcome] += 1
        told_at = self._told_at.pop(result.item.key, None)
        if told_at is not None and result.state == "done":
            self._counts.seconds.append(time.monotonic() - told_at)
        tell(self._on_result, result, "on_result")

    def _admits(self, item: Item) -> bool:
        if not self._limit.admits(item, self._intercom.server_time()):
            return False
        self._memory.hand_out(item)
        return True
