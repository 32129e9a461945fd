"""Conversations: read them, redact them, turn them into tickets. `_writes` says how unknown outcomes are settled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from intercom_raw import models
from intercom_raw.api.conversations import (
    convert_conversation_to_ticket,
    list_conversations,
    redact_conversation,
    retrieve_conversation,
    search_conversations,
)
from intercom_raw.types import UNSET

from ._delivery.sender import Sender
from ._http.arguments import Priority, Timeout
from ._migration import KnowsOtherNames
from ._values.hidden import Hidden
from ._values.validation import checked_id
from ._writes.conversion import Conversion, with_texts
from ._writes.redaction import PartRedaction, SourceRedaction
from .errors import IntercomError, InvalidInputError
from .pagination import ConversationPages, search_body
from .redaction import Coverage
from .tickets import TYPES_LAST, resolve_attributes


class Conversations(KnowsOtherNames):
    """The operations on conversations, as `Intercom.conversations`.

    Every method raises, besides what it names itself:

        ValueError, TypeError: An argument cannot be sent; nothing was.
        ConfigurationError: The client cannot be used; nothing was sent.
        NotSentError: Nothing reached Intercom.
        RateLimitedError: The rate limit, when waiting for it would take too long; nothing was applied.
        APIError: Intercom refused; the subclass follows the status.
    """

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def redact_part(
        self,
        conversation_id: str | int,
        part_id: str | int,
        *,
        timeout: Timeout | None = None,
        priority: Priority | None = None,
    ) -> models.Conversation:
        """Remove the text of one part of a conversation, for good. Redacting it again succeeds.

        Args:
            conversation_id: The conversation's id.
            part_id: The id of a part that has a body, from `conversation_parts.conversation_parts`.
            timeout: Seconds, or an httpx.Timeout; None: the client's.
            priority: "interactive" or "batch"; None: the client's.

        Returns:
            The Conversation, in which the part says `redacted=True`, if it is among the 500 parts that come with it.

        Raises:
            NotFoundError: There is no such conversation or part.
            PartNotRedactableError: The part cannot be redacted; `reason` says what reading back showed.
            OutcomeUnknownError: It was sent, its answer was lost, and reading back did not settle it.

        Source:
            https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations/redactconversation
        """
        conversation_id, part_id = checked_id(conversation_id, "conversation_id"), checked_id(part_id, "part_id")
        sender = self._sender.with_options(
            timeout=timeout, priority=priority, settle=PartRedaction(conversation_id, part_id)
        )
        body = models.RedactConversationPartRequest(conversation_id=conversation_id, conversation_part_id=part_id)
        return await redact_conversation(sender, body=body)

    async def redact_source(
        self,
        conversation_id: str | int,
        source_id: str | int,
        *,
        timeout: Timeout | None = None,
        priority: Priority | None = None,
    ) -> models.Conversation:
        """Remove the text of the message that began a conversation, for good. Redacting it again succeeds.

        Args:
            conversation_id: The conversation's id.
            source_id: The id in the conversation's `source`. A contact must have written it.
            timeout: Seconds, or an httpx.Timeout; None: the client's.
            priority: "interactive" or "batch"; None: the client's.

        Returns:
            The Conversation, in which the source says `redacted=True`.

        Raises:
            NotFoundError: There is no such conversation or source.
            PartNotRedactableError: The source cannot be redacted; `reason` says what reading back showed.
            OutcomeUnknownError: It was sent, its answer was lost, and reading back did not settle it.

        Source:
            https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations/redactconversation
        """
        conversation_id, source_id = checked_id(conversation_id, "conversation_id"), checked_id(source_id, "source_id")
        sender = self._sender.with_options(
            timeout=timeout, priority=priority, settle=SourceRedaction(conversation_id, source_id)
        )
        body = models.RedactConversationSourceRequest(conversation_id=conversation_id, source_id=source_id)
        return await redact_conversation(sender, body=body)

    async def redact_all(
        self,
        conversation_id: str | int,
        select: Callable[[models.ConversationPart | models.ConversationSource], bool] | None = None,
        *,
        timeout: Timeout | None = None,
        priority: Priority | None = None,
    ) -> Coverage:
        """Remove the texts of a whole conversation, for good: of every part, and of the source, that Intercom redacts.

        The conversation is read, every text is put before `select`, and only then the first redaction is sent; they go
        one after the other. A refusal or an unknown outcome of one is written down and the others go on. At the end the
        conversation is read again, and what that shows decides. Calling it again does no harm: it redacts what is left.

        Only messages are looked at: the conversation's title and attributes, and those of a ticket, stay as they are.
        What redaction does to the subject of an email and to attachments is not documented; where the last read still
        shows one, that is not complete.

        Args:
            conversation_id: The conversation's id.
            select: Called with each ConversationPart, or ConversationSource, that has a text: True to redact it. None:
                all of them. A `Matching` is called in a thread, so that large bodies do not hold the event loop.
            timeout: For each of the calls: seconds, or an httpx.Timeout; None: the client's.
            priority: "interactive" or "batch"; None: the client's.

        Returns:
            The Coverage: what was redacted, skipped, refused, what remains, and whether that is `complete`.

        Raises:
            TypeError: `select` is no function, or did not return True or False; nothing was redacted. What it raises
                itself goes through.
            NotFoundError: There is no such conversation.
            UnreadableResponseError: A read was answered with something other than this conversation.
            IntercomError: What would hit every further redaction too (401, 403, 429, no connection) stops at once, and
                so does the third unknown outcome in a row; its `coverage` says what was done until then, if anything
                was sent.

        Source:
            https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations/redactconversation
        """
        if select is not None and not callable(select):
            raise TypeError(f"select must be a function, not {type(select).__name__}")
        first = await self.retrieve(conversation_id, timeout=timeout, priority=priority)
        from anyio.to_thread import run_sync  # only a caller of redact_all pays for these

        from ._writes.redact_all import Sweep

        begin = partial(Sweep.begin, conversation_id, first, select)
        sweep = await run_sync(begin) if getattr(select, "in_thread", False) is True else begin()
        if not sweep.targets:
            return sweep.coverage(first)

        async def redact(kind: str, message_id: str) -> None:
            one = self.redact_part if kind == "part" else self.redact_source
            await one(sweep.conversation_id, message_id, timeout=timeout, priority=priority)

        try:
            await sweep.carry_out(redact)
            last = await self.retrieve(conversation_id, timeout=timeout, priority=priority)
        except IntercomError as error:
            error.coverage = sweep.coverage(None)
            raise
        return sweep.coverage(last)

    async def convert_to_ticket(
        self,
        conversation_id: str | int,
        *,
        ticket_type_id: str | int,
        title: str | None = None,
        description: str | None = None,
        attributes: Mapping[str, Any] | None = None,
        resolve: bool = False,
        timeout: Timeout | None = None,
        priority: Priority | None = None,
    ) -> models.Ticket:
        """Turn a conversation into a ticket, once and for good.

        Args:
            conversation_id: The conversation's id; the ticket's `id` will be the same.
            ticket_type_id: The id of a ticket type of category "Customer".
            title: The ticket's title, sent as the attribute `_default_title_`. None: no title is sent.
            description: Its description, sent as `_default_description_`. None: no description is sent.
            attributes: Further attributes by name; for one of type list the id of the list item. None: no others.
            resolve: True: `attributes` are as people write them, and are checked together with `title` and
                `description` before the conversion is sent: see `TicketTypes.resolve`.
            timeout: Seconds, or an httpx.Timeout; None: the client's.
            priority: "interactive" or "batch"; None: the client's.

        Returns:
            The Ticket.

        Raises:
            ValueError: `title` or `description` is given a second time in `attributes`.
            InvalidAttributesError: With `resolve`: they do not fit the ticket type; `problems` lists all that is wrong.
            AlreadyTicketError: The conversation was a ticket before this call; `ticket_id` names it.
            BadRequestError: The ticket type is not for customers, or an attribute is missing or wrong.
            OutcomeUnknownError: It was sent, its answer was lost, and reading back did not settle it. It is sent a
                second time only after two reads showed no ticket; were it one by then, Intercom would refuse that,
                since a conversation becomes a ticket once.

        Source: convertConversationToTicket, in
            https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations
        """
        conversation_id = checked_id(conversation_id, "conversation_id")
        ticket_type_id = checked_id(ticket_type_id, "ticket_type_id")
        asked = Hidden(with_texts(title, description, attributes))
        if resolve:
            sender = self._sender.with_options(timeout=timeout, priority=priority)
            asked = await resolve_attributes(sender, str(ticket_type_id), asked, TYPES_LAST)
        token_state = self._sender.token_state
        known = str(conversation_id) in token_state.tickets
        settle = Conversion(conversation_id, ticket_type_id, asked.reveal(), known)
        sender = self._sender.with_options(timeout=timeout, priority=priority, settle=settle)
        body = models.ConvertConversationToTicketRequest(
            ticket_type_id=ticket_type_id, attributes=asked.reveal() or UNSET
        )
        ticket = await convert_conversation_to_ticket(sender, conversation_id, body=body)
        token_state.converted(str(conversation_id))
        return ticket

    async def retrieve(
        self,
        conversation_id: str | int,
        *,
        display_as: str | None = None,
        timeout: Timeout | None = None,
        priority: Priority | None = None,
    ) -> models.Conversation:
        """Read one conversation, with up to 500 of its parts.

        Args:
            conversation_id: The conversation's id.
            display_as: "plaintext" for bodies without HTML; None: HTML.
            timeout: Seconds, or an httpx.Timeout; None: the client's.
            priority: "interactive" or "batch"; None: the client's.

        Returns:
            The Conversation.

        Raises:
            NotFoundError: There is no such conversation.
            UnreadableResponseError: The answer is about another conversation, or about no conversation.
            ResponseLostError: No answer came whole, and the retries are used up.

        Source:
            https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations/retrieveconversation
        """
        sender = self._sender.with_options(timeout=timeout, priority=priority)
        return await retrieve_conversation(
            sender, checked_id(conversation_id, "conversation_id"), display_as=display_as
        )

    def list(
        self, *, per_page: int | None = None, timeout: Timeout | None = None, priority: Priority | None = None
    ) -> ConversationPages:
        """Go through all conversations: `async for item in intercom.conversations.list(): ...`.

        Args:
            per_page: How many to fetch at a time, 1 to 150; None: Intercom's default, 20.
            timeout: Seconds, or an httpx.Timeout; None: the client's.
            priority: "interactive" or "batch"; None: the client's.

        Returns:
            An async iterator of ConversationListItem (without parts). It holds one page and can be left at any point.

        Raises:
            ValueError: `per_page` is out of range. Anything else is raised on the way.

        Source: https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations/listconversations
        """
        body = search_body({}, per_page)
        sender = self._sender.with_options(timeout=timeout, priority=priority)
        return ConversationPages(
            lambda cursor: list_conversations(sender, per_page=body.per_page, starting_after=cursor),
            body.starting_after,
        )

    def search(
        self,
        query: Mapping[str, Any]
        | models.SearchRequest
        | models.SingleFilterSearchRequest
        | models.MultipleFilterSearchRequest,
        *,
        per_page: int | None = None,
        timeout: Timeout | None = None,
        priority: Priority | None = None,
    ) -> ConversationPages:
        """Go through the conversations that match a query.

        Args:
            query: The documented query, e.g. {"field": "state", "operator": "=", "value": "open"}, or the whole
                documented body with `query` and `pagination`, as a dict or as a request model.
            per_page: How many to fetch at a time, 1 to 150; None: what the body says, else Intercom's default, 20.
            timeout: Seconds, or an httpx.Timeout; None: the client's.
            priority: "interactive" or "batch"; None: the client's.

        Returns:
            An async iterator of ConversationListItem (without parts). It holds one page and can be left at any point.

        Raises:
            ValueError, TypeError: The query is neither a mapping nor a request model, or it is empty. Anything else is
                raised on the way.

        Source:
            https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations/searchconversations
        """
        body = search_body(query, per_page)
        if not body.query:
            raise InvalidInputError("the query is empty: use list() to go through all conversations")
        sender = self._sender.with_options(timeout=timeout, priority=priority)
        return ConversationPages(
            lambda cursor: search_conversations(sender, body=body.request(cursor)), body.starting_after
        )
