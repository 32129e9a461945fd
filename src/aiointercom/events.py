"""What observers get: one frozen record for each thing that happens to a call.

Ids, codes and times only, never a word of content.

Give a function as `Intercom(on_event=...)`; the logger "aiointercom" prints the same records, at INFO those that a
person should see (retries, waits, how a write ended) and at DEBUG the rest.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import ClassVar

from attrs import field, frozen

from .errors import RateLimit

logger = logging.getLogger("aiointercom")


@frozen(kw_only=True)
class Event:
    """What all records say: which call it is about."""

    level: ClassVar[int] = logging.DEBUG
    call: int
    """A number that all records of one call share; a reading back is part of its call."""
    operation: str
    """Method and path template, e.g. "POST /conversations/redact"."""
    ids: Mapping[str, str | int]
    """The ids that the call names, e.g. {"conversation_id": "471", "conversation_part_id": "115"}."""


@frozen(kw_only=True)
class RequestSent(Event):
    """A request is about to leave."""

    attempt: int
    """Which one of this call, from 1."""
    sent_at: float
    """Unix seconds, this machine's clock."""


@frozen(kw_only=True)
class ResponseReceived(Event):
    """A request ended: with an answer, or without one."""

    attempt: int
    duration: float
    """Seconds."""
    status: int | None
    """The HTTP status; None: no whole answer came."""
    request_id: str | None = None
    """Intercom's id of the request."""
    error: str | None = None
    """The name of the error class that this attempt alone would end in; None: a success."""
    code: str | None = None
    """Intercom's code of a refusal."""


@frozen(kw_only=True)
class RetryScheduled(Event):
    """The request will be sent again."""

    level: ClassVar[int] = logging.INFO
    attempt: int
    """The attempt that failed."""
    reason: str
    """What happened to it, e.g. "rate_limited", "lost", "server_failed", "not_sent"."""
    delay: float
    """Seconds until the next attempt."""


@frozen(kw_only=True)
class Paced(Event):
    """The call waited for the rate limit before it was sent."""

    level: ClassVar[int] = logging.INFO
    waited: float
    """Seconds."""
    rate_limit: RateLimit | None
    """The rate limit as last seen."""


@frozen(kw_only=True)
class OutcomeSettled(Event):
    """How a write ended, as soon as it is known."""

    level: ClassVar[int] = logging.INFO
    outcome: str
    """Success: "redacted", "already_redacted", "converted", or "applied" (a write by `request`). Failure:
    "already_ticket", "not_redactable", "not_applied" or "unknown"."""
    by_reading: bool
    """True: the answer was lost or said too little, and reading the conversation back showed it."""
    attempts: int
    """How often the write was sent."""
    reason: str | None = None
    """What the read showed, or why it showed nothing."""


@frozen(kw_only=True)
class VersionDiffers(Event):
    """An answer came in another version of the API than was asked for; told once for each token and version.

    The models are written for one version: fields of another one may read as None, and stay in `raw`.
    """

    level: ClassVar[int] = logging.WARNING
    asked: str
    """The header `Intercom-Version` of the request."""
    answered: str
    """The header of that name of the answer; "unreadable" where it is no version."""


@frozen(kw_only=True)
class CallCancelled(Event):
    """The call was cancelled by its caller (a deadline, a closed task group)."""

    level: ClassVar[int] = logging.INFO
    stage: str
    """"waiting" (no request of this call was on its way), "sent" (one was) or "reading_back" (a write was read back, or
    about to be)."""
    attempts: int
    """How often it was sent until then."""
    sent_at: float | None
    """When it was last sent, Unix seconds; None: it never was, so nothing can have been applied."""
    may_be_applied: bool
    """True: it is a write, and a request of it was under way or its outcome was not settled."""


@frozen
class Observer:
    """Hands records to the caller's function and to the logger."""

    on_event: Callable[[Event], object] | None = field(default=None)

    def wants(self, kind: type[Event]) -> bool:
        """Say whether a record of this kind would be observed, so that no record is made in vain."""
        return self.on_event is not None or logger.isEnabledFor(kind.level)

    def tell(self, event: Event) -> None:
        """Hand over one record.

        A function that fails must not change the outcome of a write, so its error is only logged, by name.
        """
        if logger.isEnabledFor(event.level):
            logger.log(event.level, "%s", event)
        if self.on_event is not None:
            try:
                self.on_event(event)
            except Exception as error:  # noqa: BLE001  # whatever it is, the write went its way
                logger.error("on_event raised %s", type(error).__name__)
