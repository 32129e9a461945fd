"""stdout and stderr of a command: an output that cannot be written is lost, and never ends the command early.

A full disk behind a redirection, a closed stream or a reader that has gone says nothing about Intercom. A command that
has sent a write must end with the status of the write, so no error of printing leaves this file: stdout remembers that
something was lost, and the command decides.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from typing import Any, TextIO, cast

STREAMS = (0, 1, 2)
"""The file descriptors of stdin, stdout and stderr."""


class Stream:
    """A text stream whose `write` and `flush` never fail. Everything else is passed to the stream beneath.

    Args:
        beneath: The stream; None: Python found it closed at the start of the process.
    """

    def __init__(self, beneath: TextIO | None) -> None:
        self._beneath = beneath
        self.lost: OSError | None = None
        """The error by which output was lost. None: no output was lost."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._beneath, name)

    def isatty(self) -> bool:
        """Say whether it is a terminal."""
        with suppress(OSError, ValueError):
            return self._beneath is not None and self._beneath.isatty()
        return False

    def write(self, text: str) -> int:
        """Write a text, or lose it."""
        try:
            self._put(text)
        except (OSError, ValueError) as error:  # ValueError: the stream was closed
            self._lose(error)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write texts, or lose them."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Flush the stream beneath, or lose the text."""
        try:
            if self._beneath is not None:
                self._beneath.flush()
        except (OSError, ValueError) as error:
            self._lose(error)

    def _put(self, text: str) -> None:
        if self._beneath is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        try:
            self._beneath.write(text)
        except UnicodeEncodeError as error:  # an id or a path in letters that the terminal's encoding does not have
            self._beneath.write(text.encode(error.encoding, "backslashreplace").decode(error.encoding))

    def _lose(self, error: OSError | ValueError) -> None:
        self.lost = self.lost or (error if isinstance(error, OSError) else OSError(errno.EBADF, "it is closed"))
        # Python flushes once more at the end of the process, and changes the exit status if that fails.
        with suppress(AttributeError, OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)


@contextmanager
def guarded() -> Generator[Stream]:
    """Replace stdout and stderr by a `Stream` each; gives that of stdout."""
    before = sys.stdout, sys.stderr
    _reserved()
    out, err = (Stream(cast("TextIO | None", stream)) for stream in before)
    sys.stdout, sys.stderr = cast("TextIO", out), cast("TextIO", err)
    try:
        yield out
        out.flush()
        err.flush()
    finally:
        sys.stdout, sys.stderr = before


def _reserved() -> None:
    """Keep the numbers of closed standard streams: otherwise the next open file or socket gets one of them."""
    for number in STREAMS:
        try:
            os.fstat(number)
        except OSError:
            with suppress(OSError):
                os.open(os.devnull, os.O_RDWR)


def lost() -> OSError | None:
    """Flush stdout and return the error by which output was lost. None: no output was lost."""
    sys.stdout.flush()
    return sys.stdout.lost if isinstance(sys.stdout, Stream) else None
