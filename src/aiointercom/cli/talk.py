"""What a command says: results to stdout, all other talk to stderr, and the questions that it asks."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
import warnings
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from getpass import GetPassWarning, getpass
from typing import Annotated

from attrs import frozen
from cyclopts import Group, Parameter

from aiointercom.types import JSONMapping

from .exits import StoppedError, UsageError
from .streams import lost

OUTPUT = Group("Output", sort_key=3)
VERSION = 1
"""The version of the lines of --json. A new one may remove or rename fields; new fields come without one."""


@Parameter(name="*", group=OUTPUT)
@frozen(kw_only=True)
class Talk:
    """How a command talks."""

    json: Annotated[bool, Parameter(negative="", show_default=False)] = False
    """Print results as JSON, and nothing else to stdout."""

    verbose: Annotated[bool, Parameter(negative="", show_default=False)] = False
    """Show on stderr what the client does: ids, codes and times."""

    def result(self, record: JSONMapping, *lines: str) -> None:
        """Print one result: the record as a line of JSON, or the lines."""
        if self.json:
            _write_json(record)
            return
        for line in map(plain, lines):
            sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    def outcome(self, record: JSONMapping, *lines: str) -> None:
        """Print what became of a write or a file; also to stderr if stdout is gone: otherwise nobody would know."""
        self.result(record, *lines)
        if lost() is not None:
            for line in lines:
                _mention(line)

    def note(self, words: str) -> None:
        """Say something that is no result."""
        _mention(words)

    def listen(self) -> None:
        """Show the records of the logger `aiointercom`, if that was asked for."""
        if self.verbose:
            handler = _Shown()
            handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
            logger = logging.getLogger("aiointercom")
            logger.handlers[:] = [handler]
            logger.setLevel(logging.DEBUG)


TALK = Talk()


def write_error(record: JSONMapping) -> None:
    """Print the error that ends a command as the last line of JSON on stdout."""
    _write_json({"type": "error", **record})


def _write_json(record: JSONMapping) -> None:
    sys.stdout.write(f"{json.dumps({'version': VERSION, **record})}\n")
    sys.stdout.flush()


def complain(words: str) -> None:
    """Say on stderr, in one line, why the command ends."""
    _mention(f"aiointercom: {words}")


class _Shown(logging.Handler):
    """Shows records of a logger as all other talk is shown."""

    def emit(self, record: logging.LogRecord) -> None:
        """Show one record."""
        _mention(self.format(record))


def _mention(words: str) -> None:
    sys.stderr.write(f"{plain(words)}\n")
    sys.stderr.flush()


def plain(words: str) -> str:
    """Return one line of text without what a terminal would obey: ids, codes and reasons come from the network.

    All lines that a command prints pass here. JSON needs no such thing: there such characters are escaped.
    """
    return "".join(letter if letter.isprintable() else "?" for letter in words)


def anybody_there() -> bool:
    """Say whether somebody can answer: whether stdin is open, and a terminal."""
    with suppress(ValueError):
        # A process may be started with a closed stdin.
        return sys.stdin is not None and sys.stdin.isatty()  # pyright: ignore[reportUnnecessaryComparison]
    return False


def agreed(question: str) -> bool:
    """Ask a question that only "y" and "yes" agree to.

    Raises:
        UsageError: Nobody is there to answer.
    """
    if not anybody_there():
        raise UsageError(f"{question} Nobody can answer without a terminal: pass --yes to go on")
    with _interruptible():
        sys.stderr.write(f"{plain(question)} [y/N] ")
        sys.stderr.flush()
        answer = sys.stdin.readline()
    return answer.strip().casefold() in ("y", "yes")


def token() -> str:
    """Return the access token: INTERCOM_ACCESS_TOKEN, or what the user types without seeing it.

    Raises:
        UsageError: The variable is not set and there is no terminal, or nothing was typed.
    """
    given = os.environ.get("INTERCOM_ACCESS_TOKEN") or _typed()
    if not given:
        raise UsageError("no token: set INTERCOM_ACCESS_TOKEN")
    return given


def _typed() -> str:
    if not anybody_there():
        return ""
    with warnings.catch_warnings(), _interruptible():
        # Where the echo cannot be turned off getpass would only warn, and show the token.
        warnings.simplefilter("error", GetPassWarning)
        try:
            return getpass("Access token (not shown): ").strip()
        except (GetPassWarning, EOFError):
            return ""


def handles_signals() -> bool:
    """Return whether this is the main thread. In another one the application itself says what signals do."""
    return threading.current_thread() is threading.main_thread()


@contextmanager
def _interruptible() -> Generator[None]:
    """Let Ctrl-C end a question at once: the event loop's own handler would wait for the answer."""
    if not handles_signals():
        yield
        return
    both = (signal.SIGINT, signal.SIGTERM)
    before = {number: handler for number in both if (handler := signal.getsignal(number)) is not signal.SIG_IGN}
    for number in before:
        signal.signal(number, _stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(_number: int, _frame: object) -> None:
    raise StoppedError("stopped; nothing was sent")


def columns(rows: Iterable[tuple[str, str]]) -> list[str]:
    """Return a line for each name and its value; rows without a value are left out."""
    shown = [(name, words) for name, words in rows if words]
    width = max((len(name) for name, _ in shown), default=0)
    return [f"{name:<{width}}  {words}" for name, words in shown]


def counted(number: int, word: str) -> str:
    """Return 1 as "1 part", 2 as "2 parts"."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def span(seconds: float) -> str:
    """Return a length of time for people."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60} min" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60:02} min"
