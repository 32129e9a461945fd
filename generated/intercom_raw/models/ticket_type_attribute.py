# Do not edit. Written by `scripts/regenerate` from openapi/ (Intercom API 2.11); change the fragment or the templates there.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define as _define
from attrs import field as _field

from ..types import show

_SHOWN: frozenset[str] = frozenset(
    (
        "type",
        "id",
        "workspace_id",
        "data_type",
    )
)


@_define(repr=False)
class TicketTypeAttribute:
    """One attribute of a ticket type."""

    type: str | None = None
    """Always `ticket_type_attribute`."""
    id: str | None = None
    """Id of the attribute."""
    workspace_id: str | None = None
    """Id of the workspace."""
    name: str | None = None
    """Name of the attribute, the key of its value in a ticket."""
    description: str | None = None
    """What the attribute is for; may be empty."""
    data_type: str | None = None
    """One of `string`, `list`, `integer`, `decimal`, `boolean`, `datetime`, `files`."""
    input_options: dict[str, Any] | None = None
    """How the value is entered, for instance `multiline`. The shape of a list's items was not seen by anybody."""
    order: int | None = None
    """Place among the attributes, from 0."""
    required_to_create: bool | None = None
    """Whether teammates must fill it in."""
    required_to_create_for_contacts: bool | None = None
    """Whether contacts must fill it in."""
    visible_on_create: bool | None = None
    """Whether teammates see it when they make a ticket."""
    visible_to_contacts: bool | None = None
    """Whether contacts see it."""
    default: bool | None = None
    """Whether it is built in."""
    ticket_type_id: int | None = None
    """Id of the ticket type, here as an integer."""
    archived: bool | None = None
    """Whether the attribute is no longer in use."""
    created_at: int | None = None
    """When the attribute was made, in Unix seconds."""
    updated_at: int | None = None
    """When the attribute last changed, in Unix seconds."""
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
            v if (v := get("workspace_id")).__class__ is str else None,
            v if (v := get("name")).__class__ is str else None,
            v if (v := get("description")).__class__ is str else None,
            v if (v := get("data_type")).__class__ is str else None,
            v if (v := get("input_options")).__class__ is dict else None,
            v if (v := get("order")).__class__ is int else None,
            v if (v := get("required_to_create")).__class__ is bool else None,
            v if (v := get("required_to_create_for_contacts")).__class__ is bool else None,
            v if (v := get("visible_on_create")).__class__ is bool else None,
            v if (v := get("visible_to_contacts")).__class__ is bool else None,
            v if (v := get("default")).__class__ is bool else None,
            v if (v := get("ticket_type_id")).__class__ is int else None,
            v if (v := get("archived")).__class__ is bool else None,
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
        "workspace_id",
        "name",
        "description",
        "data_type",
        "input_options",
        "order",
        "required_to_create",
        "required_to_create_for_contacts",
        "visible_on_create",
        "visible_to_contacts",
        "default",
        "ticket_type_id",
        "archived",
        "created_at",
        "updated_at",
    )
)
