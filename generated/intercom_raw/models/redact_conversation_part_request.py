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
        "conversation_part_id",
    )
)


@_define(kw_only=True, repr=False)
class RedactConversationPartRequest(Model):
    """Asks to redact one part of a conversation."""

    conversation_id: str | int
    """Id of the conversation."""
    conversation_part_id: str | int
    """Id of the part. Only parts with a body can be redacted."""
    type: Literal["conversation_part"] = "conversation_part"
    """Says that a part is meant."""
    additional_properties: dict[str, Any] = _field(factory=dict[str, Any], repr=False)
    """Further keys of the body, sent as they are."""

    def to_dict(self) -> dict[str, Any]:
        """Return the body as plain JSON data, without the fields that are UNSET."""
        out: dict[str, Any] = dict(self.additional_properties)
        out["type"] = dump(self.type)
        out["conversation_id"] = dump(self.conversation_id)
        out["conversation_part_id"] = dump(self.conversation_part_id)
        return out

    def __repr__(self) -> str:
        return show(self, _SHOWN)
