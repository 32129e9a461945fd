"""For those who come from python-intercom: errors that say what to write here, and that are in the way of nothing
else.
"""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from aiointercom import ConfigurationError, Intercom, models
from aiointercom.conversations import Conversations
from aiointercom.pagination import ConversationPages
from aiointercom.tickets import Tickets, TicketTypes

PAGE = Path(__file__).parents[2] / "docs" / "from-python-intercom.md"
KINDS = [Intercom, Conversations, Tickets, TicketTypes, ConversationPages]

CHECKED = """
from aiointercom import Intercom

async def moved(intercom: Intercom) -> None:
    await intercom.conversations.list()
    for item in intercom.conversations.list():
        pass
    await intercom.conversations.find("1")
    intercom.contacts
"""


@pytest.fixture
def intercom() -> Intercom:
    """A client that sends nothing."""
    return Intercom("token")


@pytest.mark.asyncio
@pytest.mark.parametrize("search", [False, True])
async def test_an_awaited_list_says_what_to_write(intercom: Intercom, search: bool) -> None:
    """`await` of what `list` or `search` returns, and a loop without `async`, are TypeErrors that show the loop to
    write.
    """
    found: Any = intercom.conversations.search({"field": "x"}) if search else intercom.conversations.list()
    with pytest.raises(TypeError, match=r"async for conversation in intercom\.conversations\.list\(\)"):
        await found
    with pytest.raises(TypeError, match="async for"):
        list(found)


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("conversations.find", "retrieve(conversation_id)"),
        ("conversations.redact_conversation_part", "redact_part(conversation_id, part_id)"),
        ("conversations.reply", 'intercom.request("GET", "/...")'),
        ("conversations.get", "retrieve(conversation_id)"),
        ("tickets.get", "retrieve(ticket_id)"),
        ("tickets.find", "retrieve(ticket_id)"),
        ("ticket_types.find", "retrieve(ticket_type_id)"),
        ("tickets.create", "intercom.request("),
        ("ticket_types.get", "retrieve(ticket_type_id)"),
        ("admins", "intercom.me()"),
        ("contacts", "intercom.request("),
    ],
)
def test_names_of_python_intercom_are_explained(intercom: Intercom, name: str, instead: str) -> None:
    """A method or resource that python-intercom has is an AttributeError that says what to write and names the page."""
    *path, last = name.split(".")
    of: Any = intercom
    for step in path:
        of = getattr(of, step)
    with pytest.raises(AttributeError, match=f"no attribute '{last}': .*{re.escape(instead)}.*{PAGE.name}") as caught:
        getattr(of, last)
    assert (caught.value.name, caught.value.obj) == (last, of)
    assert not hasattr(of, last)
    assert last not in dir(of)


@pytest.mark.parametrize("name", ["items", "data", "has_next", "next_page", "iter_pages", "response"])
def test_pagers_are_explained(intercom: Intercom, name: str) -> None:
    """What python-intercom's pager has is explained by the loop."""
    with pytest.raises(AttributeError, match="async for"):
        getattr(intercom.conversations.list(), name)


def test_other_names_are_missing_as_always(intercom: Intercom) -> None:
    """A private name, and any name of pages that python-intercom has not, is the plain error, without advice."""
    for of, name in ((intercom, "_conversations"), (intercom.conversations.list(), "count")):
        with pytest.raises(AttributeError, match=rf"^'\w+' object has no attribute '{name}'$"):
            getattr(of, name)


def test_subclasses_and_their_own_names(intercom: Intercom) -> None:
    """A class of a user's under ours explains the names too, and its own attributes are found."""

    class Ours(Intercom):
        greeting = "hello"

    assert Ours("token").greeting == "hello"
    with pytest.raises(AttributeError, match=r"'Ours' object has no attribute 'admins': .*me\(\)"):
        _ = Ours("token").admins  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_mocks_with_a_spec_know_only_what_there_is(kind: type) -> None:
    """A mock of each class refuses the old names and offers the methods that there are, async ones as such."""
    for made in (mock.Mock(spec=kind), mock.create_autospec(kind, instance=True)):
        assert not hasattr(made, "find")
        assert not hasattr(made, "items")
        assert isinstance(made, kind)
    methods = [name for name, of in inspect.getmembers(kind, inspect.iscoroutinefunction) if not name.startswith("_")]
    autospec = mock.create_autospec(kind, instance=True)
    assert all(inspect.iscoroutinefunction(getattr(autospec, name)) for name in methods)


@pytest.mark.asyncio
async def test_a_mock_of_pages_iterates() -> None:
    """A mock with the pages for its spec gives what a test puts into it."""
    pages = mock.MagicMock(spec=ConversationPages)
    pages.__aiter__.return_value = ["a", "b"]
    assert [item async for item in pages] == ["a", "b"]


@pytest.mark.parametrize(
    "command", [("mypy", "--strict"), ("pyright", "--pythonpath", sys.executable)], ids=lambda command: command[0]
)
def test_type_checkers_refuse_the_old_names(command: tuple[str, ...], tmp_path: Path) -> None:
    """Both type checkers complain of each line that python-intercom would have: the help at run time hides nothing
    from them.
    """
    (tmp_path / "moved.py").write_text(CHECKED)
    done = subprocess.run(
        [sys.executable, "-m", *command, "moved.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    lines = {int(number) for number in re.findall(r"moved\.py:(\d+):(?:\d+ -)? error", done.stdout)}
    assert lines >= {5, 6, 8, 9}, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("environment", 'region="EU"'),
        ("httpx_client", "http_client"),
        ("headers", "version"),
        ("api_key", "token"),
        ("access_token", "token"),
    ],
)
def test_arguments_of_other_sdks_are_explained(name: str, instead: str) -> None:
    """An argument that has another name here is a TypeError that says what to write, and never shows what was given."""
    with pytest.raises(TypeError, match=f"'{name}': .*{re.escape(instead)}.*{PAGE.name}") as caught:
        Intercom("token", **{name: "secret-word"})
    assert "secret-word" not in str(caught.value)
    assert name not in inspect.signature(Intercom).parameters
    assert list(inspect.signature(Intercom).parameters)[:3] == ["token", "region", "base_url"]
    with pytest.raises(TypeError, match="nonsense"):
        Intercom("token", nonsense=1)  # type: ignore[call-arg]


def test_a_client_in_a_plain_with_says_what_to_write(intercom: Intercom) -> None:
    """`with Intercom()`, as of a sync SDK, is a TypeError that shows the line to write."""
    sync: Any = intercom
    with pytest.raises(TypeError, match="async with Intercom"):
        with sync:
            pass


MODELS = [getattr(models, name) for name in models.__all__]


@pytest.mark.parametrize("kind", [kind for kind in MODELS if hasattr(kind, "to_dict")], ids=lambda kind: kind.__name__)
def test_names_of_pydantic_are_explained(kind: Any) -> None:
    """What a pydantic model would do is an AttributeError that says how a model here does it; other names are missing
    as always.
    """
    model = object.__new__(kind)
    for name, instead in (("dict", "to_dict()"), ("model_dump", "to_dict()"), ("json", "json.dumps("),
                          ("model_dump_json", "json.dumps("), ("model_copy", "copy.deepcopy(")):  # fmt: skip
        with pytest.raises(AttributeError, match=f"'{name}': .*{re.escape(instead)}"):
            getattr(model, name)
        assert name not in dir(model)
        assert not hasattr(model, name)
    with pytest.raises(AttributeError, match=rf"^'{kind.__name__}' object has no attribute 'nothing'$"):
        _ = model.nothing
    assert not hasattr(model, "__dict__")


@pytest.mark.parametrize("name", ["INTERCOM_TOKEN", "INTERCOM_API_TOKEN"])
def test_a_variable_with_a_near_name_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token that stands in a variable of another name is not read; the error names the variable."""
    for other in ("INTERCOM_ACCESS_TOKEN", "INTERCOM_API_KEY", "INTERCOM_TOKEN", "INTERCOM_API_TOKEN"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(name, "secret-word")
    with pytest.raises(ConfigurationError, match=rf"in place of {name}\)$") as caught:
        Intercom()
    assert "secret-word" not in str(caught.value)


def test_the_other_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a token the error names python-intercom's variable where that one is set, and its value never."""
    monkeypatch.delenv("INTERCOM_ACCESS_TOKEN", raising=False)
    monkeypatch.delenv("INTERCOM_API_KEY", raising=False)
    with pytest.raises(ConfigurationError, match=r"INTERCOM_ACCESS_TOKEN$"):
        Intercom()
    monkeypatch.setenv("INTERCOM_API_KEY", "secret-word")
    with pytest.raises(ConfigurationError, match="in place of INTERCOM_API_KEY") as caught:
        Intercom()
    assert "secret-word" not in str(caught.value)


@pytest.mark.asyncio
async def test_a_token_callable_that_is_not_async_says_so() -> None:
    """A plain function as token, as python-intercom takes it, is a ConfigurationError that says how to write it."""
    async with Intercom(lambda: "token") as intercom:  # type: ignore[arg-type, return-value]
        with pytest.raises(ConfigurationError, match="async def"):
            await intercom.me()
