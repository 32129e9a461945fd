"""Where the conversations of a plan come from: ids in a file or a stream, any iterable, the pages of a list or a search."""

from __future__ import annotations

import os
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Mapping, Sized
from functools import partial
from typing import Self, TextIO, cast

import anyio.to_thread

from aiointercom._validation import checked_id, id_like
from aiointercom.pagination import ConversationPages
from intercom_raw.models import Conversation, ConversationListItem

from ._id_lines import LineReader, checked
from ._patience import patiently

Given = str | int | ConversationListItem | Conversation
Conversations = Iterable[Given] | AsyncIterable[Given]


class Source:
    """Takes one conversation after the other, whatever kind of iterable they come from.

    Raises:
        TypeError: It is none, or a string or path, whose characters would be taken for ids.
    """

    def __init__(self, conversations: Conversations) -> None:
        self._given = conversations
        self._take = _taker(conversations)
        self._taken = 0

    async def check(self) -> None:
        """Look through a file of ids, so that a line that is none shows before the first request.

        Raises:
            ValueError, OSError: It cannot be used.
        """
        if isinstance(self._given, Ids):
            await self._given.check()

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
    """Read conversation ids from a file or a stream, one in each line, as a spreadsheet or a query exports them.

    Empty lines do not count, nor does a heading in the first line, nor quotes around an id. Every other line that is plainly no id (two columns, a
    number with a point or an exponent, brackets, a second heading) is an error.

    Args:
        file: The path of a text file in UTF-8, or a text stream such as `sys.stdin`, which stays open.

    Returns:
        An async iterator of ids for `find` and `plan`, which check it to its end before they send their first request. It holds some lines at a
        time, and never blocks the event loop. Of a stream that was checked the ids wait in a temporary file.
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
        self._reader = LineReader(file)
        self._ids: list[str] = []
        self._total: int | None = None

    @property
    def total_count(self) -> int | None:
        """How many ids there are; None: it was not checked yet."""
        return self._total

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        if not self._ids:
            # Abandoned when cancelled: a read from a terminal or a pipe may never end.
            self._ids = await anyio.to_thread.run_sync(self._reader.more, abandon_on_cancel=True)
        if not self._ids:
            raise StopAsyncIteration
        return self._ids.pop()

    async def check(self) -> None:
        """Look at every line to the end. Afterwards the ids are given from the first one on; once some were given it does nothing.

        Raises:
            ValueError: A line holds no id.
            OSError: The file cannot be read, or the temporary one not written.
        """
        if self._total is None and not self._reader.number:
            self._reader, self._total = await anyio.to_thread.run_sync(checked, self._file, abandon_on_cancel=True)
