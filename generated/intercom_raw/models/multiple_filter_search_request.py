# Do not edit. Written by `scripts/regenerate` from openapi/; change the fragment or the templates there.
from __future__ import annotations

from typing import Any

from attrs import define as _define
from attrs import field as _field

from ..models.search_join import SearchJoin
from ..models.single_filter_search_request import SingleFilterSearchRequest
from ..types import Model, dump, show

_SHOWN: frozenset[str] = frozenset(("operator",))


@_define(kw_only=True, repr=False)
class MultipleFilterSearchRequest(Model):
    """Joins several filters; they may be nested."""

    operator: SearchJoin
    """How filters are joined - all of them must match, or any."""
    value: list[MultipleFilterSearchRequest | SingleFilterSearchRequest] = _field(repr=False)
    """The filters to join."""
    additional_properties: dict[str, Any] = _field(factory=dict[str, Any], repr=False)
    """Further keys of the body, sent as they are."""

    def to_dict(self) -> dict[str, Any]:
        """Return the body as plain JSON data, without the fields that are UNSET."""
        out: dict[str, Any] = dict(self.additional_properties)
        out["operator"] = dump(self.operator)
        out["value"] = dump(self.value)
        return out

    def __repr__(self) -> str:
        return show(self, _SHOWN)


# The `__init__` that attrs wrote did not know the class yet: so that `typing.get_type_hints` does.
MultipleFilterSearchRequest.__init__.__globals__["MultipleFilterSearchRequest"] = MultipleFilterSearchRequest
