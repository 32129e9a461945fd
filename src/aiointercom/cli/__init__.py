"""The command line `aiointercom`, extra `cli`.

Thin: it asks, shows and counts; whatever touches Intercom is the library's.

This file imports nothing that an extra brings, so that it can say which one is missing.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence

from .streams import guarded

__all__ = ["main"]

BROUGHT = {"cyclopts", "rich"}
"""What the extra brings and every command needs."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: The words after the program's name; None: those of this process.

    Returns:
        The exit status: 0 all done, 1 something failed or was refused, 2 wrong usage (nothing was changed), 3 stopped
        early, 4 something is unknown.
    """
    try:
        from .app import obey
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in BROUGHT:
            raise
        with guarded():  # stderr may be closed
            sys.stderr.write('aiointercom: the command line needs: pip install "aiointercom[cli]"\n')
        return 2
    except KeyboardInterrupt:  # of an impatient user: this takes the most time of a short command
        return 3
    if arguments is not None:
        return obey(arguments)
    status = obey(sys.argv[1:])
    _leave_behind_what_waits(status)
    return status


def _leave_behind_what_waits(status: int) -> None:
    """End this process although a thread waits for a pipe of ids that sends nothing.

    Python would wait for that thread, and the process would seem to ignore SIGTERM.
    """
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join(0.2)
            if thread.is_alive():
                os._exit(status)  # all that was printed is flushed
