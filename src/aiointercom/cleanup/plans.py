"""A plan file on disk: checked whole before its first item is given out, then streamed. Nothing here knows the network.

The first line is the header, the last one the end with the counts; between them stands one line for each item, and one for each
conversation that could not be read.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from attrs import field, frozen

from aiointercom.errors import PlanError

from ._plan_lines import LONGEST_LINE, Entry, Line
from ._plan_records import PlanHeader, PlanSummary, Unread
from .items import Convert, Item, RedactPart, RedactSource

BOM = b"\xef\xbb\xbf"  # an editor may have put it there


@frozen
class Plan:
    """A plan file that was read and found whole."""

    path: Path
    header: PlanHeader
    summary: PlanSummary
    _state: tuple[int, ...] = field(repr=False)

    @property
    def count(self) -> int:
        """How many items it has."""
        return self.summary.items

    def items(self) -> Iterator[Item]:
        """Go through the items, in the order of the file; one line is held at a time.

        Raises:
            PlanError: The file was changed since it was checked.
        """
        return (entry for entry in self._entries() if isinstance(entry, RedactPart | RedactSource | Convert))

    def counts(self) -> Counter[str]:
        """Count the items by kind, as they stand in the file; what its last line says of them is not asked.

        Raises:
            PlanError: The file was changed since it was checked.
        """
        return Counter(item.kind for item in self.items())

    def unread(self) -> Iterator[Unread]:
        """Go through the conversations that could not be read when it was made.

        Raises:
            PlanError: The file was changed since it was checked.
        """
        return (entry for entry in self._entries() if isinstance(entry, Unread))

    def check_workspace(self, workspace: str | None) -> None:
        """Refuse another workspace than the plan was made for.

        Args:
            workspace: `app.id_code` of `intercom.me()`. None: the answer did not tell.

        Raises:
            PlanError: It is another one, or it cannot be told whether it is: the answer or the plan names none.
        """
        made_for = self.header.workspace
        if made_for is None:
            raise PlanError(f"{self.path.name}: it does not say which workspace it was made for; make it anew")
        if workspace is None:
            raise PlanError(
                f"{self.path.name}: made for workspace {made_for}, and Intercom did not say whose token this is"
            )
        if workspace != made_for:
            raise PlanError(f"{self.path.name}: made for workspace {made_for}, and the token belongs to {workspace}")

    def _entries(self) -> Iterator[Entry]:
        with self.path.open("rb") as file:
            if _state_of(file) != self._state:
                raise PlanError(f"{self.path.name}: it was changed since it was checked")
            yield from _entries(file, self.path.name)


def read_plan(path: str | os.PathLike[str]) -> Plan:
    """Read a plan file and check it whole, before anything is sent. It holds one line at a time, however long the plan is.

    Args:
        path: The file that `plan` wrote.

    Returns:
        The Plan, with `header`, `summary`, `count` and `items()`.

    Raises:
        PlanError: It is no plan, is cut off, does not add up, or is of a newer version; `line` says where.
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
    assert header is not None  # _entries raises where one of them is missing
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
            raise line.refused("it stands behind the end of the plan")
        if header is None:
            yield (header := line.header())
            continue
        entry = line.entry(header)
        items += isinstance(entry, RedactPart | RedactSource | Convert)
        unread += isinstance(entry, Unread)
        if isinstance(entry, PlanSummary):
            ended = True
            if (entry.items, entry.unread) != (items, unread):
                raise line.refused(
                    "its numbers of items and of unread conversations are not those of the lines before it"
                )
        yield entry
    if not ended:
        raise PlanError(f"{name}: it is empty, or cut off: the line that ends a plan is missing")


def _lines(file: BinaryIO, name: str) -> Iterator[Line]:
    number = 0
    while content := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(content) > LONGEST_LINE:
            raise PlanError(f"{name}, line {number}: it is longer than {LONGEST_LINE} bytes", line=number)
        if number == 1:
            content = content.removeprefix(BOM)
        if content.strip():
            yield Line(name, number, content)
