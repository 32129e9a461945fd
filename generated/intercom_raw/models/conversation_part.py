# Do not edit. Written by `scripts/regenerate` from openapi/ (Intercom API 2.11); change the fragment or the templates there.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define as _define
from attrs import field as _field

from ..models.conversation_part_author import ConversationPartAuthor
from ..models.part_attachment import PartAttachment
from ..models.reference import Reference
from ..types import show

_SHOWN: frozenset[str] = frozenset(
    (
        "type",
        "id",
        "part_type",
    )
)


@_define(repr=False)
class ConversationPart:
    """A message, note or event in a conversation."""

    type: str | None = None
    """Always `conversation_part`."""
    id: str | int | None = None
    """Id of the part. A string; parts of workflows came as integers in later versions."""
    part_type: str | None = None
    """What kind of part it is, for instance `comment`, `note`, `open`, `close`, `snoozed`, `assignment`. New kinds
    appear at any time.
    """
    body: str | None = None
    """The message, in HTML unless plain text was asked for; null for events. A redacted part carries a fixed deletion
    text instead.
    """
    created_at: int | None = None
    """When the part was made, in Unix seconds."""
    updated_at: int | None = None
    """When the part last changed, in Unix seconds."""
    notified_at: int | None = None
    """When the contact was notified, in Unix seconds."""
    assigned_to: Reference | None = None
    """Whom this part assigned the conversation to; null for no change, type `nobody_admin` for nobody."""
    author: ConversationPartAuthor | None = None
    """Who wrote the part."""
    attachments: list[PartAttachment] | None = None
    """Files sent with the part."""
    external_id: str | None = None
    """The part's id in another system, when one was given."""
    redacted: bool | None = None
    """Whether the part was redacted."""
    raw: Mapping[str, Any] = _field(factory=dict[str, Any], repr=False, eq=False)
    """The object as it was received: nothing is lost, whatever its keys and types."""

    @classmethod
    def from_dict(cls, src: Mapping[str, Any]) -> Self:
        """Read a received JSON object; a value of another type than declared reads as None and stays in `raw`."""
        v: Any
        get = src.get
        return cls(
            v if (v := get("type")).__class__ is str else None,
            v if (v := get("id")).__class__ is str or v.__class__ is int else None,
            v if (v := get("part_type")).__class__ is str else None,
            v if (v := get("body")).__class__ is str else None,
            v if (v := get("created_at")).__class__ is int else None,
            v if (v := get("updated_at")).__class__ is int else None,
            v if (v := get("notified_at")).__class__ is int else None,
            Reference.from_dict(v) if (v := get("assigned_to")).__class__ is dict else None,
            ConversationPartAuthor.from_dict(v) if (v := get("author")).__class__ is dict else None,
            [PartAttachment.from_dict(x) for x in v if x.__class__ is dict]
            if (v := get("attachments")).__class__ is list
            else None,
            v if (v := get("external_id")).__class__ is str else None,
            v if (v := get("redacted")).__class__ is bool else None,
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
        "type",
        "id",
        "part_type",
        "body",
        "created_at",
        "updated_at",
        "notified_at",
        "assigned_to",
        "author",
        "attachments",
        "external_id",
        "redacted",
    )
)
