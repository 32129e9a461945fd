"""The app: which commands there are, and the one way that each of them runs and ends."""

from __future__ import annotations

import inspect
import os
import signal
import sys
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Literal

import anyio
from cyclopts import App, CycloptsError, UnusedCliTokensError

from aiointercom import __version__

from .exits import Exit, UsageError, exit_of, told
from .planning import plan
from .reporting import report
from .running import run
from .serving import sandbox
from .single import part, source, whoami
from .talk import complain
from .tickets import convert
from .whole import whole

app = App(
    name="aiointercom",
    version=__version__,
    help="Redact Intercom conversations and convert them to tickets, with a known outcome for every write.",
    help_format="plaintext",
    help_epilogue="Exit status: 0 all done, 1 something failed or was refused, 2 wrong usage, 3 stopped early, 4 something is unknown.",
)
redact = App(name="redact", help="Remove the text of messages, for good.", help_format="plaintext")
redact.command(part)
redact.command(source)
redact.command(whole, name="all")


def completion(shell: Literal["bash", "zsh", "fish"], /) -> Exit:
    """Print the script with which a shell completes these commands.

    Args:
        shell: Which shell.
    """
    sys.stdout.write(app.generate_completion(prog_name="aiointercom", shell=shell))
    return Exit.DONE


for command in (whoami, redact, convert, plan, run, report, sandbox, completion):
    app.command(command)


def obey(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status; no error leaves this function."""
    try:
        status = _run(*_understood(arguments), arguments)
        sys.stdout.flush()
        return status
    except (BrokenPipeError, SystemExit):
        # Whoever read the results has had enough (rich makes a SystemExit of it). Python flushes once more at the end: that must not fail.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.STOPPED
    except KeyboardInterrupt:
        complain("stopped")
        return Exit.STOPPED
    except Exception as error:  # noqa: BLE001  # whatever it is: a traceback could show a message
        complain(told(error))
        return exit_of(error)


def _understood(arguments: Sequence[str]) -> tuple[Callable[..., Any], inspect.BoundArguments]:
    try:
        command, bound, _ = app.parse_args(list(arguments), exit_on_error=False, print_error=False)
    except UnusedCliTokensError as error:
        raise UsageError(f"{len(error.unused_tokens or ())} words too many (--help shows how)") from None
    except CycloptsError as error:
        raise UsageError(f"{error} (--help shows how)") from None
    return command, bound


def _run(command: Callable[..., Any], bound: inspect.BoundArguments, arguments: Sequence[str]) -> int:
    if inspect.iscoroutinefunction(command):
        with _terminated_like_interrupted():
            return int(anyio.run(partial(command, *bound.args, **bound.kwargs)))
    done = command(*bound.args, **bound.kwargs)
    if isinstance(done, Exit):
        return done
    # Help and version. Who named no command has not asked for help, and a script should see that nothing was done.
    return Exit.DONE if {"--help", "-h", "--version"}.intersection(arguments) else Exit.USAGE


@contextmanager
def _terminated_like_interrupted() -> Generator[None]:
    """Let SIGTERM end a command as Ctrl-C does, in order; the event loop itself looks after Ctrl-C only."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda _number, _frame: signal.raise_signal(signal.SIGINT))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
