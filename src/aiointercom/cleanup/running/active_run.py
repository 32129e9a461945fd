"""A clean-up in progress: sends items concurrently and records intent and outcome of each in the ledger.

Items of one conversation run one after the other; items of other conversations do not wait for them. No task outlives
the `async with`.
"""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterable, Iterable
from contextlib import suppress
from contextvars import ContextVar
from types import TracebackType
from typing import Self

import anyio
from anyio.abc import TaskGroup, TaskStatus

from aiointercom._concurrency.cancellation import in_own_task
from aiointercom._concurrency.signals import borrowed_signals, in_main_thread
from aiointercom.cleanup.items import Item, Key
from aiointercom.cleanup.outcomes import Ended, EventRecorder, stops_the_run
from aiointercom.client import Intercom
from aiointercom.errors import ConfigurationError, IntercomError
from aiointercom.events import Event
from aiointercom.types import Priority

from .execute import ItemExecutor, Job
from .failure_streak import FailureStreak
from .journal import Journal
from .recorded import RecordedExecutor
from .results import Result, RunCounts, Summary, result_of
from .scheduler import Scheduler
from .token_guard import TokenGuard

PAUSE = 10.0
"""Seconds between writes that fail without saying anything about their item: one minute without a network must not end
a long clean-up."""
LONGEST_WAIT = 60.0
"""Seconds after which a write that the rate limit refused is tried again, however much longer Intercom asks to wait."""

_recorder: ContextVar[EventRecorder] = ContextVar("_recorder")
# Events arrive in the task that makes the call, so its context tells which item they belong to. A derived client for
# each item would cost 100 us more.


class Run:
    """A clean-up in progress, from the start of the `async with` block to its end. Made by `run`.

    Leaving the block early stops the run: no new item is started, and the items in progress have `drain` seconds to
    finish. An error or a cancellation in the block stops it at once. In both cases nothing is lost.
    """

    _item_executor = ItemExecutor
    """What executes each item."""

    def __init__(
        self,
        intercom: Intercom,
        items: Iterable[Item] | AsyncIterable[Item],
        ledger: str | os.PathLike[str],
        places: int,
        priority: Priority,
        *,
        drain: float,
        stop_on_signals: bool,
        retry_refused: bool,
    ) -> None:
        self._above = intercom.on_event
        self._intercom = intercom.with_options(priority=priority, on_event=self._on_event)
        self._items, self._path, self._places = items, ledger, places
        self._drain, self._signals, self._retry_refused = drain, stop_on_signals, retry_refused
        self._counts, self._guard, self._streak = RunCounts(), TokenGuard(self._intercom), FailureStreak(places)
        self._begun: dict[Key, Job] = {}
        self._recorders: dict[Key, EventRecorder] = {}
        self._stopped_by: str | None = None
        self._error: Exception | None = None
        self._exhausted = self._over = self._cut_short = False
        self._tasks: TaskGroup | None = None

    def __repr__(self) -> str:
        return f"<Run {self.summary}>"

    @property
    def summary(self) -> Summary:
        """What the run has done so far; after the block, all that it did."""
        goes_on = self._tasks is not None and not self._over
        in_doubt = self._scheduler.in_doubt if goes_on else 0
        waiting = sum(recorder.waits for recorder in self._recorders.values()) if goes_on else 0
        return self._counts.summary(self._stopped_by, in_doubt, waiting)

    @property
    def error(self) -> Exception | None:
        """The error that ended the run early: an IntercomError, or one that `items` raised. None: no error ended it."""
        return self._error

    @property
    def stopping(self) -> bool:
        """Whether the run starts no further items, although there may be some left."""
        return self._stopped_by is not None

    def stop(self, *, drain: float | None = None) -> None:
        """Start no further items. Those in progress may finish. Call it in the run's own event loop.

        Args:
            drain: Seconds until the items in progress, and those whose results were not taken, are cancelled; 0: at
                once. None: the run's own `drain`.
        """
        if self._tasks is None:
            raise RuntimeError("the run has not started: use it in `async with`")
        if not self._over:
            self._halt("asked", self._drain if drain is None else drain)

    async def finish(self) -> Summary:
        """Wait until the run ends and discard the results; the ledger keeps them."""
        async for _ in self:
            pass
        return self.summary

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Result:
        if self._tasks is None:
            raise RuntimeError("the run has not started: use it in `async with`")
        try:
            return await self._taken.receive()
        except (anyio.EndOfStream, anyio.ClosedResourceError):
            raise StopAsyncIteration from None

    async def __aenter__(self) -> Self:
        if self._tasks is not None:
            raise RuntimeError("a run can be entered only once: make a new one")
        if self._signals and not in_main_thread():
            raise ConfigurationError("stop_on_signals works in the main thread only: call stop() yourself")
        self._journal = await self._open_journal()
        try:
            await self._bind()
            await self._begin()
        except BaseException:
            await in_own_task(self._journal.writer.aclose)
            raise
        return self

    async def _open_journal(self) -> Journal:
        return await Journal.open(self._path, self._intercom, retry_refused=self._retry_refused)

    async def _begin(self) -> None:
        self._counts = RunCounts(requests=self._counts.requests)
        self._feeding, self._working, self._listening = anyio.CancelScope(), anyio.CancelScope(), anyio.CancelScope()
        self._executor = RecordedExecutor(
            self._intercom,
            self._journal,
            self._guard,
            self._item_executor,
            wait_for_rate_limit=self._wait_for_rate_limit,
            on_outcome=self._on_outcome,
        )
        self._scheduler = Scheduler(self._places, self._carry_out, lambda: self.stopping)
        self._stopping = anyio.Event()
        self._tasks = anyio.create_task_group()
        await self._tasks.__aenter__()
        try:
            if self._signals:
                await self._tasks.start(self._listen)
        except BaseException:  # an event loop without signal handlers, as on Windows
            await self._tasks.__aexit__(None, None, None)
            raise
        self._given, self._taken = anyio.create_memory_object_stream[Result](self._places)
        self._tasks.start_soon(self._go)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._tasks is not None
        self._taken.close()
        if error is not None and not self._over:
            self._halt("cancelled", 0)
        elif not self._over:
            self._halt("asked", self._drain)
        try:
            # The error is not passed on: it propagates by itself, not inside an ExceptionGroup. The tasks raise no
            # errors.
            await self._tasks.__aexit__(None, None, None)
        finally:
            await in_own_task(self._close)  # to its end, however often it is cancelled

    async def _bind(self) -> None:
        recorder = EventRecorder()
        _recorder.set(recorder)
        app = await self._guard.app()
        self._counts.requests = recorder.requests
        await self._journal.begin(app, recorder.requests)

    async def _close(self) -> None:
        self._given.close()  # needed if asyncio cancelled `_go` before it started
        self._over, self._counts.over = True, self._counts.over or time.monotonic()
        for job in self._begun.values():
            if job.unknown is not None:  # its result was not taken; the ledger has it
                self._counts.add(job.unknown)
        left = self._scheduler.waiting or self._counts.in_flight or self._cut_short
        if self._stopped_by == "asked" and self._exhausted and not left:
            self._stopped_by = None  # the stop came when no item was left to start
        in_flight = await self._journal.finish(self._stopped_by)
        self._counts.in_flight = self._counts.in_flight if in_flight is None else in_flight

    def _on_event(self, event: Event) -> None:
        _recorder.get().record(event)
        if self._above is not None:
            self._above(event)

    def _halt(self, by: str | Exception, drain: float) -> None:
        """Start no further items, and cancel those in progress after `drain` seconds. The first reason is kept."""
        if self._stopped_by is None:
            self._stopped_by = by if isinstance(by, str) else type(by).__name__
            self._error = None if isinstance(by, str) else by
        self._feeding.cancel()
        self._scheduler.stop()
        self._stopping.set()
        self._working.deadline = min(self._working.deadline, anyio.current_time() + drain)
        if drain <= 0:
            self._working.cancel()

    async def _go(self) -> None:
        """Process all items, then end the iteration over the results."""
        with self._given, self._working:
            async with anyio.create_task_group() as chains:
                with self._feeding:
                    await self._feed(chains)
            for job in [job for job in self._begun.values() if job.unknown is not None]:
                assert job.unknown is not None
                await self._tell(job, job.unknown)
        self._over, self._counts.over = True, time.monotonic()
        self._listening.cancel()

    async def _feed(self, chains: TaskGroup) -> None:
        """Start all items. An error from the iterator ends the run, but must not reach the task group."""
        try:
            await self._scheduler.fill(self._items, chains)
            self._exhausted = True
        except Exception as error:  # noqa: BLE001  # whatever the application's iterator raises
            self._halt(error, self._drain)

    async def _carry_out(self, job: Job) -> float | None:
        """Execute an item and publish its result. Returns the seconds until the next execution, or None."""
        recorder = EventRecorder()
        _recorder.set(recorder)
        self._guard.watch()
        try:
            if self._begun.get(job.item.key) is not job and not await self._begins(job):
                return None
            self._recorders[job.item.key] = recorder
            ended = await self._executor.execute(job, recorder)
        except Exception as error:  # noqa: BLE001  # the ledger's, or of the application's own code
            self._halt(error, self._drain)
            return None
        finally:
            self._recorders.pop(job.item.key, None)
        self._counts.spend(recorder)
        due = None
        if ended.state == "unknown":
            self._cut_short = self._cut_short or self.stopping
            due = None if self.stopping else self._executor.due_in(job)
        if due is None:
            await self._tell(job, ended)
        if self._streak.pauses and recorder.attempts:
            await self._pause(PAUSE)
        return due

    async def _begins(self, job: Job) -> bool:
        if not await self._executor.begin(job):
            self._counts.skipped += 1
            return False
        self._counts.in_flight += 1
        self._begun[job.item.key] = job
        return True

    async def _tell(self, job: Job, ended: Ended) -> None:
        del self._begun[job.item.key]
        self._counts.add(ended)
        with suppress(anyio.BrokenResourceError):  # the results are no longer read
            await self._given.send(result_of(job, ended))

    async def _wait_for_rate_limit(self, seconds: float | None) -> bool:
        """Wait until the rate limit may allow another request. Returns False if the run stops."""
        began = time.monotonic()
        await self._pause(min(LONGEST_WAIT, 1.0 if seconds is None else max(seconds, 0.1)))
        _recorder.get().waited += time.monotonic() - began
        return not self.stopping

    async def _pause(self, seconds: float) -> None:
        """Wait for some seconds, or until the run stops."""
        with anyio.move_on_after(seconds):
            await self._stopping.wait()

    def _on_outcome(self, item: Item, error: IntercomError | None, recorder: EventRecorder) -> None:
        """Stop the run if all other items would fail in the same way."""
        self._streak.note(item, error, recorder)
        if error is not None and (stops_the_run(error) or self._streak.ends):
            self._halt(error, self._drain)

    async def _listen(self, *, task_status: TaskStatus[None]) -> None:
        """Stop the run at the first signal, and at once at the second."""
        with self._listening, borrowed_signals() as numbers, anyio.open_signal_receiver(*numbers) as signals:
            task_status.started()
            heard = False
            async for _ in signals:
                self.stop(drain=0 if heard else None)
                heard = True
