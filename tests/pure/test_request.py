"""What a call becomes before it is sent: paths, queries, bodies and the names under which it is told. No I/O."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiointercom._protocol.request import checked_path, encode, prepare, template_of
from aiointercom._protocol.retry_policy import RequestEffect
from aiointercom._values.validation import checked_id, checked_seconds, id_like

CONVERT = "/conversations/{conversation_id}/convert"


@pytest.mark.parametrize(
    ("id", "quoted"),
    [
        ("1", "1"),
        (1, "1"),
        (0, "0"),
        (10**40, "1" + "0" * 40),
        ("a?b", "a%3Fb"),
        ("a#b", "a%23b"),
        ("a%2fb", "a%252fb"),
        ("a;b", "a%3Bb"),
        ("a&b=c", "a%26b%3Dc"),
        ("é", "%C3%A9"),
        ("{x}", "%7Bx%7D"),
        ("...", "..."),
        ("a..b", "a..b"),
    ],
)
def test_ids_are_quoted_into_the_path(id: str | int, quoted: str) -> None:
    """An id is one segment of the path, whatever characters it has, and is never read as a template again."""
    assert checked_id(id, "x") == id
    assert prepare("POST", CONVERT, {"conversation_id": id}, None, None).target == f"/conversations/{quoted}/convert"


@given(st.text(max_size=12))
def test_every_id_is_refused_or_stays_in_its_segment(id: str) -> None:
    """No text that passes can leave its segment of the path or change its meaning on the way back."""
    try:
        checked_id(id, "x")
    except ValueError:
        return
    target = prepare("GET", "/tickets/{ticket_id}", {"ticket_id": id}, None, None).target
    assert target.count("/") == 2
    assert unquote(target.rsplit("/", 1)[1]) == id
    assert not set("?#\\ ") & set(target)
    assert id not in ("", ".", "..")


@pytest.mark.parametrize(
    ("query", "target"),
    [
        (None, "/x"),
        ({}, "/x"),
        ({"a": None}, "/x"),
        ({"a": 0}, "/x?a=0"),
        ({"a": ""}, "/x?a="),
        ({"a": False, "b": True}, "/x?a=false&b=true"),
        ({"a": [1, True, "x y"]}, "/x?a=1&a=true&a=x+y"),
        ({"a": (1, 2)}, "/x?a=1&a=2"),
        ({"a": "é&b=c"}, "/x?a=%C3%A9%26b%3Dc"),
        ({"a": None, "b": 1.5}, "/x?b=1.5"),
    ],
)
def test_queries(query: dict[str, Any] | None, target: str) -> None:
    """None leaves a parameter out, false values are sent, booleans are written as JSON does, lists repeat the name."""
    assert prepare("GET", "/x", None, query, None).target == target


def test_a_path_without_values_is_taken_as_it_is() -> None:
    """The caller's own path is not read as a template."""
    assert prepare("GET", "/tags/{id}", None, None, None).target == "/tags/{id}"


@pytest.mark.parametrize(
    ("body", "content"),
    [
        (None, None),
        ({}, b"{}"),
        ([], b"[]"),
        (0, b"0"),
        (False, b"false"),
        ("", b'""'),
        ({"a": None, "b": [1, 2.5]}, b'{"a":null,"b":[1,2.5]}'),
        ({"name": "é 🦁"}, '{"name":"é 🦁"}'.encode()),
        ({1: 2}, b'{"1":2}'),
    ],
)
def test_bodies(body: Any, content: bytes | None) -> None:
    """A body is compact JSON in UTF-8; only None is no body."""
    assert prepare("POST", "/x", None, None, body).content == content


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (float("nan"), ValueError),
        ({"a": float("inf")}, ValueError),
        ({"a": object()}, TypeError),
        ({"a": b"x"}, TypeError),
        ({("a", "b"): 1}, TypeError),
        ("\ud800", ValueError),
        ({"a": {"b": ["\udfff"]}}, ValueError),
    ],
)
def test_bodies_that_are_no_json(body: Any, kind: type[Exception]) -> None:
    """What is no JSON, or no text in UTF-8, is refused."""
    with pytest.raises(kind):
        encode(body)


def test_a_body_that_holds_itself() -> None:
    """A body without an end is refused."""
    body: list[Any] = []
    body.append(body)
    with pytest.raises(ValueError, match="Circular"):
        encode(body)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
        max_leaves=8,
    )
)
def test_bodies_come_back_as_they_were(body: Any) -> None:
    """JSON is sent without loss."""
    assert json.loads(encode(body)) == body


@pytest.mark.parametrize(
    ("method", "path", "values", "body", "effect", "ids"),
    [
        ("GET", "/me", None, None, RequestEffect.READ, {}),
        ("GET", "/tickets/{ticket_id}", {"ticket_id": "3"}, None, RequestEffect.READ, {"ticket_id": "3"}),
        (
            "POST",
            "/conversations/redact",
            None,
            {"type": "source", "conversation_id": 1, "source_id": "2"},
            RequestEffect.REDACT,
            {"conversation_id": 1, "source_id": "2"},
        ),
        (
            "POST",
            CONVERT,
            {"conversation_id": "1"},
            {"ticket_type_id": "79", "attributes": {"secret_id": "x"}},
            RequestEffect.CONVERT,
            {"conversation_id": "1", "ticket_type_id": "79"},
        ),
        ("POST", "/conversations/search", None, {"query": {"secret_id": 1}}, RequestEffect.READ, {}),
        ("POST", "/tags", None, {"name": "x", "contact_id": "5"}, RequestEffect.WRITE, {}),
        ("POST", "/conversations/redact", None, None, RequestEffect.REDACT, {}),
        ("POST", "/conversations/redact", None, ["conversation_id"], RequestEffect.REDACT, {}),
    ],
)
def test_how_a_call_is_told(method: str, path: str, values: Any, body: Any, effect: RequestEffect, ids: dict) -> None:
    """A call is told by its template and by the ids that it names, never by anything else of its body."""
    request = prepare(method, path, values, None, body)
    assert (request.effect, request.operation, request.ids) == (effect, f"{method} {path}", ids)


@pytest.mark.parametrize(
    "value", ["", ".", "..", "a/b", "\\", " ", "a b", "\t", "a\n", "\x7f", "\u200b", "\ud800", "\u2029", "x" * 1000]
)
def test_ids_that_are_refused(value: str) -> None:
    """An id that is empty, dots, has a slash, blank or control character, or has no end, is refused by its name."""
    with pytest.raises(ValueError, match="part_id"):
        checked_id(value, "part_id")


@pytest.mark.parametrize("value", [None, True, 1.0, b"1", [], {}])
def test_ids_of_another_type(value: object) -> None:
    """An id is a string or an integer, and a bool is neither."""
    with pytest.raises(TypeError, match="part_id must be a string or an integer"):
        checked_id(value, "part_id")


def test_an_id_below_zero() -> None:
    """No id is negative; 0 is left for Intercom to refuse."""
    with pytest.raises(ValueError, match="part_id"):
        checked_id(-1, "part_id")
    assert checked_id(0, "part_id") == 0


def test_an_id_without_end() -> None:
    """An integer is held to the same length as a string: Python would not even write one of 5,000 digits."""
    assert checked_id(10**255 - 1, "part_id") == 10**255 - 1
    for value in (10**255, 10**5000):
        with pytest.raises(ValueError, match="part_id must not be negative or longer than 255 digits"):
            checked_id(value, "part_id")


@pytest.mark.parametrize(
    ("value", "id"), [("471", "471"), (471, "471"), (0, "0"), ("a-b_c", "a-b_c"), ("é", "é"), (2**63, str(2**63))]
)
def test_an_id_of_an_answer(value: object, id: str) -> None:
    """What a caller could hand back as an id is read as its decimal string."""
    assert id_like(value) == id


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        1.0,
        -1,
        [],
        {},
        "",
        ".",
        "..",
        "a/b",
        "a b",
        "47\n1",
        "\x1b[2J",
        "\ud800",
        "\u202e471",
        "x" * 256,
        10**300,
    ],
)
def test_what_no_id_of_an_answer_is(value: object) -> None:
    """A line break, an escape character or half a surrogate pair goes into no error, ledger, page or terminal."""
    assert id_like(value) is None


@pytest.mark.parametrize("path", ["/", "/tags", "/tags/7", "/a%2Fb", "/a/...", "/a..b/c", "/a;b=c", "/~x/@y:z"])
def test_paths_that_are_taken(path: str) -> None:
    """Any path from the host on that is plain ASCII is taken as it is."""
    assert checked_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "x",
        "//x",
        "http://x/y",
        "/x?y",
        "/x#y",
        "/x\\y",
        "/x y",
        "/x\n",
        "/é",
        "/.",
        "/..",
        "/a/..",
        "/./a",
        "/%2e",
        "/a/%2E%2e/b",
    ],
)
def test_paths_that_are_refused(path: str) -> None:
    """A path that is none, leads to another host or up, or carries a query, is refused."""
    with pytest.raises(ValueError, match="the path must"):
        checked_path(path)


def test_paths_of_another_type() -> None:
    """A path is a string."""
    with pytest.raises(TypeError):
        checked_path(b"/tags")


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/tags", "/tags"),
        ("/conversations/471/parts", "/conversations/{}/parts"),
        ("/contacts/66a1f0c2d4e58b7a90c3e1f4", "/contacts/{}"),
        ("/contacts/find_by_external_id/Ann", "/contacts/find_by_external_id/{}"),
        ("/contacts/ann@example.com", "/contacts/{}"),
        ("/contacts/ann", "/contacts/{}"),
        ("/contacts/find_by_external_id/ann", "/contacts/find_by_external_id/{}"),
        ("/471", "/{}"),
        ("/data_attributes/%20", "/data_attributes/{}"),
        ("/", "/"),
    ],
)
def test_paths_are_told_without_ids(path: str, told: str) -> None:
    """In records and errors every segment that could be an id, a name or an email is blanked out."""
    assert template_of(path) == told


@pytest.mark.parametrize("value", [0.001, 1, 2.5, 10**9])
def test_seconds(value: float) -> None:
    """Any number of seconds above zero is taken."""
    assert checked_seconds(value, "x") == value


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (0, ValueError),
        (-1, ValueError),
        (float("inf"), ValueError),
        (float("nan"), ValueError),
        (True, TypeError),
        ("1", TypeError),
        (None, TypeError),
    ],
)
def test_what_are_no_seconds(value: Any, kind: type[Exception]) -> None:
    """Zero, less, no end and no number are refused by name."""
    with pytest.raises(kind, match="timeout must"):
        checked_seconds(value, "timeout")
