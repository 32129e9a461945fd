# Do not edit. Written by `scripts/regenerate` from openapi/; change the fragment or the templates there.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define as _define
from attrs import field as _field

from ..models.conversation_list_item import ConversationListItem
from ..models.cursor_pages import CursorPages
from ..types import ARRAY, OBJECT, Model, new, plain, show

_SHOWN: frozenset[str] = frozenset(("type",))

_conversation_list_item = ConversationListItem.from_dict
_cursor_pages = CursorPages.from_dict


@_define(repr=False)
class ConversationList(Model):
    """One page of conversations."""

    type: str | None = None
    """Always `conversation.list`."""
    conversations: list[ConversationListItem] | None = _field(default=None, repr=False)
    """The conversations of this page, without their parts."""
    total_count: int | None = _field(default=None, repr=False)
    """How many conversations there are on all pages."""
    pages: CursorPages | None = _field(default=None, repr=False)
    """Where this page stands, and the cursor of the next."""
    raw: Mapping[str, Any] = _field(factory=dict[str, Any], repr=False, eq=False)
    """The object as it was received: nothing is lost, whatever its keys and types."""

    @classmethod
    def from_dict(cls, src: Mapping[str, Any]) -> Self:
        """Read a received JSON object; a value of another type than declared reads as None and stays in `raw`."""
        v: Any
        self = new(cls)
        self.type = v if type(v := src.get("type")) is str else None
        self.conversations = (
            ([_conversation_list_item(x) for x in v if type(x) is OBJECT] if v else [])
            if type(v := src.get("conversations")) is ARRAY
            else None
        )
        self.total_count = v if type(v := src.get("total_count")) is int else None
        self.pages = _cursor_pages(v) if type(v := src.get("pages")) is OBJECT else None
        self.raw = src
        return self

    def to_dict(self) -> dict[str, Any]:
        """Return the object as JSON data: all that was received, unknown keys too, with the fields that were set since.

        It is a copy to the last level: nothing that is done to it changes the model. Of a model made by hand it holds
        the fields that are not None. A datetime with a time zone becomes whole seconds since 1970, as Intercom has them.

        Raises:
            TypeError: A field was set to what JSON cannot hold, such as a datetime without a time zone.
        """
        return plain(self)

    @property
    def additional_properties(self) -> dict[str, Any]:
        """The received keys that this class does not declare."""
        return {key: value for key, value in self.raw.items() if key not in _KNOWN}

    def __repr__(self) -> str:
        return show(self, _SHOWN)


_KNOWN: frozenset[str] = frozenset(
    (
        "type",
        "conversations",
        "total_count",
        "pages",
    )
)
