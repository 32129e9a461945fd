# Do not edit. Written by `scripts/regenerate` from openapi/; change the fragment or the templates there.
from __future__ import annotations

from typing import Any

from attrs import define as _define
from attrs import field as _field

from ..models.multiple_filter_search_request import MultipleFilterSearchRequest
from ..models.search_pagination_request import SearchPaginationRequest
from ..models.single_filter_search_request import SingleFilterSearchRequest
from ..types import UNSET, Model, Unset, dump, show

_SHOWN: frozenset[str] = frozenset(())


@_define(kw_only=True, repr=False)
class SearchRequest(Model):
    """A search for conversations."""

    query: SingleFilterSearchRequest | MultipleFilterSearchRequest = _field(repr=False)
    """One filter, or several joined by AND or OR."""
    pagination: SearchPaginationRequest | Unset = _field(default=UNSET, repr=False)
    """Which page of a search to give."""
    additional_properties: dict[str, Any] = _field(factory=dict[str, Any], repr=False)
    """Further keys of the body, sent as they are."""

    def to_dict(self) -> dict[str, Any]:
        """Return the body as plain JSON data, without the fields that are UNSET."""
        out: dict[str, Any] = dict(self.additional_properties)
        out["query"] = dump(self.query)
        if self.pagination is not UNSET:
            out["pagination"] = dump(self.pagination)
        return out

    def __repr__(self) -> str:
        return show(self, _SHOWN)
