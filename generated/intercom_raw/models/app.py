# Do not edit. Written by `scripts/regenerate` from openapi/; change the fragment or the templates there.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define as _define
from attrs import field as _field

from ..types import Model, new, plain, show

_SHOWN: frozenset[str] = frozenset(
    (
        "type",
        "id_code",
        "region",
        "timezone",
    )
)


@_define(repr=False)
class App(Model):
    """The workspace as the token sees it."""

    type: str | None = None
    """Always `app`."""
    id_code: str | None = None
    """Id of the workspace."""
    name: str | None = _field(default=None, repr=False)
    """Name of the workspace."""
    region: str | None = None
    """Where the workspace's data lives. `US` and `Europe` were seen."""
    timezone: str | None = None
    """Time zone of the workspace, as an IANA name."""
    created_at: int | None = _field(default=None, repr=False)
    """When the workspace was made, in Unix seconds."""
    identity_verification: bool | None = _field(default=None, repr=False)
    """Whether the Messenger asks visitors for proof of who they are."""
    secure: bool | None = _field(default=None, repr=False)
    """A flag of the app. Sent, though not in the published description, so its meaning is not documented."""
    raw: Mapping[str, Any] = _field(factory=dict[str, Any], repr=False, eq=False)
    """The object as it was received: nothing is lost, whatever its keys and types."""

    @classmethod
    def from_dict(cls, src: Mapping[str, Any]) -> Self:
        """Read a received JSON object; a value of another type than declared reads as None and stays in `raw`."""
        v: Any
        self = new(cls)
        self.type = v if type(v := src.get("type")) is str else None
        self.id_code = v if type(v := src.get("id_code")) is str else str(v) if type(v) is int else None
        self.name = v if type(v := src.get("name")) is str else None
        self.region = v if type(v := src.get("region")) is str else None
        self.timezone = v if type(v := src.get("timezone")) is str else None
        self.created_at = v if type(v := src.get("created_at")) is int else None
        self.identity_verification = v if type(v := src.get("identity_verification")) is bool else None
        self.secure = v if type(v := src.get("secure")) is bool else None
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
        "id_code",
        "name",
        "region",
        "timezone",
        "created_at",
        "identity_verification",
        "secure",
    )
)
