"""The errors of clean-ups. They can be imported from `aiointercom` and `aiointercom.errors` too."""

from __future__ import annotations

from aiointercom._values.root_error import IntercomError


class LedgerError(IntercomError):
    """The ledger of a clean-up cannot be used: in use, damaged, of another workspace, disk full, ...

    An item whose intent could not be recorded was not sent.
    """


class PlanError(IntercomError, ValueError):
    """A plan file cannot be used; nothing was sent.

    The error names the line and what is wrong with it, never the content of the line.
    """

    def __init__(self, message: str, *, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line
        """The number of the line, from 1 on; None: the file as a whole."""


class DetectorError(IntercomError):
    """A detector raised an error while a plan was made.

    That error may quote a message, so only its class is named, and nothing is chained.
    """

    def __init__(
        self, message: str, *, conversation_id: str = "", part_id: str = "", detector: str = "", failure: str = ""
    ) -> None:
        super().__init__(message)
        self.conversation_id = conversation_id
        """Where."""
        self.part_id = part_id
        """The part, or the source, that it was looking at."""
        self.detector = detector
        """Its name."""
        self.failure = failure
        """The class of what it raised, e.g. "ValueError"."""
