"""The records for observers: frozen, documented, logged at their level, and never in the way of a call."""

from __future__ import annotations

import ast
import inspect
import logging
import pickle
from typing import Any

import attrs
import pytest

from aiointercom import RateLimit, events
from aiointercom.events import (
    CallCancelled,
    Event,
    Observer,
    OutcomeSettled,
    Paced,
    RequestSent,
    ResponseReceived,
    RetryScheduled,
    VersionDiffers,
)

# Not Event.__subclasses__(): until the next garbage collection that also has the classes from which attrs made the
# slotted ones.
KINDS = [
    kind for kind in vars(events).values() if isinstance(kind, type) and issubclass(kind, Event) and kind is not Event
]
VALUES: dict[str, Any] = {
    "asked": "9.1",
    "answered": "9.2",
    "call": 7,
    "operation": "POST /conversations/redact",
    "ids": {"conversation_id": "471"},
    "attempt": 1,
    "attempts": 1,
    "sent_at": 1.0,
    "duration": 0.1,
    "status": 200,
    "reason": "lost",
    "delay": 0.5,
    "waited": 2.0,
    "rate_limit": RateLimit(1, 1, 1.0),
    "outcome": "redacted",
    "by_reading": True,
    "stage": "sent",
    "may_be_applied": True,
}


def example(kind: type[Event]) -> Event:
    """One record of a kind."""
    return kind(**{field.name: VALUES[field.name] for field in attrs.fields(kind) if field.name in VALUES})


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_records_are_frozen_slotted_and_picklable(kind: type[Event]) -> None:
    """A record cannot be changed, holds nothing else, and can be sent to another process."""
    record = example(kind)
    for name in ("call", "unknown"):
        with pytest.raises(AttributeError):
            setattr(record, name, 1)
    assert not hasattr(record, "__dict__")
    assert pickle.loads(pickle.dumps(record)) == record


def test_every_field_is_documented() -> None:
    """Each class has a docstring, and each field has one under it, or a name that says it all beside a documented
    one.
    """
    tree = ast.parse(inspect.getsource(events))
    for node in [
        n for n in tree.body if isinstance(n, ast.ClassDef) and n.name in {k.__name__ for k in [Event, *KINDS]}
    ]:
        assert ast.get_docstring(node)
        documented = {
            before.target.id
            for before, after in zip(node.body, node.body[1:], strict=False)
            if isinstance(before, ast.AnnAssign) and isinstance(before.target, ast.Name) and isinstance(after, ast.Expr)
        }
        fields = {n.target.id for n in node.body if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)}
        assert fields - documented <= {"level", "attempt"}


@pytest.mark.parametrize(
    ("kind", "level"),
    [
        (RequestSent, logging.DEBUG),
        (ResponseReceived, logging.DEBUG),
        (RetryScheduled, logging.INFO),
        (Paced, logging.INFO),
        (OutcomeSettled, logging.INFO),
        (CallCancelled, logging.INFO),
        (VersionDiffers, logging.WARNING),
    ],
)
def test_level_of_each_record(kind: type[Event], level: int, caplog: pytest.LogCaptureFixture) -> None:
    """The logger "aiointercom" prints each record whole, at its level, and nothing when nobody listens."""
    record = example(kind)
    observer = Observer()
    with caplog.at_level(level, "aiointercom"):
        assert observer.wants(kind)
        observer.tell(record)
    with caplog.at_level(level + 1, "aiointercom"):
        assert not observer.wants(kind)
        observer.tell(record)
    [printed] = caplog.records
    assert (printed.name, printed.levelno, printed.getMessage()) == ("aiointercom", level, str(record))


def test_all_kinds_are_in_the_table() -> None:
    """No kind of record was forgotten above."""
    assert set(KINDS) == {
        RequestSent,
        ResponseReceived,
        RetryScheduled,
        Paced,
        OutcomeSettled,
        CallCancelled,
        VersionDiffers,
    }


def test_an_observer_gets_every_kind(caplog: pytest.LogCaptureFixture) -> None:
    """A function gets all records, whatever the logger's level is."""
    got: list[Event] = []
    observer = Observer(got.append)
    with caplog.at_level(logging.CRITICAL, "aiointercom"):
        for kind in KINDS:
            assert observer.wants(kind)
            observer.tell(example(kind))
    assert [type(record) for record in got] == KINDS
    assert caplog.records == []


def test_an_observer_that_fails_is_logged_by_name(caplog: pytest.LogCaptureFixture) -> None:
    """What an observer raises is not raised again: its class is logged, without its text and without a traceback."""

    def fail(_event: Event) -> None:
        raise ValueError("Rumpelstilzchen")

    Observer(fail).tell(example(RequestSent))
    [printed] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert printed.getMessage() == "on_event raised ValueError"
    assert printed.exc_info is None
    assert "Rumpelstilzchen" not in caplog.text


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_an_observer_may_stop_the_program(kind: type[BaseException]) -> None:
    """What is meant to end the program passes through."""

    def stop(_event: Event) -> None:
        raise kind

    with pytest.raises(kind):
        Observer(stop).tell(example(RequestSent))
