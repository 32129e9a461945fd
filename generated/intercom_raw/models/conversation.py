# Do not edit. Written by `scripts/regenerate` from openapi/ (Intercom API 2.11); change the fragment or the templates there.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define as _define
from attrs import field as _field

from ..models.ai_agent import AiAgent
from ..models.conversation_contacts import ConversationContacts
from ..models.conversation_first_contact_reply import ConversationFirstContactReply
from ..models.conversation_parts import ConversationParts
from ..models.conversation_rating import ConversationRating
from ..models.conversation_source import ConversationSource
from ..models.conversation_statistics import ConversationStatistics
from ..models.conversation_teammates import ConversationTeammates
from ..models.conversation_ticket import ConversationTicket
from ..models.linked_object_list import LinkedObjectList
from ..models.sla_applied import SlaApplied
from ..models.tags import Tags
from ..models.topics import Topics
from ..types import show

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


@_define(repr=False)
class Conversation:
    """A conversation with its parts."""

    type: str | None = None
    """Always `conversation`."""
    id: str | None = None
    """Id of the conversation. If it becomes a ticket, the ticket has the same id."""
    title: str | None = None
    """Title of the conversation; null when it has none."""
    created_at: int | None = None
    """When the conversation began, in Unix seconds."""
    updated_at: int | None = None
    """When the conversation last changed, in Unix seconds."""
    waiting_since: int | None = None
    """Since when the contact waits for an answer, in Unix seconds; null when the workspace wrote last."""
    snoozed_until: int | None = None
    """When a snoozed conversation opens again, in Unix seconds; null when it is not snoozed."""
    open: bool | None = None
    """Whether the conversation is open."""
    state: str | None = None
    """One of `open`, `closed`, `snoozed`."""
    read: bool | None = None
    """Whether it was read."""
    priority: str | None = None
    """`priority` or `not_priority`; later versions know more values."""
    admin_assignee_id: int | str | None = None
    """Id of the teammate whom the conversation is assigned to; null or 0 for nobody."""
    team_assignee_id: int | str | None = None
    """Id of the team that the conversation is assigned to; null or 0 for none."""
    tags: Tags | None = None
    """Tags of the conversation."""
    conversation_rating: ConversationRating | None = None
    """How the contact rated the conversation; null when it was not rated."""
    source: ConversationSource | None = None
    """The message that opened the conversation."""
    contacts: ConversationContacts | None = None
    """The people outside the workspace who take part."""
    teammates: ConversationTeammates | None = None
    """The teammates who wrote in it; null when nobody has."""
    custom_attributes: dict[str, Any] | None = None
    """The workspace's own attributes by name; values are strings, numbers, booleans, null, or objects for
    relationships.
    """
    topics: Topics | None = None
    """Topics that were found in the conversation; an empty object when there are none."""
    first_contact_reply: ConversationFirstContactReply | None = None
    """The first message that a contact wrote; null when none has."""
    sla_applied: SlaApplied | None = None
    """The service level agreement that applies; null for none."""
    statistics: ConversationStatistics | None = None
    """Times and counts for reports; null when they were not gathered."""
    linked_objects: LinkedObjectList | None = None
    """Tickets and conversations linked to this one, at most 1,000."""
    ai_agent_participated: bool | None = None
    """Whether the AI agent took part."""
    ai_agent: AiAgent | None = None
    """What the AI agent did; null when it took no part."""
    ticket: ConversationTicket | None = None
    """The ticket that the conversation has become; null for a plain conversation. Not in the published description."""
    conversation_parts: ConversationParts | None = None
    """The messages and events after the source, at most 500 of them."""
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
            v if (v := get("title")).__class__ is str else None,
            v if (v := get("created_at")).__class__ is int else None,
            v if (v := get("updated_at")).__class__ is int else None,
            v if (v := get("waiting_since")).__class__ is int else None,
            v if (v := get("snoozed_until")).__class__ is int else None,
            v if (v := get("open")).__class__ is bool else None,
            v if (v := get("state")).__class__ is str else None,
            v if (v := get("read")).__class__ is bool else None,
            v if (v := get("priority")).__class__ is str else None,
            v if (v := get("admin_assignee_id")).__class__ is int or v.__class__ is str else None,
            v if (v := get("team_assignee_id")).__class__ is int or v.__class__ is str else None,
            Tags.from_dict(v) if (v := get("tags")).__class__ is dict else None,
            ConversationRating.from_dict(v) if (v := get("conversation_rating")).__class__ is dict else None,
            ConversationSource.from_dict(v) if (v := get("source")).__class__ is dict else None,
            ConversationContacts.from_dict(v) if (v := get("contacts")).__class__ is dict else None,
            ConversationTeammates.from_dict(v) if (v := get("teammates")).__class__ is dict else None,
            v if (v := get("custom_attributes")).__class__ is dict else None,
            Topics.from_dict(v) if (v := get("topics")).__class__ is dict else None,
            ConversationFirstContactReply.from_dict(v) if (v := get("first_contact_reply")).__class__ is dict else None,
            SlaApplied.from_dict(v) if (v := get("sla_applied")).__class__ is dict else None,
            ConversationStatistics.from_dict(v) if (v := get("statistics")).__class__ is dict else None,
            LinkedObjectList.from_dict(v) if (v := get("linked_objects")).__class__ is dict else None,
            v if (v := get("ai_agent_participated")).__class__ is bool else None,
            AiAgent.from_dict(v) if (v := get("ai_agent")).__class__ is dict else None,
            ConversationTicket.from_dict(v) if (v := get("ticket")).__class__ is dict else None,
            ConversationParts.from_dict(v) if (v := get("conversation_parts")).__class__ is dict else None,
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
