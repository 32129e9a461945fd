"""The command line `aiointercom`, extra `cli`. Thin: it asks, shows and counts; whatever touches Intercom is the library's.

This file imports nothing that an extra brings, so that it can say which one is missing.
"""

from __future__ import annotations

import sys
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
        The exit status: 0 all done, 1 something failed or was refused, 2 wrong usage (nothing was changed), 3 stopped early, 4 something
        is unknown.
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
    return obey(sys.argv[1:] if arguments is None else arguments)
