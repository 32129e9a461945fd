"""Where the conversations of a plan come from: ids in a file or a stream, any iterable, the pages of a list or a search."""

from __future__ import annotations

import os
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Mapping, Sized
from functools import partial
from pathlib import Path
from typing import Self, TextIO, cast

import anyio.to_thread

from aiointercom._pages import ConversationPages
from aiointercom._request import checked_id, id_like
from intercom_raw.models import Conversation, ConversationListItem

from ._patience import patiently

Given = str | int | ConversationListItem | Conversation
Conversations = Iterable[Given] | AsyncIterable[Given]

LINES = 500  # taken at a time: a hop to a thread costs some 100 microseconds
LONGEST_LINE = 1000  # characters; an id has at most 255
BOM = "\ufeff"  # an editor may have put it at the beginning


class Source:
    """Takes one conversation after the other, whatever kind of iterable they come from.

    Raises:
        TypeError: It is none, or a string or path, whose characters would be taken for ids.
    """

    def __init__(self, conversations: Conversations) -> None:
        self._given = conversations
        self._take = _taker(conversations)
        self._taken = 0

    @property
    def total(self) -> int | None:
        """How many there are, as far as that can be told; None: it cannot."""
        told = getattr(self._given, "total_count", None)
        if isinstance(told, int):
            return told
        return len(self._given) if isinstance(self._given, Sized) else None

    async def take(self) -> tuple[str, Given] | None:
        """Return the next one, with its id; None: there are no more.

        An object of Intercom's whose id no call could send comes with "?" and its number, for the caller to pass over.

        Raises:
            ValueError, TypeError: It is something else, and has no id that can be sent; it is named by its number.
        """
        try:
            given = await self._take()
        except StopAsyncIteration:
            return None
        self._taken += 1
        if isinstance(given, Conversation | ConversationListItem):
            return id_like(given.id) or f"?{self._taken}", given
        id = getattr(given, "id", given)
        return str(checked_id(id, f"the id of conversation number {self._taken}")), given


def _taker(conversations: object) -> Callable[[], Awaitable[Given]]:
    if isinstance(conversations, ConversationPages):
        return partial(patiently, conversations.__anext__)  # unlike a generator, it goes on where it failed
    if isinstance(conversations, AsyncIterable):
        return aiter(cast("AsyncIterable[Given]", conversations)).__anext__
    if isinstance(conversations, str | bytes | os.PathLike | Mapping) or not isinstance(conversations, Iterable):
        raise TypeError(
            "conversations must be an iterable: a list of ids, ids_in(path), intercom.conversations.list(), ..."
        )
    items = iter(cast("Iterable[Given]", conversations))

    async def take() -> Given:
        for given in items:
            return given
        raise StopAsyncIteration

    return take


def ids_in(file: str | os.PathLike[str] | TextIO) -> Ids:
    """Read conversation ids, one a line, from a file or a stream; empty lines do not count.

    Args:
        file: The path of a text file in UTF-8, or a text stream such as `sys.stdin`, which stays open.

    Returns:
        An async iterator of ids for `find` and `plan`. It holds some lines at a time, and never blocks the event loop.
    """
    return Ids(file)


class Ids:
    """An async iterator of the ids in a text file; made by `ids_in`. What it raises names the line, never what stands there.

    Raises, on the way:
        ValueError: A line holds no id, or no UTF-8.
        OSError: The file cannot be read.
    """

    def __init__(self, file: str | os.PathLike[str] | TextIO) -> None:
        self._file = file
        self._at = self._number = 0
        self._ids: list[str] = []

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        if not self._ids:
            # Abandoned when cancelled: a read from a terminal or a pipe may never end.
            self._ids = await anyio.to_thread.run_sync(self._more, abandon_on_cancel=True)
        if not self._ids:
            raise StopAsyncIteration
        return self._ids.pop()

    def _more(self) -> list[str]:
        """Read on until there are ids, or no more lines; in reverse, to be taken from the end."""
        while lines := self._lines():
            if ids := [id for line in lines if (id := self._id(line))]:
                return ids[::-1]
        return []

    def _lines(self) -> list[bytes | str]:
        if not isinstance(self._file, str | os.PathLike):
            try:
                return [line for _ in range(LINES) if (line := self._file.readline(LONGEST_LINE))]
            except UnicodeDecodeError:
                pass  # not chained: the codec's error holds what it could not read
            raise ValueError(f"behind line {self._number}: no text in the encoding of the stream")
        # Opened anew each time: an iterator that is left on the way must not leave an open file behind.
        with Path(self._file).open("rb") as file:
            file.seek(self._at)
            read = [content for _ in range(LINES) if (content := file.readline(LONGEST_LINE))]
            self._at = file.tell()
        return [*read]

    def _id(self, line: bytes | str) -> str | None:
        self._number += 1
        try:
            text = line if isinstance(line, str) else line.decode()
            text = (text.removeprefix(BOM) if self._number == 1 else text).strip()
            return str(checked_id(text, "the id")) if text else None
        except UnicodeDecodeError:
            problem = "no UTF-8"
        except ValueError as error:
            problem = str(error)
        raise ValueError(f"line {self._number}: {problem}")
