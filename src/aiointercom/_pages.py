"""Lists that come in pages: one page is held at a time, and nothing needs closing when the loop is left early."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Self, TypeAlias, cast

from attrs import field, frozen

from intercom_raw import models
from intercom_raw.types import UNSET

from .errors import UnreadableResponseError

MOST_PER_PAGE = 150


class ConversationPages:
    """An async iterator of ConversationListItem that follows Intercom's cursor. It keeps no connection between pages."""

    def __init__(
        self, fetch: Callable[[str | None], Awaitable[models.ConversationList]], starting_after: str | None = None
    ) -> None:
        self._fetch = fetch
        self._cursor = starting_after
        self._items: deque[models.ConversationListItem] = deque()
        self._more = True
        self.total_count: int | None = None
        """How many there are in all, as the last page said; None before the first page."""

    def __aiter__(self) -> Self:
        return self

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
        cursor = page.pages.next.starting_after if page.pages and page.pages.next else None
        if cursor is not None and cursor == self._cursor:
            raise UnreadableResponseError("a page whose cursor leads to itself", status=200)
        self._cursor, self._more, self.total_count = cursor, cursor is not None, page.total_count
        self._items.extend(page.conversations)


@frozen
class SearchBody:
    """A search, without the cursor that changes from page to page."""

    query: Any = field(repr=False)
    per_page: int | None
    starting_after: str | None
    further: dict[str, Any] = field(repr=False)

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


Query: TypeAlias = (
    "Mapping[str, Any] | models.SearchRequest | models.SingleFilterSearchRequest | models.MultipleFilterSearchRequest"
)


def search_body(query: Query, per_page: int | None) -> SearchBody:
    """Take a query in any of its forms apart.

    Raises:
        TypeError: It is no mapping and no request model, or `per_page` is no integer.
        ValueError: It is empty, or `per_page` is not from 1 to 150.
    """
    body = _whole_body(query)
    pagination: dict[str, Any] = dict(body.pop("pagination", None) or {})
    size = pagination.get("per_page") if per_page is None else per_page
    if size is not None and (isinstance(size, bool) or not isinstance(size, int)):
        raise TypeError("per_page must be an integer")
    if size is not None and not 1 <= size <= MOST_PER_PAGE:
        raise ValueError(f"per_page must be from 1 to {MOST_PER_PAGE}")
    return SearchBody(body.pop("query", None), size, cast("str | None", pagination.get("starting_after")), body)


def _whole_body(query: Query) -> dict[str, Any]:
    plain: object = query if isinstance(query, Mapping) or not hasattr(query, "to_dict") else query.to_dict()
    if not isinstance(plain, Mapping):
        raise TypeError(f"the query must be a dict or a request model, not {type(query).__name__}")
    body = dict(cast("Mapping[str, Any]", plain))
    return body if "query" in body else {"query": body}
