"""The public surface can be annotated against: its hints resolve, its types have a public place, and mocks know the resources."""

from __future__ import annotations

import importlib
import inspect
import typing
from collections.abc import Iterator
from unittest.mock import AsyncMock, create_autospec

import pytest

import aiointercom.types
from aiointercom import Intercom
from aiointercom.conversations import Conversations
from aiointercom.tickets import Tickets, TicketTypes

PUBLIC = [
    "",
    "cleanup",
    "conversations",
    "detect",
    "errors",
    "events",
    "models",
    "redaction",
    "regions",
    "sandbox",
    "settling",
    "tickets",
    "types",
]


def functions(name: str) -> Iterator[tuple[str, object]]:
    """Each public class and function of a module, and the public methods and properties of its classes."""
    module = importlib.import_module(f"aiointercom.{name}".rstrip("."))
    for public in getattr(module, "__all__", [n for n in vars(module) if not n.startswith("_")]):
        thing = getattr(module, public)
        if not str(getattr(thing, "__module__", "")).startswith(("aiointercom", "intercom_raw")):
            continue
        if inspect.isclass(thing):
            yield public, thing
            for key, value in vars(thing).items():
                plain = getattr(value, "__func__", None) or getattr(value, "fget", None) or value
                if inspect.isfunction(plain) and not key.startswith("_"):
                    yield f"{public}.{key}", plain
        elif inspect.isfunction(thing):
            yield public, thing


CASES = [pytest.param(thing, id=f"{module}:{name}") for module in PUBLIC for name, thing in functions(module)]


@pytest.mark.parametrize("thing", CASES)
def test_hints_resolve(thing: object) -> None:
    """`typing.get_type_hints` works on every public class, method and function."""
    assert typing.get_type_hints(thing) is not None


def test_the_constructor_can_be_read() -> None:
    """The hints of the client's constructor resolve too, and name each argument."""
    hints = typing.get_type_hints(Intercom.__init__)
    assert set(hints) >= {*inspect.signature(Intercom.__init__).parameters} - {"self"}


def test_resources_are_annotated_on_the_class() -> None:
    """`help()` and type-driven tools see the resources without an instance."""
    hints = typing.get_type_hints(Intercom)
    assert (hints["conversations"], hints["tickets"], hints["ticket_types"]) == (Conversations, Tickets, TicketTypes)


@pytest.mark.parametrize("make", [lambda: AsyncMock(spec=Intercom), lambda: create_autospec(Intercom, instance=True)])
def test_mocks_know_the_resources(make: typing.Callable[[], typing.Any]) -> None:
    """A mock with the client as its spec lets its users set up the resources, and refuses what is none."""
    mock = make()
    mock.conversations.redact_part.return_value = "done"
    assert mock.tickets is not None
    with pytest.raises(AttributeError):
        _ = mock.no_such_resource


def test_types_of_signatures_have_a_public_place() -> None:
    """`aiointercom.types` offers what public signatures name."""
    assert set(aiointercom.types.__all__) >= {
        "ConversationPages", "Message", "Priority", "Query", "Select", "Timeout", "Token", "Transport",
    }  # fmt: skip
    assert all(hasattr(aiointercom.types, name) for name in aiointercom.types.__all__)
