"""Turns what happens to a call into the records of `events`; records that nobody would see are not made."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from attrs import frozen

from aiointercom._protocol.retry_policy import RequestEffect
from aiointercom.errors import APIError, RateLimit

from .call import AttemptResult, Call

if TYPE_CHECKING:
    from aiointercom.events import Event

logger = logging.getLogger("aiointercom")


@frozen(eq=False, repr=False)
class Reporter:
    """Tells one observer, and the logger, about calls."""

    on_event: Callable[[Event], object] | None

    @property
    def _heard(self) -> bool:
        """Whether anybody would see a record of those whose level is INFO at most: all but `VersionDiffers`."""
        return self.on_event is not None or logger.isEnabledFor(logging.INFO)

    def sent(self, call: Call) -> None:
        """A request is about to leave."""
        if self._heard:
            from aiointercom.events import RequestSent

            self._tell(RequestSent, call, attempt=call.sent, sent_at=call.sent_at or 0.0)

    def received(self, call: Call, result: AttemptResult, duration: float) -> None:
        """An attempt ended."""
        if self._heard:
            from aiointercom.events import ResponseReceived

            self._tell(
                ResponseReceived,
                call,
                attempt=call.sent,
                duration=duration,
                status=result.status,
                request_id=result.request_id,
                error=None if result.error is None else type(result.error).__name__,
                code=result.error.code if isinstance(result.error, APIError) else None,
            )

    def retrying(self, call: Call, result: AttemptResult, delay: float) -> None:
        """The call will be sent again."""
        if self._heard:
            from aiointercom.events import RetryScheduled

            self._tell(RetryScheduled, call, attempt=call.sent, reason=result.happened.name.lower(), delay=delay)

    def paced(self, call: Call, waited: float, rate_limit: RateLimit | None) -> None:
        """The call waited for its turn."""
        if waited > 0 and self._heard:
            from aiointercom.events import Paced

            self._tell(Paced, call, waited=waited, rate_limit=rate_limit)

    def settled(self, call: Call, outcome: str | None, by_reading: bool = False, reason: str | None = None) -> None:
        """The outcome of a write is known, or known to be unknown; nothing is said of reads."""
        if outcome is not None and call.request.effect is not RequestEffect.READ and self._heard:
            from aiointercom.events import OutcomeSettled

            self._tell(OutcomeSettled, call, outcome=outcome, by_reading=by_reading, attempts=call.sent, reason=reason)

    def version_differs(self, call: Call, asked: str, answered: str) -> None:
        """An answer names another version of the API than the request did; a warning, so it is heard by default."""
        from aiointercom.events import VersionDiffers

        shown = answered if answered.isascii() and answered.replace(".", "").isalnum() else "unreadable"
        self._tell(VersionDiffers, call, asked=asked, answered=shown[:20])

    def cancelled(self, call: Call) -> None:
        """The caller gave up."""
        if self._heard:
            from aiointercom.events import CallCancelled

            self._tell(
                CallCancelled,
                call,
                stage=call.stage,
                attempts=call.sent,
                sent_at=call.sent_at,
                may_be_applied=call.may_be_applied,
            )

    def _tell(self, kind: type[Event], call: Call, **facts: Any) -> None:
        from aiointercom.events import Observer

        observer = Observer(self.on_event)
        if observer.wants(kind):
            observer.tell(kind(call=call.number, operation=call.request.operation, ids=call.request.ids, **facts))
