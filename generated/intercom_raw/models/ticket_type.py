# Do not edit. Written by `scripts/regenerate` from openapi/; change the fragment or the templates there.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define as _define
from attrs import field as _field

from ..models.ticket_type_attribute import TicketTypeAttribute
from ..models.ticket_type_attribute_list import TicketTypeAttributeList
from ..types import OBJECT, Model, new, plain, show

_SHOWN: frozenset[str] = frozenset(
    (
        "type",
        "id",
        "category",
        "workspace_id",
    )
)

_ticket_type_attribute_list = TicketTypeAttributeList.from_dict


@_define(repr=False)
class TicketType(Model):
    """The form that tickets of one kind follow."""

    type: str | None = None
    """Always `ticket_type`."""
    id: str | None = None
    """Id of the ticket type, as conversion wants it."""
    category: str | None = None
    """One of `Customer`, `Back-office`, `Tracker`. A conversation can become a ticket of the first only."""
    name: str | None = _field(default=None, repr=False)
    """Name of the ticket type."""
    description: str | None = _field(default=None, repr=False)
    """What the ticket type is for."""
    icon: str | None = _field(default=None, repr=False)
    """An emoji."""
    workspace_id: str | None = None
    """Id of the workspace."""
    ticket_type_attributes: TicketTypeAttributeList | None = _field(default=None, repr=False)
    """The attributes that tickets of this type have."""
    archived: bool | None = _field(default=None, repr=False)
    """Whether the ticket type is no longer in use."""
    is_internal: bool | None = _field(default=None, repr=False)
    """Sent, though not in the published description, so its meaning is not documented; true was seen on Tracker types
    only.
    """
    created_at: int | None = _field(default=None, repr=False)
    """When the ticket type was made, in Unix seconds."""
    updated_at: int | None = _field(default=None, repr=False)
    """When the ticket type last changed, in Unix seconds."""
    raw: Mapping[str, Any] = _field(factory=dict[str, Any], repr=False, eq=False)
    """The object as it was received: nothing is lost, whatever its keys and types."""

    @classmethod
    def from_dict(cls, src: Mapping[str, Any]) -> Self:
        """Read a received JSON object; a value of another type than declared reads as None and stays in `raw`."""
        v: Any
        self = new(cls)
        self.type = v if type(v := src.get("type")) is str else None
        self.id = v if type(v := src.get("id")) is str else str(v) if type(v) is int else None
        self.category = v if type(v := src.get("category")) is str else None
        self.name = v if type(v := src.get("name")) is str else None
        self.description = v if type(v := src.get("description")) is str else None
        self.icon = v if type(v := src.get("icon")) is str else None
        self.workspace_id = v if type(v := src.get("workspace_id")) is str else str(v) if type(v) is int else None
        self.ticket_type_attributes = (
            _ticket_type_attribute_list(v) if type(v := src.get("ticket_type_attributes")) is OBJECT else None
        )
        self.archived = v if type(v := src.get("archived")) is bool else None
        self.is_internal = v if type(v := src.get("is_internal")) is bool else None
        self.created_at = v if type(v := src.get("created_at")) is int else None
        self.updated_at = v if type(v := src.get("updated_at")) is int else None
        self.raw = src
        return self

    @property
    def attributes(self) -> tuple[TicketTypeAttribute, ...]:
        """The attributes, archived ones included. The published description calls this key `ticket_type_attributes`.

        It is `ticket_type_attributes.data`, but never None: `()` where that did not come.
        """
        v = self.ticket_type_attributes
        return () if v is None else tuple(v.data or ())

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
