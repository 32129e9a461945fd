"""Runs a clean-up: pulls items as there is room, sends them side by side, and writes intent before and outcome after into the ledger.

Items of one conversation go one after the other; those of others do not wait for them. No task outlives the `async with`.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import AsyncIterable, Iterable
from contextlib import suppress
from contextvars import ContextVar
from types import TracebackType
from typing import Self

import anyio
from anyio.abc import TaskGroup, TaskStatus

from aiointercom._cancellation import in_own_task
from aiointercom._validation import checked_seconds
from aiointercom.client import Intercom
from aiointercom.errors import ConfigurationError, IntercomError
from aiointercom.events import Event
from aiointercom.types import Priority

from ._book import Book
from ._guard import Guard
from ._places import Places
from ._streak import Streak
from ._turns import Job, Turns
from ._verdicts import Ended, Witness, hits_all
from .items import Item, Key
from .results import Result, Summary, Tally, result_of

CONCURRENCY = 40
"""Items under way at once: a client lets 50 requests through, and so some are left to the application around."""
DRAIN = 30.0
PAUSE = 10.0
"""Seconds between writes that end without a word about their item, so that a minute without a network ends no clean-up of a night."""
LONGEST_PATIENCE = 60.0

_witness: ContextVar[Witness] = ContextVar("_witness")
# Of a client per item the options alone would cost 100 us; events come in the task that calls, so its context can tell whose they are.


def run(
    intercom: Intercom,
    items: Iterable[Item] | AsyncIterable[Item],
    *,
    ledger: str | os.PathLike[str],
    concurrency: int | None = None,
    priority: Priority = "batch",
    drain: float = DRAIN,
    stop_on_signals: bool = False,
    retry_refused: bool = False,
) -> Run:
    """Carry out a clean-up, and keep a ledger of it.

        async with run(intercom, items, ledger="cleanup.ledger") as results:
            async for result in results:
                print(result.item.conversation_id, result.outcome)

    Whatever happens, kill -9 included: run again with the same items and the same ledger. What is finished is not sent again, what was
    under way is settled by reading first, what failed is tried again.

    An item whose answer was lost, and which the call itself could not settle, waits beside the others until the client's `horizon` is
    over. Then a read tells whether it took effect; if not, it is sent again in the same run.

    Args:
        intercom: The client.
        items: What to do; pulled as there is room, so it may be endless. The same item twice is done once.
        ledger: The file to keep it in; made if there is none. One run at a time, of one workspace.
        concurrency: Items under way at once. None: 40.
        priority: "batch" leaves a share of every rate-limit window to others.
        drain: Seconds that those under way have to end in after a stop, before they are cancelled; 0: none.
        stop_on_signals: True: SIGINT and SIGTERM stop the run, a second one at once. In the main thread only.
        retry_refused: True: what an earlier run noted as refused is tried again.

    Returns:
        A Run: an async context manager, and in it an async iterator of Results, in the order in which the items end.

    Raises:
        ValueError, TypeError: An option is out of range.
        LedgerError: On entering: another run uses the ledger, it is of another workspace, of a newer version, damaged, or no ledger.
        ConfigurationError: On entering: the client cannot be used, or the extra `cleanup` is not installed.
        IntercomError: On entering: reading `/me`, to know the workspace, failed.

    An item that fails stops nothing. The run ends early (`Run.error`, `Summary.stopped_by`), and leaves the rest as it was, upon an error
    that all others would end in: UnauthorizedError and ForbiddenError with a code of Intercom's, ConfigurationError, LedgerError (a new token
    of another workspace, say), an error of `items` itself, or writes in a row that end without a word about their item: no answer, the error
    pages of a proxy, a refusal of the app.
    """
    if not isinstance(items, Iterable | AsyncIterable):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers may be untyped
        raise TypeError(f"items must be an iterable or an async iterable, not {type(items).__name__}")
    places = CONCURRENCY if concurrency is None else concurrency
    if isinstance(places, bool) or not isinstance(places, int):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers may be untyped
        raise TypeError(f"concurrency must be an integer, not {type(places).__name__}")
    if places < 1:
        raise ValueError("concurrency must be at least 1")
    return Run(
        intercom,
        items,
        ledger,
        places,
        priority,
        drain=0.0 if drain == 0 else checked_seconds(drain, "drain"),
        stop_on_signals=stop_on_signals,
        retry_refused=retry_refused,
    )


class Run:
    """A run that goes on between `async with` and its end. Made by `run`.

    Leaving the block before the end is a stop: nothing new is begun, and what is under way gets the time of `drain`. Leaving it by an
    error or a cancellation is a stop at once. Nothing is lost in either.
    """

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
        self._intercom = intercom.with_options(priority=priority, on_event=self._hear)
        self._items, self._path, self._places = items, ledger, places
        self._drain, self._signals, self._retry_refused = drain, stop_on_signals, retry_refused
        self._tally, self._guard, self._streak = Tally(), Guard(self._intercom), Streak(places)
        self._begun: dict[Key, Job] = {}
        self._stopped_by: str | None = None
        self._error: Exception | None = None
        self._exhausted = self._over = self._cut_short = False
        self._tasks: TaskGroup | None = None

    def __repr__(self) -> str:
        return f"<Run {self.summary}>"

    @property
    def summary(self) -> Summary:
        """What has been done so far; after the block, what the run did."""
        return self._tally.summary(self._stopped_by, 0 if self._tasks is None or self._over else self._waiting.in_doubt)

    @property
    def error(self) -> Exception | None:
        """What ended the run early: an IntercomError, or what `items` raised. None: nothing did, or somebody asked for it."""
        return self._error

    @property
    def stopping(self) -> bool:
        """Whether nothing new is begun any more, although there may be more to do."""
        return self._stopped_by is not None

    def stop(self, *, drain: float | None = None) -> None:
        """Begin nothing new. What is under way may end, and its results still come. To be called in the run's own event loop.

        Args:
            drain: Seconds until what is under way, or whose result nobody took, is cancelled; 0: at once. None: as the run was told.
        """
        if self._tasks is None:
            raise RuntimeError("the run has not begun: use it in `async with`")
        if not self._over:
            self._halt("asked", self._drain if drain is None else drain)

    async def finish(self) -> Summary:
        """Wait until all is done, or the run ends early, and drop the results; the ledger has them."""
        async for _ in self:
            pass
        return self.summary

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Result:
        if self._tasks is None:
            raise RuntimeError("the run has not begun: use it in `async with`")
        try:
            return await self._taken.receive()
        except (anyio.EndOfStream, anyio.ClosedResourceError):
            raise StopAsyncIteration from None

    async def __aenter__(self) -> Self:
        if self._tasks is not None:
            raise RuntimeError("a run is entered once: make another one")
        if self._signals and threading.current_thread() is not threading.main_thread():
            raise ConfigurationError("stop_on_signals works in the main thread only: call stop() yourself")
        self._book = await Book.open(self._path, self._intercom, retry_refused=self._retry_refused)
        try:
            await self._bind()
            await self._begin()
        except BaseException:
            await in_own_task(self._book.writer.aclose)
            raise
        return self

    async def _begin(self) -> None:
        self._tally = Tally(requests=self._tally.requests)
        self._feeding, self._working, self._listening = anyio.CancelScope(), anyio.CancelScope(), anyio.CancelScope()
        self._turns = Turns(self._intercom, self._book, self._guard, patience=self._patience, heed=self._heed)
        self._waiting = Places(self._places, self._carry_out, lambda: self.stopping)
        self._stopping = anyio.Event()
        self._tasks = anyio.create_task_group()
        await self._tasks.__aenter__()
        try:
            if self._signals:
                await self._tasks.start(self._listen)
        except BaseException:  # an event loop that knows no signals, as on Windows
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
            # Without the error: it goes on by itself, and not inside of a group. The tasks raise none.
            await self._tasks.__aexit__(None, None, None)
        finally:
            await in_own_task(self._close)  # whole, whatever is cancelled how often

    async def _bind(self) -> None:
        seen = Witness()
        _witness.set(seen)
        app = await self._guard.app()
        self._tally.requests = seen.requests
        await self._book.begin(app, seen.requests)

    async def _close(self) -> None:
        self._given.close()  # where a plain cancel of asyncio came before `_go` had begun
        self._over, self._tally.over = True, self._tally.over or time.monotonic()
        for job in self._begun.values():
            if job.unknown is not None:  # nobody took its result any more; the ledger has it
                self._tally.add(job.unknown)
        left = self._waiting.waiting or self._tally.in_flight or self._cut_short
        if self._stopped_by == "asked" and self._exhausted and not left:
            self._stopped_by = None  # asked for, when there was nothing left to begin
        in_flight = await self._book.finish(self._stopped_by)
        self._tally.in_flight = self._tally.in_flight if in_flight is None else in_flight

    def _hear(self, event: Event) -> None:
        _witness.get().hear(event)
        if self._above is not None:
            self._above(event)

    def _halt(self, by: str | Exception, drain: float) -> None:
        """Begin nothing new, and cancel what is under way after some seconds. The first reason stays."""
        if self._stopped_by is None:
            self._stopped_by = by if isinstance(by, str) else type(by).__name__
            self._error = None if isinstance(by, str) else by
        self._feeding.cancel()
        self._waiting.stop()
        self._stopping.set()
        self._working.deadline = min(self._working.deadline, anyio.current_time() + drain)
        if drain <= 0:
            self._working.cancel()

    async def _go(self) -> None:
        """Do all, and end the iteration of the results."""
        with self._given, self._working:
            async with anyio.create_task_group() as chains:
                with self._feeding:
                    await self._feed(chains)
            for job in [job for job in self._begun.values() if job.unknown is not None]:
                assert job.unknown is not None
                await self._tell(job, job.unknown)
        self._over, self._tally.over = True, time.monotonic()
        self._listening.cancel()

    async def _feed(self, chains: TaskGroup) -> None:
        """Begin all items. What they raise ends the run, and is nothing that a task group should see."""
        try:
            await self._waiting.fill(self._items, chains)
            self._exhausted = True
        except Exception as error:  # noqa: BLE001  # whatever the application's iterator raises
            self._halt(error, self._drain)

    async def _carry_out(self, job: Job) -> float | None:
        """Give an item a turn, and tell how it ended. Returns in how many seconds it is due for another one; None: it is over."""
        seen = Witness()
        _witness.set(seen)
        self._guard.watch()
        try:
            if self._begun.get(job.item.key) is not job and not await self._begins(job):
                return None
            ended = await self._turns.take(job, seen)
        except Exception as error:  # noqa: BLE001  # of the ledger, or of a token source or a hook of the application
            self._halt(error, self._drain)
            return None
        self._tally.spend(seen)
        due = None
        if ended.state == "unknown":
            self._cut_short = self._cut_short or self.stopping
            due = None if self.stopping else self._turns.due_in(job)
        if due is None:
            await self._tell(job, ended)
        if self._streak.pauses and seen.attempts:
            await self._pause(PAUSE)
        return due

    async def _begins(self, job: Job) -> bool:
        if not await self._turns.begin(job):
            self._tally.skipped += 1
            return False
        self._tally.in_flight += 1
        self._begun[job.item.key] = job
        return True

    async def _tell(self, job: Job, ended: Ended) -> None:
        del self._begun[job.item.key]
        self._tally.add(ended)
        with suppress(anyio.BrokenResourceError):  # nobody listens any more
            await self._given.send(result_of(job, ended))

    async def _patience(self, seconds: float | None) -> bool:
        """Wait until the rate limit may allow more; False: the run stops."""
        began = time.monotonic()
        await self._pause(min(LONGEST_PATIENCE, 1.0 if seconds is None else max(seconds, 0.1)))
        _witness.get().waited += time.monotonic() - began
        return not self.stopping

    async def _pause(self, seconds: float) -> None:
        """Wait, unless the run stops."""
        with anyio.move_on_after(seconds):
            await self._stopping.wait()

    def _heed(self, item: Item, error: IntercomError | None, seen: Witness) -> None:
        """Stop where all others would end as this one did."""
        self._streak.note(item, error, seen)
        if error is not None and (hits_all(error) or self._streak.ends):
            self._halt(error, self._drain)

    async def _listen(self, *, task_status: TaskStatus[None]) -> None:
        """Stop at the first signal, at once at the second."""
        with self._listening, anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            task_status.started()
            heard = False
            async for _ in signals:
                self.stop(drain=0 if heard else None)
                heard = True
