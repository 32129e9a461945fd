"""Whose ticket it is: what its attributes and its time prove, and what they leave open."""

from __future__ import annotations

from typing import Any

import pytest

from aiointercom._writes.ownership import Proof, compare, converted_at
from aiointercom.models import Ticket

TYPES = {
    "name": "string",
    "size": "integer",
    "price": "decimal",
    "gift": "boolean",
    "priority": "list",
    "due": "datetime",
    "bill": "files",
}


def ticket(attributes: dict[str, Any], types: dict[str, str] | None = TYPES) -> Ticket:
    """A ticket with these attributes; its type says which data types they have, unless `types` is None."""
    kind: dict[str, Any] = {"type": "ticket_type", "id": "85"}
    if types is not None:
        data = [{"name": name, "data_type": data_type} for name, data_type in types.items()]
        kind["ticket_type_attributes"] = {"type": "list", "data": data}
    return Ticket.from_dict({"type": "ticket", "id": "9", "ticket_attributes": attributes, "ticket_type": kind})


@pytest.mark.parametrize(
    ("asked", "have", "proof"),
    [
        ({}, {}, Proof.SILENT),
        ({"name": None}, {}, Proof.SILENT),
        ({"name": "red kettle"}, {"name": "<p>red  kettle</p>"}, Proof.FOR),
        ({"name": "a &amp; b"}, {"name": "a & b"}, Proof.FOR),
        ({"name": "red"}, {"name": "blue"}, Proof.AGAINST),
        ({"name": "red"}, {}, Proof.AGAINST),
        ({"size": 3}, {"size": 3}, Proof.FOR),
        ({"size": 3}, {"size": 4}, Proof.AGAINST),
        ({"size": "3"}, {"size": 3}, Proof.FOR),
        ({"size": 3}, {"size": "4"}, Proof.AGAINST),
        ({"price": 2.5}, {"price": "2.50"}, Proof.FOR),
        ({"price": 2.5}, {"price": 2.6}, Proof.AGAINST),
        ({"gift": True}, {"gift": True}, Proof.FOR),
        ({"gift": True}, {"gift": False}, Proof.AGAINST),
        ({"gift": "true"}, {"gift": True}, Proof.FOR),
        ({"gift": True}, {"gift": 1}, Proof.SILENT),
        ({"priority": "83b0"}, {"priority": "High"}, Proof.SILENT),
        ({"priority": "83b0"}, {}, Proof.AGAINST),
        ({"due": 1720000000}, {"due": "2024-07-03T09:46:40Z"}, Proof.SILENT),
        ({"bill": ["x"]}, {"bill": [{"name": "x"}]}, Proof.SILENT),
        ({"name": "red", "priority": "83b0"}, {"name": "red", "priority": "High"}, Proof.FOR),
        ({"name": "red", "size": 4}, {"name": "red", "size": 5}, Proof.AGAINST),
        ({"_default_title_": "Kettle"}, {"_default_title_": "Kettle"}, Proof.FOR),
        ({"_default_title_": "Kettle"}, {"_default_title_": "Toaster"}, Proof.AGAINST),
    ],
)
def test_attributes_that_can_be_compared_are(asked: dict[str, Any], have: dict[str, Any], proof: Proof) -> None:
    """Texts, numbers and booleans prove something; list items, times and files only that they are set."""
    assert compare(ticket(have), asked) is proof


@pytest.mark.parametrize(
    ("asked", "have", "proof"),
    [
        ({"x": "83b0"}, {"x": "High"}, Proof.UNCLEAR),
        ({"x": "two words"}, {"x": "others here"}, Proof.AGAINST),
        ({"x": "two words"}, {"x": "two words"}, Proof.FOR),
        ({"x": 5}, {"x": 6}, Proof.AGAINST),
        ({"x": 5}, {"x": "High"}, Proof.SILENT),
        ({"x": False}, {"x": True}, Proof.AGAINST),
    ],
)
def test_without_data_types_one_word_may_be_a_list_item(
    asked: dict[str, Any], have: dict[str, Any], proof: Proof
) -> None:
    """A ticket whose type came without its attributes leaves a single differing word open; the type itself tells
    more.
    """
    assert compare(ticket(have, None), asked) is proof
    if proof is Proof.UNCLEAR:
        assert compare(ticket(have, None), asked, {"x": "list"}) is Proof.SILENT
        assert compare(ticket(have, None), asked, {"x": "string"}) is Proof.AGAINST


def test_time_of_the_conversion() -> None:
    """The earliest change of state is the conversion; other parts, and `created_at`, are not."""
    parts = [
        {"part_type": "comment", "created_at": 1},
        {"part_type": "ticket_state_updated_by_admin", "created_at": 9},
        {"part_type": "ticket_state_updated_by_admin", "created_at": 5},
        {"part_type": "ticket_state_updated_by_user"},
    ]
    shown = {"type": "ticket", "id": "9", "created_at": 2, "ticket_parts": {"ticket_parts": parts}}
    assert converted_at(Ticket.from_dict(shown)) == 5
    assert converted_at(Ticket.from_dict({"type": "ticket", "id": "9", "created_at": 2})) is None
