# Do not edit. Written by `scripts/regenerate` from openapi/ (Intercom API 2.11); change the fragment or the templates there.
"""The objects of Intercom's API, and the bodies of requests."""

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
