"""Live redaction in one process: notifications and sweeps find items, one run after the other carries them out."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Collection, Iterable
from types import TracebackType
from typing import Self

import anyio
import anyio.to_thread
from anyio.abc import TaskGroup

from aiointercom._values.validation import checked_callback, checked_seconds
from aiointercom.cleanup import Item, Moment, Result
from aiointercom.cleanup.items import Key
from aiointercom.cleanup.planning.rate_limit_retry import retry_rate_limited
from aiointercom.client import Intercom
from aiointercom.detect import Detector
from aiointercom.errors import ConfigurationError, DetectorError, IntercomError, LedgerError, NotFoundError
from aiointercom.webhooks import Notification

from .counts import Counts, LiveSummary
from .limit import HourlyLimit
from .memory import Memory, seconds_of
from .rules import LiveRules
from .stop import Stop, is_fatal
from .sweep import Sweeper
from .worker import DRAIN, Worker, tell

logger = logging.getLogger("aiointercom")

EVERY = 300.0
LOOKS = 10_000
"""Conversations that may wait to be read for a notification. The sweep reads those that find no room."""
LOOKERS = 4
KNOWN = 100_000
"""Items that are remembered, so that what is told twice is not looked up in the ledger each time."""


class Live:
    """Redacts what detectors find in new messages, as long as the `async with` block lasts.

        async with Live(intercom, [CardNumbers()], ledger="live.ledger", at_most=100) as live:
            ...  # serve Endpoint(live.handle, secret=client_secret)

    `handle` keeps what it finds in memory, and Intercom is the durable queue: at the start and every few minutes a
    sweep reads all conversations that changed since the watermark in the ledger. So every message is looked at at
    least once, whatever was lost, and its key in the ledger lets it be redacted once only. The ledger is that of a
    clean-up: `Ledger`, `evidence` and `page` read it.

    Args:
        intercom: An open client of one workspace. Notifications of other workspaces are ignored: make one Live for
            each.
        detectors: Select the messages to redact; at least one.
        ledger: The path of the ledger, created if it does not exist.
        every: Seconds between two sweeps.
        since: Where to begin if the ledger has no watermark: an aware datetime, a date or Unix seconds. None: now.
        authors: The types of authors whose messages may be redacted, for instance {"user", "lead"}. None: all.
        channels: The channels whose conversations may be redacted, by `source.type`. None: all.
        at_most: How many redactions may begin within an hour, including those of earlier processes with this ledger.
            One more stops everything until a new start, since a bad pattern redacts a whole inbox. None: any number.
        dry_run: Whether to count only. Nothing is sent, and there is no ledger.
        on_found: A function, not an async one, that is called with each item when it is found first. If it raises, the
            class of the error is logged, and the item is redacted all the same. None: nothing is called.
        on_result: The same with each Result. None: nothing is called.

    Raises:
        ValueError, TypeError: An argument is invalid.
        IntercomError: On entering: the workspace, or the ledger, cannot be read.
    """

    def __init__(
        self,
        intercom: Intercom,
        detectors: Iterable[Detector],
        *,
        ledger: str | os.PathLike[str],
        every: float = EVERY,
        since: Moment | None = None,
        authors: Collection[str] | None = None,
        channels: Collection[str] | None = None,
        at_most: int | None = None,
        dry_run: bool = False,
        on_found: Callable[[Item], object] | None = None,
        on_result: Callable[[Result], object] | None = None,
    ) -> None:
        self._intercom = intercom
        self._rules = LiveRules(detectors, authors=authors, channels=channels, at_most=at_most, dry_run=dry_run)
        self._memory = Memory(None if dry_run else ledger)
        self._every, self._since = checked_seconds(every, "every"), None if since is None else seconds_of(since)
        self._on_found = checked_callback(on_found, "on_found")
        self._on_result = checked_callback(on_result, "on_result")
        self._counts, self._turns = Counts(), anyio.Lock()
        self._workspace = ""
        self._known: dict[Key, None] = {}
        self._tasks: TaskGroup | None = None
        self._ended = False
        self._stop = Stop()

    def __repr__(self) -> str:
        return f"<Live {self.summary}>"

    @property
    def summary(self) -> LiveSummary:
        """What was done so far."""
        return self._counts.summary(self._stop.by)

    @property
    def workspace(self) -> str:
        """The id of the workspace, which its notifications name as `app_id`. It is known inside of the block."""
        return self._workspace

    async def stopped(self) -> str:
        """Wait until it stops by itself, and return the reason: "at_most", or the class name of an error.

        After that, nothing is redacted.
        """
        return await self._stop.wait()

    async def handle(self, notification: Notification) -> None:
        """Look for matches in what a notification is about, and queue their redaction. It is a `handle` for `Endpoint`.

        It does not wait for the redactions.

        After it has stopped nothing is taken up, and a new start catches up.

        Raises:
            DetectorError: A detector raised an error. That stops everything.
            RuntimeError: It was not entered, or has ended.
        """
        if self._tasks is None:
            raise RuntimeError("use it in `async with`")
        if self._stop.by == "asked":
            raise RuntimeError("it has ended: Intercom is to send the notification again")
        self._counts.notifications += 1
        if self._stop.is_set or notification.app_id not in (None, self._workspace):
            return
        began = time.monotonic()
        try:
            async with self._turns:
                asked = await anyio.to_thread.run_sync(self._rules.in_notification, notification)
        except DetectorError as error:
            self._stop.now(error)
            raise
        if asked != "look":
            self._take(asked, began)
        elif notification.conversation_id is not None:
            try:
                self._to_read.send_nowait((notification.conversation_id, began))
            except anyio.WouldBlock:
                logger.warning("conversation %s is left to the sweep", notification.conversation_id)

    async def sweep(self) -> None:
        """Look now at what changed since the watermark, as happens at the start and every few minutes.

        Raises:
            IntercomError: A search or a read failed; the next sweep covers the same time.
            RuntimeError: It was not entered, or has ended.
        """
        if self._tasks is None or self._ended:
            raise RuntimeError("use it in `async with`")
        async with self._sweeping:
            states = await anyio.to_thread.run_sync(self._memory.states)
            if self._worker.ready.is_set():  # else there is no ledger yet
                if not len(self._worker.feed) and None not in states:
                    await anyio.to_thread.run_sync(self._memory.save, self._sweep.advance())
                await anyio.to_thread.run_sync(self._memory.save_counts, self._counts.record())
            if "failed" in states or "unknown" in states:
                self._begin_another_run()
            if await self._sweep.sweep(self._read_changed, is_fatal):
                self._counts.sweeps += 1

    async def _read_changed(self, id: str) -> bool:
        if self._stop.is_set:
            return False
        await self._read(id, None)
        return True

    async def __aenter__(self) -> Self:
        if self._tasks is not None:
            raise RuntimeError("it can be entered only once: make a new one")
        app = (await self._intercom.me()).app
        if app is None or app.id_code is None:
            raise ConfigurationError("the token's workspace is not named, so notifications cannot be told apart")
        self._workspace = app.id_code
        now = self._intercom.server_time()
        earlier = await anyio.to_thread.run_sync(self._memory.load, now)
        since = now if self._since is None else self._since
        # A clock that was ahead may have left a watermark in the future: until then no message would be looked at.
        watermark = since if earlier.watermark is None else min(earlier.watermark, now)
        self._sweep = Sweeper(self._intercom, watermark)
        limit = HourlyLimit(self._rules.at_most, earlier.begun)
        self._worker = Worker(self._intercom, self._memory, limit, self._counts, self._stop, on_result=self._on_result)
        self._worker.feed.put(earlier.unfinished)
        self._to_read, self._reading = anyio.create_memory_object_stream[tuple[str, float]](LOOKS)
        self._sweeping = anyio.Lock()
        self._tasks = anyio.create_task_group()
        await self._tasks.__aenter__()
        self._tasks.start_soon(self._worker.work)
        try:
            # The watermark is kept before anything is taken up: a process that dies at once leaves no gap behind.
            await self._worker.begun.wait()
            await self._keep_watermark()
        except BaseException as ended:
            await self.__aexit__(type(ended), ended, None)
            raise
        self._tasks.start_soon(self._sweep_again_and_again)
        for _ in range(LOOKERS):
            self._tasks.start_soon(self._read_told)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._tasks is not None
        self._stop.asked()
        self._worker.feed.finish()
        try:
            with anyio.move_on_after(0 if error is not None else DRAIN):
                await self._worker.idle.wait()
        finally:  # the caller may be cancelled
            self._tasks.cancel_scope.cancel()
            self._to_read.close()
            try:
                await self._tasks.__aexit__(None, None, None)
            finally:
                self._ended = True
                self._reading.close()
                await self._keep_counts()

    async def _keep_watermark(self) -> None:
        if self._stop.is_set or not self._worker.ready.is_set():  # there is no ledger yet
            return
        try:
            await anyio.to_thread.run_sync(self._memory.save, self._sweep.watermark)
        except LedgerError as error:
            self._stop.now(error)

    async def _keep_counts(self) -> None:
        if not self._worker.ready.is_set():  # there is no ledger yet
            return
        with anyio.CancelScope(shield=True):
            try:
                await anyio.to_thread.run_sync(self._memory.save_counts, self._counts.record())
            except IntercomError as error:
                logger.warning("the counts of the live redaction are not kept: %s", type(error).__name__)

    def _begin_another_run(self) -> None:
        """Have what failed tried again, and what is in doubt read back."""
        assert self._tasks is not None
        self._tasks.start_soon(self._worker.rotate)

    async def _sweep_again_and_again(self) -> None:
        await self._worker.ready.wait()
        await self._keep_watermark()  # if the first run failed, there was no ledger before
        while not self._stop.is_set:
            try:
                await self.sweep()
            except IntercomError as error:
                self._counts.failed_sweeps += 1
                logger.warning("a sweep failed with %s; the next one covers the same time", type(error).__name__)
                if is_fatal(error):
                    self._stop.now(error)
            await anyio.sleep(self._every)

    async def _read_told(self) -> None:
        async for id, began in self._reading:
            try:
                await self._read(id, began)
            except IntercomError as error:
                logger.warning("conversation %s is left to the sweep: %s", id, type(error).__name__)
                if is_fatal(error):
                    self._stop.now(error)

    async def _read(self, id: str, told_at: float | None) -> None:
        """Read a conversation, and take what is to be redacted in it. One that no longer exists has nothing."""
        at = self._intercom.server_time()
        try:
            conversation = await retry_rate_limited(lambda: self._intercom.conversations.retrieve(id, priority="batch"))
        except NotFoundError:
            return
        self._counts.read += 1
        async with self._turns:
            items = await anyio.to_thread.run_sync(self._rules.in_conversation, id, conversation)
        self._take(items, told_at)
        if conversation.conversation_parts is not None:  # else it was not seen whole
            self._sweep.read(id, at)

    def _take(self, items: Iterable[Item], told_at: float | None) -> None:
        """Queue items that are new; a known one is queued already, or finished, or tried again by the next run."""
        for item in [item for item in items if item.key not in self._known]:
            self._known[item.key] = None
            if len(self._known) > KNOWN:
                del self._known[next(iter(self._known))]
            self._counts.found += 1
            self._counts.by_sweep += told_at is None
            self._worker.put(item, told_at)
            tell(self._on_found, item, "on_found")
