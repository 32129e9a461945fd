"""Every body that an answer may carry, under every status: its JSON, or the right error, and never a word of it in the
error.
"""

from __future__ import annotations

import json
import pickle
import traceback
from http import HTTPStatus
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiointercom._protocol.response import already_ticket, decode
from aiointercom.errors import (
    APIError,
    BadRequestError,
    ConflictError,
    ForbiddenError,
    IntercomError,
    NotFoundError,
    PartNotRedactableError,
    RateLimitedError,
    ServerError,
    UnauthorizedError,
    UnprocessableError,
    UnreadableResponseError,
)

WORD = "Rumpelstilzchen"
UUID = "b3f8e8f0-5f0e-4c34-9f5a-0d1b2c3d4e5f"


def error_list(code: Any = "parameter_invalid", **more: Any) -> bytes:
    """Intercom's error answer."""
    item = {"code": code, "message": f"{WORD} is no number"}
    return json.dumps({"type": "error.list", "request_id": UUID, "errors": [item], **more}).encode()


BODIES = {
    "html": f"<html><body>504 {WORD}</body></html>".encode(),
    "empty": b"",
    "blank": b"  \n",
    "null": b"null",
    "list": json.dumps([WORD]).encode(),
    "string": json.dumps(WORD).encode(),
    "number": b"17",
    "object": json.dumps({"message": WORD}).encode(),
    "errors null": b'{"type": "error.list", "errors": null}',
    "errors object": json.dumps({"type": "error.list", "errors": {"code": WORD}}).encode(),
    "errors of strings": json.dumps({"type": "error.list", "errors": [WORD, None, 3]}).encode(),
    "no errors": b'{"type": "error.list", "errors": []}',
    "error list": error_list(),
    "cut short": error_list()[:-20],
    "bad utf-8": b'{"type": "error.list", "errors": [{"code": "\xff\xfe"}]}',
    "utf-16": json.dumps({"message": WORD}).encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf" + error_list(),
    "deep": b"[" * 200_000,
    "deep object": b'{"a":' * 200_000,
    "huge integer": b'{"id": ' + b"9" * 10_000 + b"}",
    "huge exponent": b'{"id": 1e999999}',
    "nan": b'{"id": NaN}',
    "lone surrogate": b'{"type": "error.list", "errors": [{"code": "\\ud800", "message": "\\ud800"}]}',
    "nul bytes": b"\x00" * 64,
}
READABLE = {"null", "list", "string", "number", "object", "utf-16", "huge exponent", "nan"}
REFUSING = {
    "errors null",
    "errors object",
    "errors of strings",
    "no errors",
    "error list",
    "lone surrogate",
    "byte order mark",
}
FAILURES = [
    (400, BadRequestError),
    (401, UnauthorizedError),
    (402, APIError),
    (403, ForbiddenError),
    (404, NotFoundError),
    (405, APIError),
    (406, APIError),
    (408, APIError),
    (409, ConflictError),
    (410, APIError),
    (415, APIError),
    (418, APIError),
    (422, UnprocessableError),
    (429, RateLimitedError),
    (500, ServerError),
    (501, ServerError),
    (502, ServerError),
    (503, ServerError),
    (504, ServerError),
    (520, ServerError),
    (599, ServerError),
]


def refusal(status: int, body: bytes, headers: dict[str, str] | None = None) -> IntercomError:
    """The error that an answer becomes."""
    with pytest.raises(IntercomError) as caught:
        decode(status, headers or {}, body)
    return caught.value


def told_status(status: int, headers: dict[str, str], body: bytes) -> int:
    """The status that the error names; that of the answer where there is no error. Any other exception passes
    through.
    """
    try:
        decode(status, headers, body)
    except (APIError, UnreadableResponseError) as error:
        return error.status
    return status


def printed(error: BaseException) -> str:
    """Everything that may show an error to somebody."""
    lines = [*traceback.format_exception(error), str(error), repr(error), str(pickle.dumps(error))]
    return "\n".join([*lines, repr(getattr(error, "errors", ()))])


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
@pytest.mark.parametrize(("status", "kind"), FAILURES)
def test_status_decides_whatever_the_body_is(status: int, kind: type[APIError], body: bytes) -> None:
    """Each status of 400 and above is its own error, with any body, and no word of the body is printed or pickled."""
    error = refusal(status, body)
    assert type(error) is kind
    assert isinstance(error, APIError)
    assert error.status == status
    assert f"status {status}" in str(error)
    assert WORD not in printed(error)


@pytest.mark.parametrize("status", [200, 201, 202, 206, 299])
@pytest.mark.parametrize("name", BODIES)
def test_success_with_any_body(status: int, name: str) -> None:
    """A success is its JSON, or an unreadable answer; an error list is a refusal, though it comes with 200."""
    if name in READABLE:
        decode(status, {}, BODIES[name])
        return
    error = refusal(status, BODIES[name])
    assert isinstance(error, APIError if name in REFUSING else UnreadableResponseError)
    assert getattr(error, "status", None) == status
    assert WORD not in printed(error)


@pytest.mark.parametrize("status", [100, 300, 301, 302, 304, 307, 308, 399])
@pytest.mark.parametrize("name", sorted(set(BODIES) - REFUSING))
def test_redirects_are_no_answers(status: int, name: str) -> None:
    """A redirect is never followed and never a success, whatever its body."""
    error = refusal(status, BODIES[name], {"location": f"https://example.com/{WORD}"})
    assert isinstance(error, UnreadableResponseError | APIError)
    assert WORD not in printed(error)


def test_no_content_has_no_value() -> None:
    """204 is a success without a value, and its body is not even looked at."""
    assert decode(204, {}, b"") is None
    assert decode(204, {}, b"<html>") is None


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("rate_limit_exceeded", RateLimitedError),
        ("unauthorized", UnauthorizedError),
        ("token_revoked", UnauthorizedError),
        ("token_expired", UnauthorizedError),
        ("token_blocked", UnauthorizedError),
        ("token_not_found", UnauthorizedError),
        ("token_unauthorized", UnauthorizedError),
        ("missing_authorization", UnauthorizedError),
        ("not_found", NotFoundError),
        ("conversation_part_or_message_not_found", NotFoundError),
        ("conversation_part_not_redactable", PartNotRedactableError),
        ("something_new", APIError),
        (None, APIError),
    ],
)
def test_error_list_with_200(code: str | None, kind: type[APIError]) -> None:
    """A 200 that carries an error list is the error of its code, with the status that came."""
    error = refusal(200, error_list(code))
    assert type(error) is kind
    assert (error.status, error.code) == (200, code)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "conversation_part_not_redactable", PartNotRedactableError),
        (403, "conversation_part_not_redactable", PartNotRedactableError),
        (400, "rate_limit_exceeded", RateLimitedError),
        (500, "rate_limit_exceeded", ServerError),
        (502, "unauthorized", ServerError),
        (404, "unauthorized", NotFoundError),
        (400, "not_found", BadRequestError),
        (401, "not_found", UnauthorizedError),
        (429, "unauthorized", RateLimitedError),
        (422, "parameter_invalid", UnprocessableError),
    ],
)
def test_code_narrows_and_never_turns_a_refusal_into_another(status: int, code: str, kind: type[APIError]) -> None:
    """The status stays the judge; a code only says more where the status says little."""
    assert type(refusal(status, error_list(code))) is kind


@pytest.mark.parametrize(
    ("item", "code", "message", "field"),
    [
        ({"code": "a_code", "message": "m"}, "a_code", "m", None),
        ({"type": "legacy", "message": "m"}, "legacy", "m", None),
        ({"type": None, "code": "a_code"}, "a_code", None, None),
        ({"code": None, "type": "legacy"}, "legacy", None, None),
        ({"code": "", "type": "legacy"}, "legacy", None, None),
        ({"code": "a_code", "message": "Unauthorized \n"}, "a_code", "Unauthorized", None),
        ({"code": "a_code", "message": 5}, "a_code", None, None),
        ({"code": 17}, None, None, None),
        ({"code": ["a"]}, None, None, None),
        ({"code": f"{WORD} with blanks"}, None, None, None),
        ({"code": "x" * 101}, None, None, None),
        ({"code": "a\n"}, None, None, None),
        ({"code": "a_code", "field": "ticket_type_id"}, "a_code", None, "ticket_type_id"),
        ({"code": "a_code", "field": f"{WORD} !"}, "a_code", None, None),
        ({}, None, None, None),
    ],
)
def test_entries_of_the_error_list(item: dict, code: str | None, message: str | None, field: str | None) -> None:
    """Code (or the older `type`), message and field of an entry are read where they are what they should be, else
    None.
    """
    error = refusal(400, json.dumps({"type": "error.list", "errors": [item]}).encode())
    assert isinstance(error, APIError)
    assert [(detail.code, detail.message, detail.field) for detail in error.errors] == [(code, message, field)]
    assert error.code == code


def test_a_code_in_a_body_that_is_not_intercoms_is_not_intercoms_word() -> None:
    """A proxy's own JSON may have errors with codes too; they decide nothing, and the text says whose the body is
    not.
    """
    body = json.dumps({"errors": [{"code": "conversation_part_not_redactable"}]}).encode()
    error = refusal(400, body)
    assert isinstance(error, APIError)
    assert (type(error), error.code, error.errors, error.from_intercom) == (BadRequestError, None, (), False)
    assert "not Intercom's" in str(error)


def test_all_entries_are_kept_and_the_first_names_the_code() -> None:
    """An error list of several entries loses none of them."""
    body = json.dumps({"type": "error.list", "errors": [{"code": "one"}, "no object", {"code": "two"}]}).encode()
    error = refusal(400, body)
    assert isinstance(error, APIError)
    assert [detail.code for detail in error.errors] == ["one", "two"]
    assert error.code == "one"


@pytest.mark.parametrize(
    ("body_id", "header_id", "told"),
    [
        (UUID, None, UUID),
        (UUID, "from-header", UUID),
        ("000hjqhpf95ef3b8f8v0", None, "000hjqhpf95ef3b8f8v0"),
        (None, "from-header", "from-header"),
        (17, "from-header", "from-header"),
        ([], None, None),
        ("", "from-header", "from-header"),
        (f"{WORD} has blanks", None, None),
        (f"{WORD}\n", "from-header", "from-header"),
        (None, f"{WORD} has blanks", None),
        (None, None, None),
        (None, "x" * 101, None),
    ],
)
def test_request_id(body_id: Any, header_id: str | None, told: str | None) -> None:
    """The request id comes from the body, else from the header, and only what looks like an id is told."""
    headers = {} if header_id is None else {"x-request-id": header_id}
    body = json.dumps({"type": "error.list", "request_id": body_id, "errors": []}).encode()
    for status in (400, 500):
        error = refusal(status, body, headers)
        assert isinstance(error, APIError)
        assert error.request_id == told
        assert (f"request {told}" in str(error)) is (told is not None)


def test_request_id_of_an_unreadable_answer() -> None:
    """An answer without JSON has its request id from the header; a redirect with JSON has it from the body."""
    assert refusal(200, b"", {"x-request-id": "abc"}).request_id == "abc"  # type: ignore[attr-defined]
    assert refusal(302, json.dumps({"request_id": "abc"}).encode()).request_id == "abc"  # type: ignore[attr-defined]


def test_nothing_is_chained_to_the_parsers_error() -> None:
    """The parser's error, which holds the whole body, is neither cause nor context."""
    error = refusal(200, BODIES["html"])
    assert error.__cause__ is None
    assert error.__context__ is None


def test_already_ticket_keeps_what_the_refusal_said() -> None:
    """The error for a conversation that is a ticket already keeps code, status, list and request id of Intercom's own
    refusal.
    """
    refused = refusal(400, error_list())
    assert isinstance(refused, APIError)
    refused.attempts = 3
    error = already_ticket(refused, "52", "POST /x")
    told = (error.ticket_id, error.status, error.code, error.errors, error.request_id, error.attempts)
    assert told == ("52", 400, "parameter_invalid", refused.errors, UUID, 3)
    assert WORD not in printed(error)


def test_already_ticket_without_a_refusal() -> None:
    """Where the answer was lost, the error says conflict and names the ticket."""
    error = already_ticket(None, "52", "POST /x")
    assert (error.ticket_id, error.status, error.code, error.errors) == ("52", HTTPStatus.CONFLICT, None, ())


@given(st.integers(100, 599), st.binary(max_size=200), st.dictionaries(st.just("x-request-id"), st.text(max_size=30)))
def test_nothing_else_is_ever_raised(status: int, body: bytes, headers: dict[str, str]) -> None:
    """Whatever comes is a value or an error of ours."""
    assert told_status(status, headers, body) == status


Json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "errors", "code", "message", "request_id", "field"]), inner, max_size=4
        )
    ),
)


@given(st.sampled_from([200, 204, 302, 400, 401, 429, 500]), Json)
def test_no_shape_of_an_error_raises_anything_else(status: int, body: Any) -> None:
    """Nor does any JSON, however its known keys are nested and typed."""
    value = dict.fromkeys(["type"], "error.list") | body if isinstance(body, dict) else body
    assert told_status(status, {}, json.dumps(value).encode()) == status
