# Do not edit. Written by `scripts/regenerate` from openapi/; change the fragment or the templates there.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define as _define
from attrs import field as _field

from ..models.ai_agent import AiAgent
from ..models.contact_reference import ContactReference
from ..models.conversation_contacts import ConversationContacts
from ..models.conversation_first_contact_reply import ConversationFirstContactReply
from ..models.conversation_part import ConversationPart
from ..models.conversation_parts import ConversationParts
from ..models.conversation_rating import ConversationRating
from ..models.conversation_source import ConversationSource
from ..models.conversation_statistics import ConversationStatistics
from ..models.conversation_teammates import ConversationTeammates
from ..models.conversation_ticket import ConversationTicket
from ..models.linked_object_list import LinkedObjectList
from ..models.reference import Reference
from ..models.sla_applied import SlaApplied
from ..models.tag import Tag
from ..models.tags import Tags
from ..models.topics import Topics
from ..types import OBJECT, Model, new, plain, show

_SHOWN: frozenset[str] = frozenset(
    (
        "type",
        "id",
        "state",
        "priority",
        "admin_assignee_id",
        "team_assignee_id",
    )
)

_ai_agent = AiAgent.from_dict
_conversation_contacts = ConversationContacts.from_dict
_conversation_first_contact_reply = ConversationFirstContactReply.from_dict
_conversation_parts = ConversationParts.from_dict
_conversation_rating = ConversationRating.from_dict
_conversation_source = ConversationSource.from_dict
_conversation_statistics = ConversationStatistics.from_dict
_conversation_teammates = ConversationTeammates.from_dict
_conversation_ticket = ConversationTicket.from_dict
_linked_object_list = LinkedObjectList.from_dict
_sla_applied = SlaApplied.from_dict
_tags = Tags.from_dict
_topics = Topics.from_dict


@_define(repr=False)
class Conversation(Model):
    """A conversation with its parts."""

    type: str | None = None
    """Always `conversation`."""
    id: str | None = None
    """Id of the conversation. If it becomes a ticket, the ticket has the same id."""
    title: str | None = _field(default=None, repr=False)
    """Title of the conversation; null when it has none."""
    created_at: int | None = _field(default=None, repr=False)
    """When the conversation began, in Unix seconds."""
    updated_at: int | None = _field(default=None, repr=False)
    """When the conversation last changed, in Unix seconds."""
    waiting_since: int | None = _field(default=None, repr=False)
    """Since when the contact waits for an answer, in Unix seconds; null when the workspace wrote last."""
    snoozed_until: int | None = _field(default=None, repr=False)
    """When a snoozed conversation opens again, in Unix seconds; null when it is not snoozed."""
    open: bool | None = _field(default=None, repr=False)
    """Whether the conversation is open."""
    state: str | None = None
    """One of `open`, `closed`, `snoozed`."""
    read: bool | None = _field(default=None, repr=False)
    """Whether it was read."""
    priority: str | None = None
    """`priority` or `not_priority`; later versions know more values."""
    admin_assignee_id: str | None = None
    """Id of the teammate whom the conversation is assigned to; null or `"0"` for nobody."""
    team_assignee_id: str | None = None
    """Id of the team that the conversation is assigned to; null or `"0"` for none."""
    tags: Tags | None = _field(default=None, repr=False)
    """Tags of the conversation."""
    conversation_rating: ConversationRating | None = _field(default=None, repr=False)
    """How the contact rated the conversation; null when it was not rated."""
    source: ConversationSource | None = _field(default=None, repr=False)
    """The message that opened the conversation."""
    contacts: ConversationContacts | None = _field(default=None, repr=False)
    """The people outside the workspace who take part."""
    teammates: ConversationTeammates | None = _field(default=None, repr=False)
    """The teammates who wrote in it; null when nobody has."""
    custom_attributes: dict[str, Any] | None = _field(default=None, repr=False)
    """The workspace's own attributes by name; values are strings, numbers, booleans, null, or objects for
    relationships.
    """
    topics: Topics | None = _field(default=None, repr=False)
    """Topics that were found in the conversation; an empty object when there are none."""
    first_contact_reply: ConversationFirstContactReply | None = _field(default=None, repr=False)
    """The first message that a contact wrote; null when none has."""
    sla_applied: SlaApplied | None = _field(default=None, repr=False)
    """The service level agreement that applies; null for none."""
    statistics: ConversationStatistics | None = _field(default=None, repr=False)
    """Times and counts for reports; null when they were not gathered."""
    linked_objects: LinkedObjectList | None = _field(default=None, repr=False)
    """Tickets and conversations linked to this one, at most 1,000."""
    ai_agent_participated: bool | None = _field(default=None, repr=False)
    """Whether the AI agent took part."""
    ai_agent: AiAgent | None = _field(default=None, repr=False)
    """What the AI agent did; null when it took no part."""
    ticket: ConversationTicket | None = _field(default=None, repr=False)
    """The ticket that the conversation has become; null for a plain conversation. Not in the published description."""
    conversation_parts: ConversationParts | None = _field(default=None, repr=False)
    """The messages and events after the source, at most 500 of them."""
    raw: Mapping[str, Any] = _field(factory=dict[str, Any], repr=False, eq=False)
    """The object as it was received: nothing is lost, whatever its keys and types."""

    @classmethod
    def from_dict(cls, src: Mapping[str, Any]) -> Self:
        """Read a received JSON object; a value of another type than declared reads as None and stays in `raw`."""
        v: Any
        self = new(cls)
        self.type = v if type(v := src.get("type")) is str else None
        self.id = v if type(v := src.get("id")) is str else str(v) if type(v) is int else None
        self.title = v if type(v := src.get("title")) is str else None
        self.created_at = v if type(v := src.get("created_at")) is int else None
        self.updated_at = v if type(v := src.get("updated_at")) is int else None
        self.waiting_since = v if type(v := src.get("waiting_since")) is int else None
        self.snoozed_until = v if type(v := src.get("snoozed_until")) is int else None
        self.open = v if type(v := src.get("open")) is bool else None
        self.state = v if type(v := src.get("state")) is str else None
        self.read = v if type(v := src.get("read")) is bool else None
        self.priority = v if type(v := src.get("priority")) is str else None
        self.admin_assignee_id = (
            v if type(v := src.get("admin_assignee_id")) is str else str(v) if type(v) is int else None
        )
        self.team_assignee_id = (
            v if type(v := src.get("team_assignee_id")) is str else str(v) if type(v) is int else None
        )
        self.tags = _tags(v) if type(v := src.get("tags")) is OBJECT else None
        self.conversation_rating = (
            _conversation_rating(v) if type(v := src.get("conversation_rating")) is OBJECT else None
        )
        self.source = _conversation_source(v) if type(v := src.get("source")) is OBJECT else None
        self.contacts = _conversation_contacts(v) if type(v := src.get("contacts")) is OBJECT else None
        self.teammates = _conversation_teammates(v) if type(v := src.get("teammates")) is OBJECT else None
        self.custom_attributes = v if type(v := src.get("custom_attributes")) is OBJECT else None
        self.topics = _topics(v) if type(v := src.get("topics")) is OBJECT else None
        self.first_contact_reply = (
            _conversation_first_contact_reply(v) if type(v := src.get("first_contact_reply")) is OBJECT else None
        )
        self.sla_applied = _sla_applied(v) if type(v := src.get("sla_applied")) is OBJECT else None
        self.statistics = _conversation_statistics(v) if type(v := src.get("statistics")) is OBJECT else None
        self.linked_objects = _linked_object_list(v) if type(v := src.get("linked_objects")) is OBJECT else None
        self.ai_agent_participated = v if type(v := src.get("ai_agent_participated")) is bool else None
        self.ai_agent = _ai_agent(v) if type(v := src.get("ai_agent")) is OBJECT else None
        self.ticket = _conversation_ticket(v) if type(v := src.get("ticket")) is OBJECT else None
        self.conversation_parts = _conversation_parts(v) if type(v := src.get("conversation_parts")) is OBJECT else None
        self.raw = src
        return self

    @property
    def parts(self) -> tuple[ConversationPart, ...]:
        """The parts, at most 500.

        It is `conversation_parts.conversation_parts`, but never None: `()` where that did not come.
        """
        v = self.conversation_parts
        return () if v is None else tuple(v.conversation_parts or ())

    @property
    def source_id(self) -> str:
        """Id of the source, as redaction wants it.

        It is `source.id`, but never None: `''` where that did not come.
        """
        v = self.source
        return "" if v is None else v.id or ""

    @property
    def source_body(self) -> str:
        """The message, in HTML unless plain text was asked for.

        It is `source.body`, but never None: `''` where that did not come.
        """
        v = self.source
        return "" if v is None else v.body or ""

    @property
    def attributes(self) -> Mapping[str, Any]:
        """The workspace's own attributes by name; values are strings, numbers, booleans, null, or objects for
        relationships.

        It is `custom_attributes`, but never None: `{}` where that did not come.
        """
        return self.custom_attributes or {}

    @property
    def tag_list(self) -> tuple[Tag, ...]:
        """The tags.

        It is `tags.tags`, but never None: `()` where that did not come.
        """
        v = self.tags
        return () if v is None else tuple(v.tags or ())

    @property
    def contact_list(self) -> tuple[ContactReference, ...]:
        """References to the contacts; one, unless others were added.

        It is `contacts.contacts`, but never None: `()` where that did not come.
        """
        v = self.contacts
        return () if v is None else tuple(v.contacts or ())

    @property
    def teammate_list(self) -> tuple[Reference, ...]:
        """References to the teammates. The published description calls this key `teammates`.

        It is `teammates.admins`, but never None: `()` where that did not come.
        """
        v = self.teammates
        return () if v is None else tuple(v.admins or ())

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
        "title",
        "created_at",
        "updated_at",
        "waiting_since",
        "snoozed_until",
        "open",
        "state",
        "read",
        "priority",
        "admin_assignee_id",
        "team_assignee_id",
        "tags",
        "conversation_rating",
        "source",
        "contacts",
        "teammates",
        "custom_attributes",
        "topics",
        "first_contact_reply",
        "sla_applied",
        "statistics",
        "linked_objects",
        "ai_agent_participated",
        "ai_agent",
        "ticket",
        "conversation_parts",
    )
)
