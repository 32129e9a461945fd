"""The tree of errors: as drawn, complete in the public names, picklable with all that they carry, silent about what
they must not tell.
"""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime
from typing import Any

import pytest

import aiointercom
from aiointercom import cleanup, errors
from aiointercom.errors import (
    AlreadyTicketError,
    APIError,
    AttributeProblem,
    ClientClosedError,
    ConfigurationError,
    DetectorError,
    ErrorDetail,
    IntercomError,
    InvalidAttributesError,
    InvalidInputError,
    LedgerError,
    NotificationError,
    NotSentError,
    OutcomeUnknownError,
    PartNotRedactableError,
    PlanError,
    RateLimit,
    RateLimitedError,
    ResponseLostError,
    SignatureError,
    UnreadableResponseError,
    WebhookError,
    WrongEventLoopError,
)

WORD = "Rumpelstilzchen"


def classes(root: type[IntercomError] = IntercomError) -> list[type[IntercomError]]:
    """The tree, from its root on."""
    return [root, *(kind for child in root.__subclasses__() for kind in classes(child))]


def drawn() -> set[tuple[str, str | None]]:
    """Each class of the drawing in the docstring, and the class above it."""
    found: set[tuple[str, str | None]] = set()
    above: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        name = line.lstrip("│├└─ ")
        if name.isidentifier() and name.endswith("Error"):
            depth = (len(line) - len(name)) // 4
            del above[depth:]
            found.add((name, above[-1] if above else None))
            above.append(name)
    return found


def test_the_drawing_is_the_tree() -> None:
    """What the docstring draws is what the classes are."""
    real = {(kind.__name__, kind.__mro__[1].__name__ if kind is not IntercomError else None) for kind in classes()}
    assert drawn() == real


def test_all_are_public() -> None:
    """Every error, and each record that one carries, is a public name of the package."""
    names = {kind.__name__ for kind in classes()} | {"RateLimit", "ErrorDetail", "AttributeProblem"}
    assert names <= set(aiointercom.__all__)
    assert all(getattr(aiointercom, name) is getattr(errors, name) for name in names)


@pytest.mark.parametrize("kind", [DetectorError, LedgerError, PlanError])
def test_errors_of_clean_ups_belong_to_the_clean_ups(kind: type[IntercomError]) -> None:
    """They are defined in `aiointercom.cleanup`, and importable from there, from the package and from
    `aiointercom.errors`.
    """
    assert kind.__module__ == "aiointercom.cleanup.errors"
    assert kind is getattr(cleanup, kind.__name__) is getattr(errors, kind.__name__)
    with pytest.raises(AttributeError, match="LedgerErrors"):
        _ = errors.LedgerErrors  # type: ignore[attr-defined]


def test_each_says_what_it_means() -> None:
    """Every class has a docstring of its own."""
    assert all(kind.__doc__ and kind.__doc__ is not kind.__mro__[1].__doc__ for kind in classes())


DETAILS = (ErrorDetail("parameter_invalid", f"{WORD} is wrong", "ticket_type_id"), ErrorDetail(None))
OWN: dict[type[IntercomError], dict[str, Any]] = {
    IntercomError: {},
    ConfigurationError: {},
    ClientClosedError: {},
    WrongEventLoopError: {},
    InvalidInputError: {},
    InvalidAttributesError: {"problems": (AttributeProblem("unknown_item", "Priority", ("High", "Low")),)},
    LedgerError: {},
    WebhookError: {},
    SignatureError: {},
    NotificationError: {},
    PlanError: {"line": 7},
    DetectorError: {"conversation_id": "471", "part_id": "115", "detector": "iban", "failure": "KeyError"},
    NotSentError: {"attempts": 3},
    ResponseLostError: {"attempts": 3},
    OutcomeUnknownError: {
        "operation": "POST /conversations/redact",
        "ids": {"conversation_id": "471", "conversation_part_id": 115},
        "sent_at": 1_700_000_000.25,
        "attempts": 2,
        "reason": "reading back failed",
    },
    UnreadableResponseError: {"status": 200, "request_id": "r-1", "attempts": 2},
}


def example(kind: type[IntercomError]) -> IntercomError:
    """One error of a class with every attribute set."""
    given = OWN.get(kind) if not issubclass(kind, APIError) else None
    if given is not None:
        return kind("what happened", **given)
    assert issubclass(kind, APIError)
    error = kind("what happened", status=418, code="a_code", errors=DETAILS, request_id="r-1", attempts=4)
    if isinstance(error, RateLimitedError):
        error.retry_after, error.rate_limit = 2.5, RateLimit(100, 0, 1_700_000_010.0)
    if isinstance(error, AlreadyTicketError):
        error.ticket_id = "493"
    if isinstance(error, PartNotRedactableError):
        error.reason = "the part has no body"
    return error


def same_but_for_messages(error: IntercomError, again: BaseException) -> bool:
    """Say whether two errors are alike in class, text and all attributes, when Intercom's own messages are left out."""
    mine, theirs = dict(vars(error)), dict(vars(again))
    details, left = mine.pop("errors", ()), theirs.pop("errors", ())
    alike = [(d.code, d.field) for d in details] == [(d.code, d.field) for d in left]
    return alike and type(again) is type(error) and (again.args, theirs) == (error.args, mine)


@pytest.mark.parametrize("kind", classes(), ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickling_keeps_everything_but_messages(kind: type[IntercomError], protocol: int) -> None:
    """Each error comes out of a pickle with its class, text and attributes; Intercom's messages, which may quote, stay
    behind.
    """
    error = example(kind)
    packed = pickle.dumps(error, protocol)
    assert WORD.encode() not in packed
    again = pickle.loads(packed)
    assert same_but_for_messages(error, again)
    assert all(detail.message is None for detail in getattr(again, "errors", ()))
    assert same_but_for_messages(again, pickle.loads(pickle.dumps(again)))


@pytest.mark.parametrize("kind", classes(), ids=lambda kind: kind.__name__)
def test_copies_and_groups(kind: type[IntercomError]) -> None:
    """Errors can be copied, put into a group, raised, caught by their root, and carry notes."""
    error = example(kind)
    error.add_note("seen by the worker")
    for again in (
        copy.copy(error),
        copy.deepcopy(error),
        pickle.loads(pickle.dumps(ExceptionGroup("g", [error]))).exceptions[0],
    ):
        assert same_but_for_messages(error, again)
        assert again.__notes__ == ["seen by the worker"]
    with pytest.raises(IntercomError):
        raise error


@pytest.mark.parametrize("kind", classes(), ids=lambda kind: kind.__name__)
def test_printing(kind: type[IntercomError]) -> None:
    """An error prints the text it was made with, and nothing of the messages that it carries."""
    error = example(kind)
    assert str(error) == "what happened"
    assert WORD not in f"{error!r}{error}{vars(error)}"


STATUSES = {
    400: {"BadRequestError", "NotificationError", "WebhookError"},
    401: {"SignatureError"},
    404: {"NotFoundError"},
    409: {"AlreadyTicketError", "ConflictError"},
    422: {"InvalidAttributesError", "InvalidInputError", "PartNotRedactableError", "UnprocessableError"},
    500: {"ConfigurationError", "DetectorError", "IntercomError", "LedgerError", "PlanError", "WrongEventLoopError"},
    502: {
        "APIError",
        "ForbiddenError",
        "ResponseLostError",
        "ServerError",
        "UnauthorizedError",
        "UnreadableResponseError",
    },
    503: {"ClientClosedError", "NotSentError", "RateLimitedError"},
    504: {"OutcomeUnknownError"},
}
"""What a web app answers with: 4xx for what its caller named, 500 for its own faults, 502 to 504 for Intercom's."""


@pytest.mark.parametrize("kind", classes(), ids=lambda kind: kind.__name__)
def test_status_for_the_callers_of_a_web_app(kind: type[IntercomError]) -> None:
    """Every error has one status for a web app's own caller, also once it was pickled, whatever status Intercom
    answered with.
    """
    error = pickle.loads(pickle.dumps(example(kind)))
    assert kind.__name__ in STATUSES[error.http_status]
    assert sum(kind.__name__ in kinds for kinds in STATUSES.values()) == 1


def test_messages_are_there_for_who_asks() -> None:
    """Intercom's explanation can be read from the error, though it is not printed: its length is."""
    error = example(APIError)
    assert isinstance(error, APIError)
    assert error.errors[0].message == f"{WORD} is wrong"
    assert f"<{len(f'{WORD} is wrong')} chars>" in repr(error.errors[0])
    assert "None" in repr(error.errors[1])


def test_when_a_write_was_sent_is_told_in_utc() -> None:
    """The moment is an aware datetime."""
    error = example(OutcomeUnknownError)
    assert isinstance(error, OutcomeUnknownError)
    assert error.sent_at == datetime.fromtimestamp(1_700_000_000.25, UTC)


def test_ids_of_an_unknown_outcome_are_its_own() -> None:
    """The error keeps a copy: what happens to the mapping later does not change it."""
    ids: dict[str, str | int] = {"conversation_id": "1"}
    error = OutcomeUnknownError("x", operation="POST /x", ids=ids, sent_at=0.0)
    ids.clear()
    assert error.ids == {"conversation_id": "1"}


def test_records_are_frozen() -> None:
    """The small records that errors carry cannot be changed, and are equal by value."""
    limit = RateLimit(1, 1, 1.0)
    with pytest.raises(AttributeError):
        limit.limit = 5  # type: ignore[misc]
    assert limit == RateLimit(1, 1, 1.0)
    assert {limit, RateLimit(1, 1, 1.0)} == {limit}
