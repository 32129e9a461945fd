# Do not edit. Written by `scripts/regenerate` from openapi/; change the fragment or the templates there.
"""The objects of Intercom's API, and the bodies of requests. Each is imported when it is first asked for."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .admin_with_app import AdminWithApp
    from .ai_agent import AiAgent
    from .app import App
    from .avatar import Avatar
    from .contact_reference import ContactReference
    from .content_source import ContentSource
    from .content_sources_list import ContentSourcesList
    from .conversation import Conversation
    from .conversation_contacts import ConversationContacts
    from .conversation_first_contact_reply import ConversationFirstContactReply
    from .conversation_list import ConversationList
    from .conversation_list_item import ConversationListItem
    from .conversation_part import ConversationPart
    from .conversation_part_author import ConversationPartAuthor
    from .conversation_parts import ConversationParts
    from .conversation_rating import ConversationRating
    from .conversation_source import ConversationSource
    from .conversation_statistics import ConversationStatistics
    from .conversation_teammates import ConversationTeammates
    from .conversation_ticket import ConversationTicket
    from .convert_conversation_to_ticket_request import ConvertConversationToTicketRequest
    from .cursor_pages import CursorPages
    from .error import Error
    from .error_item import ErrorItem
    from .linked_object import LinkedObject
    from .linked_object_list import LinkedObjectList
    from .multiple_filter_search_request import MultipleFilterSearchRequest
    from .part_attachment import PartAttachment
    from .redact_conversation_part_request import RedactConversationPartRequest
    from .redact_conversation_source_request import RedactConversationSourceRequest
    from .reference import Reference
    from .search_join import SearchJoin
    from .search_operator import SearchOperator
    from .search_pagination_request import SearchPaginationRequest
    from .search_request import SearchRequest
    from .single_filter_search_request import SingleFilterSearchRequest
    from .sla_applied import SlaApplied
    from .starting_after_paging import StartingAfterPaging
    from .tag import Tag
    from .tags import Tags
    from .ticket import Ticket
    from .ticket_contacts import TicketContacts
    from .ticket_part import TicketPart
    from .ticket_part_author import TicketPartAuthor
    from .ticket_parts import TicketParts
    from .ticket_type import TicketType
    from .ticket_type_attribute import TicketTypeAttribute
    from .ticket_type_attribute_list import TicketTypeAttributeList
    from .ticket_type_list import TicketTypeList
    from .topic import Topic
    from .topics import Topics

_MODULES = {
    "AdminWithApp": ".admin_with_app",
    "AiAgent": ".ai_agent",
    "App": ".app",
    "Avatar": ".avatar",
    "ContactReference": ".contact_reference",
    "ContentSource": ".content_source",
    "ContentSourcesList": ".content_sources_list",
    "Conversation": ".conversation",
    "ConversationContacts": ".conversation_contacts",
    "ConversationFirstContactReply": ".conversation_first_contact_reply",
    "ConversationList": ".conversation_list",
    "ConversationListItem": ".conversation_list_item",
    "ConversationPart": ".conversation_part",
    "ConversationPartAuthor": ".conversation_part_author",
    "ConversationParts": ".conversation_parts",
    "ConversationRating": ".conversation_rating",
    "ConversationSource": ".conversation_source",
    "ConversationStatistics": ".conversation_statistics",
    "ConversationTeammates": ".conversation_teammates",
    "ConversationTicket": ".conversation_ticket",
    "ConvertConversationToTicketRequest": ".convert_conversation_to_ticket_request",
    "CursorPages": ".cursor_pages",
    "Error": ".error",
    "ErrorItem": ".error_item",
    "LinkedObject": ".linked_object",
    "LinkedObjectList": ".linked_object_list",
    "MultipleFilterSearchRequest": ".multiple_filter_search_request",
    "PartAttachment": ".part_attachment",
    "RedactConversationPartRequest": ".redact_conversation_part_request",
    "RedactConversationSourceRequest": ".redact_conversation_source_request",
    "Reference": ".reference",
    "SearchJoin": ".search_join",
    "SearchOperator": ".search_operator",
    "SearchPaginationRequest": ".search_pagination_request",
    "SearchRequest": ".search_request",
    "SingleFilterSearchRequest": ".single_filter_search_request",
    "SlaApplied": ".sla_applied",
    "StartingAfterPaging": ".starting_after_paging",
    "Tag": ".tag",
    "Tags": ".tags",
    "Ticket": ".ticket",
    "TicketContacts": ".ticket_contacts",
    "TicketPart": ".ticket_part",
    "TicketPartAuthor": ".ticket_part_author",
    "TicketParts": ".ticket_parts",
    "TicketType": ".ticket_type",
    "TicketTypeAttribute": ".ticket_type_attribute",
    "TicketTypeAttributeList": ".ticket_type_attribute_list",
    "TicketTypeList": ".ticket_type_list",
    "Topic": ".topic",
    "Topics": ".topics",
}

__all__ = [
    "AdminWithApp",
    "AiAgent",
    "App",
    "Avatar",
    "ContactReference",
    "ContentSource",
    "ContentSourcesList",
    "Conversation",
    "ConversationContacts",
    "ConversationFirstContactReply",
    "ConversationList",
    "ConversationListItem",
    "ConversationPart",
    "ConversationPartAuthor",
    "ConversationParts",
    "ConversationRating",
    "ConversationSource",
    "ConversationStatistics",
    "ConversationTeammates",
    "ConversationTicket",
    "ConvertConversationToTicketRequest",
    "CursorPages",
    "Error",
    "ErrorItem",
    "LinkedObject",
    "LinkedObjectList",
    "MultipleFilterSearchRequest",
    "PartAttachment",
    "RedactConversationPartRequest",
    "RedactConversationSourceRequest",
    "Reference",
    "SearchJoin",
    "SearchOperator",
    "SearchPaginationRequest",
    "SearchRequest",
    "SingleFilterSearchRequest",
    "SlaApplied",
    "StartingAfterPaging",
    "Tag",
    "Tags",
    "Ticket",
    "TicketContacts",
    "TicketPart",
    "TicketPartAuthor",
    "TicketParts",
    "TicketType",
    "TicketTypeAttribute",
    "TicketTypeAttributeList",
    "TicketTypeList",
    "Topic",
    "Topics",
]


if not TYPE_CHECKING:  # type checkers know the names from above, and are to complain of any other

    def __getattr__(name: str) -> object:
        """Import the module of a class, and keep the class here."""
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = getattr(import_module(_MODULES[name], __name__), name)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
