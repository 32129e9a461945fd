"""Pure: builds the documented search query for a contact, a span of time and a state."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from math import ceil, floor
from typing import Literal

from aiointercom._values.limits import LAST_SECOND
from aiointercom._values.validation import checked_id
from aiointercom.types import JSONObject

Moment = datetime | date | int
"""A time: an aware datetime, a date (its beginning in UTC), or Unix seconds."""


def search_query(
    *,
    contact: str | int | None = None,
    state: Literal["open", "closed", "snoozed"] | None = None,
    created_after: Moment | None = None,
    created_before: Moment | None = None,
    updated_after: Moment | None = None,
    updated_before: Moment | None = None,
) -> JSONObject:
    """Build a query for `intercom.conversations.search`. It finds the conversations that match all arguments.

    "after" includes the moment, "before" does not. Intercom's reference has only `>` and `<` for times, and says
    "greater (or equal)" and "lower (or equal)" of them. So the query asks from one second earlier: nothing is missed,
    and one second more may come along at either end. Of the search for contacts it is documented that times are cut
    down to days; of conversations it is not.

    Args:
        contact: The id of a participating contact (`contact_ids`). None: any.
        state: "open", "closed" or "snoozed". None: any.
        created_after: When it began: an aware datetime, a date (its beginning in UTC), or Unix seconds. None: any time.
        created_before: As created_after.
        updated_after: When it last changed; as created_after. Every reply, and every redaction perhaps, changes it.
        updated_before: As updated_after.

    Returns:
        The query, as a plain dict.

    Raises:
        ValueError: Nothing is asked for, a span ends before it begins, a datetime has no time zone, a time counts
            milliseconds, or a state is unknown.
        TypeError: A time or an id has the wrong type.

    Source: https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations/searchconversations
    """
    filters: list[JSONObject] = []
    if contact is not None:
        filters.append({"field": "contact_ids", "operator": "=", "value": str(checked_id(contact, "contact"))})
    if state is not None:
        if state not in ("open", "closed", "snoozed"):
            raise ValueError("state must be open, closed or snoozed")
        filters.append({"field": "state", "operator": "=", "value": state})
    filters += _span("created", created_after, created_before)
    filters += _span("updated", updated_after, updated_before)
    if not filters:
        raise ValueError("pass at least one condition; conversations.list() returns all conversations")
    return {"operator": "AND", "value": filters}


def _span(what: str, after: Moment | None, before: Moment | None) -> list[JSONObject]:
    begins = None if after is None else floor(_seconds(after, f"{what}_after"))
    ends = None if before is None else ceil(_seconds(before, f"{what}_before"))
    if begins is not None and ends is not None and begins >= ends:
        raise ValueError(f"{what}_before must be later than {what}_after")
    found = [] if begins is None else [{"field": f"{what}_at", "operator": ">", "value": max(0, begins - 1)}]
    return found if ends is None else [*found, {"field": f"{what}_at", "operator": "<", "value": ends}]


def _seconds(moment: object, name: str) -> float:
    if isinstance(moment, datetime):
        if moment.utcoffset() is None:
            raise ValueError(f"{name} must have a time zone: datetime(2026, 1, 1, tzinfo=UTC), say")
        return moment.timestamp()
    if isinstance(moment, date):
        return datetime.combine(moment, time(), UTC).timestamp()
    if isinstance(moment, bool) or not isinstance(moment, int):
        raise TypeError(f"{name} must be a datetime, a date or whole Unix seconds, not {type(moment).__name__}")
    if moment < 0:
        raise ValueError(f"{name} must not be negative")
    if moment >= LAST_SECOND:
        raise ValueError(f"{name} must be Unix seconds: so large a number counts milliseconds")
    return moment
