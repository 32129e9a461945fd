# Do not edit. Written by `scripts/regenerate` from openapi/ (Intercom API 2.11); change the fragment or the templates there.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define as _define
from attrs import field as _field

from ..models.ticket_type_attribute_list import TicketTypeAttributeList
from ..types import show

_SHOWN: frozenset[str] = frozenset(
    (
        "type",
        "id",
        "category",
        "workspace_id",
    )
)


@_define(repr=False)
class TicketType:
    """The form that tickets of one kind follow."""

    type: str | None = None
    """Always `ticket_type`."""
    id: str | None = None
    """Id of the ticket type, as conversion wants it."""
    category: str | None = None
    """One of `Customer`, `Back-office`, `Tracker`. A conversation can become a ticket of the first only."""
    name: str | None = None
    """Name of the ticket type."""
    description: str | None = None
    """What the ticket type is for."""
    icon: str | None = None
    """An emoji."""
    workspace_id: str | None = None
    """Id of the workspace."""
    ticket_type_attributes: TicketTypeAttributeList | None = None
    """The attributes that tickets of this type have."""
    archived: bool | None = None
    """Whether the ticket type is no longer in use."""
    is_internal: bool | None = None
    """Sent, though not in the published description, so its meaning is not documented; true was seen on Tracker types
    only.
    """
    created_at: int | None = None
    """When the ticket type was made, in Unix seconds."""
    updated_at: int | None = None
    """When the ticket type last changed, in Unix seconds."""
    raw: Mapping[str, Any] = _field(factory=dict[str, Any], repr=False, eq=False)
    """The object as it was received: nothing is lost, whatever its keys and types."""

    @classmethod
    def from_dict(cls, src: Mapping[str, Any]) -> Self:
        """Read a received JSON object; a value of another type than declared reads as None and stays in `raw`."""
        v: Any
        get = src.get
        return cls(
            v if (v := get("type")).__class__ is str else None,
            v if (v := get("id")).__class__ is str else None,
            v if (v := get("category")).__class__ is str else None,
            v if (v := get("name")).__class__ is str else None,
            v if (v := get("description")).__class__ is str else None,
            v if (v := get("icon")).__class__ is str else None,
            v if (v := get("workspace_id")).__class__ is str else None,
            TicketTypeAttributeList.from_dict(v) if (v := get("ticket_type_attributes")).__class__ is dict else None,
            v if (v := get("archived")).__class__ is bool else None,
            v if (v := get("is_internal")).__class__ is bool else None,
            v if (v := get("created_at")).__class__ is int else None,
            v if (v := get("updated_at")).__class__ is int else None,
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
        "category",
        "name",
        "description",
        "icon",
        "workspace_id",
        "ticket_type_attributes",
        "archived",
        "is_internal",
        "created_at",
        "updated_at",
    )
)
