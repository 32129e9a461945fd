"""PURE: attributes as people write them -> attributes as the API takes them, or all that is wrong with them at once.

No I/O here.

Assumptions, since there is no public evidence; a value in `AsIs` is the way around each of them:
- Where a list attribute keeps its items: see `_writes.labels`.
- A time is sent as Unix seconds, as all times of the API are.
- A conversion insists on `required_to_create`; `required_to_create_for_contacts` is about the form that contacts fill
  in.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import cast

from attrs import field, frozen

from aiointercom._values.hidden import Hidden
from aiointercom._values.json_types import JSONMapping, JSONObject
from aiointercom._values.limits import DESCRIPTION, LAST_SECOND, TITLE
from aiointercom.errors import AttributeProblem, InvalidAttributesError, UnreadableResponseError
from intercom_raw import models

from .labels import Choice, MisfitError, list_items, pick, plain

BUILT_IN = {TITLE: "Title", DESCRIPTION: "Description"}
"""The API's names and what people see. Every ticket type has them, whether it lists them or not."""
LONGEST_NAME = 60
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,18}([.][0-9]{1,18})?")
_MEANT = {"true": True, "yes": True, "false": False, "no": False}
_SECONDS = re.compile(r"[0-9]{9,10}")
"""As text, 20261122 is a date."""


@frozen
class AsIs:
    """A value of an attribute that is sent as it is, unchecked: `{"Priority": AsIs("de1825a0-...")}`.

    Args:
        value: What the API takes.
    """

    value: object = field(repr=False)


def checked_names(attributes: object) -> JSONMapping:
    """Return attributes as they are.

    Raises:
        TypeError: They are no mapping, or a name is no text.
    """
    if not isinstance(attributes, Mapping):
        raise TypeError(f"attributes must be a mapping from names to values, not {type(attributes).__name__}")
    named = cast("Mapping[object, object]", attributes)
    wrong = {type(name).__name__ for name in named if not isinstance(name, str)}
    if wrong:
        raise TypeError(f"the names of attributes must be strings, not {', '.join(sorted(wrong))}")
    return cast("JSONMapping", named)


def resolved(ticket_type: models.TicketType, attributes: Hidden[JSONMapping]) -> Hidden[JSONObject]:
    """Return the attributes as the API takes them: by its names, with the ids of list items.

    Args:
        ticket_type: The type, with its attributes.
        attributes: See `TicketTypes.resolve`.

    Raises:
        InvalidAttributesError: Something is wrong; it lists all that is.
        UnreadableResponseError: The type came without a list of attributes.
    """
    listed = ticket_type.ticket_type_attributes.data if ticket_type.ticket_type_attributes else None
    if listed is None:
        raise UnreadableResponseError("GET /ticket_types/{ticket_type_id}: no list of attributes", status=200)
    values, misfits = _checked(listed, attributes.reveal())
    problems = (*_of_the_type(ticket_type), *misfits)
    if problems:
        raise InvalidAttributesError(_told(ticket_type, problems), problems=problems)
    return values


def _checked(
    listed: Sequence[models.TicketTypeAttribute], attributes: JSONMapping
) -> tuple[Hidden[JSONObject], list[AttributeProblem]]:
    """Return the values and what is wrong with them. It raises nothing: the values are local variables here."""
    problems: list[AttributeProblem] = []
    values: JSONObject = {}
    filled: dict[str, bool] = {}
    known = _choices(listed)
    for given, value in attributes.items():
        try:
            attribute = _named(given, known, filled)
            filled[attribute.name or ""] = isinstance(value, AsIs) or not _empty(value)
            values[attribute.name or ""] = _value(attribute, value)
        except MisfitError as misfit:
            problems.append(AttributeProblem(misfit.code, given[:LONGEST_NAME], misfit.nearest, misfit.expected))
    required = [attribute.name for attribute in listed if attribute.required_to_create and not attribute.archived]
    problems += [AttributeProblem("missing", name) for name in required if name and not filled.get(name)]
    return Hidden(values), problems


def _of_the_type(ticket_type: models.TicketType) -> Iterator[AttributeProblem]:
    """Say why no conversation can become a ticket of this type. A category that did not come says nothing."""
    if ticket_type.category not in (None, "Customer"):
        yield AttributeProblem("not_for_customers")
    if ticket_type.archived:
        yield AttributeProblem("archived_type")


def _choices(listed: Sequence[models.TicketTypeAttribute]) -> list[Choice[models.TicketTypeAttribute]]:
    """Return what an attribute can be called. "Title" is the default title, unless another attribute is called so."""
    named = [Choice(attribute.name, attribute, bool(attribute.archived)) for attribute in listed if attribute.name]
    taken = {choice.label.strip().casefold() for choice in named if not choice.archived}
    for name, label in BUILT_IN.items():
        own = next((choice.value for choice in named if choice.label == name), None)
        attribute = own or models.TicketTypeAttribute(name=name, data_type="string")
        labels = [label] * (label.casefold() not in taken) + [name] * (own is None)
        named += [Choice(label, attribute) for label in labels]
    return named


def _named(
    given: str, known: Sequence[Choice[models.TicketTypeAttribute]], before: Mapping[str, object]
) -> models.TicketTypeAttribute:
    """Return the attribute that a name means, if no earlier name meant the same."""
    attribute = pick(given, known, "attribute")
    if attribute.name in before:
        raise MisfitError("given_twice")
    return attribute


def _value(attribute: models.TicketTypeAttribute, value: object) -> object:
    """Return the value for an attribute as the API takes it. Values of unknown types are not checked.

    Raises:
        MisfitError: It is not of the attribute's type.
    """
    if isinstance(value, AsIs):
        return value.value
    read = _READERS.get(attribute.data_type or "")
    return value if value is None or read is None else read(attribute, value)


def _text(_: models.TicketTypeAttribute, value: object) -> str:
    if not isinstance(value, str):
        raise MisfitError("wrong_type", expected="a text")
    return value


def _integer(_: models.TicketTypeAttribute, value: object) -> int:
    if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise MisfitError("wrong_type", expected="an integer")
    return value


def _decimal(_: models.TicketTypeAttribute, value: object) -> float:
    number = value
    if isinstance(value, Decimal) or (isinstance(value, str) and _DECIMAL.fullmatch(value.strip())):
        number = float(value)
    if (
        isinstance(number, int | float) and not isinstance(number, bool) and number - number == 0
    ):  # neither nan nor infinite
        return number
    raise MisfitError("wrong_type", expected="a number")


def _boolean(_: models.TicketTypeAttribute, value: object) -> bool:
    meant = _MEANT.get(value.strip().lower()) if isinstance(value, str) else value
    if not isinstance(meant, bool):
        raise MisfitError("wrong_type", expected="true or false")
    return meant


def _datetime(_: models.TicketTypeAttribute, value: object) -> int:
    """A time has to say its zone, or be Unix seconds: a guess would be hours off."""
    moment = _moment(value.strip()) if isinstance(value, str) else value
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        moment = moment.timestamp()
    if isinstance(moment, int | float) and not isinstance(moment, bool) and abs(moment) < LAST_SECOND:
        return math.floor(moment)
    raise MisfitError("wrong_type", expected="a datetime with a time zone, or Unix seconds")


def _moment(text: str) -> datetime | int | None:
    if _SECONDS.fullmatch(text):
        return int(text)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _item(attribute: models.TicketTypeAttribute, value: object) -> str | int:
    """Return the id of the list item that is meant, by its id or its label."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise MisfitError("wrong_type", expected="the label or id of a list item")
    items = list_items(attribute.raw.get("input_options"))
    if items is None and _UUID.fullmatch(str(value)):
        return value
    if items is None:
        raise MisfitError("unreadable_items")
    by_id = [item for item in items if str(item.value) == str(value)]
    if by_id and by_id[0].archived:
        raise MisfitError("archived_item")
    if by_id and (others := _called_like_an_id(str(value), items)):
        raise MisfitError("ambiguous_item", others)
    return by_id[0].value if by_id else pick(str(value), items, "item")


def _called_like_an_id(id: str, items: Sequence[Choice[str | int]]) -> list[str]:
    """Return the labels of items whose label is another item's id: it is ambiguous which of the two is meant."""
    return [
        item.label for item in items if str(item.value) != id and not item.archived and plain(item.label) == plain(id)
    ]


def _files(_: models.TicketTypeAttribute, value: object) -> object:
    if not isinstance(value, list | tuple):
        raise MisfitError("wrong_type", expected="a list of files")
    return value  # pyright: ignore[reportUnknownVariableType]  # what is in it is the API's business


_READERS: dict[str, Callable[[models.TicketTypeAttribute, object], object]] = {
    "string": _text,
    "integer": _integer,
    "decimal": _decimal,
    "boolean": _boolean,
    "datetime": _datetime,
    "list": _item,
    "files": _files,
}


def _empty(value: object) -> bool:
    return value is None or (isinstance(value, str | list | tuple) and not value)


_WORDS = {
    "not_for_customers": "it is not of category Customer",
    "archived_type": "it is archived",
    "unknown_attribute": "no such attribute",
    "archived_attribute": "the attribute is archived",
    "ambiguous_attribute": "several attributes are called so",
    "given_twice": "given twice, by two names",
    "missing": "required, and not given",
    "wrong_type": "it must be",
    "unknown_item": "no such list item",
    "archived_item": "the list item is archived",
    "ambiguous_item": "several list items are called so, or one is called as the id of another: AsIs(id) says which",
    "unreadable_items": "its list items cannot be read: pass the item's id as AsIs(id)",
}


def _told(ticket_type: models.TicketType, problems: Sequence[AttributeProblem]) -> str:
    """Put all problems into one text: names and labels, and nothing of the values."""
    told = [_one_told(problem) for problem in problems]
    return f"nothing was sent: ticket type {ticket_type.id}: {'; '.join(told)}"


def _one_told(problem: AttributeProblem) -> str:
    text = _WORDS[problem.code] + (f" {problem.expected}" if problem.expected else "")
    nearest = f" (there is {', '.join(map(repr, problem.nearest))})" if problem.nearest else ""
    return (f"{problem.attribute!r}: " if problem.attribute else "") + text + nearest
