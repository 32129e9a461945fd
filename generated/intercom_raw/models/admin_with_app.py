# Do not edit. Written by `scripts/regenerate` from openapi/; change the fragment or the templates there.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define as _define
from attrs import field as _field

from ..models.app import App
from ..models.avatar import Avatar
from ..types import ARRAY, OBJECT, Model, new, plain, show

_SHOWN: frozenset[str] = frozenset(
    (
        "type",
        "id",
    )
)

_app = App.from_dict
_avatar = Avatar.from_dict


@_define(repr=False)
class AdminWithApp(Model):
    """The teammate whom the token belongs to, with the app it was issued for."""

    type: str | None = None
    """Always `admin`."""
    id: str | None = None
    """Id of the teammate."""
    name: str | None = _field(default=None, repr=False)
    """The teammate's name."""
    email: str | None = _field(default=None, repr=False)
    """The teammate's email address."""
    job_title: str | None = _field(default=None, repr=False)
    """What the teammate does, in the workspace's words."""
    away_mode_enabled: bool | None = _field(default=None, repr=False)
    """Whether the teammate is set to away."""
    away_mode_reassign: bool | None = _field(default=None, repr=False)
    """Whether replies go to others while the teammate is away."""
    has_inbox_seat: bool | None = _field(default=None, repr=False)
    """Whether the teammate may work in the inbox."""
    team_ids: list[str] | None = _field(default=None, repr=False)
    """Ids of the teams that the teammate belongs to."""
    avatar: Avatar | None = _field(default=None, repr=False)
    """The teammate's picture."""
    email_verified: bool | None = _field(default=None, repr=False)
    """Whether the email address was confirmed; null when that is not known."""
    app: App | None = _field(default=None, repr=False)
    """The app, and with it the workspace and its region."""
    raw: Mapping[str, Any] = _field(factory=dict[str, Any], repr=False, eq=False)
    """The object as it was received: nothing is lost, whatever its keys and types."""

    @classmethod
    def from_dict(cls, src: Mapping[str, Any]) -> Self:
        """Read a received JSON object; a value of another type than declared reads as None and stays in `raw`."""
        v: Any
        self = new(cls)
        self.type = v if type(v := src.get("type")) is str else None
        self.id = v if type(v := src.get("id")) is str else str(v) if type(v) is int else None
        self.name = v if type(v := src.get("name")) is str else None
        self.email = v if type(v := src.get("email")) is str else None
        self.job_title = v if type(v := src.get("job_title")) is str else None
        self.away_mode_enabled = v if type(v := src.get("away_mode_enabled")) is bool else None
        self.away_mode_reassign = v if type(v := src.get("away_mode_reassign")) is bool else None
        self.has_inbox_seat = v if type(v := src.get("has_inbox_seat")) is bool else None
        self.team_ids = (
            [x if type(x) is str else str(x) for x in v if type(x) is str or type(x) is int]
            if type(v := src.get("team_ids")) is ARRAY
            else None
        )
        self.avatar = _avatar(v) if type(v := src.get("avatar")) is OBJECT else None
        self.email_verified = v if type(v := src.get("email_verified")) is bool else None
        self.app = _app(v) if type(v := src.get("app")) is OBJECT else None
        self.raw = src
        return self

    @property
    def region(self) -> str:
        """Where the workspace's data lives. `US` and `Europe` were seen.

        It is `app.region`, but never None: `''` where that did not come.
        """
        v = self.app
        return "" if v is None else v.region or ""

    @property
    def workspace_id(self) -> str:
        """Id of the workspace.

        It is `app.id_code`, but never None: `''` where that did not come.
        """
        v = self.app
        return "" if v is None else v.id_code or ""

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
