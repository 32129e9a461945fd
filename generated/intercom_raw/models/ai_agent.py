# Do not edit. Written by `scripts/regenerate` from openapi/; change the fragment or the templates there.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define as _define
from attrs import field as _field

from ..models.content_sources_list import ContentSourcesList
from ..types import OBJECT, Model, new, plain, show

_SHOWN: frozenset[str] = frozenset(
    (
        "source_type",
        "last_answer_type",
        "resolution_state",
    )
)

_content_sources_list = ContentSourcesList.from_dict


@_define(repr=False)
class AiAgent(Model):
    """What the AI agent did in a conversation."""

    source_type: str | None = None
    """What brought the agent in, for instance `workflow`, `profile`, `essentials_plan_setup`."""
    source_title: str | None = _field(default=None, repr=False)
    """Title of what brought it in."""
    last_answer_type: str | None = None
    """`ai_answer` or `custom_answer`; null when it gave none."""
    resolution_state: str | None = None
    """One of `assumed_resolution`, `confirmed_resolution`, `routed_to_team`, `abandoned`, or null."""
    rating: int | None = _field(default=None, repr=False)
    """The contact's rating of the agent."""
    rating_remark: str | None = _field(default=None, repr=False)
    """What the contact added to the rating in words."""
    content_sources: ContentSourcesList | None = _field(default=None, repr=False)
    """What the agent drew its answers from."""
    raw: Mapping[str, Any] = _field(factory=dict[str, Any], repr=False, eq=False)
    """The object as it was received: nothing is lost, whatever its keys and types."""

    @classmethod
    def from_dict(cls, src: Mapping[str, Any]) -> Self:
        """Read a received JSON object; a value of another type than declared reads as None and stays in `raw`."""
        v: Any
        self = new(cls)
        self.source_type = v if type(v := src.get("source_type")) is str else None
        self.source_title = v if type(v := src.get("source_title")) is str else None
        self.last_answer_type = v if type(v := src.get("last_answer_type")) is str else None
        self.resolution_state = v if type(v := src.get("resolution_state")) is str else None
        self.rating = v if type(v := src.get("rating")) is int else None
        self.rating_remark = v if type(v := src.get("rating_remark")) is str else None
        self.content_sources = _content_sources_list(v) if type(v := src.get("content_sources")) is OBJECT else None
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
        "source_type",
        "source_title",
        "last_answer_type",
        "resolution_state",
        "rating",
        "rating_remark",
        "content_sources",
    )
)
