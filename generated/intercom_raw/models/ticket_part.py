# Do not edit. Written by `scripts/regenerate` from openapi/; change the fragment or the templates there.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..models.part_attachment import PartAttachment
from ..models.reference import Reference
from ..models.ticket_part_author import TicketPartAuthor
from ..types import ARRAY, OBJECT, Model, new, plain, show

_SHOWN: frozenset[str] = frozenset(
    (
        "type",
        "id",
        "part_type",
        "previous_ticket_state",
        "ticket_state",
    )
)

_part_attachment = PartAttachment.from_dict
_reference = Reference.from_dict
_ticket_part_author = TicketPartAuthor.from_dict


@_define(repr=False)
class TicketPart(Model):
    """A message, note or event of a ticket."""

    type: str | None = None
    """Always `ticket_part`."""
    id: str | None = None
    """Id of the part."""
    part_type: str | None = None
    """What kind of part it is, for instance `comment`, `assignment`, `ticket_state_updated_by_admin`."""
    body: str | None = _field(default=None, repr=False)
    """The message in HTML; missing for events."""
    previous_ticket_state: str | None = None
    """The state before this part; missing unless the part changed it."""
    ticket_state: str | None = None
    """The state after this part; missing unless the part changed it."""
    created_at: int | None = _field(default=None, repr=False)
    """When the part was made, in Unix seconds."""
    updated_at: int | None = _field(default=None, repr=False)
    """When the part last changed, in Unix seconds."""
    assigned_to: Reference | None = _field(default=None, repr=False)
    """Whom this part assigned the ticket to; missing for no change."""
    author: TicketPartAuthor | None = _field(default=None, repr=False)
    """Who wrote the part."""
    attachments: list[PartAttachment] | None = _field(default=None, repr=False)
    """Files sent with the part."""
    external_id: str | None = _field(default=None, repr=False)
    """The part's id in another system, when one was given."""
    redacted: bool | None = _field(default=None, repr=False)
    """Whether the part was redacted."""
    MESSAGE_TEXT: ClassVar[tuple[str, ...]] = ("body",)
    """The fields that hold what people wrote in the message: what a redaction takes away, and what detectors read."""

    raw: Mapping[str, Any] = _field(factory=dict[str, Any], repr=False, eq=False)
    """The object as it was received: nothing is lost, whatever its keys and types."""

    @classmethod
    def from_dict(cls, src: Mapping[str, Any]) -> Self:
        """Read a received JSON object; a value of another type than declared reads as None and stays in `raw`."""
        v: Any
        self = new(cls)
        self.type = v if type(v := src.get("type")) is str else None
        self.id = v if type(v := src.get("id")) is str else str(v) if type(v) is int else None
        self.part_type = v if type(v := src.get("part_type")) is str else None
        self.body = v if type(v := src.get("body")) is str else None
        self.previous_ticket_state = v if type(v := src.get("previous_ticket_state")) is str else None
        self.ticket_state = v if type(v := src.get("ticket_state")) is str else None
        self.created_at = v if type(v := src.get("created_at")) is int else None
        self.updated_at = v if type(v := src.get("updated_at")) is int else None
        self.assigned_to = _reference(v) if type(v := src.get("assigned_to")) is OBJECT else None
        self.author = _ticket_part_author(v) if type(v := src.get("author")) is OBJECT else None
        self.attachments = (
            ([_part_attachment(x) for x in v if type(x) is OBJECT] if v else [])
            if type(v := src.get("attachments")) is ARRAY
            else None
        )
        self.external_id = v if type(v := src.get("external_id")) is str else str(v) if type(v) is int else None
        self.redacted = v if type(v := src.get("redacted")) is bool else None
        self.raw = src
        return self

    @property
    def text(self) -> str:
        """The message in HTML; missing for events.

        It is `body`, but never None: `''` where that did not come.
        """
        return self.body or ""

    @property
    def author_type(self) -> str:
        """For instance `admin`, `bot`, `team`, `user`.

        It is `author.type`, but never None: `''` where that did not come.
        """
        v = self.author
        return "" if v is None else v.type or ""

    @property
    def author_id(self) -> str:
        """Id of the author.

        It is `author.id`, but never None: `''` where that did not come.
        """
        v = self.author
        return "" if v is None else v.id or ""

    @property
    def files(self) -> tuple[PartAttachment, ...]:
        """Files sent with the part.

        It is `attachments`, but never None: `()` where that did not come.
        """
        return tuple(self.attachments or ())

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
        "part_type",
        "body",
        "previous_ticket_state",
        "ticket_state",
        "created_at",
        "updated_at",
        "assigned_to",
        "author",
        "attachments",
        "external_id",
        "redacted",
    )
)
