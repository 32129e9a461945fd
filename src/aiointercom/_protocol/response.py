"""PURE: status, headers and bytes of an answer -> its JSON, or the right error, whatever the body is.

Errors made here do not hold the body and are not chained to the parser's errors, which hold it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import cast

from aiointercom._values.json_types import JSONArray, JSONMapping, JSONObject
from aiointercom._values.validation import id_like
from aiointercom.errors import (
    AlreadyTicketError,
    APIError,
    BadRequestError,
    ConflictError,
    ErrorDetail,
    ForbiddenError,
    NotFoundError,
    PartNotRedactableError,
    RateLimitedError,
    ServerError,
    UnauthorizedError,
    UnprocessableError,
    UnreadableResponseError,
)

from .json_decoder import loads

BY_STATUS: dict[int, type[APIError]] = {
    400: BadRequestError,
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    422: UnprocessableError,
    429: RateLimitedError,
}
# https://developers.intercom.com/docs/references/rest-api/errors/error-codes
BY_CODE: dict[str, type[APIError]] = {
    "conversation_part_not_redactable": PartNotRedactableError,
    "rate_limit_exceeded": RateLimitedError,
    "unauthorized": UnauthorizedError,
    "missing_authorization": UnauthorizedError,
    "token_unauthorized": UnauthorizedError,
    "token_not_found": UnauthorizedError,
    "token_revoked": UnauthorizedError,
    "token_blocked": UnauthorizedError,
    "token_expired": UnauthorizedError,
    "not_found": NotFoundError,
    "conversation_part_or_message_not_found": NotFoundError,
}
READS_BY_ID = {
    "GET /conversations/{conversation_id}": ("conversation", "conversation_id"),
    "GET /tickets/{ticket_id}": ("ticket", "ticket_id"),
    "GET /ticket_types/{ticket_type_id}": ("ticket_type", "ticket_type_id"),
}
"""Which object each read by id asks for: its `type`, and the name of the id in the path. A ticket that was a
conversation has the same id."""
_UNREADABLE = object()
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}")


def decode(status: int, headers: Mapping[str, str], body: bytes) -> object:
    """Return the JSON of a successful answer; None for 204.

    Raises:
        APIError: Intercom's error list, whatever the status, or any status of 400 and above; the subclass that fits
            best.
        UnreadableResponseError: A success without readable JSON, or a redirect.
    """
    data: object = None if status == HTTPStatus.NO_CONTENT else _parse(body)
    if is_error_list(data) or status >= HTTPStatus.BAD_REQUEST:
        raise api_error(status, headers, data)
    if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        raise unreadable(status, headers, "that is no success", data)
    if data is _UNREADABLE:
        raise unreadable(status, headers, "without readable JSON")
    return data


def not_what_was_asked(
    operation: str, ids: Mapping[str, str | int], status: int, headers: Mapping[str, str], answer: JSONMapping
) -> UnreadableResponseError | None:
    """Make the error for a read whose answer is not about what was asked; None: it is, as far as the answer tells.

    A read by id must bring the object with that id. An answer that does not tell its `type` is judged by its id alone.
    Of `/me`, which asks for no id, the ids of the admin and of the workspace must be such as can be kept and shown.
    """
    if operation in READS_BY_ID:
        what = _other_object(*READS_BY_ID[operation], ids, answer)
    else:
        what = _odd_id(answer) if operation == "GET /me" else None
    return None if what is None else unreadable(status, headers, what, answer)


def _other_object(kind: str, name: str, ids: Mapping[str, str | int], answer: JSONMapping) -> str | None:
    asked, told, id = id_like(ids[name]), answer.get("type"), id_like(answer.get("id"))
    if id is not None and id == asked and told in (kind, None):
        return None
    found = f"{code_like(told) or 'an object'} {code_like(id) or 'without a readable id'}"
    return f"about {found} in place of {kind} {asked}"


def _odd_id(me: JSONMapping) -> str | None:
    app = me.get("app")
    workspace = cast("JSONObject", app).get("id_code") if isinstance(app, dict) else None
    for name, id in (("admin", me.get("id")), ("workspace", workspace)):
        if id not in (None, "") and id_like(id) is None:
            return f"in which the id of the {name} is not readable"
    return None


def unreadable(status: int, headers: Mapping[str, str], what: str, data: object = None) -> UnreadableResponseError:
    """Make the error for an answer that is not what the API promises."""
    request_id = _request_id(headers, data)
    return UnreadableResponseError(
        f"an answer {what}{_where(status, request_id)}", status=status, request_id=request_id
    )


def api_error(status: int, headers: Mapping[str, str], data: object) -> APIError:
    """Make the error for an answer that refuses: the class by code where the code says more, else by status."""
    ours = is_error_list(data)
    details = tuple(_details(data)) if ours else ()  # a code in a body that is not Intercom's is not Intercom's word
    code = details[0].code if details else None
    request_id = _request_id(headers, data)
    text = "refused" + (f": {code}" if code else "") + _where(status, request_id)
    if not ours:
        text += ": the body is not Intercom's, so something in between answered"
    return _class_of(status, code)(
        text, status=status, code=code, errors=details, request_id=request_id, from_intercom=ours
    )


def is_error_list(data: object) -> bool:
    """Say whether an answer's JSON is Intercom's own refusal."""
    return isinstance(data, dict) and cast("JSONObject", data).get("type") == "error.list"


def _parse(body: bytes) -> object:
    try:
        return loads(body)
    except (ValueError, RecursionError):
        return _UNREADABLE


def _class_of(status: int, code: str | None) -> type[APIError]:
    by_code = BY_CODE.get(code or "")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ServerError
    # A code narrows 400 and names the error of a "successful" answer; it never turns one refusal into another.
    if by_code and (status < HTTPStatus.BAD_REQUEST or by_code in (PartNotRedactableError, RateLimitedError)):
        return by_code
    return BY_STATUS.get(status, APIError)


def _details(data: object) -> list[ErrorDetail]:
    """Read the error list; older answers have `type` where newer ones have `code`."""
    errors = cast("JSONObject", data).get("errors") if isinstance(data, dict) else None
    items = (
        [cast("JSONObject", item) for item in cast("JSONArray", errors) if isinstance(item, dict)]
        if isinstance(errors, list)
        else []
    )
    return [
        ErrorDetail(
            code_like(item.get("code") or item.get("type")), _text(item.get("message")), code_like(item.get("field"))
        )
        for item in items
    ]


def _request_id(headers: Mapping[str, str], data: object) -> str | None:
    own = cast("JSONObject", data).get("request_id") if isinstance(data, dict) else None
    return code_like(own) or code_like(headers.get("x-request-id"))


def _where(status: int, request_id: str | None) -> str:
    return f" (status {status}" + (f", request {request_id})" if request_id else ")")


def code_like(value: object) -> str | None:
    """Let through what looks like a code or an id; anything else could be somebody's words."""
    return value if isinstance(value, str) and _NAME.fullmatch(value) else None


def _text(value: object) -> str | None:
    return value.strip() if isinstance(value, str) else None


def already_ticket(refusal: APIError | None, ticket_id: str, operation: str) -> AlreadyTicketError:
    """Make the error for a conversation that was a ticket before, from Intercom's refusal if there was one."""
    error = AlreadyTicketError(
        f"{operation}: the conversation is ticket {ticket_id} already",
        status=refusal.status if refusal else HTTPStatus.CONFLICT,
        code=refusal.code if refusal else None,
        errors=refusal.errors if refusal else (),
        request_id=refusal.request_id if refusal else None,
        attempts=refusal.attempts if refusal else 1,
        from_intercom=True if refusal is None else refusal.from_intercom,
    )
    error.ticket_id = ticket_id
    return error
