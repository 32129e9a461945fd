# Do not edit. Written by `scripts/regenerate` from openapi/; change the fragment or the templates there.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define as _define
from attrs import field as _field

from ..types import OBJECT, Model, new, plain, show

_SHOWN: frozenset[str] = frozenset(
    (
        "type",
        "id",
        "workspace_id",
        "data_type",
        "ticket_type_id",
    )
)


@_define(repr=False)
class TicketTypeAttribute(Model):
    """One attribute of a ticket type."""

    type: str | None = None
    """Always `ticket_type_attribute`."""
    id: str | None = None
    """Id of the attribute."""
    workspace_id: str | None = None
    """Id of the workspace."""
    name: str | None = _field(default=None, repr=False)
    """Name of the attribute, the key of its value in a ticket."""
    description: str | None = _field(default=None, repr=False)
    """What the attribute is for; may be empty."""
    data_type: str | None = None
    """One of `string`, `list`, `integer`, `decimal`, `boolean`, `datetime`, `files`."""
    input_options: dict[str, Any] | None = _field(default=None, repr=False)
    """How the value is entered, for instance `multiline`. The shape of a list's items was not seen by anybody."""
    order: int | None = _field(default=None, repr=False)
    """Place among the attributes, from 0."""
    required_to_create: bool | None = _field(default=None, repr=False)
    """Whether teammates must fill it in."""
    required_to_create_for_contacts: bool | None = _field(default=None, repr=False)
    """Whether contacts must fill it in."""
    visible_on_create: bool | None = _field(default=None, repr=False)
    """Whether teammates see it when they make a ticket."""
    visible_to_contacts: bool | None = _field(default=None, repr=False)
    """Whether contacts see it."""
    default: bool | None = _field(default=None, repr=False)
    """Whether it is built in."""
    ticket_type_id: str | None = None
    """Id of the ticket type; it comes as an integer here."""
    archived: bool | None = _field(default=None, repr=False)
    """Whether the attribute is no longer in use."""
    created_at: int | None = _field(default=None, repr=False)
    """When the attribute was made, in Unix seconds."""
    updated_at: int | None = _field(default=None, repr=False)
    """When the attribute last changed, in Unix seconds."""
    raw: Mapping[str, Any] = _field(factory=dict[str, Any], repr=False, eq=False)
    """The object as it was received: nothing is lost, whatever its keys and types."""

    @classmethod
    def from_dict(cls, src: Mapping[str, Any]) -> Self:
        """Read a received JSON object; a value of another type than declared reads as None and stays in `raw`."""
        v: Any
        self = new(cls)
        self.type = v if type(v := src.get("type")) is str else None
        self.id = v if type(v := src.get("id")) is str else str(v) if type(v) is int else None
        self.workspace_id = v if type(v := src.get("workspace_id")) is str else str(v) if type(v) is int else None
        self.name = v if type(v := src.get("name")) is str else None
        self.description = v if type(v := src.get("description")) is str else None
        self.data_type = v if type(v := src.get("data_type")) is str else None
        self.input_options = v if type(v := src.get("input_options")) is OBJECT else None
        self.order = v if type(v := src.get("order")) is int else None
        self.required_to_create = v if type(v := src.get("required_to_create")) is bool else None
        self.required_to_create_for_contacts = (
            v if type(v := src.get("required_to_create_for_contacts")) is bool else None
        )
        self.visible_on_create = v if type(v := src.get("visible_on_create")) is bool else None
        self.visible_to_contacts = v if type(v := src.get("visible_to_contacts")) is bool else None
        self.default = v if type(v := src.get("default")) is bool else None
        self.ticket_type_id = v if type(v := src.get("ticket_type_id")) is str else str(v) if type(v) is int else None
        self.archived = v if type(v := src.get("archived")) is bool else None
        self.created_at = v if type(v := src.get("created_at")) is int else None
        self.updated_at = v if type(v := src.get("updated_at")) is int else None
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
