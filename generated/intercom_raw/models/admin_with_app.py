# Do not edit. Written by `scripts/regenerate` from openapi/ (Intercom API 2.11); change the fragment or the templates there.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define as _define
from attrs import field as _field

from ..models.app import App
from ..models.avatar import Avatar
from ..types import show

_SHOWN: frozenset[str] = frozenset(
    (
        "type",
        "id",
    )
)


@_define(repr=False)
class AdminWithApp:
    """The teammate whom the token belongs to, with the app it was issued for."""

    type: str | None = None
    """Always `admin`."""
    id: str | None = None
    """Id of the teammate."""
    name: str | None = None
    """The teammate's name."""
    email: str | None = None
    """The teammate's email address."""
    job_title: str | None = None
    """What the teammate does, in the workspace's words."""
    away_mode_enabled: bool | None = None
    """Whether the teammate is set to away."""
    away_mode_reassign: bool | None = None
    """Whether replies go to others while the teammate is away."""
    has_inbox_seat: bool | None = None
    """Whether the teammate may work in the inbox."""
    team_ids: list[int] | None = None
    """Ids of the teams that the teammate belongs to."""
    avatar: Avatar | None = None
    """The teammate's picture."""
    email_verified: bool | None = None
    """Whether the email address was confirmed; null when that is not known."""
    app: App | None = None
    """The app, and with it the workspace and its region."""
    raw: Mapping[str, Any] = _field(factory=dict[str, Any], repr=False, eq=False)
    """The object as it was received: nothing is lost, whatever its keys and types."""

    @classmethod
    def from_dict(cls, src: Mapping[str, Any]) -> Self:
        """Read a received JSON object; a value of another type than declared reads as None and stays in `raw`."""
        v: Any
        get = src.get
        return cls(
            v if (v := get("type")).__class__ is str else None,
            v if (v := get("id")).__class__ is str else None,
            v if (v := get("name")).__class__ is str else None,
            v if (v := get("email")).__class__ is str else None,
            v if (v := get("job_title")).__class__ is str else None,
            v if (v := get("away_mode_enabled")).__class__ is bool else None,
            v if (v := get("away_mode_reassign")).__class__ is bool else None,
            v if (v := get("has_inbox_seat")).__class__ is bool else None,
            [x for x in v if x.__class__ is int] if (v := get("team_ids")).__class__ is list else None,
            Avatar.from_dict(v) if (v := get("avatar")).__class__ is dict else None,
            v if (v := get("email_verified")).__class__ is bool else None,
            App.from_dict(v) if (v := get("app")).__class__ is dict else None,
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
        "id",
        "name",
        "email",
        "job_title",
        "away_mode_enabled",
        "away_mode_reassign",
        "has_inbox_seat",
        "team_ids",
        "avatar",
        "email_verified",
        "app",
    )
)
