"""Reading from the sandbox: conversations, lists, searches and /me, and the checks that stand before all of them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from aiointercom.sandbox import Sandbox
from intercom_raw import API_VERSION
from tests.journeys.sandbox_client import client_of


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(clock=lambda: 1_800_000_000.0)


@pytest.fixture
def client(sandbox: Sandbox) -> httpx.Client:
    return client_of(sandbox)


def ids(answer: Any) -> list[str]:
    return [item["id"] for item in answer["conversations"]]


def search(client: httpx.Client, query: Any, **pagination: Any) -> Any:
    body = {"query": query} | ({"pagination": pagination} if pagination else {})
    return client.post("/conversations/search", json=body).json()


def test_me_names_the_region() -> None:
    """/me tells the region that the sandbox was given, and US when it was given none."""
    for sandbox, region in ((Sandbox(), "US"), (Sandbox(region="Europe"), "Europe")):
        client = client_of(sandbox)
        assert client.get("/me").json()["app"]["region"] == region


def test_seeded_conversation_has_the_seen_nulls(client: httpx.Client) -> None:
    """What was null in every published example is null here: teammates, statistics, rating."""
    conversation = client.get("/conversations/471").json()
    assert all(conversation[name] is None for name in ("teammates", "statistics", "conversation_rating", "ticket"))
    assert conversation["conversation_parts"]["total_count"] == 1
    assert client.get("/conversations/1").status_code == 404


def test_plaintext_drops_the_markup(client: httpx.Client, sandbox: Sandbox) -> None:
    """`display_as=plaintext` shows bodies without tags; the state keeps them."""
    sandbox.add_conversation(9, source={"body": "<p>a &amp; b</p>"}, parts=[{"body": "<b>c</b>"}, {"body": None}])
    answer = client.get("/conversations/9?display_as=plaintext").json()
    bodies = [part["body"] for part in answer["conversation_parts"]["conversation_parts"]]
    assert (answer["source"]["body"], bodies) == ("a & b", ["c", None])
    assert client.get("/conversations/9").json()["source"]["body"] == "<p>a &amp; b</p>"


def test_list_carries_no_parts_and_no_next_on_its_last_page(client: httpx.Client) -> None:
    """All eight conversations fit one page of 20: `next` is absent, and the items have no parts."""
    answer = client.get("/conversations").json()
    assert ids(answer) == ["123", "335", "367", "378", "471", "474", "480", "493"]
    assert answer["pages"] == {"type": "pages", "page": 1, "per_page": 20, "total_pages": 1}
    assert all("conversation_parts" not in item for item in answer["conversations"])


def test_list_is_paged_by_cursor(client: httpx.Client) -> None:
    """Following the cursors gives every conversation once."""
    seen: list[str] = []
    query: dict[str, str] = {"per_page": "3"}
    for number in (1, 2, 3):
        answer = client.get("/conversations", params=query).json()
        assert (answer["pages"]["page"], answer["pages"]["total_pages"], answer["total_count"]) == (number, 3, 8)
        seen += ids(answer)
        query |= {"starting_after": answer["pages"].get("next", {}).get("starting_after", "")}
    assert seen == ["123", "335", "367", "378", "471", "474", "480", "493"]


def test_empty_workspace_has_an_empty_list() -> None:
    """Without the seed there is nothing, on one page."""
    client = client_of(Sandbox(seed=False))
    answer = client.get("/conversations").json()
    assert (answer["total_count"], answer["conversations"], answer["pages"]["total_pages"]) == (0, [], 1)


@pytest.mark.parametrize(
    "query", ["per_page=0", "per_page=151", "per_page=x", "per_page=", "starting_after=x", "starting_after="]
)
def test_bad_paging_is_refused(client: httpx.Client, query: str) -> None:
    """A page size out of 1 to 150 and an unknown cursor are a 400."""
    assert client.get(f"/conversations?{query}").status_code == 400


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"field": "id", "operator": "=", "value": "471"}, ["471"]),
        ({"field": "id", "operator": "IN", "value": [471, "480"]}, ["471", "480"]),
        ({"field": "created_at", "operator": ">", "value": "1719492945"}, ["480", "493"]),
        ({"field": "created_at", "operator": "<=", "value": 1719492795}, ["123", "335"]),
        ({"field": "created_at", "operator": ">=", "value": 1719493061}, ["493"]),
        ({"field": "created_at", "operator": "<", "value": 1719492795}, ["123"]),
        ({"field": "state", "operator": "=", "value": "CLOSED"}, ["335", "367", "378"]),
        ({"field": "open", "operator": "!=", "value": True}, ["335", "367", "378"]),
        ({"field": "read", "operator": "=", "value": "true"}, ["471"]),
        ({"field": "waiting_since", "operator": "!=", "value": None}, ["471"]),
        ({"field": "waiting_since", "operator": ">", "value": 0}, ["471"]),
        ({"field": "source.body", "operator": "~", "value": "CARD"}, ["123", "474", "480"]),
        ({"field": "source.id", "operator": "^", "value": "4039181"}, ["123"]),
        ({"field": "source.id", "operator": "$", "value": "311"}, ["471"]),
        ({"field": "source.author.type", "operator": "!~", "value": "admin"}, ["123", "474", "480"]),
        (
            {
                "operator": "AND",
                "value": [
                    {"field": "open", "operator": "=", "value": True},
                    {
                        "operator": "OR",
                        "value": [
                            {"field": "id", "operator": "=", "value": "123"},
                            {"field": "state", "operator": "NIN", "value": ["open"]},
                        ],
                    },
                ],
            },
            ["123"],
        ),
    ],
)
def test_search_finds(client: httpx.Client, query: dict[str, Any], found: list[str]) -> None:
    """Each operator compares as it says, and AND and OR can be nested."""
    assert ids(search(client, query)) == found


@pytest.mark.parametrize(("operator", "value"), [("=", "ABC"), ("IN", ["x", "abc"])])
def test_search_finds_by_who_takes_part(
    client: httpx.Client, sandbox: Sandbox, operator: str, value: str | list[str]
) -> None:
    """`contact_ids` matches a conversation in which the contact is one of several."""
    people = [{"type": "contact", "id": id} for id in ("def", "abc")]
    sandbox.add_conversation(9, contacts={"type": "contact.list", "contacts": people})
    assert ids(search(client, {"field": "contact_ids", "operator": operator, "value": value})) == ["9"]


def test_search_is_paged_like_a_list(client: httpx.Client) -> None:
    """A search gives a cursor that leads to its next page."""
    query = {"field": "open", "operator": "=", "value": False}
    first = search(client, query, per_page=2)
    second = search(client, query, per_page=2, starting_after=first["pages"]["next"]["starting_after"])
    assert (ids(first), ids(second), "next" in second["pages"]) == (["335", "367"], ["378"], False)


NESTED = {"operator": "AND", "value": [{"field": "id", "operator": "=", "value": "1"}]}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"query": []},
        {"query": {}},
        {"query": {"field": "colour", "operator": "=", "value": 1}},
        {"query": {"field": ["id"], "operator": "=", "value": 1}},
        {"query": {"field": "id", "operator": ["="], "value": 1}},
        {"query": {"field": "id", "operator": ">", "value": "1"}},
        {"query": {"field": "id", "operator": "IN", "value": "1"}},
        {"query": {"field": "contact_ids", "operator": "IN", "value": "1"}},
        {"query": {"field": "contact_ids", "operator": ">", "value": "1"}},
        {"query": {"field": "id", "operator": "~", "value": None}},
        {"query": {"field": "id", "operator": "=", "value": [1]}},
        {"query": {"field": "created_at", "operator": ">", "value": "yesterday"}},
        {"query": {"field": "created_at", "operator": ">", "value": True}},
        {"query": {"field": "open", "operator": "=", "value": 1}},
        {"query": {"operator": "AND", "value": []}},
        {"query": {"operator": "OR", "value": "id"}},
        {"query": {"operator": "AND", "value": [{"operator": "AND", "value": [NESTED]}]}},
        {"query": NESTED, "pagination": []},
        {"query": NESTED, "pagination": {"per_page": True}},
        {"query": NESTED, "pagination": {"starting_after": 5}},
    ],
)
def test_queries_that_make_no_sense_are_refused(client: httpx.Client, body: dict[str, Any]) -> None:
    """A query that cannot be understood is a 400 and finds nothing by accident."""
    answer = client.post("/conversations/search", json=body)
    assert (answer.status_code, answer.json()["type"]) == (400, "error.list")


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "missing_authorization"),
        ({"Authorization": "Bearer other"}, "unauthorized"),
        ({"Authorization": "sandbox-token"}, "unauthorized"),
        ({"Authorization": "Bearer \xe9"}, "unauthorized"),
    ],
)
def test_without_the_token_nothing_is_told(sandbox: Sandbox, headers: dict[str, str], code: str) -> None:
    """A missing or wrong token is a 401 without rate-limit headers, also where no operation lies."""
    for path in ("/me", "/nowhere"):
        raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        answer = client_of(sandbox, token=None).get(path, headers=raw)  # type: ignore[arg-type]
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, code)
        assert not [name for name in answer.headers if "ratelimit" in name]


def test_version_is_checked(client: httpx.Client) -> None:
    """Its own version and no version at all are answered; any other is refused by the code for it."""
    assert client.get("/me", headers={"Intercom-Version": API_VERSION}).status_code == 200
    answer = client.get("/me", headers={"Intercom-Version": "9.9"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "intercom_version_invalid")


def test_unknown_paths_and_methods_are_answered_in_json(client: httpx.Client, sandbox: Sandbox) -> None:
    """What is not imitated is a 404 or a 405 with an `error.list`, and is remembered without an operation."""
    missing, wrong = client.get("/tags"), client.delete("/me")
    assert (missing.status_code, missing.json()["type"]) == (404, "error.list")
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (405, "method_not_allowed")
    assert [(seen.operation, seen.method, seen.path, seen.status) for seen in sandbox.requests] == [
        (None, "GET", "/tags", 404),
        (None, "DELETE", "/me", 405),
    ]


def test_request_id_is_in_body_and_header(client: httpx.Client) -> None:
    """The request id of a refusal stands in the body and in the header, and the answer is dated by the sandbox's
    clock.
    """
    answer = client.get("/conversations/1")
    assert answer.json()["request_id"] == answer.headers["X-Request-Id"]
    assert answer.headers["Date"] == "Fri, 15 Jan 2027 08:00:00 GMT"
