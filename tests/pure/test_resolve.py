"""Attributes as people write them: names, labels and values in all shapes, and every problem told at once, without a
value in it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from aiointercom import AsIs, AttributeProblem, InvalidAttributesError, UnreadableResponseError
from aiointercom._values.hidden import Hidden
from aiointercom._writes import attributes as _attributes
from aiointercom._writes.labels import MisfitError, list_items, pick
from intercom_raw.models import TicketType

HIGH, LOW, OLD = "5b0c6f7e-2d1a-4c8e-9f43-7a1e0d9b6c21", "c4e19a02-8b5d-4f76-a3c0-1f2d7e6b9a58", "0ld"
ITEMS = {
    "items": [{"id": HIGH, "name": "High"}, {"id": LOW, "name": "Low"}, {"id": OLD, "name": "Urgent", "archived": True}]
}
WORD = "Rumpelstilzchen"


def resolved(ticket_type: TicketType, attributes: dict[str, Any]) -> dict[str, Any]:
    """What a conversion would be sent."""
    return _attributes.resolved(ticket_type, Hidden(attributes)).reveal()


def attribute(name: str | None, data_type: str | None = "string", **fields: Any) -> dict[str, Any]:
    """An attribute as it is sent."""
    return {"name": name, "data_type": data_type, "input_options": None, "archived": False} | fields


def kind(*attributes: dict[str, Any], **fields: Any) -> TicketType:
    """A ticket type with these attributes."""
    listed = {"type": "list", "data": list(attributes)}
    return TicketType.from_dict(
        {"id": "95", "category": "Customer", "archived": False, "ticket_type_attributes": listed} | fields
    )


PRIORITY = attribute("Priority", "list", input_options=ITEMS)


def problems(ticket_type: TicketType, attributes: dict[str, Any]) -> list[tuple[str, str | None]]:
    """Codes and attributes of all that is wrong."""
    with pytest.raises(InvalidAttributesError) as caught:
        resolved(ticket_type, attributes)
    return [(problem.code, problem.attribute) for problem in caught.value.problems]


# ---------------------------------------------------------------- names


@pytest.mark.parametrize(
    "given", ["Order number", "order number", " ORDER  NUMBER ", "OrderNumber", "Order\u00a0number"]
)
def test_names_as_people_write_them(given: str) -> None:
    """Case and blanks of a name do not matter."""
    assert resolved(kind(attribute("Order number")), {given: "7"}) == {"Order number": "7"}


def test_an_exact_name_comes_first() -> None:
    """Of names that differ in case only each can be named exactly; anything between them is ambiguous."""
    both = kind(attribute("Size"), attribute("SIZE"))
    assert resolved(both, {"SIZE": "a", "Size": "b"}) == {"SIZE": "a", "Size": "b"}
    with pytest.raises(InvalidAttributesError) as caught:
        resolved(both, {"size": "a"})
    assert caught.value.problems == (AttributeProblem("ambiguous_attribute", "size", ("Size", "SIZE")),)


@pytest.mark.parametrize("listed", [True, False])
def test_title_and_description(listed: bool) -> None:
    """The two attributes of every type have the names that people see and the API's, whether the type lists them or
    not.
    """
    own = [attribute("_default_title_"), attribute("_default_description_")] if listed else []
    expected = {"_default_title_": "A", "_default_description_": "B"}
    assert resolved(kind(*own), {"Title": "A", "description": "B"}) == expected
    assert resolved(kind(*own), expected) == expected


def test_an_attribute_that_is_called_like_a_built_in_one() -> None:
    """Where an attribute is called "description" that is what the word means; the built-in one keeps the API's name."""
    ticket_type = kind(attribute("_default_description_"), attribute("description"))
    assert resolved(ticket_type, {"Description": "A"}) == {"description": "A"}
    assert resolved(ticket_type, {"_default_description_": "B"}) == {"_default_description_": "B"}


def test_names_that_came_with_entities() -> None:
    """A name that is sent with HTML entities is found as people see it, and sent as it came."""
    assert resolved(kind(attribute("A &amp; B")), {"a & b": "x"}) == {"A &amp; B": "x"}


def test_unknown_names_and_their_neighbours() -> None:
    """An unknown name is told with the nearest ones; where none is near, with those that there are."""
    ticket_type = kind(attribute("Amount"), attribute("Account"), attribute(None))
    with pytest.raises(InvalidAttributesError) as caught:
        resolved(ticket_type, {"Amuont": "1", "xyz": "2"})
    first, second = caught.value.problems
    assert (first.code, first.nearest[0]) == ("unknown_attribute", "Amount")
    assert (second.code, second.nearest[:3]) == ("unknown_attribute", ("Amount", "Account", "Title"))
    assert len(second.nearest) == 5


def test_archived_attributes() -> None:
    """An archived attribute cannot be set; one of the same name that is not archived is the one that is meant."""
    gone = attribute("Size", archived=True)
    assert problems(kind(gone), {"Size": "1"}) == [("archived_attribute", "Size")]
    assert problems(kind(gone), {"size": "1"}) == [("archived_attribute", "size")]
    assert resolved(kind(gone, attribute("Size")), {"size": "1"}) == {"Size": "1"}


def test_given_twice() -> None:
    """Two names for one attribute are told, whichever came first."""
    assert problems(kind(attribute("Size")), {"Size": "1", "size": "2"}) == [("given_twice", "size")]
    assert problems(kind(), {"_default_title_": "1", "Title": "2"}) == [("given_twice", "Title")]


# ---------------------------------------------------------------- values

MOMENT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
GOOD: list[tuple[str, Any, Any]] = [
    ("string", "a", "a"),
    ("string", "", ""),
    ("integer", 0, 0),
    ("integer", "-12", -12),
    ("integer", 10**30, 10**30),
    ("decimal", 2, 2),
    ("decimal", 2.5, 2.5),
    ("decimal", "2.5", 2.5),
    ("decimal", Decimal("0.1"), 0.1),
    ("boolean", False, False),
    ("boolean", " TRUE ", True),
    ("boolean", "false", False),
    ("boolean", "Yes", True),
    ("boolean", "no", False),
    ("datetime", MOMENT, 1795348800),
    ("datetime", MOMENT.astimezone(timezone(timedelta(hours=2))), 1795348800),
    ("datetime", "2026-11-22T13:00:00+01:00", 1795348800),
    ("datetime", "2026-11-22T12:00:00Z", 1795348800),
    ("datetime", 1795348800, 1795348800),
    ("datetime", 1795348800.75, 1795348800),
    ("datetime", "1795348800", 1795348800),
    ("files", [], []),
    ("files", ({"name": "a"},), ({"name": "a"},)),
    ("list", HIGH, HIGH),
    ("list", "High", HIGH),
    ("list", " hIgH", HIGH),
    ("relationship", {"any": 1}, {"any": 1}),
    (None, 3, 3),  # type: ignore[list-item]
]


@pytest.mark.parametrize(("data_type", "given", "sent"), GOOD)
def test_values(data_type: str, given: Any, sent: Any) -> None:
    """Each type takes its own values, and texts that can mean nothing else; a type that nobody here knows takes
    anything.
    """
    [value] = resolved(kind(attribute("x", data_type, input_options=ITEMS)), {"x": given}).values()
    assert value == sent
    assert type(value) is type(sent)


BAD: list[tuple[str, Any]] = [
    ("string", 5),
    ("string", ["a"]),
    ("integer", 2.0),
    ("integer", True),
    ("integer", "2.5"),
    ("integer", "1_0"),
    ("integer", ""),
    ("decimal", "1,5"),
    ("decimal", True),
    ("decimal", float("nan")),
    ("decimal", float("inf")),
    ("decimal", Decimal("NaN")),
    ("decimal", "inf"),
    ("decimal", [1]),
    ("boolean", 1),
    ("boolean", "perhaps"),
    ("boolean", "1"),
    ("datetime", datetime(2026, 11, 22, 12, 0)),  # noqa: DTZ001  # that it has no zone is the point
    ("datetime", "2026-11-22T12:00:00"),
    ("datetime", "2026-11-22"),
    ("datetime", "20261122"),
    ("datetime", "tomorrow"),
    ("datetime", 1795348800000),
    ("datetime", True),
    ("datetime", float("nan")),
    ("datetime", MOMENT.date()),
    ("files", "a.png"),
    ("list", ["High"]),
    ("list", True),
    ("list", 2.5),
]


@pytest.mark.parametrize(("data_type", "given"), BAD)
def test_values_of_another_type(data_type: str, given: Any) -> None:
    """A value of another type is told with what it has to be; so is a time that does not say its zone, or counts
    milliseconds.
    """
    with pytest.raises(InvalidAttributesError) as caught:
        resolved(kind(attribute("x", data_type, input_options=ITEMS)), {"x": given})
    [problem] = caught.value.problems
    assert (problem.code, problem.attribute) == ("wrong_type", "x")
    assert problem.expected is not None
    assert problem.expected in str(caught.value)


@pytest.mark.parametrize("data_type", ["string", "integer", "decimal", "boolean", "datetime", "files", "list"])
def test_none_and_as_is_pass(data_type: str) -> None:
    """None goes through for every type, and so does whatever stands in AsIs; a name is looked up all the same."""
    ticket_type = kind(attribute("Size", data_type))
    assert resolved(ticket_type, {"size": None}) == {"Size": None}
    assert resolved(ticket_type, {"size": AsIs({"a": 1})}) == {"Size": {"a": 1}}
    assert problems(ticket_type, {"Weight": AsIs(1)}) == [("unknown_attribute", "Weight")]
    assert WORD not in repr(AsIs(WORD))


# ---------------------------------------------------------------- list items

PAIR = [("1", "High"), ("2", "Low")]
SHAPES: dict[str, Any] = {
    "items": {"items": [{"id": "1", "name": "High"}, {"id": "2", "name": "Low"}]},
    "list_items": {"multiline": False, "list_items": [{"id": "1", "label": "High"}, {"id": "2", "label": "Low"}]},
    "list_options": {"list_options": [{"uuid": "1", "value": "High"}, {"uuid": "2", "value": "Low"}]},
    "options": {"options": [{"value": "1", "label": "High"}, {"value": "2", "label": "Low"}]},
    "values": {"values": [{"key": "1", "title": "High"}, None, 7, {}, {"key": "2", "title": "Low"}]},
    "plain list": [{"id": "1", "text": "High"}, {"id": "2", "text": "Low"}],
    "integer ids": {"items": [{"id": 1, "name": "High"}, {"id": 2, "name": "Low"}]},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_shapes_of_items(shape: str) -> None:
    """The items of a list attribute are read from every shape that seems likely; an id may be given as text or
    number.
    """
    assert [(str(item.value), item.label) for item in list_items(SHAPES[shape]) or ()] == PAIR
    ticket_type = kind(attribute("x", "list", input_options=SHAPES[shape]))
    for given in ("Low", "low", "2", 2):
        assert str(resolved(ticket_type, {"x": given})["x"]) == "2"


def test_items_that_are_plain_texts() -> None:
    """A plain text is label and id in one; an item without a label is named by its id."""
    assert resolved(kind(attribute("x", "list", input_options={"items": ["High", "Low"]})), {"x": "low"}) == {
        "x": "Low"
    }
    assert resolved(kind(attribute("x", "list", input_options={"items": [{"id": "7"}]})), {"x": "7"}) == {"x": "7"}


@pytest.mark.parametrize(
    "options", [None, {}, [], {"multiline": True}, {"items": []}, {"items": {"a": 1}}, "x", {"items": [3]}]
)
def test_items_that_cannot_be_read(options: Any) -> None:
    """Without readable items a value that looks like an item's id goes through; a label cannot be checked, and AsIs is
    the way around.
    """
    assert list_items(options) is None
    ticket_type = kind(attribute("x", "list", input_options=options))
    assert resolved(ticket_type, {"x": HIGH}) == {"x": HIGH}
    assert resolved(ticket_type, {"x": AsIs("High")}) == {"x": "High"}
    with pytest.raises(InvalidAttributesError, match="AsIs") as caught:
        resolved(ticket_type, {"x": "High"})
    assert caught.value.problems == (AttributeProblem("unreadable_items", "x"),)


def test_unknown_labels_and_their_neighbours() -> None:
    """An unknown label is told with the nearest ones, never the archived; where none is near, with those that there
    are.
    """
    with pytest.raises(InvalidAttributesError) as caught:
        resolved(kind(PRIORITY), {"Priority": "Hihg"})
    assert caught.value.problems == (AttributeProblem("unknown_item", "Priority", ("High",)),)
    with pytest.raises(InvalidAttributesError, match="'High', 'Low'"):
        resolved(kind(PRIORITY), {"Priority": "xyz"})


def test_archived_items_and_labels_that_several_have() -> None:
    """An archived item cannot be chosen, by label or id; a label that two items have is ambiguous, and their ids are
    not.
    """
    assert problems(kind(PRIORITY), {"Priority": "urgent"}) == [("archived_item", "Priority")]
    assert problems(kind(PRIORITY), {"Priority": OLD}) == [("archived_item", "Priority")]
    twice = attribute("x", "list", input_options=[{"id": "1", "name": "A"}, {"id": "2", "name": "A"}])
    assert problems(kind(twice), {"x": "A"}) == [("ambiguous_item", "x")]
    assert resolved(kind(twice), {"x": "2"}) == {"x": "2"}


def test_picking_says_what_kind_of_thing_is_unknown() -> None:
    """Where there is nothing to choose from, nothing is near."""
    with pytest.raises(MisfitError, match="unknown_item") as caught:
        pick("a", [], "item")
    assert caught.value.nearest == ()


# ---------------------------------------------------------------- the type as a whole


@pytest.mark.parametrize("empty", [None, "", [], ()])
def test_required_attributes(empty: Any) -> None:
    """A required attribute has to be given, and not empty; archived ones, and those that only contacts must fill in, do
    not count.
    """
    ticket_type = kind(
        attribute("amount", "decimal", required_to_create=True),
        attribute("gone", required_to_create=True, archived=True),
        attribute("form", required_to_create_for_contacts=True),
    )
    assert problems(ticket_type, {}) == [("missing", "amount")]
    assert ("missing", "amount") in problems(ticket_type, {"amount": empty})
    assert resolved(ticket_type, {"amount": 0}) == {"amount": 0}
    assert resolved(ticket_type, {"amount": AsIs(None)}) == {"amount": None}
    assert problems(ticket_type, {"Amount": "many"}) == [("wrong_type", "Amount")]


def test_a_required_title() -> None:
    """The default title counts like any other attribute."""
    ticket_type = kind(attribute("_default_title_", required_to_create=True))
    assert problems(ticket_type, {}) == [("missing", "_default_title_")]
    assert resolved(ticket_type, {"title": "A"}) == {"_default_title_": "A"}


@pytest.mark.parametrize("category", ["Back-office", "Tracker"])
def test_types_that_no_conversation_can_become(category: str) -> None:
    """Another category than Customer, and an archived type, are told beside all other problems; a category that did not
    come is none.
    """
    assert problems(kind(category=category, archived=True), {"x": 1}) == [
        ("not_for_customers", None),
        ("archived_type", None),
        ("unknown_attribute", "x"),
    ]
    assert resolved(kind(category=None, archived=None), {}) == {}


@pytest.mark.parametrize("listed", [None, {}, {"data": None}, {"ticket_type_attributes": []}])
def test_a_type_without_a_list_of_attributes(listed: Any) -> None:
    """A type whose attributes did not come cannot be resolved against: guessing would refuse good names."""
    with pytest.raises(UnreadableResponseError):
        resolved(kind(ticket_type_attributes=listed), {"Title": "A"})


def test_one_error_for_all_and_no_value_in_it() -> None:
    """All problems come in one error, in the order in which they were given; it holds names and labels, and none of the
    values.
    """
    ticket_type = kind(PRIORITY, attribute("amount", "decimal", required_to_create=True), attribute("due", "datetime"))
    given = {"Priority": WORD, "colour": WORD, "due": WORD, "Title": [WORD]}
    with pytest.raises(InvalidAttributesError) as caught:
        resolved(ticket_type, given)
    error = caught.value
    assert isinstance(error, ValueError)
    assert [(p.code, p.attribute) for p in error.problems] == [
        ("unknown_item", "Priority"),
        ("unknown_attribute", "colour"),
        ("wrong_type", "due"),
        ("wrong_type", "Title"),
        ("missing", "amount"),
    ]
    assert str(error).startswith(
        "nothing was sent: ticket type 95: 'Priority': no such list item (there is 'High', 'Low'); "
    )
    assert "'amount': required, and not given" in str(error)
    assert WORD not in f"{error!r}{error}{vars(error)}{error.__cause__}{error.__context__}"


def test_long_names_are_cut() -> None:
    """What is given as a name is told with 60 characters at most: somebody may have put a text in its place."""
    assert problems(kind(), {"x" * 500: 1}) == [("unknown_attribute", "x" * 60)]


def test_a_label_that_is_the_id_of_another_item_is_ambiguous() -> None:
    """Where a text is one item's id and another's label nobody can say which is meant; AsIs says it."""
    items = [{"id": "1", "name": "2"}, {"id": "2", "name": "two"}, {"id": "3", "name": "3"}]
    type = kind(attribute("x", "list", input_options={"items": items}))
    assert problems(type, {"x": "2"}) == [("ambiguous_item", "x")]
    assert resolved(type, {"x": "two"}) == {"x": "2"}
    assert resolved(type, {"x": "3"}) == {"x": "3"}
    assert resolved(type, {"x": AsIs("2")}) == {"x": "2"}
