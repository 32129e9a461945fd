"""What a run makes of how a write ended: its state and outcome for the ledger, and whether it says that all others would end so too. Pure."""

from __future__ import annotations

from http import HTTPStatus
from typing import cast

from attrs import define, field, frozen

from aiointercom._validation import id_like
from aiointercom.errors import (
    AlreadyTicketError,
    APIError,
    ConfigurationError,
    ConflictError,
    ForbiddenError,
    IntercomError,
    NotFoundError,
    PartNotRedactableError,
    RateLimitedError,
    ServerError,
    UnauthorizedError,
    UnreadableResponseError,
)
from aiointercom.events import Event, OutcomeSettled, Paced, RequestSent, ResponseReceived, RetryScheduled

from .items import Convert, Item
from .ledger import Outcome, State

GONE = frozenset({"not_found", "conversation_part_or_message_not_found"})
"""Intercom's codes for a conversation or part that is not there."""
REJECTED = frozenset({"parameter_invalid", "parameter_not_found", "data_invalid"})
"""Intercom's codes for what stands in a request: in that of a conversion, what the operator wrote."""
SERVER_ERRORS = 500


@define
class Witness:
    """Sees what happens to one item, from the records for observers."""

    requests: int = 0
    refused: int = 0
    waited: float = 0.0
    attempts: int = 0
    request_id: str | None = None
    unanswered: bool = False
    """The last write, or where there was no write the last reading, got no answer that says anything: no answer, a 5xx, no JSON."""
    gone: bool = False
    """The last reading was answered by Intercom that there is no such conversation."""
    settled: OutcomeSettled | None = None

    def hear(self, event: Event) -> None:
        """Take in one record."""
        match event:
            case RequestSent():
                self.requests += 1
                self.attempts += not event.operation.startswith("GET ")
            case ResponseReceived():
                self._answered(event)
            case Paced():
                self.waited += event.waited
            case RetryScheduled():
                self.waited += event.delay
            case OutcomeSettled():
                self.settled = event
            case _:
                pass

    def _answered(self, event: ResponseReceived) -> None:
        self.refused += event.status == HTTPStatus.TOO_MANY_REQUESTS
        # The write decides; a reading has its say where there was none, or no answer to it was seen.
        write = not event.operation.startswith("GET ")
        self.gone = self.gone if write else event.status == HTTPStatus.NOT_FOUND and event.code in GONE
        if write or not self.attempts:
            silent = event.status is None or event.status >= SERVER_ERRORS
            self.unanswered = silent or event.error == UnreadableResponseError.__name__
        if event.request_id is not None and (write or self.request_id is None):
            self.request_id = event.request_id


@frozen
class Doubt:
    """When the requests of an item were sent that may have taken effect, by Intercom's clock, Unix seconds."""

    first_sent_at: float
    last_doubt_at: float


@frozen
class Ended:
    """How an item ended."""

    state: State
    outcome: Outcome
    error: IntercomError | None = None
    reason: str | None = None
    ticket_id: str | None = field(default=None, converter=id_like)
    by_reading: bool = False
    doubt: Doubt | None = None
    """Of an outcome that is unknown: since when."""


def succeeded(seen: Witness, outcome: Outcome, ticket_id: str | None = None) -> Ended:
    """Say how a call ended that raised nothing. outcome: what it is called where no record told."""
    settled = seen.settled
    if settled is None:
        return Ended("done", outcome, ticket_id=ticket_id)
    named = cast("Outcome", settled.outcome)
    return Ended("done", named, None, settled.reason, ticket_id, settled.by_reading)


def failed(error: IntercomError, seen: Witness, item: Item) -> Ended:
    """Say how a call ended that raised an error and left nothing in doubt.

    Final is what Intercom itself says about this very item, and nothing else: the next run tries all the rest again, be it a page of
    something in between, a matter of the token, or of a conversion what the operator wrote into it.
    """
    settled = seen.settled
    by_reading, reason = (False, None) if settled is None else (settled.by_reading, settled.reason)
    match error:
        case PartNotRedactableError():
            return Ended("refused", "not_redactable", error, error.reason, None, by_reading)
        case AlreadyTicketError():
            return Ended("refused", "already_ticket", error, reason, error.ticket_id, by_reading)
        case NotFoundError() if error.code in GONE and not isinstance(item, Convert):
            return Ended("refused", "refused", error, reason, None, by_reading)
        case APIError() if error.code is not None and not isinstance(error, NOT_REFUSED):
            return Ended("failed", "refused", error, reason, None, by_reading)
        case _:
            return Ended("failed", "not_applied", error, reason, None, by_reading)


NOT_REFUSED = (UnauthorizedError, ForbiddenError, ConflictError, RateLimitedError, ServerError)
"""Errors that say of an item only that it was not done now."""


def hits_all(error: IntercomError) -> bool:
    """Say whether every other item would end in this error as well: it is Intercom's own word about the token, or ours about the set-up."""
    if isinstance(error, UnauthorizedError | ForbiddenError):
        return error.code is not None
    return isinstance(error, ConfigurationError)


def about_the_item(error: IntercomError, seen: Witness, item: Item) -> bool:
    """Say whether an error tells something about this item. One that does not may be that of all that follow."""
    if isinstance(error, PartNotRedactableError | AlreadyTicketError):
        return True
    if not isinstance(error, APIError) or seen.unanswered:
        return not seen.unanswered
    return error.code in (GONE | REJECTED if isinstance(item, Convert) else GONE)
