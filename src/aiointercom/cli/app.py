"""The app: which commands there are, and the one way that each of them runs and ends."""

from __future__ import annotations

import asyncio
import inspect
import signal
import sys
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import Annotated, Literal

import anyio
from cyclopts import App, CycloptsError, Parameter, UnusedCliTokensError

from aiointercom import __version__

from .doctor import doctor
from .exits import Exit, OutputLostError, UsageError, error_record, exit_of, shown, told
from .help_text import FlowingFormatter
from .machines import collect, enqueue, install, worker
from .planning import plan
from .reporting import report
from .running import run
from .serving import sandbox
from .settling import settle
from .single import part, source, whoami
from .streams import guarded, lost
from .talk import complain, handles_signals, write_error
from .tickets import convert
from .watch import watch
from .whole import whole

FALSE = ("false", "no", "n", "0")
"""What stands for no, as in --json=false."""

app = App(
    name="aiointercom",
    version=__version__,
    help="Redact Intercom conversations and convert them to tickets, with a known outcome for every write.",
    help_format="plaintext",
    help_formatter=FlowingFormatter(),
    help_epilogue="Exit status: 0 all done, 1 something failed or was refused, 2 wrong usage, 3 stopped early, "
    "4 something is unknown.",
)
redact = App(name="redact", help="Remove the text of messages, for good.", help_format="plaintext")
redact.command(part)
redact.command(source)
redact.command(whole, name="all")


def completion(
    shell: Literal["bash", "zsh", "fish"],
    /,
    *,
    install: Annotated[bool, Parameter(negative="", show_default=False)] = False,
) -> Exit:
    """Print the script with which a shell completes these commands and the names of files.

    Args:
        shell: Which shell.
        install: Write it where the shell looks for it instead: the folder is made if it is not there, and for bash and
            zsh a line is added to .bashrc or .zshrc.
    """
    if install:
        sys.stdout.write(f"{app.install_completion(shell=shell)}\n")
    else:
        sys.stdout.write(app.generate_completion(prog_name="aiointercom", shell=shell))
    return shown()


for command in (
    whoami,
    doctor,
    redact,
    convert,
    plan,
    run,
    settle,
    report,
    install,
    enqueue,
    worker,
    collect,
    watch,
    sandbox,
    completion,
):
    app.command(command)


def obey(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status; no error leaves this function."""
    with guarded():
        status = _obeyed(arguments)
        error = lost()
        if error is not None and not isinstance(error, BrokenPipeError):  # a reader that has had enough is no fault
            complain(f"what goes to stdout was lost: {error.strerror}")
        return status


def _obeyed(arguments: Sequence[str]) -> int:
    try:
        return _run(*_understood(arguments), arguments)
    except (KeyboardInterrupt, asyncio.CancelledError):
        return _failed(arguments, None, "stopped", Exit.STOPPED)
    except (OutputLostError, SystemExit):
        return Exit.STOPPED
    except Exception as error:  # noqa: BLE001  # whatever it is: a traceback could show a message
        return _failed(arguments, error, told(error), exit_of(error))


def _failed(arguments: Sequence[str], error: Exception | None, message: str, status: Exit) -> Exit:
    """Say why the command ends: on stderr, and with --json as a line on stdout too."""
    complain(message)
    if _asks_for_json(arguments):
        write_error(error_record(error, message, status))
    return status


def _asks_for_json(arguments: Sequence[str]) -> bool:
    """Return whether --json is among the words, which may be more than a command understands."""
    given = [word.partition("=") for word in arguments]
    return any(name == "--json" and value.casefold() not in FALSE for name, _, value in given)


def _understood(arguments: Sequence[str]) -> tuple[Callable[..., object], inspect.BoundArguments]:
    try:
        command, bound, _ = app.parse_args(list(arguments), exit_on_error=False, print_error=False)
    except UnusedCliTokensError as error:
        raise UsageError(f"{len(error.unused_tokens or ())} words too many (--help shows how)") from None
    except CycloptsError as error:
        raise UsageError(f"{error} (--help shows how)") from None
    return command, bound


def _run(command: Callable[..., object], bound: inspect.BoundArguments, arguments: Sequence[str]) -> int:
    if inspect.iscoroutinefunction(command):
        return anyio.run(_cancelled_by_sigterm, partial(command, *bound.args, **bound.kwargs))
    with _upon_sigterm(signal.default_int_handler):
        done = command(*bound.args, **bound.kwargs)
    if isinstance(done, Exit):
        return done
    # Help and version. A call without a command is not a request for help: its exit code must show that nothing was
    # done.
    return shown() if {"--help", "-h", "--version"}.intersection(arguments) else Exit.USAGE


async def _cancelled_by_sigterm(command: Callable[[], Awaitable[Exit]]) -> int:
    """Let SIGTERM end a command as asyncio lets Ctrl-C.

    Not by way of SIGINT: a shell lets the background jobs of a script ignore that, and they would ignore both.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    with _upon_sigterm(lambda _number, _frame: loop.call_soon_threadsafe(task.cancel)):
        return await command()


@contextmanager
def _upon_sigterm(handler: Callable[[int, FrameType | None], object]) -> Generator[None]:
    """Let SIGTERM do something for a while; only the main thread may say what signals do."""
    if not handles_signals():
        yield
        return
    before = signal.signal(signal.SIGTERM, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
