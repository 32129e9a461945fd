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
        "state",
    )
)


@_define(repr=False)
class ConversationTicket(Model):
    """A ticket as it stands inside its conversation. Not in the published description, and of another shape than
    Ticket in every respect.
    """

    type: str | None = None
    """Always `ticket`."""
    id: str | None = None
    """Id of the ticket, the same as the conversation's; it comes as an integer here."""
    url: str | None = _field(default=None, repr=False)
    """Address of the conversation in Intercom's inbox."""
    custom_attributes: dict[str, Any] | None = _field(default=None, repr=False)
    """The ticket's attributes by name, each wrapped as an object with `value` and `type`."""
    state: str | None = None
    """One of `submitted`, `in_progress`, `waiting_on_customer`, `resolved`."""
    ticket_type: str | None = _field(default=None, repr=False)
    """The name of the ticket type, not an object."""
    ticket_type_description: str | None = _field(default=None, repr=False)
    """What the ticket type is for."""
    ticket_type_emoji: str | None = _field(default=None, repr=False)
    """The ticket type's icon."""
    ticket_custom_state_admin_label: str | None = _field(default=None, repr=False)
    """The state as teammates read it."""
    ticket_custom_state_user_label: str | None = _field(default=None, repr=False)
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
        self.url = v if type(v := src.get("url")) is str else None
        self.custom_attributes = v if type(v := src.get("custom_attributes")) is OBJECT else None
        self.state = v if type(v := src.get("state")) is str else None
        self.ticket_type = v if type(v := src.get("ticket_type")) is str else None
        self.ticket_type_description = v if type(v := src.get("ticket_type_description")) is str else None
        self.ticket_type_emoji = v if type(v := src.get("ticket_type_emoji")) is str else None
        self.ticket_custom_state_admin_label = (
            v if type(v := src.get("ticket_custom_state_admin_label")) is str else None
        )
        self.ticket_custom_state_user_label = v if type(v := src.get("ticket_custom_state_user_label")) is str else None
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
        "url",
        "custom_attributes",
        "state",
        "ticket_type",
        "ticket_type_description",
        "ticket_type_emoji",
        "ticket_custom_state_admin_label",
        "ticket_custom_state_user_label",
    )
)
