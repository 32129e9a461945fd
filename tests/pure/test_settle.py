"""What an answer or a read may look like when a write is confirmed or settled: nothing in it raises, and only a clear
sign is a success.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiointercom._delivery.settle import Done, Sent
from aiointercom._writes.conversion import Conversion
from aiointercom._writes.redaction import PartRedaction, SourceRedaction
from aiointercom.errors import PartNotRedactableError

PART, SOURCE = PartRedaction("471", "115"), SourceRedaction(471, 900)
TICKET = Conversion("471", "79", {"_default_title_": "x", "note": 5})
KEYS = [
    "id",
    "type",
    "redacted",
    "source",
    "author",
    "conversation_parts",
    "total_count",
    "ticket",
    "body",
    "ticket_type",
    "ticket_attributes",
    "ticket_parts",
    "part_type",
    "created_at",
]
Json = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 600) | st.sampled_from(["471", "115", "900", "79", "x", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=20,
)
Objects = st.dictionaries(st.sampled_from(KEYS), Json, max_size=6)


class Reader:
    """A reader that answers every read with the same object."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.answer = answer

    async def send(self, *_: object, **__: object) -> dict[str, Any]:
        return self.answer


def finish(reading: Any) -> Any:
    """Run something that never really waits."""
    try:
        reading.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("it waited")


@given(Objects)
def test_confirming_never_raises(answer: dict[str, Any]) -> None:
    """Any JSON object confirms a write or does not."""
    for settle in (PART, SOURCE, TICKET):
        assert settle.confirms(answer) in (True, False)


@given(Objects, st.booleans(), st.sampled_from([None, 0.0, 1e10]))
def test_settling_never_raises(read: dict[str, Any], refused: bool, since: float | None) -> None:
    """Any JSON object that a read brings settles the write or leaves it unknown; done means that the read showed it."""
    for settle in (PART, SOURCE, TICKET):
        refusal = PartNotRedactableError("x", status=400) if refused else None
        verdict = finish(settle.read_back(Reader(read), Sent(refusal, since)))  # type: ignore[arg-type]
        if isinstance(verdict, Done):
            assert str(read["id"]) == "471"
            assert verdict.answer == read


@pytest.mark.parametrize(
    ("answer", "confirmed"),
    [
        ({"id": "471", "conversation_parts": {"conversation_parts": [{"id": "115", "redacted": True}]}}, True),
        ({"id": 471, "conversation_parts": {"conversation_parts": [{"id": 115, "redacted": True}]}}, True),
        ({"id": "471", "conversation_parts": {"conversation_parts": [{"id": "115", "redacted": False}]}}, False),
        ({"id": "471", "conversation_parts": {"conversation_parts": [{"id": "115", "redacted": "true"}]}}, False),
        ({"id": "471", "conversation_parts": {"conversation_parts": [{"id": "115"}]}}, False),
        ({"id": "471", "conversation_parts": {"conversation_parts": [{"id": "116", "redacted": True}]}}, False),
        (
            {"type": "conversation", "id": "471", "conversation_parts": {"conversation_parts": [], "total_count": 1}},
            True,
        ),
        ({"type": "conversation", "id": "471", "conversation_parts": {"conversation_parts": [{}] * 500}}, True),
        ({"id": "471", "conversation_parts": {"conversation_parts": [{}] * 500}}, False),
        (
            {
                "type": "ticket",
                "id": "471",
                "conversation_parts": {"conversation_parts": [{"id": "115", "redacted": True}]},
            },
            False,
        ),
        ({"id": "471", "conversation_parts": {"conversation_parts": [{}] * 499}}, False),
        ({"type": "conversation", "id": "471"}, False),
        ({"id": "471", "status": "queued"}, False),
        ({"id": "472", "conversation_parts": {"conversation_parts": [{"id": "115", "redacted": True}]}}, False),
        ({}, False),
    ],
)
def test_what_confirms_the_redaction_of_a_part(answer: dict, confirmed: bool) -> None:
    """The part must say so, in the conversation that was asked for; beyond the 500 parts that come, Intercom's 200
    stands.
    """
    assert PART.confirms(answer) is confirmed


@pytest.mark.parametrize(
    ("answer", "confirmed"),
    [
        ({"id": "471", "source": {"id": "900", "redacted": True}}, True),
        ({"id": "471", "source": {"id": "901", "redacted": True}}, False),
        ({"id": "471", "source": {"id": "900", "redacted": False}}, False),
        ({"id": "471", "source": {"id": "900"}}, False),
        ({"type": "ticket", "id": "471", "source": {"id": "900", "redacted": True}}, False),
        ({"type": "conversation", "id": "471", "source": None}, False),
        ({"type": "conversation", "id": "471"}, False),
        ({"id": "472", "source": {"id": "900", "redacted": True}}, False),
        ({}, False),
    ],
)
def test_what_confirms_the_redaction_of_a_source(answer: dict, confirmed: bool) -> None:
    """The source must say so, under its id, in the conversation that was asked for."""
    assert SOURCE.confirms(answer) is confirmed


@pytest.mark.parametrize(
    ("answer", "confirmed"),
    [
        ({"type": "ticket", "id": "471"}, True),
        ({"type": "ticket", "id": 471}, True),
        ({"type": "ticket", "id": "9", "ticket_type": {"id": 79}}, True),
        ({"type": "ticket", "id": "471", "ticket_type": {"id": "80"}}, False),
        ({"type": "ticket", "id": "4\n71"}, False),
        ({"id": "471"}, False),
        ({"id": "job-17", "status": "queued"}, False),
        ({"type": "conversation", "id": "471"}, False),
        ({"type": "ticket", "id": None}, False),
        ({"type": "ticket"}, False),
        ({}, False),
    ],
)
def test_what_confirms_a_conversion(answer: dict, confirmed: bool) -> None:
    """The answer must be a ticket with an id, of the type that was asked for where it says so."""
    assert TICKET.confirms(answer) is confirmed
