"""PURE: what the end of a request or of a call means in the policy's table, and the errors of calls."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from attrs import evolve

from aiointercom._http.base import AnswerTooLargeError, RawResponse
from aiointercom._http.failures import TELLING, never_left
from aiointercom._protocol.response import decode, not_what_was_asked, unreadable
from aiointercom._protocol.retry_policy import Happened, RequestEffect
from aiointercom.errors import (
    APIError,
    NotSentError,
    OutcomeUnknownError,
    PartNotRedactableError,
    RateLimit,
    RateLimitedError,
    ResponseLostError,
    UnauthorizedError,
    UnreadableResponseError,
)

from .call import AttemptResult, Call
from .settle import Settle


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


def classify(status: int, error: APIError | UnreadableResponseError | None, effect: RequestEffect) -> Happened:
    """Say which row of the policy's table an answer is."""
    if error is None:
        return Happened.ANSWERED
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return Happened.SERVER_FAILED
    if isinstance(error, UnreadableResponseError):
        return Happened.UNREADABLE if status < HTTPStatus.MULTIPLE_CHOICES else Happened.REDIRECTED
    if (
        status < HTTPStatus.BAD_REQUEST and effect is not RequestEffect.READ
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


LARGE = 50_000
"""Bytes of an answer that takes about a millisecond to decode."""


def no_answer(failure: Exception, call: Call) -> AttemptResult:
    """Say what it means that no whole answer came.

    The failure itself is not kept: it holds the request, headers and all.
    """
    name = type(failure).__name__ + (f": {failure}" if isinstance(failure, TELLING) else "")
    return unsent(call, name) if never_left(failure) else lost(call, name)


def unsent(call: Call, why: str) -> AttemptResult:
    """Say that certainly nothing reached Intercom that can have an effect."""
    error = NotSentError(f"{call.request.operation}: nothing reached Intercom ({why})", attempts=call.sent)
    return AttemptResult(Happened.NOT_SENT, error=error)


def lost(call: Call, why: str) -> AttemptResult:
    """Say that a request may have arrived, and no whole answer came. That ends a read; a write is then in doubt."""
    if call.request.effect is RequestEffect.READ:
        text = f"{call.request.operation}: sent, and no whole answer came ({why})"
        return AttemptResult(Happened.LOST, error=ResponseLostError(text, attempts=call.sent))
    return AttemptResult(Happened.LOST, error=outcome_unknown(call, f"no whole answer came ({why})"))


def too_large(large: AnswerTooLargeError, call: Call, most: int | None) -> AttemptResult:
    """Say what an answer means that is larger than allowed. A read ends, since its answer would not get smaller."""
    what = f"larger than {most} bytes"
    if call.request.effect is not RequestEffect.READ:
        return evolve(lost(call, f"it is {what}"), status=large.status, headers=large.headers)
    error = unreadable(large.status, large.headers, what)
    error.args = (f"{call.request.operation}: {error}",)
    error.attempts = call.sent
    return AttemptResult(Happened.UNCONFIRMED, error=error, status=large.status, headers=large.headers)


def judge(arrived: RawResponse, call: Call, settle: Settle | None, objects_only: bool) -> AttemptResult:
    """Say what an answer means: decode it, and check that it fits the request, or shows the effect of the write."""
    status, headers = arrived.status, arrived.headers
    call.large = len(arrived.content) > LARGE
    value: Any = None
    error: APIError | UnreadableResponseError | None = None
    happened: Happened | None = None
    try:
        value = decode(status, headers, arrived.content)
        if objects_only and value.__class__ is not dict:
            error = unreadable(status, headers, "whose JSON is no object")
        elif objects_only:
            error = not_what_was_asked(call.request.operation, call.request.ids, status, headers, value)
            happened = None if error is None else Happened.UNCONFIRMED
    except (APIError, UnreadableResponseError) as refusal:
        error = refusal.with_traceback(None)
    if error is None and settle is not None and not settle.confirms(value):
        return AttemptResult(
            Happened.UNCONFIRMED,
            value,
            unreadable(status, headers, "that does not show the effect"),
            status,
            headers,
        )
    if error is not None:
        error.args = (f"{call.request.operation}: {error}",)
        error.attempts = call.sent
    return AttemptResult(happened or classify(status, error, call.request.effect), value, error, status, headers)
