# Do not edit. Written by `scripts/regenerate` from openapi/ (Intercom API 2.11); change the fragment or the templates there.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define as _define
from attrs import field as _field

from ..types import show

_SHOWN: frozenset[str] = frozenset(
    (
        "type",
        "content_type",
    )
)


@_define(repr=False)
class PartAttachment:
    """A file sent with a message."""

    type: str | None = None
    """Kind of the attachment, for instance `upload`."""
    name: str | None = None
    """Name of the file."""
    url: str | None = None
    """Address to fetch the file from."""
    content_type: str | None = None
    """Media type of the file."""
    filesize: int | None = None
    """Size in bytes."""
    width: int | None = None
    """Width in pixels, for pictures."""
    height: int | None = None
    """Height in pixels, for pictures."""
    raw: Mapping[str, Any] = _field(factory=dict[str, Any], repr=False, eq=False)
    """The object as it was received: nothing is lost, whatever its keys and types."""

    @classmethod
    def from_dict(cls, src: Mapping[str, Any]) -> Self:
        """Read a received JSON object; a value of another type than declared reads as None and stays in `raw`."""
        v: Any
        get = src.get
        return cls(
            v if (v := get("type")).__class__ is str else None,
            v if (v := get("name")).__class__ is str else None,
            v if (v := get("url")).__class__ is str else None,
            v if (v := get("content_type")).__class__ is str else None,
            v if (v := get("filesize")).__class__ is int else None,
            v if (v := get("width")).__class__ is int else None,
            v if (v := get("height")).__class__ is int else None,
            src,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return a copy of the object as it was received (shallow: nested objects are shared)."""
        return dict(self.raw)

    @property
    def additional_properties(self) -> dict[str, Any]:
        """The received keys that this class does not declare."""
        return {key: value for key, value in self.raw.items() if key not in _KNOWN}

    def __repr__(self) -> str:
        return show(self, _SHOWN)


_KNOWN: frozenset[str] = frozenset(
    (
        "type",
        "name",
        "url",
        "content_type",
        "filesize",
        "width",
        "height",
    )
)
