# Do not edit. Written by `scripts/regenerate` from openapi/; change the fragment or the templates there.
from __future__ import annotations

from typing import Any

from attrs import define as _define
from attrs import field as _field

from ..models.search_operator import SearchOperator
from ..types import Model, dump, show

_SHOWN: frozenset[str] = frozenset(
    (
        "field",
        "operator",
    )
)


@_define(kw_only=True, repr=False)
class SingleFilterSearchRequest(Model):
    """Compares one field with a value."""

    field: str
    """Name of the field, with dots for nested ones, for instance `source.author.email`."""
    operator: SearchOperator
    """How a filter compares - equal, not equal, in, not in, less, at most, greater, at least, contains, does not
    contain, starts with, ends with.
    """
    value: str | int | bool | None | list[str] | list[int] = _field(repr=False)
    """What to compare with; a list with `IN` and `NIN`. Times are Unix seconds."""
    additional_properties: dict[str, Any] = _field(factory=dict[str, Any], repr=False)
    """Further keys of the body, sent as they are."""

    def to_dict(self) -> dict[str, Any]:
        """Return the body as plain JSON data, without the fields that are UNSET."""
        out: dict[str, Any] = dict(self.additional_properties)
        out["field"] = dump(self.field)
        out["operator"] = dump(self.operator)
        out["value"] = dump(self.value)
        return out

    def __repr__(self) -> str:
        return show(self, _SHOWN)
