"""What a run makes of how a write ended: its state and outcome for the ledger, and whether it says that all others would end so too. Pure."""

from __future__ import annotations

from typing import cast

from attrs import define, field, frozen

from aiointercom._request import id_like
from aiointercom.errors import (
    AlreadyTicketError,
    APIError,
    ConfigurationError,
    ConflictError,
    ForbiddenError,
    IntercomError,
    OutcomeUnknownError,
    PartNotRedactableError,
    RateLimitedError,
    ServerError,
    UnauthorizedError,
    UnreadableResponseError,
)
from aiointercom.events import Event, OutcomeSettled, Paced, RequestSent, ResponseReceived, RetryScheduled

from .ledger import Outcome, State

HITS_ALL = (UnauthorizedError, ForbiddenError, ConfigurationError)
"""Errors that every other item would end in as well."""
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
    """The last write, or where there was none the last reading, got no answer that says anything: none, a 5xx, no JSON."""
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
        self.refused += event.status == 429
        # The write decides; a reading has its say where there was none, or no answer to it was seen.
        write = not event.operation.startswith("GET ")
        if write or not self.attempts:
            silent = event.status is None or event.status >= SERVER_ERRORS
            self.unanswered = silent or event.error == UnreadableResponseError.__name__
        if event.request_id is not None and (write or self.request_id is None):
            self.request_id = event.request_id


@frozen
class Ended:
    """How an item ended."""

    state: State
    outcome: Outcome
    error: IntercomError | None = None
    reason: str | None = None
    ticket_id: str | None = field(default=None, converter=id_like)
    by_reading: bool = False


def succeeded(seen: Witness, outcome: Outcome, ticket_id: str | None = None) -> Ended:
    """Say how a call ended that raised nothing. outcome: what it is called where no record told."""
    settled = seen.settled
    if settled is None:
        return Ended("done", outcome, ticket_id=ticket_id)
    named = cast("Outcome", settled.outcome)
    return Ended("done", named, None, settled.reason, ticket_id, settled.by_reading)


def failed(error: IntercomError, seen: Witness, *, final: bool) -> Ended:
    """Say how a call ended that raised an error.

    Args:
        error: What it raised.
        seen: What was seen of it.
        final: Whether a refusal is final. That of a conversion is not: it may be due to what the operator wrote into it.
    """
    settled = seen.settled
    by_reading, reason = (False, None) if settled is None else (settled.by_reading, settled.reason)
    match error:
        case PartNotRedactableError():
            return Ended("refused", "not_redactable", error, error.reason, None, by_reading)
        case AlreadyTicketError():
            return Ended("refused", "already_ticket", error, reason, error.ticket_id, by_reading)
        case OutcomeUnknownError():
            return Ended("unknown", "unknown", error, error.reason, None, by_reading)
        case _ if settled is not None and settled.outcome == "unknown":
            return Ended("unknown", "unknown", error, reason, None, by_reading)
        case UnauthorizedError() | ForbiddenError() | ConflictError() | RateLimitedError() | ServerError():
            return Ended("failed", "not_applied", error, reason, None, by_reading)
        case APIError():
            return Ended("refused" if final else "failed", "refused", error, reason, None, by_reading)
        case _:
            return Ended("failed", "not_applied", error, reason, None, by_reading)
