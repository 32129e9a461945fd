"""How a command ends: the exit statuses, and what is said of an error.

One line, never a traceback, never a word of content.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path

from aiointercom import (
    ConfigurationError,
    ForbiddenError,
    IntercomError,
    InvalidAttributesError,
    LedgerError,
    NotFoundError,
    OutcomeUnknownError,
    PlanError,
    UnauthorizedError,
)

from .streams import lost

NOTHING_SENT = (ConfigurationError, InvalidAttributesError, LedgerError, PlanError)
"""The library's errors about what it was given; it raises them before it changes anything."""


class Exit(IntEnum):
    """The exit statuses. Where several fit, the first of USAGE, STOPPED, UNKNOWN, FAILED is taken."""

    DONE = 0
    """Everything that was asked for is done, or was done before. A write that is done stays so where its output was
    lost."""
    FAILED = 1
    """Something was refused or failed, and is known not to be applied."""
    USAGE = 2
    """The command cannot be carried out as it was given, with this token, these ids and files; nothing was changed."""
    STOPPED = 3
    """Stopped before the end: Ctrl-C, SIGTERM, "no" at the question, an output that nobody takes, or a failure that
    would have hit all."""
    UNKNOWN = 4
    """Of at least one write nobody can say whether it was applied."""


class UsageError(Exception):
    """The command was given in a way that cannot be carried out. Its text is for the user."""


class StoppedError(Exception):
    """The command ends here, before its end. Its text is for the user."""

    def __init__(self, message: str, status: Exit = Exit.STOPPED) -> None:
        super().__init__(message)
        self.status = status


class OutputLostError(Exception):
    """The command ends here, since nobody gets what it writes to stdout. Why is told once, where all commands end."""


@contextmanager
def arguments() -> Generator[None]:
    """Turn errors about the user's input (ids, detectors) into usage errors: the library's texts are for the user.

    Only there: any other ValueError may quote what it choked on, which can be a message.
    """
    try:
        yield
    except (ValueError, TypeError) as error:
        raise UsageError(str(error)) from None


def file_or_dash(_type: object, name: str | None) -> None:
    """Refuse an option where a file's name should stand; - alone means stdin or stdout."""
    if name is not None and name.startswith("-") and name != "-":
        raise ValueError("A file's name, or -, was expected.")


@contextmanager
def preflight() -> Generator[None]:
    """Check with reads whether a command can be carried out, before it reads a conversation or changes anything.

    What Intercom refuses there is a fault of the command: its token, or the id of its ticket type. What fails otherwise
    may work the next time.

    Raises:
        UsageError: Intercom refused it.
        StoppedError: It failed.
    """
    try:
        yield
    except NOTHING_SENT:
        raise
    except (UnauthorizedError, ForbiddenError, NotFoundError) as error:
        raise UsageError(str(error)) from None
    except IntercomError as error:
        raise StoppedError(f"{error}; nothing was changed") from None


def shown() -> Exit:
    """Return the status of a command of which nothing but its output is left: STOPPED where that was lost."""
    return Exit.DONE if lost() is None else Exit.STOPPED


def exit_of(error: Exception) -> Exit:
    """Return the status that an error ends a command with, if the command has changed nothing."""
    match error:
        case ImportError() if error.name is None:
            return Exit.USAGE
        case UsageError() | OSError() | ConfigurationError() | InvalidAttributesError() | LedgerError() | PlanError():
            return Exit.USAGE
        case UnauthorizedError() | ForbiddenError():
            return Exit.USAGE
        case OutcomeUnknownError():
            return Exit.UNKNOWN
        case IntercomError():
            return Exit.FAILED
        case StoppedError():
            return error.status
        case _:
            return Exit.STOPPED


def told(error: Exception) -> str:
    """Return what to say of an error.

    Of one that was not made for people only its class and place: its text could hold anything.
    """
    match error:
        case UsageError() | StoppedError() | IntercomError():
            return str(error)
        case ImportError() if error.name is None:
            return str(error)  # ours: it names the extra to install
        case OSError():
            return f"{error.filename or 'the system'}: {error.strerror or type(error).__name__}"
        case _:
            return f"a fault of this program: {type(error).__name__} at {_place(error)}"


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
