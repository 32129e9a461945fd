"""Reads a plan file: the whole file is checked before its first item is returned, then it is streamed.

No network access.

The first line is the header, the last line holds the counts. Between them there is one line for each item and for each
conversation that could not be read.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from attrs import field, frozen

from aiointercom._values.hidden import Hidden
from aiointercom.cleanup.errors import PlanError
from aiointercom.cleanup.items import Convert, Item, RedactPart, RedactSource

from .codec import LONGEST_LINE, Entry, PlanLine
from .records import PlanHeader, PlanSummary, Unread

BOM = b"\xef\xbb\xbf"  # some editors add it


@frozen
class Plan:
    """A plan file that has been read and checked."""

    path: Path
    header: PlanHeader
    summary: PlanSummary
    _state: tuple[int, ...] = field(repr=False)

    @property
    def count(self) -> int:
        """The number of items."""
        return self.summary.items

    def items(self) -> Iterator[Item]:
        """Iterate over the items in the order of the file, with one line in memory at a time.

        Raises:
            PlanError: The file has changed since it was checked.
        """
        return (entry for entry in self._entries() if isinstance(entry, RedactPart | RedactSource | Convert))

    def counts(self) -> Counter[str]:
        """Count the items in the file by kind, without relying on the counts in its last line.

        Raises:
            PlanError: The file has changed since it was checked.
        """
        return Counter(item.kind for item in self.items())

    def unread(self) -> Iterator[Unread]:
        """Iterate over the conversations that could not be read when the plan was made.

        Raises:
            PlanError: The file has changed since it was checked.
        """
        return (entry for entry in self._entries() if isinstance(entry, Unread))

    def check_workspace(self, workspace: str | None) -> None:
        """Check that a workspace is the one that the plan was made for.

        Args:
            workspace: `app.id_code` of `intercom.me()`. None: the response did not have one.

        Raises:
            PlanError: It is another workspace, or the plan or the response does not name one.
        """
        made_for = self.header.workspace
        if made_for is None:
            raise PlanError(f"{self.path.name}: it does not name the workspace it was made for; make a new plan")
        if workspace is None:
            raise PlanError(
                f"{self.path.name}: made for workspace {made_for}, and Intercom did not say whose token this is"
            )
        if workspace != made_for:
            raise PlanError(f"{self.path.name}: made for workspace {made_for}, and the token belongs to {workspace}")

    def _entries(self) -> Iterator[Entry]:
        with self.path.open("rb") as file:
            if _state_of(file) != self._state:
                raise PlanError(f"{self.path.name}: it has changed since it was checked")
            yield from _entries(file, self.path.name)


def read_plan(path: str | os.PathLike[str]) -> Plan:
    """Read and check a whole plan file, before anything is sent. Only one line is in memory at a time.

    Args:
        path: The file that `plan` wrote.

    Returns:
        The Plan, with `header`, `summary`, `count` and `items()`.

    Raises:
        PlanError: It is not a plan, is cut off, has wrong counts, or has a newer version; `line` is the number of the
            line.
        OSError: It cannot be read.
    """
    path = Path(path)
    header = summary = None
    with path.open("rb") as file:
        state = _state_of(file)
        for entry in _entries(file, path.name):
            if isinstance(entry, PlanHeader):
                header = entry
            elif isinstance(entry, PlanSummary):
                summary = entry
    assert header is not None  # _entries raises an error if it is missing
    assert summary is not None
    return Plan(path, header, summary, state)


def _state_of(file: BinaryIO) -> tuple[int, ...]:
    seen = os.fstat(file.fileno())
    return seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns


def _entries(file: BinaryIO, name: str) -> Iterator[Entry]:
    header: PlanHeader | None = None
    ended = False
    items = unread = 0
    for line in _lines(file, name):
        if ended:
            raise line.refused("it follows the end of the plan")
        if header is None:
            yield (header := line.header())
            continue
        entry = line.entry(header)
        items += isinstance(entry, RedactPart | RedactSource | Convert)
        unread += isinstance(entry, Unread)
        if isinstance(entry, PlanSummary):
            ended = True
            if (entry.items, entry.unread) != (items, unread):
                raise line.refused("its counts of items and of unread conversations differ from the lines before it")
        yield entry
    if not ended:
        raise PlanError(f"{name}: it is empty, or cut off: the line that ends a plan is missing")


def _lines(file: BinaryIO, name: str) -> Iterator[PlanLine]:
    for number, content in enumerate(_contents(file), 1):
        if len(content.reveal()) > LONGEST_LINE:
            raise PlanError(f"{name}, line {number}: it is longer than {LONGEST_LINE} bytes", line=number)
        if content.reveal().strip():
            yield PlanLine(name, number, content)


def _contents(file: BinaryIO) -> Iterator[Hidden[bytes]]:
    """Go through the lines, the mark at the very beginning left out.

    They are hidden: a conversion's texts stand in them.
    """
    mark = BOM
    while (content := Hidden(file.readline(LONGEST_LINE + 1))).reveal():
        yield Hidden(content.reveal().removeprefix(mark))
        mark = b""
