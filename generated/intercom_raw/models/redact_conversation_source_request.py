# Do not edit. Written by `scripts/regenerate` from openapi/; change the fragment or the templates there.
from __future__ import annotations

from typing import Any, Literal

from attrs import define as _define
from attrs import field as _field

from ..types import Model, dump, show

_SHOWN: frozenset[str] = frozenset(
    (
        "type",
        "conversation_id",
        "source_id",
    )
)


@_define(kw_only=True, repr=False)
class RedactConversationSourceRequest(Model):
    """Asks to redact the message that opened a conversation."""

    conversation_id: str | int
    """Id of the conversation."""
    source_id: str | int
    """Id of the source, from `source.id` of the conversation. It must come from a contact."""
    type: Literal["source"] = "source"
    """Says that the source is meant."""
    additional_properties: dict[str, Any] = _field(factory=dict[str, Any], repr=False)
    """Further keys of the body, sent as they are."""

    def to_dict(self) -> dict[str, Any]:
        """Return the body as plain JSON data, without the fields that are UNSET."""
        out: dict[str, Any] = dict(self.additional_properties)
        out["type"] = dump(self.type)
        out["conversation_id"] = dump(self.conversation_id)
        out["source_id"] = dump(self.source_id)
        return out

    def __repr__(self) -> str:
        return show(self, _SHOWN)
