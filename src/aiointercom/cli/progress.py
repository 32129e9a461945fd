"""Shows the progress of a long command on stderr: a bar in a terminal, else a plain line every few seconds."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

import anyio
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn
from rich.progress import Progress as Bar

from .talk import Talk, plain, span

EVERY = 5.0
"""Seconds between plain lines."""
TICK = 1.0
"""Seconds after which the line is shown anew although nothing ended."""


@asynccontextmanager
async def ticking(show: Callable[[], object]) -> AsyncGenerator[None]:
    """Call a function every second for the length of a block, so that a line moves while everything waits.

    Errors of the block leave it as they are, not in an ExceptionGroup.
    """
    failure: Exception | None = None
    async with anyio.create_task_group() as group:
        group.start_soon(_tick, show)
        try:
            yield
        except Exception as error:  # noqa: BLE001  # raised below
            failure = error
        group.cancel_scope.cancel()
    if failure is not None:
        raise failure


async def _tick(show: Callable[[], object]) -> None:
    while True:
        await anyio.sleep(TICK)
        show()


class Progress:
    """Shows the progress of a command; a context manager.

    Args:
        talk: How the command talks; what it shows with --verbose would tear a bar apart.
        doing: One word, e.g. "redacting".
        total: How many things there are; None: not known.
    """

    def __init__(self, talk: Talk, doing: str, total: int | None) -> None:
        self._talk, self._doing, self._total = talk, doing, total
        self._began = self._said = time.monotonic()
        self._done, self._before, self._rest = 0, 0, ""
        console = Console(stderr=True)
        self._bar: Bar | None = None
        if console.is_terminal and not console.is_dumb_terminal and not talk.verbose:
            columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(24), MofNCompleteColumn())
            words = TextColumn("{task.fields[words]}", markup=False)
            # Without redirect_stdout=False a bar takes what is written to stdout, a file perhaps, and shows it on
            # stderr.
            self._bar = Bar(*columns, words, console=console, transient=True, redirect_stdout=False)
            self._task = self._bar.add_task(doing, total=total, words="")

    def show(
        self,
        done: int,
        counts: Iterable[tuple[str, int]],
        *,
        waited: float = 0.0,
        before: int = 0,
        total: int | None = None,
        apart: Iterable[tuple[str, int]] = (),
    ) -> None:
        """Show a new state.

        Args:
            done: How many things are finished.
            counts: What became of them, by name; zeros are left out.
            before: How many of them were finished before this command; they say nothing about its speed.
            waited: Seconds that requests waited for the rate limit, in total.
            total: How many things there are; None: as before.
            apart: How many things are not finished, by what they wait for; zeros are left out.
        """
        self._total = self._total if total is None else total
        self._done, self._before = done, before
        self._rest = "; ".join(filter(None, (_counted(counts), _counted(apart), _waited(waited))))
        self.refresh()

    def refresh(self) -> None:
        """Show the last state again: the speed and the time that is left change although nothing else does."""
        done = self._done
        words = "; ".join(filter(None, (self._speed(done, self._before), self._rest)))
        if self._bar is not None:
            self._bar.update(self._task, completed=done, total=self._total, words=plain(words))
        elif time.monotonic() >= self._said + EVERY:
            self._said = time.monotonic()
            of = "" if self._total is None else f" of {self._total}"
            self._talk.note(f"{self._doing}: {done}{of}; {words}")

    def _speed(self, done: int, before: int) -> str:
        rate = (done - before) / max(time.monotonic() - self._began, 0.001)
        left = "" if self._total is None or not rate else f", {span((self._total - done) / rate)} left"
        return f"{rate:.1f}/s{left}"

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


def _counted(counts: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {number}" for name, number in counts if number)


def _waited(seconds: float) -> str:
    return f"waited {span(seconds)}" if seconds >= 1 else ""
