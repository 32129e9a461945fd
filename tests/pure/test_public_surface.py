"""The public surface can be inspected: every annotation resolves, every type has a public place, and mocks know the
client.
"""

from __future__ import annotations

import importlib
import inspect
import typing
from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any, get_args, get_type_hints
from unittest.mock import AsyncMock, create_autospec

import pytest

import aiointercom
import intercom_raw
from aiointercom import Intercom, checked_id, types
from aiointercom.conversations import Conversations
from aiointercom.tickets import Tickets, TicketTypes

NAMES = [
    "",
    ".cleanup",
    ".errors",
    ".detect",
    ".sandbox",
    ".models",
    ".events",
    ".types",
    ".webhooks",
    ".live",
    ".pgqueuer",
]
PUBLIC = [importlib.import_module("aiointercom" + name) for name in NAMES]
SPECIAL = ("__init__", "__call__", "__aenter__", "__aexit__", "__aiter__", "__anext__", "__iter__", "__next__")
ALSO = [".conversations", ".tickets", ".redaction", ".regions", ".settling"]
"""Modules whose classes and functions users meet through the client."""
MADE_BY_THE_CLIENT = (Conversations, Tickets, TicketTypes)
"""Their methods are public, their constructors are not."""


def is_ours(thing: Any) -> bool:
    """Whether a class or function is defined in this project."""
    return str(getattr(thing, "__module__", "")).partition(".")[0] in ("aiointercom", "intercom_raw")


def listed(modules: Iterable[ModuleType]) -> Iterator[tuple[str, Any]]:
    """Each public name of some modules with its object."""
    for module in modules:
        for name in getattr(module, "__all__", [name for name in vars(module) if not name.startswith("_")]):
            yield f"{module.__name__}.{name}", getattr(module, name)


OBJECTS = dict(listed(PUBLIC))


def members(kind: type) -> Iterator[tuple[str, Any]]:
    """The functions of a class that a user may call, inherited ones of ours included."""
    for base in kind.__mro__:
        for name, value in vars(base).items() if is_ours(base) else ():
            if not name.startswith("_") or name in SPECIAL:
                function = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
                if inspect.isfunction(function):
                    yield name, function


def annotated(objects: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Everything among some objects that has annotations."""
    for place, thing in objects.items():
        if isinstance(thing, type) and is_ours(thing):
            yield place, thing
            for name, function in members(thing):
                if name != "__init__" or thing not in MADE_BY_THE_CLIENT:
                    yield f"{place}.{name}", function
        elif inspect.isfunction(thing):
            yield place, thing


ANNOTATED = list(annotated(OBJECTS))


def test_all_annotations_resolve() -> None:
    """`typing.get_type_hints` works on every public class, function, method and property, error classes among them."""
    assert len(ANNOTATED) > 400
    failed: dict[str, str] = {}
    others = dict(listed(importlib.import_module("aiointercom" + name) for name in ALSO))
    for place, thing in [*ANNOTATED, *annotated(others)]:
        try:
            get_type_hints(thing)
        except (NameError, TypeError, AttributeError) as error:
            failed[place] = str(error)
    assert failed == {}


def classes_in(hint: Any) -> Iterator[type]:
    """The classes of ours that an annotation names."""
    if isinstance(hint, list | tuple):
        for part in hint:
            yield from classes_in(part)
    elif get_args(hint):
        yield from classes_in(get_args(hint))
    elif isinstance(hint, type) and is_ours(hint):
        yield hint


def test_every_type_of_a_signature_can_be_imported() -> None:
    """Each class that a public signature names is one that a public module lists."""
    public = {id(thing) for thing in OBJECTS.values()}
    hidden = {
        kind.__qualname__: place
        for place, thing in ANNOTATED
        for hint in get_type_hints(thing).values()
        for kind in classes_in(hint)
        if id(kind) not in public
    }
    assert hidden == {}


@pytest.mark.parametrize("name", types.__all__)
def test_types_are_those_of_the_signatures(name: str) -> None:
    """`aiointercom.types` offers each name, under which `dir` shows it, and nothing else."""
    assert getattr(types, name)
    assert name in dir(types)
    with pytest.raises(AttributeError, match="Nothing"):
        _ = types.Nothing  # type: ignore[attr-defined]


def test_a_sender_is_what_the_raw_layer_asks_for() -> None:
    """`Intercom.sender` is annotated with the protocol of `intercom_raw`, and with no private class."""
    assert types.Sender is intercom_raw.Sender
    assert get_type_hints(vars(Intercom)["sender"].fget)["return"] is intercom_raw.Sender
    assert get_type_hints(Intercom.sender_for)["return"] is intercom_raw.Sender


def test_aliases_are_those_that_the_client_takes() -> None:
    """The unions in `aiointercom.types` are the annotations of the client's own arguments."""
    hints = get_type_hints(Intercom.__init__)
    assert hints["timeout"] == types.Timeout
    assert hints["priority"] == types.Priority
    assert hints["transport"] == types.Transport
    assert hints["token"] == types.Token | None
    assert get_type_hints(Conversations.redact_all)["select"] == types.Select | None
    assert get_type_hints(Conversations.search)["query"] == types.Query
    assert get_type_hints(Conversations.list)["return"] is types.ConversationPages


RESOURCES = {"conversations": Conversations, "tickets": Tickets, "ticket_types": TicketTypes}


@pytest.mark.parametrize(("name", "kind"), RESOURCES.items())
def test_resources_are_annotated_on_the_class(name: str, kind: type) -> None:
    """The class names its resources and their types; a client has one object of each, which can be replaced."""
    assert get_type_hints(Intercom)[name] is kind
    assert name in dir(Intercom)
    client = Intercom("token")
    assert type(getattr(client, name)) is kind
    assert getattr(client, name) is getattr(client, name)
    assert getattr(client.with_options(max_retries=0), name) is not getattr(client, name)
    other = object()
    setattr(client, name, other)
    assert getattr(client, name) is other


def test_help_shows_the_resources() -> None:
    """`help(Intercom)` names the resources and their classes."""
    import pydoc

    shown = pydoc.plain(pydoc.render_doc(Intercom))
    assert all(name in shown and kind.__name__ in shown for name, kind in RESOURCES.items())


@pytest.mark.asyncio
@pytest.mark.parametrize("instance", [True, False])
async def test_autospec_knows_the_operations(instance: bool) -> None:
    """An autospecced client checks the arguments of the operations and refuses unknown ones."""
    mock = create_autospec(Intercom, instance=instance)
    mock.conversations.redact_part.return_value = "redacted"
    assert await mock.conversations.redact_part("471", "115", timeout=3) == "redacted"
    with pytest.raises(TypeError):
        await mock.conversations.redact_part("471")
    with pytest.raises(AttributeError):
        _ = mock.conversations.redact_parts
    assert inspect.iscoroutinefunction(mock.tickets.retrieve)


def test_mocks_with_the_client_as_their_spec_know_the_resources() -> None:
    """A mock with `spec=Intercom` has the resources, which can be set up, and refuses other names."""
    mock = AsyncMock(spec=Intercom)
    mock.conversations.redact_part.return_value = "done"
    assert mock.tickets is not None
    with pytest.raises(AttributeError):
        _ = mock.no_such_resource


def test_the_constructor_can_be_read() -> None:
    """The hints of the client's constructor name each of its arguments."""
    assert set(get_type_hints(Intercom.__init__)) >= {*inspect.signature(Intercom.__init__).parameters} - {"self"}


def test_ids_can_be_checked() -> None:
    """`checked_id` is public: it returns what can be sent, and says by name what cannot."""
    assert (checked_id("471", "conversation_id"), checked_id(471, "conversation_id")) == ("471", 471)
    for wrong in ("", "..", "a/b", "a b", -1):
        with pytest.raises(ValueError, match="conversation_id"):
            checked_id(wrong, "conversation_id")
    with pytest.raises(TypeError, match="conversation_id"):
        checked_id(True, "conversation_id")
    assert typing.get_type_hints(aiointercom.checked_id)["return"] == str | int
