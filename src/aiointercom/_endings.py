"""PURE: what the end of a request or of a call means: its row in the policy's table, and the errors that only a call can make."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus

from ._call import Call
from ._policy import Effect, Happened
from .errors import (
    APIError,
    OutcomeUnknownError,
    PartNotRedactableError,
    RateLimit,
    RateLimitedError,
    UnauthorizedError,
    UnreadableResponseError,
)


def outcome_unknown(
    call: Call, reason: str, *, since: float | None = None, until: float | None = None, workspace: str | None = None
) -> OutcomeUnknownError:
    """Make the error that tells which write it is and when it was sent.

    Args:
        call: The call.
        reason: Why it is not known what became of it.
        since: When its first doubtful request was sent, Unix seconds by Intercom's clock; None: not known.
        until: When its last doubtful request was given up, by the same clock; None: not known.
        workspace: The workspace's id; None: not known.
    """
    ids = ", ".join(f"{name} {value}" for name, value in call.request.ids.items())
    return OutcomeUnknownError(
        f"{call.request.operation}: sent, outcome unknown{' for ' + ids if ids else ''}: {reason}",
        operation=call.request.operation,
        ids=call.request.ids,
        sent_at=call.sent_at or 0.0,
        first_sent_at=None if since is None else datetime.fromtimestamp(since, UTC),
        last_doubt_at=None if until is None else datetime.fromtimestamp(until, UTC),
        workspace=workspace,
        seen=call.seen,
        attempts=call.sent,
        reason=reason,
    )


def rate_limited(call: Call, retry_after: float, rate_limit: RateLimit | None) -> RateLimitedError:
    """Make the error for a wait that would take longer than the caller allows; nothing was sent for it."""
    text = f"{call.request.operation}: the rate limit asks to wait {retry_after:.1f} s, longer than this call may"
    error = RateLimitedError(text, status=HTTPStatus.TOO_MANY_REQUESTS, attempts=call.sent)
    error.retry_after, error.rate_limit = retry_after, rate_limit
    return error


def classify(status: int, error: APIError | UnreadableResponseError | None, effect: Effect) -> Happened:
    """Say which row of the policy's table an answer is."""
    if error is None:
        return Happened.ANSWERED
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return Happened.SERVER_FAILED
    if isinstance(error, UnreadableResponseError):
        return Happened.UNREADABLE if status < HTTPStatus.MULTIPLE_CHOICES else Happened.REDIRECTED
    if (
        status < HTTPStatus.BAD_REQUEST and effect is not Effect.READ
    ):  # an error list in a success: of a write that proves nothing
        return Happened.UNCONFIRMED
    match error:
        case RateLimitedError():
            return Happened.RATE_LIMITED
        case UnauthorizedError():
            return Happened.UNAUTHORIZED
        case _ if not error.from_intercom:
            return Happened.INTERCEPTED
        case PartNotRedactableError():
            return Happened.NOT_REDACTABLE
        case _:
            return Happened.REFUSED
