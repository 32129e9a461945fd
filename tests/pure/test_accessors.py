"""The accessors of the models (`x-accessors` in the fragment): never None, whatever came, and the same objects as on
the long way.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_type_hints

import attrs
import pytest

from aiointercom import models
from tests.contract.fragment import SCHEMAS

ACCESSORS = [
    (schema, name, path.split("."))
    for schema, content in SCHEMAS.items()
    for name, path in content.get("x-accessors", {}).items()
]
EMPTY = {"tuple": (), "str": "", "Mapping": {}}
WRONG: list[Any] = [None, 7, True, "text", [], {}, [None], {"data": None}]


def model(schema: str, payload: dict[str, Any]) -> Any:
    """The model of a schema, read from a payload."""
    return getattr(models, schema).from_dict(payload)


def kind(schema: str, name: str) -> str:
    """The name of the type that an accessor returns."""
    hint = get_type_hints(getattr(models, schema).__dict__[name].fget)["return"]
    return str(getattr(hint, "__origin__", hint).__name__)


def payloads(path: list[str], value: Any) -> dict[str, Any]:
    """An object that has a value at the end of a path."""
    for key in reversed(path):
        value = {key: value}
    return value


def absent(path: list[str]) -> Iterator[dict[str, Any]]:
    """Objects in which nothing stands at the end of a path, or something of another type on the way."""
    yield {}
    for length in range(1, len(path) + 1):
        yield payloads(path[:length], None)
    if len(path) == 2:
        yield from (payloads(path[:1], value) for value in WRONG)


@pytest.mark.parametrize(("schema", "name", "path"), ACCESSORS, ids=str)
def test_what_did_not_come_is_empty(schema: str, name: str, path: list[str]) -> None:
    """An accessor is the empty value of its type where its property is missing, null, or of another type than
    declared.
    """
    for payload in absent(path):
        assert getattr(model(schema, payload), name) == EMPTY[kind(schema, name)], payload


@pytest.mark.parametrize(("schema", "name", "path"), ACCESSORS, ids=str)
def test_what_came_is_there(schema: str, name: str, path: list[str]) -> None:
    """An accessor gives what the declared fields hold, and the fields and `raw` stay as they are."""
    value = {"tuple": [{"id": "7"}], "str": "some", "Mapping": {"key": 1}}[kind(schema, name)]
    payload = payloads(path, value)
    found = model(schema, payload)
    long_way = found
    for key in path:
        long_way = getattr(long_way, key)
    assert getattr(found, name) == (tuple(long_way) if isinstance(long_way, list) else long_way)
    assert getattr(found, name)
    assert found.raw is payload


@pytest.mark.parametrize(("schema", "name", "path"), ACCESSORS, ids=str)
def test_no_accessor_hides_a_field(schema: str, name: str, path: list[str]) -> None:
    """An accessor has a name of its own, so that no declared property is lost behind it, and cannot be set."""
    assert name not in SCHEMAS[schema]["properties"]
    assert name not in attrs.fields_dict(getattr(models, schema))
    with pytest.raises(AttributeError):
        setattr(model(schema, {}), name, "other")


def test_the_ways_of_every_day_have_accessors() -> None:
    """Parts, attributes and types need no walk over fields that may be None."""
    part = {"id": 7, "author": {"type": "user"}, "body": "<p>Hi</p>"}
    conversation = models.Conversation.from_dict({"conversation_parts": {"conversation_parts": [part]}})
    assert [(part.id, part.author_type, part.text) for part in conversation.parts] == [("7", "user", "<p>Hi</p>")]
    ticket = models.Ticket.from_dict({"ticket_attributes": {"a": 1}, "ticket_parts": {"ticket_parts": [{"id": "8"}]}})
    assert ([part.id for part in ticket.parts], ticket.attributes) == (["8"], {"a": 1})
    kind = models.TicketType.from_dict({"ticket_type_attributes": {"data": [{"name": "Amount"}]}})
    assert [attribute.name for attribute in kind.attributes] == ["Amount"]
