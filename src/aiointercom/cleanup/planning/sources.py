"""The sources of conversations for a plan: ids in a file or a stream, any iterable, the pages of a list or a search."""

from __future__ import annotations

import os
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Mapping, Sized
from functools import partial
from typing import Self, TextIO, cast

import anyio.to_thread

from aiointercom._values.validation import checked_id, id_like
from aiointercom.models import Conversation, ConversationListItem
from aiointercom.pagination import ConversationPages

from .id_file import LineReader, check_ids
from .rate_limit_retry import retry_rate_limited

ConversationLike = str | int | ConversationListItem | Conversation
ConversationInput = Iterable[ConversationLike] | AsyncIterable[ConversationLike]


class Source:
    """Takes one conversation after the other from any kind of iterable.

    Raises:
        TypeError: It is not an iterable, or it is a string or a path, whose characters would be taken for ids.
    """

    def __init__(self, conversations: ConversationInput) -> None:
        self._given = conversations
        self._take = _taker(conversations)
        self._taken = 0

    async def check(self) -> None:
        """Check a file of ids, so that a bad line is reported before the first request.

        Raises:
            ValueError, OSError: It cannot be used.
        """
        if isinstance(self._given, Ids):
            await self._given.check()

    @property
    def total(self) -> int | None:
        """The number of conversations; None: not known."""
        told = getattr(self._given, "total_count", None)
        if isinstance(told, int):
            return told
        return len(self._given) if isinstance(self._given, Sized) else None

    async def take(self) -> tuple[str, ConversationLike] | None:
        """Return the next conversation, with its id; None: there are no more.

        An object of Intercom's with an invalid id is returned with "?" and its number, for the caller to skip.

        Raises:
            ValueError, TypeError: It is not an id; the error names its number.
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


def _taker(conversations: object) -> Callable[[], Awaitable[ConversationLike]]:
    if isinstance(conversations, ConversationPages):
        return partial(
            retry_rate_limited, conversations.__anext__
        )  # unlike a generator, it can continue after an error
    if isinstance(conversations, AsyncIterable):
        return aiter(cast("AsyncIterable[ConversationLike]", conversations)).__anext__
    if isinstance(conversations, str | bytes | os.PathLike | Mapping) or not isinstance(conversations, Iterable):
        raise TypeError(
            "conversations must be an iterable: a list of ids, ids_in(path), intercom.conversations.list(), ..."
        )
    items = iter(cast("Iterable[ConversationLike]", conversations))

    async def take() -> ConversationLike:
        for given in items:
            return given
        raise StopAsyncIteration

    return take


def ids_in(file: str | os.PathLike[str] | TextIO) -> Ids:
    """Read conversation ids from a file or a stream, one in each line, as a spreadsheet or a query exports them.

    Empty lines, a heading in the first line and quotes around an id are ignored. Any other line that is not an id (two
    columns, a number with a point or an exponent, brackets, a second heading) is an error.

    Args:
        file: The path of a text file in UTF-8, or a text stream such as `sys.stdin`, which stays open.

    Returns:
        An async iterator of ids for `find` and `plan`, which check it to its end before their first request. It holds a
        few lines at a time and never blocks the event loop. The ids of a checked stream are kept in a temporary file.
    """
    return Ids(file)


class Ids:
    """An async iterator of the ids in a text file, made by `ids_in`.

    Its errors give the number of the line, never its content.

    Raises, during the iteration:
        ValueError: A line does not hold an id, or is not UTF-8.
        OSError: The file cannot be read.
    """

    def __init__(self, file: str | os.PathLike[str] | TextIO) -> None:
        self._file = file
        self._reader = LineReader(file)
        self._ids: list[str] = []
        self._total: int | None = None

    @property
    def total_count(self) -> int | None:
        """The number of ids; None: the file has not been checked yet."""
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
        """Check every line to the end.

        Afterwards the iteration starts at the first id. Does nothing once the iteration has started.

        Raises:
            ValueError: A line does not hold an id.
            OSError: The file cannot be read, or the temporary file cannot be written.
        """
        if self._total is None and not self._reader.number:
            self._reader, self._total = await anyio.to_thread.run_sync(check_ids, self._file, abandon_on_cancel=True)
