"""Which signals a clean-up or a worker listens to, and the handlers that they had before."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType

OF_ASYNCIO = "asyncio.unix_events"
"""Where the handler is that stands for a callback of the event loop. Without the callback, which the loop forgets, it
would swallow signals."""


def in_main_thread() -> bool:
    """Return whether this is the main thread: only there may a program say what signals do."""
    return threading.current_thread() is threading.main_thread()


@contextmanager
def borrowed_signals() -> Generator[tuple[signal.Signals, ...]]:
    """Return the signals that may stop work in progress, and restore their handlers.

    An event loop would set those of Python's start.

    SIGTERM always is one of them. SIGINT is not where it is ignored: a shell lets the background jobs of a script
    ignore Ctrl-C.
    """
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    numbers = tuple(number for number in before if number is signal.SIGTERM or before[number] != signal.SIG_IGN)
    try:
        yield numbers
    finally:
        for number in numbers:
            _restore(number, before[number])


def _restore(number: signal.Signals, handler: Callable[[int, FrameType | None], object] | int | None) -> None:
    if handler is not None and getattr(handler, "__module__", None) != OF_ASYNCIO:
        signal.signal(number, handler)
