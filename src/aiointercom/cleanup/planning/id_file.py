"""Reads the lines of a file of conversation ids, and refuses those that do not hold an id.

Blocking: called in threads.
"""

from __future__ import annotations

import io
import os
import re
import tempfile
import weakref
from pathlib import Path
from typing import TextIO

from aiointercom._values.validation import checked_id

LINES = 500  # taken at a time: a hop to a thread costs some 100 microseconds
LONGEST_LINE = 1000  # characters; an id has at most 255
BOM = "\ufeff"  # some editors add it at the beginning
QUOTES = "\"'"
_ID = re.compile(r"(?=.*[0-9])(?!0[xX]|[0-9]+[eE][0-9]+\Z)[0-9A-Za-z][0-9A-Za-z_-]*", re.ASCII)
"""Intercom's ids are digits. Ids with letters may come some day; a text without a digit is a word, and 2E14 and 0x1E0
are other numbers."""
_HEADING = re.compile(r"(?!(?i:null|none|nan|true|false|undefined)\Z)[^\W\d][^\d,;|\[\]{}\"]*")
"""A heading: words, but not those that programs write in the place of a missing value."""


class LineReader:
    """Reads ids from a file or a stream, in batches of lines."""

    def __init__(self, file: str | os.PathLike[str] | TextIO) -> None:
        self._file = file
        self._at = self.number = 0
        self._first = True

    def more(self) -> list[str]:
        """Read until there are ids or the file ends. Returns them in reverse order, for `list.pop`.

        Raises:
            ValueError: A line does not hold an id, or is not text.
            OSError: The file cannot be read.
        """
        while lines := self._lines():
            if ids := [id for line in lines if (id := self._id(line))]:
                return ids[::-1]
        return []

    def _lines(self) -> list[bytes | str]:
        if not isinstance(self._file, str | os.PathLike):
            try:
                return [line for _ in range(LINES) if (line := self._file.readline(LONGEST_LINE))]
            except UnicodeDecodeError:
                pass  # not chained: the codec's error holds the bytes
            raise ValueError(f"after line {self.number}: not text in the encoding of the stream")
        # Opened for each batch, so that an abandoned iterator does not leave an open file.
        with Path(self._file).open("rb") as file:
            file.seek(self._at)
            read = [content for _ in range(LINES) if (content := file.readline(LONGEST_LINE))]
            self._at = file.tell()
        return [*read]

    def _id(self, line: bytes | str) -> str | None:
        self.number += 1
        try:
            text = line if isinstance(line, str) else line.decode()
            return self._id_of(text.removeprefix(BOM) if self.number == 1 else text)
        except UnicodeDecodeError:
            problem = "not UTF-8"
        except ValueError as error:
            problem = str(error)
        raise ValueError(f"line {self.number}: {problem}")

    def _id_of(self, line: str) -> str | None:
        """Return the id in a line; None: it is empty, or a heading before the first id."""
        text = line.strip()
        if len(text) > 1 and text[0] == text[-1] and text[0] in QUOTES:
            text = text[1:-1].strip()
        whole = len(line) < LONGEST_LINE
        if not text and whole:
            return None
        first, self._first = self._first, False
        if first and whole and _HEADING.fullmatch(text) and text.isprintable():
            return None
        checked_id(text, "the id")
        if not whole or not _ID.fullmatch(text):
            raise ValueError(
                "not the id of a conversation, which is a number without point or exponent, alone in its line"
            )
        return text


def check_ids(file: str | os.PathLike[str] | TextIO) -> tuple[LineReader, int]:
    """Check all lines, and return a reader at the first one and the number of ids.

    A stream cannot be read twice, so its ids are kept in a temporary file.

    Raises:
        ValueError: A line does not hold an id, or is not text.
        OSError: The file cannot be read, or the temporary file cannot be written.
    """
    reader, total = LineReader(file), 0
    if isinstance(file, str | os.PathLike):
        if not Path(file).is_file():  # a pipe with a name, as of `--ids <(query)`
            with Path(file).open(encoding="utf-8") as stream:
                return check_ids(stream)
        while ids := reader.more():
            total += len(ids)
        return LineReader(file), total
    kept = tempfile.TemporaryFile("w+", encoding="ascii")  # noqa: SIM115  # closed with the reader that is returned
    again = LineReader(kept)
    weakref.finalize(again, kept.close)
    while ids := reader.more():
        total += len(ids)
        kept.writelines(f"{id}\n" for id in reversed(ids))
    kept.seek(io.SEEK_SET)
    return again, total
