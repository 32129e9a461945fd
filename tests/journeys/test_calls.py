"""The public surface over the sandbox and over canned answers: what is sent, what comes back, and what is refused
before anything leaves.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

import anyio.lowlevel
import httpx
import pytest
from attrs import evolve

import intercom_raw
from aiointercom import (
    BadRequestError,
    ConfigurationError,
    Intercom,
    NotFoundError,
    OutcomeUnknownError,
    Pace,
    RateLimitedError,
    ResponseLostError,
    ServerError,
    UnauthorizedError,
    UnreadableResponseError,
    __version__,
)
from aiointercom._delivery import result
from aiointercom._delivery.result import LARGE
from aiointercom.models import (
    Conversation,
    ConversationListItem,
    MultipleFilterSearchRequest,
    SearchPaginationRequest,
    SearchRequest,
    SingleFilterSearchRequest,
)
from aiointercom.sandbox import Fault, Sandbox
from tests.journeys.canned import TOKEN, Canned, Scene, refuses, says

pytestmark = pytest.mark.anyio

OPEN = {"field": "state", "operator": "=", "value": "open"}


# ---------------------------------------------------------------- the two writes


async def test_the_documents_example_of_redacting_a_part() -> None:
    """Part 115 of conversation 471, as Intercom's own document sends it: its text becomes the deletion text, and says
    so.
    """
    sandbox = Sandbox()
    async with sandbox.client() as intercom:
        conversation = await intercom.conversations.redact_part(471, 115)
    assert (conversation.id, conversation.type) == ("471", "conversation")
    [part] = conversation.conversation_parts.conversation_parts  # type: ignore[union-attr,misc]
    assert (part.id, part.redacted, part.body) == ("115", True, "<p><i>This message was deleted</i></p>")
    assert [(effect.operation, effect.conversation_id, effect.target_id) for effect in sandbox.ledger] == [
        ("redactConversation", "471", "115")
    ]


async def test_the_documents_example_of_converting() -> None:
    """Conversation 123 becomes a ticket of type 79, as Intercom's own document sends it; the ticket has the
    conversation's id.
    """
    sandbox = Sandbox()
    async with sandbox.client() as intercom:
        ticket = await intercom.conversations.convert_to_ticket(123, ticket_type_id=79)
        again = await intercom.tickets.retrieve("123")
    assert (ticket.id, ticket.type, ticket.ticket_state) == ("123", "ticket", "submitted")
    assert ticket.ticket_type.id == "79"  # type: ignore[union-attr]
    assert again == ticket


async def test_redacting_a_source() -> None:
    """The first message of a conversation is redacted by the id of its source."""
    sandbox = Sandbox()
    async with sandbox.client() as intercom:
        conversation = await intercom.conversations.redact_source("480", 403918320)
    source = conversation.source
    assert source is not None
    assert (source.redacted, source.body) == (True, "<p><i>This message was deleted</i></p>")


async def test_converting_with_title_description_and_attributes() -> None:
    """Title and description go under Intercom's own names, the rest under theirs; all come back in the ticket."""
    sandbox = Sandbox()
    item = "5b0c6f7e-2d1a-4c8e-9f43-7a1e0d9b6c21"
    async with sandbox.client() as intercom:
        ticket = await intercom.conversations.convert_to_ticket(
            "474",
            ticket_type_id="95",
            title="Kettle",
            description="It came broken",
            attributes={"amount": 12.5, "priority": item},
        )
    assert ticket.ticket_attributes == {
        "_default_title_": "Kettle",
        "_default_description_": "It came broken",
        "amount": 12.5,
        "priority": item,
    }


@pytest.mark.parametrize(
    ("asked", "attributes"),
    [
        ({}, None),
        ({"attributes": {}}, None),
        ({"title": None, "description": None}, None),
        ({"title": ""}, {"_default_title_": ""}),
        ({"title": "T", "description": "D"}, {"_default_title_": "T", "_default_description_": "D"}),
        ({"title": "T", "attributes": {"a": 1}}, {"a": 1, "_default_title_": "T"}),
        ({"attributes": {"_default_title_": "T"}}, {"_default_title_": "T"}),
        (
            {"title": "T", "attributes": {"_default_description_": None}},
            {"_default_title_": "T", "_default_description_": None},
        ),
    ],
)
async def test_attributes_of_a_conversion_as_they_are_sent(asked: dict, attributes: dict | None) -> None:
    """None means "not sent", an empty text is sent, and without any attribute the body has no `attributes` at all."""
    canned = Canned(says({"type": "ticket", "id": "1", "ticket_id": "7"}))
    async with Scene(canned) as scene:
        await scene.intercom.conversations.convert_to_ticket("1", ticket_type_id="79", **asked)
    expected = {"ticket_type_id": "79"} | ({} if attributes is None else {"attributes": attributes})
    assert json.loads(canned.requests[0].content) == expected


@pytest.mark.parametrize(("name", "key"), [("title", "_default_title_"), ("description", "_default_description_")])
async def test_title_given_twice(name: str, key: str) -> None:
    """A title or description that is in `attributes` too is an error before anything is sent, even where both are the
    same.
    """
    canned = Canned(says({}))
    async with Scene(canned) as scene:
        with pytest.raises(ValueError, match=name):
            await scene.intercom.conversations.convert_to_ticket(
                "1", ticket_type_id="79", attributes={key: "x"}, **{name: "x"}
            )
    assert canned.requests == []


async def test_the_callers_attributes_are_not_changed() -> None:
    """The mapping that the caller passed is left as it was."""
    given = {"note": "x"}
    async with Scene(Canned(says({"type": "ticket", "id": "1"}))) as scene:
        await scene.intercom.conversations.convert_to_ticket("1", ticket_type_id="79", title="T", attributes=given)
    assert given == {"note": "x"}


# ---------------------------------------------------------------- what goes over the wire

REDACTED = {"id": "1", "conversation_parts": {"conversation_parts": [{"id": "2", "redacted": True}], "total_count": 1}}
PAGE = {"conversations": [], "pages": {}}
SENT: list[tuple[str, Callable[[Intercom], Any], str, str, Any, Any]] = [
    (
        "redact_part",
        lambda i: i.conversations.redact_part("1", 2),
        "POST",
        "/conversations/redact",
        {"type": "conversation_part", "conversation_id": "1", "conversation_part_id": 2},
        REDACTED,
    ),
    (
        "redact_source",
        lambda i: i.conversations.redact_source(1, "2"),
        "POST",
        "/conversations/redact",
        {"type": "source", "conversation_id": 1, "source_id": "2"},
        {"id": "1", "source": {"id": "2", "redacted": True}},
    ),
    (
        "convert",
        lambda i: i.conversations.convert_to_ticket(1, ticket_type_id="79"),
        "POST",
        "/conversations/1/convert",
        {"ticket_type_id": "79"},
        {"type": "ticket", "id": "1"},
    ),
    ("retrieve", lambda i: i.conversations.retrieve(1), "GET", "/conversations/1", None, {"id": "1"}),
    (
        "odd id",
        lambda i: i.conversations.retrieve("a?b#c%2fd&é"),
        "GET",
        "/conversations/a%3Fb%23c%252fd%26%C3%A9",
        None,
        {"id": "a?b#c%2fd&é"},
    ),
    (
        "plain",
        lambda i: i.conversations.retrieve(1, display_as="plaintext"),
        "GET",
        "/conversations/1?display_as=plaintext",
        None,
        {"id": 1},
    ),
    ("list", lambda i: collect(i.conversations.list()), "GET", "/conversations", None, PAGE),
    ("list sized", lambda i: collect(i.conversations.list(per_page=7)), "GET", "/conversations?per_page=7", None, PAGE),
    ("search", lambda i: collect(i.conversations.search(OPEN)), "POST", "/conversations/search", {"query": OPEN}, PAGE),
    ("ticket", lambda i: i.tickets.retrieve("3"), "GET", "/tickets/3", None, {"id": "3"}),
    ("ticket type", lambda i: i.ticket_types.retrieve(79), "GET", "/ticket_types/79", None, {"id": 79}),
    ("ticket types", lambda i: i.ticket_types.list(), "GET", "/ticket_types", None, {"data": []}),
    ("me", lambda i: i.me(), "GET", "/me", None, {}),
    (
        "get",
        lambda i: i.request("get", "/tags", query={"a": 1, "b": None, "c": True, "d": [False, "x y"]}),
        "GET",
        "/tags?a=1&c=true&d=false&d=x+y",
        None,
        {},
    ),
    ("post", lambda i: i.request("POST", "/tags", json={"name": "é"}), "POST", "/tags", {"name": "é"}, {}),
    ("null body", lambda i: i.request("DELETE", "/tags/7"), "DELETE", "/tags/7", None, {}),
]


async def collect(pages: Any) -> list[Any]:
    """All items of a list."""
    return [item async for item in pages]


@pytest.mark.parametrize(("name", "call", "method", "target", "body", "answer"), SENT, ids=[row[0] for row in SENT])
async def test_each_call_on_the_wire(name: str, call: Any, method: str, target: str, body: Any, answer: Any) -> None:
    """Each method sends one request: Intercom's method, path, query and body, and the headers that every request
    carries.
    """
    canned = Canned(says(answer))
    async with Scene(canned, region="EU") as scene:
        await call(scene.intercom)
    [request] = canned.requests
    assert (request.method, str(request.url)) == (method, f"https://api.eu.intercom.io{target}")
    headers = request.headers
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert headers["intercom-version"] == intercom_raw.API_VERSION
    assert headers["accept"] == "application/json"
    assert headers["user-agent"].startswith(f"aiointercom/{__version__}")
    assert headers.get("content-type") == (None if body is None else "application/json")
    assert (json.loads(request.content) if request.content else None) == body
    assert len(headers.get_list("authorization")) == 1


def test_all_nine_operations_are_reached() -> None:
    """The table above holds each operation of the generated package."""
    from pathlib import Path

    import intercom_raw.api

    modules = [path for path in Path(intercom_raw.api.__file__).parent.glob("*/*.py") if path.stem != "__init__"]
    paths = {
        (method, target.partition("?")[0].replace("/1", "/{}").replace("/3", "/{}").replace("/79", "/{}"))
        for _, _, method, target, _, _ in SENT
    }
    assert len(modules) == 9
    assert {
        ("POST", "/conversations/redact"),
        ("POST", "/conversations/{}/convert"),
        ("GET", "/conversations/{}"),
        ("GET", "/conversations"),
        ("POST", "/conversations/search"),
        ("GET", "/tickets/{}"),
        ("GET", "/ticket_types/{}"),
        ("GET", "/ticket_types"),
        ("GET", "/me"),
    } <= paths


@pytest.mark.parametrize("body", [{}, [], "text", 0, False])
async def test_any_json_is_a_body(body: Any) -> None:
    """`request` sends every JSON value as it is, the false ones too; only None is no body."""
    canned = Canned(says({}))
    async with Scene(canned) as scene:
        await scene.intercom.request("POST", "/tags", json=body)
    assert json.loads(canned.requests[0].content) == body


@pytest.mark.parametrize(
    ("response", "value"),
    [
        (says({"a": 1}), {"a": 1}),
        (says([1]), [1]),
        (says(None), None),
        (says("x"), "x"),
        (httpx.Response(204), None),
        (says({"a": 1}, 201), {"a": 1}),
    ],
)
async def test_request_returns_plain_json(response: httpx.Response, value: Any) -> None:
    """`request` gives back whatever JSON comes, and None for "no content"."""
    async with Scene(Canned(response)) as scene:
        assert await scene.intercom.request("GET", "/anything") == value


@pytest.mark.parametrize("body", [None, [], "x", 3])
async def test_request_of_a_known_write_with_an_odd_body(body: Any) -> None:
    """A body that is no object is Intercom's to refuse, also on the path of a redaction."""
    async with Scene(Canned(refuses(400))) as scene:
        with pytest.raises(BadRequestError):
            await scene.intercom.request("POST", "/conversations/redact", json=body)


async def test_a_write_that_nobody_can_read_back_is_sent_once() -> None:
    """`request` re-sends no write whose answer was lost, or failed, on the way or at Intercom: OutcomeUnknownError,
    with what was seen.
    """
    for failure, status in (
        (httpx.ReadError("cut"), None),
        (refuses(500), 500),
        (refuses(408), 408),
        (httpx.Response(200, content=b"<"), 200),
    ):
        canned = Canned(failure)
        async with Scene(canned) as scene:
            with pytest.raises(OutcomeUnknownError, match="not read back") as caught:
                await scene.intercom.request("POST", "/tags", json={})
            assert (await scene.intercom.settle(caught.value)).outcome == "unknown"
        assert (caught.value.seen and caught.value.seen.status) == status
        assert len(canned.requests) == 1


async def test_a_write_by_request_waits_for_the_rate_limit() -> None:
    """A 429 is no doubt, so any write is sent again after the wait."""
    canned = Canned(refuses(429, "rate_limit_exceeded", Retry_After="2"), says({}))
    async with Scene(canned) as scene:
        await scene.intercom.request("PUT", "/tags", json={})
    assert scene.waits.slept == [2.0]


@pytest.mark.parametrize(
    "failure",
    [httpx.ReadTimeout("late"), httpx.RemoteProtocolError("cut"), refuses(500), refuses(408), says([]), refuses(520)],
)
async def test_reads_are_repeated(failure: Any) -> None:
    """A read, the search too, is sent again after a failure, and its value comes back as if nothing had been."""
    for call, answer in (
        (lambda i: i.conversations.retrieve("1"), {"id": "1"}),
        (lambda i: collect(i.conversations.search(OPEN)), PAGE),
    ):
        canned = Canned(failure, failure, failure, says(answer))
        async with Scene(canned) as scene:
            await call(scene.intercom)
        assert len(canned.requests) == 4


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (httpx.ReadError("cut"), ResponseLostError),
        (httpx.DecodingError("gzip"), ResponseLostError),
        (refuses(503), ServerError),
        (says([]), UnreadableResponseError),
        (httpx.Response(302, headers={"location": "https://example.com"}), UnreadableResponseError),
    ],
)
async def test_reads_that_keep_failing(failure: Any, kind: type) -> None:
    """When the retries are used up the error is that of the last attempt, and tells how often it was tried."""
    canned = Canned(failure)
    async with Scene(canned, max_retries=2) as scene:
        with pytest.raises(kind, match=r"GET /conversations/\{conversation_id\}") as caught:
            await scene.intercom.conversations.retrieve("1")
    assert caught.value.attempts == len(canned.requests) == (1 if getattr(failure, "status_code", 0) == 302 else 3)


async def test_redirects_are_not_followed() -> None:
    """A redirect never takes the token to another host, also when the caller's own client follows redirects."""
    canned = Canned(httpx.Response(307, headers={"location": "https://example.com/me"}))
    async with httpx.AsyncClient(transport=canned, follow_redirects=True) as http:
        async with Intercom(TOKEN, http_client=http, max_retries=0) as intercom:
            with pytest.raises(UnreadableResponseError) as caught:
                await intercom.me()
    assert caught.value.status == 307
    assert len(canned.requests) == 1


# ---------------------------------------------------------------- refused before anything is sent

BAD_IDS = ["", ".", "..", "a/b", "/", "a\\b", "a b", " ", "a\n", "\x00", "a\u2028b", "a\u00a0b", "\ud800", "x" * 5000]
WRONG_IDS: list[Any] = [None, True, False, 1.0, b"1", ["1"], object()]
TAKES_ID: dict[str, Callable[[Intercom, Any], Any]] = {
    "redact_part conversation": lambda i, id: i.conversations.redact_part(id, "1"),
    "redact_part part": lambda i, id: i.conversations.redact_part("1", id),
    "redact_source conversation": lambda i, id: i.conversations.redact_source(id, "1"),
    "redact_source source": lambda i, id: i.conversations.redact_source("1", id),
    "convert conversation": lambda i, id: i.conversations.convert_to_ticket(id, ticket_type_id="1"),
    "convert type": lambda i, id: i.conversations.convert_to_ticket("1", ticket_type_id=id),
    "retrieve": lambda i, id: i.conversations.retrieve(id),
    "ticket": lambda i, id: i.tickets.retrieve(id),
    "ticket type": lambda i, id: i.ticket_types.retrieve(id),
}


@pytest.mark.parametrize("call", TAKES_ID)
async def test_bad_ids_are_refused(call: str) -> None:
    """An id that could leave its place in a path, or is no id at all, is refused by name before anything is sent."""
    canned = Canned(says({}))
    async with Scene(canned) as scene:
        for id in BAD_IDS:
            with pytest.raises(ValueError, match="_id"):
                await TAKES_ID[call](scene.intercom, id)
        for id in WRONG_IDS:
            with pytest.raises(TypeError, match="_id"):
                await TAKES_ID[call](scene.intercom, id)
        with pytest.raises(ValueError, match="_id"):
            await TAKES_ID[call](scene.intercom, -1)
    assert canned.requests == []


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("tags", ValueError),
        ("", ValueError),
        ("//example.com/x", ValueError),
        ("https://example.com/x", ValueError),
        ("/a?b", ValueError),
        ("/a#b", ValueError),
        ("/a b", ValueError),
        ("/a\n", ValueError),
        ("/a\\b", ValueError),
        ("/é", ValueError),
        ("/a/../b", ValueError),
        ("/a/./b", ValueError),
        ("/a/%2e%2E/b", ValueError),
        ("/..", ValueError),
        (None, TypeError),
        (b"/a", TypeError),
    ],
)
async def test_bad_paths_are_refused(path: Any, kind: type) -> None:
    """A path that could leave Intercom's host, or smuggle a query, is refused before anything is sent."""
    canned = Canned(says({}))
    async with Scene(canned) as scene:
        with pytest.raises(kind):
            await scene.intercom.request("GET", path)
    assert canned.requests == []


@pytest.mark.parametrize(
    "call",
    [
        lambda i: i.me(timeout=0),
        lambda i: i.me(timeout=-1),
        lambda i: i.me(timeout=float("inf")),
        lambda i: i.me(timeout=float("nan")),
        lambda i: i.me(timeout=True),
        lambda i: i.me(timeout="5"),
        lambda i: i.me(priority="urgent"),
        lambda i: i.request("GET", "/x", timeout=0),
        lambda i: i.conversations.retrieve("1", priority="x"),
        lambda i: i.tickets.retrieve("1", timeout=0),
        lambda i: i.ticket_types.list(timeout=0),
        lambda i: collect(i.conversations.list(timeout=0)),
    ],
)
async def test_bad_options_of_a_call_are_refused(call: Any) -> None:
    """A time-out or priority that cannot be meant is refused before anything is sent."""
    canned = Canned(says({}))
    async with Scene(canned) as scene:
        with pytest.raises((ValueError, TypeError)):
            await call(scene.intercom)
    assert canned.requests == []


@pytest.mark.parametrize(
    ("options", "kind", "text"),
    [
        ({"token": ""}, ConfigurationError, "token"),
        ({"token": "a b"}, ConfigurationError, "token"),
        ({"token": "a\r\nX: y"}, ConfigurationError, "token"),
        ({"token": 17}, ConfigurationError, "token"),
        ({"token": None}, ConfigurationError, "INTERCOM_ACCESS_TOKEN"),
        ({"region": "Mars"}, ConfigurationError, "region"),
        ({"region": ""}, ConfigurationError, "region"),
        ({"region": 1}, ConfigurationError, "region"),
        ({"base_url": ""}, ConfigurationError, "base_url"),
        ({"base_url": "api.intercom.io"}, ConfigurationError, "base_url"),
        ({"base_url": "ftp://api.intercom.io"}, ConfigurationError, "base_url"),
        ({"base_url": "https://"}, ConfigurationError, "base_url"),
        ({"base_url": "https:///x"}, ConfigurationError, "base_url"),
        ({"base_url": "https://a b"}, ConfigurationError, "base_url"),
        ({"base_url": "https://a\nb"}, ConfigurationError, "base_url"),
        ({"base_url": "https://u:p@example.com"}, ConfigurationError, "base_url"),
        ({"base_url": "https://example.com?x=1"}, ConfigurationError, "base_url"),
        ({"base_url": "https://example.com/?"}, ConfigurationError, "base_url"),
        ({"base_url": "https://example.com#x"}, ConfigurationError, "base_url"),
        ({"base_url": "https://example.com:99999"}, ConfigurationError, "base_url"),
        ({"base_url": "http://api.intercom.io"}, ConfigurationError, "https"),
        ({"base_url": "http://10.0.0.1"}, ConfigurationError, "https"),
        ({"base_url": "http://0.0.0.0"}, ConfigurationError, "https"),
        ({"base_url": "http://localhost.example.com"}, ConfigurationError, "https"),
        ({"base_url": "http://127.0.0.1.example.com"}, ConfigurationError, "https"),
        ({"base_url": "http://127.1"}, ConfigurationError, "https"),
        ({"base_url": 5}, ConfigurationError, "base_url"),
        ({"base_url": b"https://example.com"}, ConfigurationError, "base_url"),
        ({"timeout": 0}, ValueError, "timeout"),
        ({"timeout": None}, TypeError, "timeout"),
        ({"max_retries": -1}, ValueError, "max_retries"),
        ({"max_retries": 1.0}, TypeError, "max_retries"),
        ({"max_retries": True}, TypeError, "max_retries"),
        ({"max_elapsed": 0}, ValueError, "max_elapsed"),
        ({"priority": "urgent"}, ValueError, "priority"),
        ({"transport": "requests"}, ConfigurationError, "transport"),
        ({"transport": None}, ConfigurationError, "transport"),
        (
            {"transport": httpx.MockTransport(lambda _: says({})), "http_client": httpx.AsyncClient()},
            ConfigurationError,
            "both",
        ),
    ],
)
async def test_bad_settings_are_refused(options: dict, kind: type, text: str) -> None:
    """A client that could not work, or would not be safe, is not made, and the error names the setting."""
    with pytest.raises(kind, match=text):
        Intercom(**({"token": TOKEN} | options))
    changeable = {"token", "region", "base_url", "timeout", "max_retries", "priority"}
    if options.keys() <= changeable and None not in options.values():
        async with Scene(Canned(says({}))) as scene:
            with pytest.raises(kind, match=text):
                scene.intercom.with_options(**options)


@pytest.mark.parametrize(
    ("base_url", "sent_to"),
    [
        ("https://api.intercom.io/", "https://api.intercom.io/me"),
        ("https://proxy.example.com/intercom//", "https://proxy.example.com/intercom/me"),
        ("http://localhost:8080", "http://localhost:8080/me"),
        ("HTTP://LOCALHOST:8080", "http://localhost:8080/me"),
        ("http://127.0.0.1:8080/x/", "http://127.0.0.1:8080/x/me"),
        ("http://127.8.9.1", "http://127.8.9.1/me"),
        ("http://[::1]:8080", "http://[::1]:8080/me"),
    ],
)
async def test_base_urls(base_url: str, sent_to: str) -> None:
    """Another address is used as it is, without a slash too many; plain http is for this machine only."""
    canned = Canned(says({}))
    async with Scene(canned, base_url=base_url) as scene:
        await scene.intercom.me()
    assert str(canned.requests[0].url) == sent_to


# ---------------------------------------------------------------- lists


def page(*ids: str, after: Any = None, **fields: Any) -> httpx.Response:
    """One page of a list."""
    pages = {} if after is None else {"next": {"starting_after": after, "per_page": len(ids)}}
    items = [{"type": "conversation", "id": id} for id in ids]
    return says({"type": "conversation.list", "conversations": items, "pages": pages, "total_count": 3} | fields)


async def test_lists_follow_the_cursor() -> None:
    """All conversations come, in order, each once; and items are of their own class, without parts."""
    sandbox = Sandbox()
    async with sandbox.client() as intercom:
        found = [item async for item in intercom.conversations.list(per_page=2)]
        pages = intercom.conversations.list()
        assert pages.total_count is None
        whole = [item async for item in pages]
    assert [item.id for item in found] == ["123", "335", "367", "378", "471", "474", "480", "493"]
    assert all(type(item) is ConversationListItem for item in found)
    assert found == whole
    assert pages.total_count == 8
    assert len(sandbox.requests) == 5


@pytest.mark.parametrize(
    "query",
    [
        OPEN,
        {"query": OPEN},
        {"query": OPEN, "pagination": {"per_page": 2}},
        {"query": OPEN, "pagination": None},
        {"operator": "AND", "value": [OPEN]},
        SingleFilterSearchRequest(field="state", operator="=", value="open"),
        MultipleFilterSearchRequest(
            operator="AND", value=[SingleFilterSearchRequest(field="state", operator="=", value="open")]
        ),
        SearchRequest(query=SingleFilterSearchRequest(field="state", operator="=", value="open")),
        SearchRequest(
            query=SingleFilterSearchRequest(field="state", operator="=", value="open"),
            pagination=SearchPaginationRequest(per_page=2),
        ),
    ],
)
async def test_searches_in_every_form(query: Any) -> None:
    """A query as a dict, as the whole documented body, or as any request model finds the same conversations, page by
    page.
    """
    sandbox = Sandbox()
    async with sandbox.client() as intercom:
        found = [item.id async for item in intercom.conversations.search(query, per_page=3)]
    assert found == ["123", "471", "474", "480", "493"]
    assert len(sandbox.requests) == 2


async def test_search_sends_pagination_and_what_it_does_not_know() -> None:
    """The cursor goes into the documented body, from where the caller wants to start, and further keys of the body are
    kept.
    """
    canned = Canned(page("1", after="B"), page("2"))
    body = {"query": OPEN, "pagination": {"per_page": 5, "starting_after": "A"}, "sort": "x"}
    async with Scene(canned) as scene:
        assert [item.id async for item in scene.intercom.conversations.search(body)] == ["1", "2"]
    sent = [json.loads(request.content) for request in canned.requests]
    assert sent == [
        {"query": OPEN, "sort": "x", "pagination": {"per_page": 5, "starting_after": cursor}} for cursor in ("A", "B")
    ]
    assert body == {"query": OPEN, "pagination": {"per_page": 5, "starting_after": "A"}, "sort": "x"}


@pytest.mark.parametrize("size", [0, -1, 151, 10**9])
@pytest.mark.parametrize(
    "call", [lambda i, n: i.conversations.list(per_page=n), lambda i, n: i.conversations.search(OPEN, per_page=n)]
)
async def test_page_sizes_out_of_bounds(call: Any, size: int) -> None:
    """A page holds 1 to 150 conversations; anything else is refused at once, not at the first item."""
    async with Scene(Canned(page())) as scene:
        with pytest.raises(ValueError, match="per_page must be from 1 to 150"):
            call(scene.intercom, size)
        for number in (1, 150):
            await collect(call(scene.intercom, number))


@pytest.mark.parametrize("size", [True, 2.0, "20"])
async def test_page_sizes_of_another_type(size: Any) -> None:
    """A page size is an integer."""
    async with Scene(Canned(page())) as scene:
        with pytest.raises(TypeError, match="per_page"):
            scene.intercom.conversations.list(per_page=size)


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ({}, ValueError),
        ({"query": {}}, ValueError),
        ({"query": None}, ValueError),
        ("open", TypeError),
        (None, TypeError),
        ([OPEN], TypeError),
    ],
)
async def test_what_is_no_query(query: Any, kind: type) -> None:
    """An empty query, or something else than a query, is refused at once."""
    canned = Canned(page())
    async with Scene(canned) as scene:
        with pytest.raises(kind):
            scene.intercom.conversations.search(query)
    assert canned.requests == []


async def test_a_list_left_early_stops_cleanly() -> None:
    """Whoever leaves the loop causes no further request, and can go on later with the same iterator where he left
    it.
    """
    sandbox = Sandbox()
    async with sandbox.client() as intercom:
        pages = intercom.conversations.list(per_page=3)
        async for item in pages:
            if item.id == "335":
                break
        assert len(sandbox.requests) == 1
        assert (await anext(pages)).id == "367"
        assert [item.id async for item in pages][-1] == "493"
        assert [item async for item in pages] == []
    assert len(sandbox.requests) == 3


async def test_one_page_is_held_at_a_time() -> None:
    """The next page is fetched when the last item of this one was taken, not before."""
    canned = Canned(page("1", "2", after="A"), page("3"))
    async with Scene(canned) as scene:
        pages = scene.intercom.conversations.list()
        seen = [(item.id, len(canned.requests)) async for item in pages]
    assert seen == [("1", 1), ("2", 1), ("3", 2)]


async def test_empty_pages_in_between_are_passed_over() -> None:
    """A page without items that has a successor does not end the list."""
    canned = Canned(page(after="A"), page(after="B"), page("1"))
    async with Scene(canned) as scene:
        assert [item.id for item in await collect(scene.intercom.conversations.list())] == ["1"]


@pytest.mark.parametrize(
    "pages",
    [
        [page("1", after="A")],
        [page("1", after="A"), page("2", after="B"), page("3", after="A"), page("4", after="B")],
        [page("1", after="A"), page("2", after="B"), page("3", after="C"), page("4", after="B")],
    ],
)
async def test_cursors_that_go_in_circles(pages: list[httpx.Response]) -> None:
    """A cursor that was followed before ends in an error, not in a loop without end."""
    async with Scene(Canned(*pages)) as scene:
        with pytest.raises(UnreadableResponseError, match="cursor"):
            await _at_most(20, scene.intercom.conversations.list())


async def _at_most(number: int, pages: Any) -> None:
    for _ in range(number):
        await anext(pages)


@pytest.mark.parametrize(
    "fields",
    [
        {"conversations": None},
        {"conversations": {}},
        {"conversations": "x"},
        {"conversations": [{"type": "conversation", "id": "1"}, None]},
        {"conversations": ["1"]},
    ],
)
async def test_a_page_without_a_list_is_unreadable(fields: dict) -> None:
    """A page that holds no list, or a list with something else than objects, is an error: nothing is left out without a
    word.
    """
    async with Scene(Canned(page("1", **fields)), max_retries=0) as scene:
        with pytest.raises(UnreadableResponseError):
            await collect(scene.intercom.conversations.list())


@pytest.mark.parametrize("pages", [None, {}, {"next": None}, {"next": {}}, {"next": {"starting_after": None}}, []])
async def test_the_last_page(pages: Any) -> None:
    """A page without a cursor, however that is written, is the last one."""
    canned = Canned(page("1", pages=pages))
    async with Scene(canned) as scene:
        assert len(await collect(scene.intercom.conversations.list())) == 1
    assert len(canned.requests) == 1


@pytest.mark.parametrize(
    "following",
    [
        {"page": 2},
        {"page": 2, "per_page": 20},
        {"starting_after": 2},
        {"starting_after": ""},
        {"starting_after": True},
        {"starting_after": ["A"]},
        {"starting_after": "A\n"},
        {"starting_after": "\ud800"},
        2,
        True,
        ["A"],
        "",
        "A",
        "https://api.intercom.io/conversations?page=2",
        "https://api.intercom.io/conversations?starting_after=",
        "https://api.intercom.io/conversations?starting_after=A&starting_after=B",
        "https://api.intercom.io/conversations?starting_after=%ff",
        "https://[api/conversations?starting_after=A",
    ],
)
@pytest.mark.parametrize("form", ["list", "search"])
async def test_a_next_page_that_cannot_be_followed(form: str, following: Any) -> None:
    """A next page that is there and cannot be read is an error: the rest of the list must not be missing without a
    word.
    """
    canned = Canned(page("1", pages={"type": "pages", "next": following}))
    async with Scene(canned) as scene:
        conversations = scene.intercom.conversations
        pages = conversations.list() if form == "list" else conversations.search(OPEN)
        with pytest.raises(UnreadableResponseError, match="no cursor that can be followed"):
            await collect(pages)
    assert len(canned.requests) == 1


@pytest.mark.parametrize("pages", ["https://api.intercom.io/conversations?starting_after=A", 7, ["A"], True])
async def test_a_place_among_the_pages_that_is_no_object(pages: Any) -> None:
    """Where `pages` itself is something else, nobody can tell whether there are more."""
    async with Scene(Canned(page("1", pages=pages))) as scene:
        with pytest.raises(UnreadableResponseError, match="no cursor that can be followed"):
            await collect(scene.intercom.conversations.list())


@pytest.mark.parametrize(
    "address",
    [
        "https://api.intercom.io/conversations?per_page=2&starting_after=WzE3LDQ3MV0%3D",
        "https://elsewhere.example/conversations?starting_after=WzE3LDQ3MV0=",
        "/conversations?starting_after=WzE3LDQ3MV0=#x",
    ],
)
async def test_the_next_page_as_an_address(address: str) -> None:
    """Of an address, as older versions sent it, the cursor is taken; the next request goes to Intercom's own host all
    the same.
    """
    canned = Canned(page("1", pages={"next": address}), page("2"))
    async with Scene(canned) as scene:
        assert [item.id for item in await collect(scene.intercom.conversations.list(per_page=2))] == ["1", "2"]
    second = canned.requests[1].url
    assert (second.host, second.path) == ("api.intercom.io", "/conversations")
    assert dict(second.params) == {"per_page": "2", "starting_after": "WzE3LDQ3MV0="}


@pytest.mark.parametrize(("before", "length"), [(0, 1), (0, 2), (1, 2), (3, 2), (0, 7), (5, 13), (40, 3)])
async def test_circles_of_any_length(before: int, length: int) -> None:
    """A circle of cursors is noticed wherever it begins, and a long list without one is not taken for it."""

    def turn(request: httpx.Request) -> httpx.Response:
        now = int(request.url.params.get("starting_after", "0"))
        return page(str(now), after=str(now + 1 if now + 1 < before + length else before))

    async with Scene(Canned(turn)) as scene:
        with pytest.raises(UnreadableResponseError, match="cursor leads"):
            await _at_most(4 * (before + length) + 4, scene.intercom.conversations.list())


async def test_a_long_list_is_no_circle() -> None:
    """A thousand pages with a thousand cursors come to their end."""

    def turn(request: httpx.Request) -> httpx.Response:
        now = int(request.url.params.get("starting_after", "0"))
        return page(str(now), after=str(now + 1) if now < 999 else None)

    async with Scene(Canned(turn)) as scene:
        assert len(await collect(scene.intercom.conversations.list())) == 1000


async def test_a_failed_page_can_be_asked_for_again() -> None:
    """An error on the way loses nothing: the next step asks for the same page."""
    canned = Canned(page("1", after="A"), refuses(500), page("2"))
    async with Scene(canned, max_retries=0) as scene:
        pages = scene.intercom.conversations.list()
        with pytest.raises(ServerError):
            await collect(pages)
        assert [item.id for item in await collect(pages)] == ["2"]
    assert [request.url.params.get("starting_after") for request in canned.requests] == [None, "A", "A"]


# ---------------------------------------------------------------- the other reads


async def test_retrieving_as_plain_text() -> None:
    """`display_as="plaintext"` gives bodies without HTML."""
    async with Sandbox().client() as intercom:
        html = await intercom.conversations.retrieve("480")
        plain = await intercom.conversations.retrieve("480", display_as="plaintext")
    bodies = [c.conversation_parts.conversation_parts[0].body for c in (html, plain)]  # type: ignore[union-attr,index]
    assert bodies == ["<p>Here is my passport.</p>", "Here is my passport."]


async def test_ticket_types() -> None:
    """The ticket types come as a list, one as an object with its attributes."""
    async with Sandbox().client() as intercom:
        types = await intercom.ticket_types.list()
        one = await intercom.ticket_types.retrieve("95")
    assert [kind.id for kind in types] == ["79", "80", "85", "90", "95", "112"]
    assert one == types[4]
    assert {attribute.name for attribute in one.ticket_type_attributes.data} >= {"amount", "priority"}  # type: ignore[union-attr]


async def test_ticket_types_without_a_list() -> None:
    """An answer without the list is unreadable, not an empty list."""
    async with Scene(Canned(says({"type": "list"}))) as scene:
        with pytest.raises(UnreadableResponseError):
            await scene.intercom.ticket_types.list()


async def test_me() -> None:
    """`me` names the admin and the workspace of the token."""
    async with Sandbox(region="Europe").client() as intercom:
        admin = await intercom.me()
    assert admin.app is not None
    assert admin.app.region == "Europe"


@pytest.mark.parametrize(
    "call",
    [
        lambda i: i.conversations.retrieve("1"),
        lambda i: i.tickets.retrieve("471"),
        lambda i: i.ticket_types.retrieve("1"),
    ],
)
async def test_unknown_ids(call: Any) -> None:
    """What is not there is NotFoundError with Intercom's code and request id, after one request."""
    sandbox = Sandbox()
    async with sandbox.client() as intercom:
        with pytest.raises(NotFoundError) as caught:
            await call(intercom)
    assert caught.value.code == "not_found"
    assert caught.value.request_id == sandbox.requests[0].request_id
    assert len(sandbox.requests) == 1


async def test_a_wrong_token() -> None:
    """A fixed token that is refused is UnauthorizedError after one request."""
    sandbox = Sandbox(token="another")
    async with Scene(sandbox) as scene:
        other = scene.intercom.with_options(token="wrong")
        with pytest.raises(UnauthorizedError) as caught:
            await other.conversations.redact_part("471", "115")
    assert caught.value.attempts == 1
    assert len(sandbox.requests) == 1


async def test_rate_limit_as_last_seen() -> None:
    """`rate_limit` is None before the first answer, then what the headers said; an answer without headers leaves it."""
    sandbox = Sandbox(limit=100, clock=lambda: 1_700_000_000.0)
    async with Scene(sandbox) as scene:
        assert scene.intercom.rate_limit is None
        await scene.intercom.me()
        seen = scene.intercom.rate_limit
        assert seen is not None
        assert (seen.limit, seen.remaining, seen.resets_at) == (100, 99, 1_700_000_010.0)
        sandbox.fault(Fault(body=b"{}"))
        await scene.intercom.me()
        assert scene.intercom.rate_limit == seen


async def test_cookies_of_one_workspace_do_not_reach_another() -> None:
    """What an answer to one token sets is not sent with another token, nor with the same: the API needs no cookies."""
    canned = Canned(says({}, Set_Cookie="session=of-the-first; Path=/"))
    async with Scene(canned) as scene:
        await scene.intercom.me()
        await scene.intercom.with_options(token="other").me()
    assert [request.headers.get("cookie") for request in canned.requests] == [None, None]


@pytest.mark.parametrize(("size", "turns"), [(LARGE + 1, True), (100, False)], ids=["large", "small"])
async def test_others_go_first_between_the_two_halves_of_a_large_answer(
    size: int, turns: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between decoding a large answer and building its models other tasks get their turn; a small one is done in one
    go.
    """
    happened: list[str] = []
    build, judge = Conversation.from_dict, result.judge

    def judged(*arguments: Any) -> Any:
        happened.append("decoded")
        return judge(*arguments)

    def built(source: Any) -> Conversation:
        happened.append("built")
        return build(source)

    async def turn() -> None:
        happened.append("turn")
        await anyio.lowlevel.cancel_shielded_checkpoint()

    monkeypatch.setattr("aiointercom._delivery.sender.cancel_shielded_checkpoint", turn)
    monkeypatch.setattr("aiointercom._delivery.attempts.judge", judged)
    monkeypatch.setattr(Conversation, "from_dict", built)
    async with Intercom("t", transport=Canned(says({"id": "1", "title": "x" * size}))) as intercom:
        await intercom.conversations.retrieve("1")
    assert happened == (["decoded", "turn", "built"] if turns else ["decoded", "built"])


@pytest.mark.parametrize(("max_wait", "sent"), [(0.0, 1), (2.0, 1), (5.0, 2), (None, 4)])
async def test_max_wait_bounds_the_waits_after_refusals_too(max_wait: float | None, sent: int) -> None:
    """Each refusal asks for three seconds: no wait begins that would bring the sum of them above `max_wait`."""
    refused = Canned(refuses(429, "rate_limit_exceeded", Retry_After="3"))
    async with Scene(refused, max_retries=3, pace=Pace(max_wait=max_wait)) as scene:
        with pytest.raises(RateLimitedError) as caught:
            await scene.intercom.me()
    assert (len(refused.requests), scene.waits.slept) == (sent, [3.0] * (sent - 1))
    assert caught.value.retry_after == 3.0


@pytest.mark.parametrize("step", [3600.0, -3600.0])
async def test_a_wall_clock_that_is_set_changes_no_wait(step: float) -> None:
    """Intercom's clock is known from an earlier answer, so a reset that a refusal names is told by it, whatever this
    machine's clock says.
    """
    start = 1_700_000_000.0
    first = says({"type": "admin", "id": "1"}, Date=formatdate(start, usegmt=True))
    refused = refuses(429, "rate_limit_exceeded", X_RateLimit_Reset=f"{start + 5:.0f}")
    async with Scene(Canned(first, refused), max_retries=1) as scene:
        scene.waits.clock = evolve(scene.waits.clock, now=lambda: start)
        scene.intercom.sender._clock = scene.waits.clock
        await scene.intercom.me()
        scene.intercom.sender._clock = evolve(scene.waits.clock, now=lambda: start + step)
        with pytest.raises(RateLimitedError):
            await scene.intercom.me()
    assert [round(seconds) for seconds in scene.waits.slept] == [5]


@pytest.mark.parametrize(("told", "seconds"), [({}, None), ({"Retry_After": "7"}, 7.0)])
async def test_refused_for_the_rate_limit_to_the_end(told: dict[str, str], seconds: float | None) -> None:
    """The error gives the seconds that Intercom asked for; where it asked for none it gives none, and the waits were
    windows.
    """
    async with Scene(Canned(refuses(429, "rate_limit_exceeded", **told)), max_retries=2) as scene:
        with pytest.raises(RateLimitedError) as caught:
            await scene.intercom.me()
    assert caught.value.retry_after == seconds
    assert scene.waits.slept == [seconds or 10.0] * 2
