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
        "last_closed_by_id",
    )
)


@_define(repr=False)
class ConversationStatistics(Model):
    """Times and counts of a conversation, for reports. A time or duration is null when the event has not happened."""

    type: str | None = None
    """Always `conversation_statistics`."""
    time_to_assignment: int | None = _field(default=None, repr=False)
    """Seconds until it was last assigned before the first reply of a teammate."""
    time_to_admin_reply: int | None = _field(default=None, repr=False)
    """Seconds until a teammate first replied."""
    time_to_first_close: int | None = _field(default=None, repr=False)
    """Seconds until it was first closed."""
    time_to_last_close: int | None = _field(default=None, repr=False)
    """Seconds until it was last closed."""
    median_time_to_reply: int | None = _field(default=None, repr=False)
    """Median of the seconds that a contact waited for a reply."""
    first_contact_reply_at: int | None = _field(default=None, repr=False)
    """When a contact first wrote, in Unix seconds."""
    first_assignment_at: int | None = _field(default=None, repr=False)
    """When it was first assigned, in Unix seconds."""
    first_admin_reply_at: int | None = _field(default=None, repr=False)
    """When a teammate first replied, in Unix seconds."""
    first_close_at: int | None = _field(default=None, repr=False)
    """When it was first closed, in Unix seconds."""
    last_assignment_at: int | None = _field(default=None, repr=False)
    """When it was last assigned, in Unix seconds."""
    last_assignment_admin_reply_at: int | None = _field(default=None, repr=False)
    """When a teammate first replied after the last assignment, in Unix seconds."""
    last_contact_reply_at: int | None = _field(default=None, repr=False)
    """When a contact last wrote, in Unix seconds."""
    last_admin_reply_at: int | None = _field(default=None, repr=False)
    """When a teammate last replied, in Unix seconds."""
    last_close_at: int | None = _field(default=None, repr=False)
    """When it was last closed, in Unix seconds."""
    last_closed_by_id: str | None = None
    """Id of the teammate who closed it last."""
    count_reopens: int | None = _field(default=None, repr=False)
    """How many times it was opened again."""
    count_assignments: int | None = _field(default=None, repr=False)
    """How many times it was assigned."""
    count_conversation_parts: int | None = _field(default=None, repr=False)
    """How many parts it has had in all; may be more than the parts that are sent."""
    raw: Mapping[str, Any] = _field(factory=dict[str, Any], repr=False, eq=False)
    """The object as it was received: nothing is lost, whatever its keys and types."""

    @classmethod
    def from_dict(cls, src: Mapping[str, Any]) -> Self:
        """Read a received JSON object; a value of another type than declared reads as None and stays in `raw`."""
        v: Any
        self = new(cls)
        self.type = v if type(v := src.get("type")) is str else None
        self.time_to_assignment = v if type(v := src.get("time_to_assignment")) is int else None
        self.time_to_admin_reply = v if type(v := src.get("time_to_admin_reply")) is int else None
        self.time_to_first_close = v if type(v := src.get("time_to_first_close")) is int else None
        self.time_to_last_close = v if type(v := src.get("time_to_last_close")) is int else None
        self.median_time_to_reply = v if type(v := src.get("median_time_to_reply")) is int else None
        self.first_contact_reply_at = v if type(v := src.get("first_contact_reply_at")) is int else None
        self.first_assignment_at = v if type(v := src.get("first_assignment_at")) is int else None
        self.first_admin_reply_at = v if type(v := src.get("first_admin_reply_at")) is int else None
        self.first_close_at = v if type(v := src.get("first_close_at")) is int else None
        self.last_assignment_at = v if type(v := src.get("last_assignment_at")) is int else None
        self.last_assignment_admin_reply_at = v if type(v := src.get("last_assignment_admin_reply_at")) is int else None
        self.last_contact_reply_at = v if type(v := src.get("last_contact_reply_at")) is int else None
        self.last_admin_reply_at = v if type(v := src.get("last_admin_reply_at")) is int else None
        self.last_close_at = v if type(v := src.get("last_close_at")) is int else None
        self.last_closed_by_id = (
            v if type(v := src.get("last_closed_by_id")) is str else str(v) if type(v) is int else None
        )
        self.count_reopens = v if type(v := src.get("count_reopens")) is int else None
        self.count_assignments = v if type(v := src.get("count_assignments")) is int else None
        self.count_conversation_parts = v if type(v := src.get("count_conversation_parts")) is int else None
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
        "time_to_assignment",
        "time_to_admin_reply",
        "time_to_first_close",
        "time_to_last_close",
        "median_time_to_reply",
        "first_contact_reply_at",
        "first_assignment_at",
        "first_admin_reply_at",
        "first_close_at",
        "last_assignment_at",
        "last_assignment_admin_reply_at",
        "last_contact_reply_at",
        "last_admin_reply_at",
        "last_close_at",
        "last_closed_by_id",
        "count_reopens",
        "count_assignments",
        "count_conversation_parts",
    )
)
