"""Lists that come in pages: one page is held at a time, and nothing needs closing when the loop is left early."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn, Self, cast
from urllib.parse import parse_qs, urlsplit

from attrs import define, field, frozen

from intercom_raw import models
from intercom_raw.types import UNSET

from ._migration import KnowsOtherNames, not_awaited
from ._values.hidden import Hidden
from ._values.json_types import JSONMapping, JSONObject
from ._values.limits import MOST_PER_PAGE
from .errors import InvalidInputError, UnreadableResponseError


@define(eq=False, repr=False)
class Circle:
    """Notices cursors that lead in a circle, with one of them in memory however many there are (Brent's algorithm)."""

    kept: str | None
    """The cursor that later ones are held against: the first, the second, the fourth, ..."""
    since: int = 0
    most: int = 1

    def closes(self, cursor: str) -> bool:
        """Say whether a cursor was there before; it is noticed at the latest in the round after the next."""
        if cursor == self.kept:
            return True
        self.since += 1
        if self.since == self.most:
            self.kept, self.since, self.most = cursor, 0, self.most * 2
        return False


class ConversationPages(KnowsOtherNames):
    """An async iterator of ConversationListItem that follows Intercom's cursor.

    It keeps no connection between pages.
    """

    def __init__(
        self, fetch: Callable[[str | None], Awaitable[models.ConversationList]], starting_after: str | None = None
    ) -> None:
        self._fetch = fetch
        self._cursor = starting_after
        self._circle = Circle(starting_after)
        self._items: deque[models.ConversationListItem] = deque()
        self._more = True
        self.total_count: int | None = None
        """How many there are in all, as the last page said; None before the first page."""

    def __aiter__(self) -> Self:
        return self

    if not TYPE_CHECKING:  # type checkers are to refuse both, as they do of any other async iterator

        def __await__(self) -> NoReturn:
            raise TypeError(not_awaited())

        def __iter__(self) -> NoReturn:
            raise TypeError(not_awaited())

    async def __anext__(self) -> models.ConversationListItem:
        while not self._items:
            if not self._more:
                raise StopAsyncIteration
            await self._turn()
        return self._items.popleft()

    async def _turn(self) -> None:
        page = await self._fetch(self._cursor)
        if page.conversations is None:
            raise UnreadableResponseError("a page without a list of conversations", status=200)
        if len(page.conversations) != len(page.raw["conversations"]):
            raise UnreadableResponseError("a page with something among its conversations that is no object", status=200)
        cursor = next_cursor(Hidden(page.raw.get("pages")))
        where = "to itself" if cursor == self._cursor else "back to an earlier page"
        if cursor is not None and (cursor == self._cursor or self._circle.closes(cursor)):
            del cursor  # a traceback shows what a frame still holds
            raise UnreadableResponseError(f"a page whose cursor leads {where}", status=200)
        self._cursor, self._more, self.total_count = cursor, cursor is not None, page.total_count
        self._items.extend(page.conversations)


def next_cursor(pages: Hidden[object]) -> str | None:
    """Read the cursor of the next page; None: this is the last one.

    Args:
        pages: What a page says of its place: an object whose `next` holds `starting_after`, or is an address, as
            versions up to 1.x sent it. Of an address only the parameter `starting_after` is taken; it is never called.
            None, and an empty object: the last page.

    Raises:
        UnreadableResponseError: There is a next page, or something else in its place, and no cursor can be read. Ending
            the list there would silently leave out the rest.
    """
    cursor = _cursor_of(pages.reveal())
    if cursor == "":
        raise UnreadableResponseError("a page that has a next one, and no cursor that can be followed", status=200)
    return cursor


def _cursor_of(pages: object) -> str | None:
    """Read the cursor; "": it cannot be read. It raises nothing: what it reads is an answer, in local variables."""
    outer = _object(pages)
    following = None if outer is None else outer.get("next")
    told = {"starting_after": _cursor_in(following)} if isinstance(following, str) else _object(following)
    if outer is None or told is None:
        return ""
    cursor = told.get("starting_after", "") if told else None
    return cursor if cursor is None or (isinstance(cursor, str) and cursor.isprintable()) else ""


def _object(value: object) -> JSONMapping | None:
    """Return an object unchanged. null and an empty list give an empty object, because some languages write it so.

    None: it is something else.
    """
    if isinstance(value, Mapping):
        return cast("JSONMapping", value)
    return {} if value is None or value == [] else None


def _cursor_in(address: str) -> str:
    """Return the only `starting_after` in the query of an address; "" if there is not exactly one."""
    try:
        found = parse_qs(urlsplit(address).query, errors="strict").get("starting_after", [])
    except ValueError:
        return ""
    return found[0] if len(found) == 1 else ""


@frozen(eq=False, repr=False)
class SearchBody:
    """A search, without the cursor that changes from page to page."""

    query: Any = field(repr=False)
    per_page: int | None
    starting_after: str | None
    further: JSONObject = field(repr=False)

    def request(self, cursor: str | None) -> models.SearchRequest:
        """Build the request for the page behind a cursor; None: the first page."""
        pagination = models.SearchPaginationRequest(
            per_page=UNSET if self.per_page is None else self.per_page,
            starting_after=UNSET if cursor is None else cursor,
        )
        return models.SearchRequest(
            query=self.query,
            pagination=pagination if pagination.to_dict() else UNSET,
            additional_properties=self.further,
        )


def search_body(
    query: JSONMapping | models.SearchRequest | models.SingleFilterSearchRequest | models.MultipleFilterSearchRequest,
    per_page: int | None,
) -> SearchBody:
    """Take a query in any of its forms apart.

    Raises:
        TypeError: It is no mapping and no request model, or `per_page` is no integer.
        InvalidInputError: `per_page` is not from 1 to 150.
    """
    plain: object = query if isinstance(query, Mapping) or not hasattr(query, "to_dict") else query.to_dict()
    if not isinstance(plain, Mapping):
        raise TypeError(f"the query must be a dict or a request model, not {type(query).__name__}")
    body = _whole_body(cast("JSONMapping", plain))
    pagination: JSONObject = dict(body.pop("pagination", None) or {})
    size = pagination.get("per_page") if per_page is None else per_page
    if size is not None and (isinstance(size, bool) or not isinstance(size, int)):
        raise TypeError("per_page must be an integer")
    if size is not None and not 1 <= size <= MOST_PER_PAGE:
        raise InvalidInputError(f"per_page must be from 1 to {MOST_PER_PAGE}")
    return SearchBody(body.pop("query", None), size, cast("str | None", pagination.get("starting_after")), body)


def _whole_body(plain: JSONMapping) -> JSONObject:
    body = dict(plain)
    return body if "query" in body else {"query": body}
