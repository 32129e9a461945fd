"""Which conversations a plan looks at: ids from a file, all of them, or those that match a search."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from attrs import astuple, frozen
from cyclopts import Group, Parameter

from aiointercom import Intercom
from aiointercom.cleanup import Ids, ids_in, search_query
from aiointercom.models import ConversationListItem
from aiointercom.types import JSONObject

from .exits import DASH, UsageError, arguments, file_or_dash

SELECTION = Group("Which conversations", sort_key=-1)
PER_PAGE = 150  # the most that Intercom gives at a time

State = Literal["open", "closed", "snoozed"]


@Parameter(name="*", group=SELECTION)
@frozen(kw_only=True)
class Selection:
    """Which conversations. Several conditions of a search must all be met."""

    ids: Annotated[Path | None, Parameter(allow_leading_hyphen=True, validator=file_or_dash)] = None
    """A file with one conversation id in each line, or - for stdin. Empty lines, quotes and a heading are passed
    over."""

    all: Annotated[bool, Parameter(negative="", show_default=False)] = False
    """All conversations of the workspace."""

    contact: str | None = None
    """Those of the contact with this id."""

    created_after: datetime | None = None
    """Those begun at this time or later. A date or a time like 2026-03-01T12:30; UTC unless it says otherwise."""

    created_before: datetime | None = None
    """Those begun before this time."""

    updated_after: datetime | None = None
    """Those changed at this time or later."""

    updated_before: datetime | None = None
    """Those last changed before this time."""

    state: State | None = None
    """Those in this state."""

    async def conversations(self, intercom: Intercom) -> AsyncIterable[str] | AsyncIterable[ConversationListItem]:
        """Return what a plan goes through. A file of ids is looked through to its end.

        Raises:
            UsageError: Not exactly one way of selecting was chosen, a condition cannot be met, or a line of the file
                holds no id.
        """
        searching = any(value is not None for value in astuple(self)[2:])
        if (self.ids is not None) + self.all + searching != 1:
            raise UsageError("say which conversations: --ids, --all, or conditions like --state and --created-after")
        if self.ids is not None:
            return await _ids(self.ids)
        if self.all:
            return intercom.conversations.list(per_page=PER_PAGE)
        return intercom.conversations.search(self._query(), per_page=PER_PAGE)

    def _query(self) -> JSONObject:
        with arguments():
            return search_query(
                contact=self.contact,
                state=self.state,
                created_after=_zoned(self.created_after),
                created_before=_zoned(self.created_before),
                updated_after=_zoned(self.updated_after),
                updated_before=_zoned(self.updated_before),
            )


NONE_SELECTED = Selection()


def _zoned(moment: datetime | None) -> datetime | None:
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)


async def _ids(file: Path) -> Ids:
    if file == DASH and sys.stdin is None:  # pyright: ignore[reportUnnecessaryComparison]  # it may be closed
        raise UsageError("--ids - reads stdin, and that is closed")
    with arguments():
        ids = ids_in(sys.stdin if file == DASH else file)
        await ids.check()
    return ids
