"""Pure: turns the end of a write into its state and outcome for the ledger.

It also decides whether the error of an item would hit all other items too.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Literal, cast

from attrs import define, field, frozen

from aiointercom._values.validation import id_like
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

State = Literal["in_flight", "done", "refused", "failed", "unknown"]
FINAL: frozenset[str] = frozenset({"done", "refused"})
"""The states after which an item is not tried again."""
Outcome = Literal[
    "redacted",
    "already_redacted",
    "converted",
    "already_ticket",
    "not_redactable",
    "not_found",
    "refused",
    "not_applied",
    "unknown",
]

GONE = frozenset({"not_found", "conversation_part_or_message_not_found"})
"""Intercom's codes for a conversation or part that does not exist."""
REJECTED = frozenset({"parameter_invalid", "parameter_not_found", "data_invalid"})
"""Intercom's codes for a bad parameter: in a conversion, a value that the operator passed."""
SERVER_ERRORS = 500


@define
class EventRecorder:
    """Records what happens to one item, from the client's events."""

    requests: int = 0
    refused: int = 0
    waited: float = 0.0
    attempts: int = 0
    request_id: str | None = None
    unanswered: bool = False
    """Whether the last write (or the last read, if there was no write) got no meaningful response: no response, a 5xx,
    or not JSON."""
    gone: bool = False
    """Whether Intercom answered the last read with "no such conversation"."""
    shown: bool = False
    """Whether the last request was a read that got what it asked for."""
    settled: OutcomeSettled | None = None
    waits: bool = True
    """Whether it waits for the rate limit: it has sent no request yet, or the last one was refused with 429."""

    def before(self, observer: Callable[[Event], object] | None) -> Callable[[Event], object]:
        """Return an observer that records each event, and then passes it on to another one, if there is one."""

        def on_event(event: Event) -> None:
            self.record(event)
            if observer is not None:
                observer(event)

        return on_event

    def record(self, event: Event) -> None:
        """Record one event."""
        match event:
            case RequestSent():
                self.requests += 1
                self.shown = self.waits = False
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
        self.waits = event.status == HTTPStatus.TOO_MANY_REQUESTS
        self.refused += self.waits
        # The write decides; a read counts only if there was no write, or no response to it.
        write = not event.operation.startswith("GET ")
        self.shown = not write and event.error is None
        self.gone = self.gone if write else event.status == HTTPStatus.NOT_FOUND and event.code in GONE
        if write or not self.attempts:
            silent = event.status is None or event.status >= SERVER_ERRORS
            self.unanswered = silent or event.error == UnreadableResponseError.__name__
        if event.request_id is not None and (write or self.request_id is None):
            self.request_id = event.request_id


@frozen
class Doubt:
    """When the requests of an item with an unknown outcome were sent: Unix seconds by Intercom's clock."""

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
    """Since when the outcome is unknown; None: it is known."""


def succeeded(recorder: EventRecorder, outcome: Outcome, ticket_id: str | None = None) -> Ended:
    """Return the outcome of a call that succeeded. `outcome` is used if no event has reported one."""
    settled = recorder.settled
    if settled is None:
        return Ended("done", outcome, ticket_id=ticket_id)
    named = cast("Outcome", settled.outcome)
    return Ended("done", named, None, settled.reason, ticket_id, settled.by_reading)


def failed(error: IntercomError, recorder: EventRecorder, item: Item) -> Ended:
    """Return the outcome of a call that raised an error and left no doubt.

    Only Intercom's own verdict on this item is final. The next run tries again after every other error: a proxy's error
    page, a problem with the token, or a value that the operator passed for a conversion.
    """
    settled = recorder.settled
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
"""Errors that say only that the item was not processed this time."""


def stops_the_run(error: IntercomError) -> bool:
    """Return whether every other item would fail in the same way.

    That is so if Intercom refuses the token or the client is not set up correctly.
    """
    if isinstance(error, UnauthorizedError | ForbiddenError):
        return error.code is not None
    return isinstance(error, ConfigurationError)


def concerns_item(error: IntercomError, recorder: EventRecorder, item: Item) -> bool:
    """Return whether an error concerns this item. If it does not, all further items may fail in the same way."""
    if isinstance(error, PartNotRedactableError | AlreadyTicketError):
        return True
    if not isinstance(error, APIError) or recorder.unanswered:
        return not recorder.unanswered
    return error.code in (GONE | REJECTED if isinstance(item, Convert) else GONE)
