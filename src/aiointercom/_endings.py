"""PURE: what the end of a request or of a call means: its row in the policy's table, and the errors that only a call can make."""

from __future__ import annotations

from http import HTTPStatus

from ._call import Call
from ._policy import Happened
from .errors import (
    APIError,
    OutcomeUnknownError,
    PartNotRedactableError,
    RateLimit,
    RateLimitedError,
    UnauthorizedError,
    UnreadableResponseError,
)


def outcome_unknown(call: Call, reason: str) -> OutcomeUnknownError:
    """Make the error that tells which write it is and when it was sent."""
    ids = ", ".join(f"{name} {value}" for name, value in call.request.ids.items())
    return OutcomeUnknownError(
        f"{call.request.operation}: sent, outcome unknown{' for ' + ids if ids else ''}: {reason}",
        operation=call.request.operation,
        ids=call.request.ids,
        sent_at=call.sent_at or 0.0,
        attempts=call.sent,
        reason=reason,
    )


def rate_limited(call: Call, retry_after: float, rate_limit: RateLimit | None) -> RateLimitedError:
    """Make the error for a wait that would take longer than the caller allows; nothing was sent for it."""
    text = f"{call.request.operation}: the rate limit asks to wait {retry_after:.1f} s, longer than this call may"
    error = RateLimitedError(text, status=HTTPStatus.TOO_MANY_REQUESTS, attempts=call.sent)
    error.retry_after, error.rate_limit = retry_after, rate_limit
    return error


def classify(status: int, error: APIError | UnreadableResponseError | None) -> Happened:
    """Say which row of the policy's table an answer is."""
    match error:
        case None:
            return Happened.ANSWERED
        case RateLimitedError():
            return Happened.RATE_LIMITED
        case PartNotRedactableError():
            return Happened.NOT_REDACTABLE
        case UnauthorizedError():
            return Happened.UNAUTHORIZED
        case UnreadableResponseError():
            return Happened.UNREADABLE if status < HTTPStatus.MULTIPLE_CHOICES else Happened.REDIRECTED
        case _ if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
            return Happened.SERVER_FAILED
        case _:
            return Happened.REFUSED
