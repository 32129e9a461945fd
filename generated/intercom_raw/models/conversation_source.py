# Do not edit. Written by `scripts/regenerate` from openapi/; change the fragment or the templates there.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..models.conversation_part_author import ConversationPartAuthor
from ..models.part_attachment import PartAttachment
from ..types import ARRAY, OBJECT, Model, new, plain, show

_SHOWN: frozenset[str] = frozenset(
    (
        "type",
        "id",
        "delivered_as",
    )
)

_conversation_part_author = ConversationPartAuthor.from_dict
_part_attachment = PartAttachment.from_dict


@_define(repr=False)
class ConversationSource(Model):
    """The message that opened a conversation."""

    type: str | None = None
    """The channel, for instance `conversation`, `email`, `push`, `whatsapp`; null when the conversation began as a
    ticket.
    """
    id: str | None = None
    """Id of the source, as redaction wants it."""
    delivered_as: str | None = None
    """Who began, for instance `customer_initiated`, `admin_initiated`, `automated`, `operator_initiated`,
    `campaigns_initiated`.
    """
    subject: str | None = _field(default=None, repr=False)
    """Subject of the message; empty in most channels."""
    body: str | None = _field(default=None, repr=False)
    """The message, in HTML unless plain text was asked for."""
    author: ConversationPartAuthor | None = _field(default=None, repr=False)
    """Who wrote the message."""
    attachments: list[PartAttachment] | None = _field(default=None, repr=False)
    """Files sent with the message."""
    url: str | None = _field(default=None, repr=False)
    """The page where it began; null or empty when there was none."""
    redacted: bool | None = _field(default=None, repr=False)
    """Whether the source was redacted."""
    MESSAGE_TEXT: ClassVar[tuple[str, ...]] = (
        "subject",
        "body",
    )
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
        self.delivered_as = v if type(v := src.get("delivered_as")) is str else None
        self.subject = v if type(v := src.get("subject")) is str else None
        self.body = v if type(v := src.get("body")) is str else None
        self.author = _conversation_part_author(v) if type(v := src.get("author")) is OBJECT else None
        self.attachments = (
            ([_part_attachment(x) for x in v if type(x) is OBJECT] if v else [])
            if type(v := src.get("attachments")) is ARRAY
            else None
        )
        self.url = v if type(v := src.get("url")) is str else None
        self.redacted = v if type(v := src.get("redacted")) is bool else None
        self.raw = src
        return self

    @property
    def text(self) -> str:
        """The message, in HTML unless plain text was asked for.

        It is `body`, but never None: `''` where that did not come.
        """
        return self.body or ""

    @property
    def author_type(self) -> str:
        """For instance `admin`, `bot`, `user`, `lead`, `team`.

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
        """Files sent with the message.

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
        "delivered_as",
        "subject",
        "body",
        "author",
        "attachments",
        "url",
        "redacted",
    )
)
