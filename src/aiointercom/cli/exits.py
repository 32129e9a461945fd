"""The exit statuses of the commands, and the texts of their errors.

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
    InvalidInputError,
    LedgerError,
    NotFoundError,
    OutcomeUnknownError,
    PlanError,
    UnauthorizedError,
)
from aiointercom.types import JSONObject

from .streams import lost

NOTHING_SENT = (ConfigurationError, InvalidAttributesError, InvalidInputError, LedgerError, PlanError)
"""The library's errors about its arguments, which it raises before it changes anything."""


DASH = Path("-")
"""Stands for stdin or stdout."""


class Exit(IntEnum):
    """The exit statuses. Precedence: USAGE, STOPPED, UNKNOWN, FAILED."""

    DONE = 0
    """Everything is done, or was done before. A write that is done counts as done even if its output was lost."""
    FAILED = 1
    """A write was refused or failed, and it is known that it was not applied."""
    USAGE = 2
    """The command cannot be carried out with this token, these ids or these files; nothing was changed."""
    STOPPED = 3
    """Stopped early: Ctrl-C, SIGTERM, the answer "no", a closed output, or an error that would hit all items."""
    UNKNOWN = 4
    """It is not known of at least one write whether it was applied."""


class UsageError(Exception):
    """The command cannot be carried out as it was given. The text is for the user."""


class StoppedError(Exception):
    """The command stops early. The text is for the user."""

    def __init__(self, message: str, status: Exit = Exit.STOPPED) -> None:
        super().__init__(message)
        self.status = status


class OutputLostError(Exception):
    """The command stops because stdout cannot be written. The reason is printed once, where all commands end."""


@contextmanager
def arguments() -> Generator[None]:
    """Turn errors about the user's input (ids, detectors) into usage errors: the library's texts are for the user.

    Only there: any other ValueError may quote what it choked on, which can be a message.
    """
    try:
        yield
    except (ValueError, TypeError) as error:
        raise UsageError(str(error)) from None


def file_or_dash(_type: object, path: Path | None) -> None:
    """Refuse an option where a file's name should stand; - alone means stdin or stdout."""
    if path is not None and str(path).startswith("-") and path != DASH:
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
        case UsageError() | OSError():
            return Exit.USAGE
        case IntercomError() if isinstance(error, NOTHING_SENT):
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
    """Return the text to print for an error.

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
            return f"an error in this program: {type(error).__name__} at {_place(error)}"


def error_record(error: Exception | None, message: str, status: Exit) -> JSONObject:
    """Return an error as a line of JSON: its class, Intercom's code, status and ids, and the exit status.

    Args:
        error: The error; None: the command was stopped.
        message: The text for people, which may change.
        status: The exit status of the command.
    """
    return {
        "error": "StoppedError" if error is None else type(error).__name__,
        "code": getattr(error, "code", None),
        "status": getattr(error, "status", None) if isinstance(error, IntercomError) else None,
        "request_id": getattr(error, "request_id", None),
        "ids": {name: str(id) for name, id in getattr(error, "ids", {}).items()},
        "message": message,
        "exit": int(status),
    }


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
