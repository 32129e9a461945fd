"""Holds the typing files against the public surface: a name that it does not use is a name whose types nobody
checks.
"""

import ast
import inspect
from pathlib import Path
from types import ModuleType

import pytest

import aiointercom
import intercom_raw
from aiointercom import Intercom, client, conversations, events, live, pgqueuer, sandbox, tickets, webhooks
from intercom_raw import api

USAGE = ast.parse((Path(__file__).parent / "usage.py").read_text(encoding="utf-8"))
ENGINES = ast.parse((Path(__file__).parent / "usage_engines.py").read_text(encoding="utf-8"))
NODES = [*ast.walk(USAGE), *ast.walk(ENGINES)]
NAMES = {node.id for node in NODES if isinstance(node, ast.Name)}
ATTRIBUTES = {node.attr for node in NODES if isinstance(node, ast.Attribute)}


def members(kind: type) -> set[str]:
    """The public methods and properties of a class."""
    return {name for name, _ in inspect.getmembers(kind) if not name.startswith("_")}


@pytest.mark.parametrize(
    "package", [aiointercom, live, pgqueuer, sandbox, webhooks], ids=lambda package: package.__name__
)
def test_every_public_name_is_used(package: ModuleType) -> None:
    """Each name in a package's `__all__` stands in the typing files."""
    assert set(package.__all__) - NAMES == set()


def test_every_record_is_used() -> None:
    """Each record for observers stands in the typing file."""
    assert {kind.__name__ for kind in events.Event.__subclasses__()} - NAMES == set()


def test_every_operation_of_the_raw_layer_is_used() -> None:
    """Each generated function, and each public name of the generated package, stands in the typing file."""
    folder = Path(api.__file__).parent
    functions = {path.stem for path in folder.glob("*/*.py") if path.stem != "__init__"}
    assert len(functions) == 9
    assert (functions | set(intercom_raw.__all__)) - NAMES == set()


@pytest.mark.parametrize(
    "kind",
    [Intercom, conversations.Conversations, tickets.Tickets, tickets.TicketTypes, sandbox.Sandbox, aiointercom.Region],
)
def test_every_public_member_is_used(kind: type) -> None:
    """Each public method and property of the client and its resources stands in the typing file."""
    assert members(kind) - ATTRIBUTES - {"EU", "name", "of"} == set()


def test_every_option_of_the_client_is_used() -> None:
    """Each argument of the client's constructor stands in the typing file."""
    given = {
        keyword.arg
        for node in ast.walk(USAGE)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Intercom"
        for keyword in node.keywords
    }
    options = set(inspect.signature(client.Intercom).parameters) - {"token"}
    assert options - given == set()
