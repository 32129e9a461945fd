# Do not edit. Written by `scripts/regenerate` from openapi/; change the fragment or the templates there.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define as _define
from attrs import field as _field

from ..models.contact_reference import ContactReference
from ..models.linked_object_list import LinkedObjectList
from ..models.ticket_contacts import TicketContacts
from ..models.ticket_part import TicketPart
from ..models.ticket_parts import TicketParts
from ..models.ticket_type import TicketType
from ..types import OBJECT, Model, new, plain, show

_SHOWN: frozenset[str] = frozenset(
    (
        "type",
        "id",
        "ticket_id",
        "category",
        "ticket_state",
        "admin_assignee_id",
        "team_assignee_id",
        "company_id",
    )
)

_linked_object_list = LinkedObjectList.from_dict
_ticket_contacts = TicketContacts.from_dict
_ticket_parts = TicketParts.from_dict
_ticket_type = TicketType.from_dict


@_define(repr=False)
class Ticket(Model):
    """A ticket with its parts."""

    type: str | None = None
    """Always `ticket`."""
    id: str | None = None
    """Id of the ticket, for the API. After a conversion it is the conversation's id."""
    ticket_id: str | None = None
    """The small number that people see. The API does not take it."""
    category: str | None = None
    """One of `Customer`, `Back-office`, `Tracker`."""
    ticket_attributes: dict[str, Any] | None = _field(default=None, repr=False)
    """The ticket's attributes by name; title and description are `_default_title_` and `_default_description_`. Any
    value may be null.
    """
    ticket_state: str | None = None
    """One of `submitted`, `in_progress`, `waiting_on_customer`, `resolved`."""
    ticket_type: TicketType | None = _field(default=None, repr=False)
    """The type of the ticket, with its attributes."""
    contacts: TicketContacts | None = _field(default=None, repr=False)
    """The contacts whom the ticket concerns; may be empty."""
    admin_assignee_id: str | None = None
    """Id of the teammate whom it is assigned to; `"0"` for nobody."""
    team_assignee_id: str | None = None
    """Id of the team that it is assigned to; `"0"` for none."""
    created_at: int | None = _field(default=None, repr=False)
    """When the ticket was made, in Unix seconds."""
    updated_at: int | None = _field(default=None, repr=False)
    """When the ticket last changed, in Unix seconds."""
    open: bool | None = _field(default=None, repr=False)
    """Whether the ticket is open."""
    snoozed_until: int | None = _field(default=None, repr=False)
    """When a snoozed ticket opens again, in Unix seconds; missing when it is not snoozed."""
    linked_objects: LinkedObjectList | None = _field(default=None, repr=False)
    """Tickets and conversations linked to this one, at most 1,000."""
    ticket_parts: TicketParts | None = _field(default=None, repr=False)
    """The notes and events of the ticket, at most 500 of them."""
    is_shared: bool | None = _field(default=None, repr=False)
    """Whether the contact can see it."""
    company_id: str | None = None
    """Id of the company that the ticket belongs to. Sent, though not in the published description."""
    ticket_state_internal_label: str | None = _field(default=None, repr=False)
    """The state as teammates read it."""
    ticket_state_external_label: str | None = _field(default=None, repr=False)
    """The state as contacts read it."""
    raw: Mapping[str, Any] = _field(factory=dict[str, Any], repr=False, eq=False)
    """The object as it was received: nothing is lost, whatever its keys and types."""

    @classmethod
    def from_dict(cls, src: Mapping[str, Any]) -> Self:
        """Read a received JSON object; a value of another type than declared reads as None and stays in `raw`."""
        v: Any
        self = new(cls)
        self.type = v if type(v := src.get("type")) is str else None
        self.id = v if type(v := src.get("id")) is str else str(v) if type(v) is int else None
        self.ticket_id = v if type(v := src.get("ticket_id")) is str else str(v) if type(v) is int else None
        self.category = v if type(v := src.get("category")) is str else None
        self.ticket_attributes = v if type(v := src.get("ticket_attributes")) is OBJECT else None
        self.ticket_state = v if type(v := src.get("ticket_state")) is str else None
        self.ticket_type = _ticket_type(v) if type(v := src.get("ticket_type")) is OBJECT else None
        self.contacts = _ticket_contacts(v) if type(v := src.get("contacts")) is OBJECT else None
        self.admin_assignee_id = (
            v if type(v := src.get("admin_assignee_id")) is str else str(v) if type(v) is int else None
        )
        self.team_assignee_id = (
            v if type(v := src.get("team_assignee_id")) is str else str(v) if type(v) is int else None
        )
        self.created_at = v if type(v := src.get("created_at")) is int else None
        self.updated_at = v if type(v := src.get("updated_at")) is int else None
        self.open = v if type(v := src.get("open")) is bool else None
        self.snoozed_until = v if type(v := src.get("snoozed_until")) is int else None
        self.linked_objects = _linked_object_list(v) if type(v := src.get("linked_objects")) is OBJECT else None
        self.ticket_parts = _ticket_parts(v) if type(v := src.get("ticket_parts")) is OBJECT else None
        self.is_shared = v if type(v := src.get("is_shared")) is bool else None
        self.company_id = v if type(v := src.get("company_id")) is str else str(v) if type(v) is int else None
        self.ticket_state_internal_label = v if type(v := src.get("ticket_state_internal_label")) is str else None
        self.ticket_state_external_label = v if type(v := src.get("ticket_state_external_label")) is str else None
        self.raw = src
        return self

    @property
    def parts(self) -> tuple[TicketPart, ...]:
        """The parts, at most 500.

        It is `ticket_parts.ticket_parts`, but never None: `()` where that did not come.
        """
        v = self.ticket_parts
        return () if v is None else tuple(v.ticket_parts or ())

    @property
    def attributes(self) -> Mapping[str, Any]:
        """The ticket's attributes by name; title and description are `_default_title_` and `_default_description_`.
        Any value may be null.

        It is `ticket_attributes`, but never None: `{}` where that did not come.
        """
        return self.ticket_attributes or {}

    @property
    def contact_list(self) -> tuple[ContactReference, ...]:
        """References to the contacts.

        It is `contacts.contacts`, but never None: `()` where that did not come.
        """
        v = self.contacts
        return () if v is None else tuple(v.contacts or ())

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
        "ticket_id",
        "category",
        "ticket_attributes",
        "ticket_state",
        "ticket_type",
        "contacts",
        "admin_assignee_id",
        "team_assignee_id",
        "created_at",
        "updated_at",
        "open",
        "snoozed_until",
        "linked_objects",
        "ticket_parts",
        "is_shared",
        "company_id",
        "ticket_state_internal_label",
        "ticket_state_external_label",
    )
)
