# Do not edit. Written by `scripts/regenerate` from openapi/ (Intercom API 2.11); change the fragment or the templates there.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define as _define
from attrs import field as _field

from ..models.content_sources_list import ContentSourcesList
from ..types import show

_SHOWN: frozenset[str] = frozenset(
    (
        "source_type",
        "last_answer_type",
        "resolution_state",
    )
)


@_define(repr=False)
class AiAgent:
    """What the AI agent did in a conversation."""

    source_type: str | None = None
    """What brought the agent in, for instance `workflow`, `profile`, `essentials_plan_setup`."""
    source_title: str | None = None
    """Title of what brought it in."""
    last_answer_type: str | None = None
    """`ai_answer` or `custom_answer`; null when it gave none."""
    resolution_state: str | None = None
    """One of `assumed_resolution`, `confirmed_resolution`, `routed_to_team`, `abandoned`, or null."""
    rating: int | None = None
    """The contact's rating of the agent."""
    rating_remark: str | None = None
    """What the contact added to the rating in words."""
    content_sources: ContentSourcesList | None = None
    """What the agent drew its answers from."""
    raw: Mapping[str, Any] = _field(factory=dict[str, Any], repr=False, eq=False)
    """The object as it was received: nothing is lost, whatever its keys and types."""

    @classmethod
    def from_dict(cls, src: Mapping[str, Any]) -> Self:
        """Read a received JSON object; a value of another type than declared reads as None and stays in `raw`."""
        v: Any
        get = src.get
        return cls(
            v if (v := get("source_type")).__class__ is str else None,
            v if (v := get("source_title")).__class__ is str else None,
            v if (v := get("last_answer_type")).__class__ is str else None,
            v if (v := get("resolution_state")).__class__ is str else None,
            v if (v := get("rating")).__class__ is int else None,
            v if (v := get("rating_remark")).__class__ is str else None,
            ContentSourcesList.from_dict(v) if (v := get("content_sources")).__class__ is dict else None,
            src,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return a copy of the object as it was received (shallow: nested objects are shared)."""
        return dict(self.raw)

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
