"""Cursor paging over conversations: the same for lists and searches. Pure."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from math import ceil

from .queries import Matcher
from .refusals import Json, invalid
from .workspace import Workspace

DEFAULT_PER_PAGE = 20
MAX_PER_PAGE = 150


def page(workspace: Workspace, matches: Matcher, asked: Mapping[str, object]) -> Json:
    """One page of the conversations that match, without their parts. `pages.next` is absent on the last one."""
    per_page = _per_page(asked.get("per_page"))
    position = _position(asked.get("starting_after"))
    found = [number for number in workspace.order if matches(workspace.conversation(str(number)).fields)]
    rest = [number for number in found if number > position]
    shown = rest[:per_page]
    pages: Json = {
        "type": "pages",
        "page": (len(found) - len(rest)) // per_page + 1,
        "per_page": per_page,
        "total_pages": max(1, ceil(len(found) / per_page)),
    }
    if len(rest) > per_page:
        pages["next"] = {"per_page": per_page, "starting_after": _cursor(shown[-1])}
    return {
        "type": "conversation.list",
        "pages": pages,
        "total_count": len(found),
        "conversations": [workspace.conversation(str(number)).fields for number in shown],
    }


def _per_page(asked: object) -> int:
    if asked is None:
        return DEFAULT_PER_PAGE
    if isinstance(asked, str) and re.fullmatch("[0-9]{1,9}", asked):
        asked = int(asked)
    # Assumption: a page size out of bounds is refused; whether Intercom clips it instead was not found.
    if isinstance(asked, bool) or not isinstance(asked, int) or not 1 <= asked <= MAX_PER_PAGE:
        raise invalid(f"per_page must be between 1 and {MAX_PER_PAGE}")
    return asked


def _cursor(id: int) -> str:
    return urlsafe_b64encode(f"after:{id}".encode()).decode()


def _position(cursor: object) -> int:
    if cursor is None:
        return -1
    try:
        return int(urlsafe_b64decode(cursor if isinstance(cursor, str) else "").removeprefix(b"after:"))
    except ValueError:
        # Assumption: what a cursor that was never given out is answered with was not found.
        raise invalid("starting_after is not a cursor of this list") from None
