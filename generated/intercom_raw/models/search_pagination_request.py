# Do not edit. Written by `scripts/regenerate` from openapi/; change the fragment or the templates there.
from __future__ import annotations

from typing import Any

from attrs import define as _define
from attrs import field as _field

from ..types import UNSET, Model, Unset, dump, show

_SHOWN: frozenset[str] = frozenset(())


@_define(kw_only=True, repr=False)
class SearchPaginationRequest(Model):
    """Which page of a search to give."""

    per_page: int | Unset = _field(default=UNSET, repr=False)
    """How many conversations a page holds, 1 to 150. Intercom gives 20 when it is left out."""
    starting_after: str | None | Unset = _field(default=UNSET, repr=False)
    """The cursor from `pages.next.starting_after` of the page before; left out or null for the first page."""
    additional_properties: dict[str, Any] = _field(factory=dict[str, Any], repr=False)
    """Further keys of the body, sent as they are."""

    def to_dict(self) -> dict[str, Any]:
        """Return the body as plain JSON data, without the fields that are UNSET."""
        out: dict[str, Any] = dict(self.additional_properties)
        if self.per_page is not UNSET:
            out["per_page"] = dump(self.per_page)
        if self.starting_after is not UNSET:
            out["starting_after"] = dump(self.starting_after)
        return out

    def __repr__(self) -> str:
        return show(self, _SHOWN)
