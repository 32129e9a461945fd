# Do not edit. Written by `scripts/regenerate` from openapi/; change the fragment or the templates there.
from __future__ import annotations

from typing import Any

from attrs import define as _define
from attrs import field as _field

from ..types import UNSET, Model, Unset, dump, show

_SHOWN: frozenset[str] = frozenset(("ticket_type_id",))


@_define(kw_only=True, repr=False)
class ConvertConversationToTicketRequest(Model):
    """Asks to make a ticket of a conversation."""

    ticket_type_id: str | int
    """Id of a ticket type of the category Customer."""
    attributes: dict[str, Any] | Unset = _field(default=UNSET, repr=False)
    """A map whose keys the workspace or the server chooses; values of any JSON type."""
    additional_properties: dict[str, Any] = _field(factory=dict[str, Any], repr=False)
    """Further keys of the body, sent as they are."""

    def to_dict(self) -> dict[str, Any]:
        """Return the body as plain JSON data, without the fields that are UNSET."""
        out: dict[str, Any] = dict(self.additional_properties)
        out["ticket_type_id"] = dump(self.ticket_type_id)
        if self.attributes is not UNSET:
            out["attributes"] = dump(self.attributes)
        return out

    def __repr__(self) -> str:
        return show(self, _SHOWN)
