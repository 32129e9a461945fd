"""The sandbox converts conversations to tickets as Intercom does; where nobody knows how, as its assumptions say."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from aiointercom.sandbox import Sandbox
from tests.journeys.sandbox_client import client_of

HIGH = "5b0c6f7e-2d1a-4c8e-9f43-7a1e0d9b6c21"


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(clock=lambda: 1_800_000_000.5)


@pytest.fixture
def client(sandbox: Sandbox) -> httpx.Client:
    return client_of(sandbox)


def convert(client: httpx.Client, id: str, body: Any) -> tuple[int, Any]:
    answer = client.post(f"/conversations/{id}/convert", json=body)
    return answer.status_code, answer.json()


def test_ticket_keeps_the_conversations_id(client: httpx.Client, sandbox: Sandbox) -> None:
    """The ticket has the conversation's id, a small number for people, strings for assignees, and a part for its
    state.
    """
    status, ticket = convert(client, "474", {"ticket_type_id": "79"})
    assert (status, ticket["type"], ticket["id"], ticket["ticket_attributes"]) == (200, "ticket", "474", {})
    assert 0 < int(ticket["ticket_id"]) < 100
    assert (ticket["admin_assignee_id"], ticket["team_assignee_id"]) == ("0", "0")
    assert (ticket["category"], ticket["is_shared"], ticket["ticket_state"]) == ("Customer", True, "submitted")
    comment, change = ticket["ticket_parts"]["ticket_parts"]
    assert (comment["id"], comment["type"], "assigned_to" in comment) == ("117", "ticket_part", False)
    assert (change["part_type"], change["ticket_state"], "body" in change) == (
        "ticket_state_updated_by_admin",
        "submitted",
        False,
    )
    [effect] = sandbox.ledger
    assert (effect.operation, effect.target_id) == ("convertConversationToTicket", "474")


def test_conversation_carries_the_ticket_in_its_own_shape(client: httpx.Client) -> None:
    """After conversion `conversation.ticket` has an integer id, wrapped attributes and the type's name."""
    assert client.get("/conversations/123").json()["ticket"] is None
    convert(client, "123", {"ticket_type_id": 95, "attributes": {"amount": 2.5, "priority": HIGH}})
    ticket = client.get("/conversations/123").json()["ticket"]
    assert (ticket["id"], ticket["state"], ticket["ticket_type"]) == (123, "submitted", "Complaint")
    assert ticket["custom_attributes"] == {
        "_default_title_": {"value": None, "type": "string"},
        "_default_description_": {"value": None, "type": "string"},
        "amount": {"value": 2.5, "type": "decimal"},
        "priority": {"value": HIGH, "type": "list"},
    }


def test_ticket_can_be_read_afterwards(client: httpx.Client) -> None:
    """getTicket gives the very ticket that the conversion answered; before it there is none."""
    assert client.get("/tickets/474").status_code == 404
    _, ticket = convert(client, "474", {"ticket_type_id": "79", "attributes": {"_default_title_": "Kettle"}})
    assert client.get("/tickets/474").json() == ticket
    assert ticket["ticket_attributes"] == {"_default_title_": "Kettle"}


def test_seeded_ticket_is_there(client: httpx.Client) -> None:
    """Ticket 493 is a Back-office ticket from the start."""
    ticket = client.get("/tickets/493").json()
    assert (ticket["category"], ticket["is_shared"], ticket["ticket_type"]["id"]) == ("Back-office", False, "112")
    assert ticket["ticket_attributes"] == {"_default_title_": "Shelf count is off", "_default_description_": None}


def test_redaction_shows_in_the_ticket(client: httpx.Client) -> None:
    """A part that is redacted after conversion is redacted in the ticket too."""
    convert(client, "474", {"ticket_type_id": "79"})
    body = {"type": "conversation_part", "conversation_id": "474", "conversation_part_id": "117"}
    assert client.post("/conversations/redact", json=body).status_code == 200
    assert client.get("/tickets/474").json()["ticket_parts"]["ticket_parts"][0]["redacted"] is True


@pytest.mark.parametrize(
    ("id", "body", "status", "code", "words"),
    [
        ("474", {}, 400, "parameter_not_found", "ticket_type_id"),
        ("474", {"ticket_type_id": None}, 400, "parameter_not_found", "ticket_type_id"),
        ("474", {"ticket_type_id": {}}, 400, "parameter_invalid", "ticket_type_id"),
        ("474", {"ticket_type_id": "80"}, 400, "parameter_invalid", "Ticket type is not a customer ticket type"),
        ("474", {"ticket_type_id": "404"}, 400, "parameter_invalid", "not found"),
        ("474", {"ticket_type_id": "79", "attributes": []}, 400, "parameter_invalid", "object"),
        ("474", {"ticket_type_id": "79", "attributes": {"colour": "red"}}, 400, "parameter_invalid", "colour"),
        ("474", {"ticket_type_id": "79", "attributes": {"_default_title_": 1}}, 400, "parameter_invalid", "string"),
        ("474", {"ticket_type_id": "95"}, 400, "parameter_invalid", "Missing required"),
        ("474", {"ticket_type_id": "95", "attributes": {"amount": None}}, 400, "parameter_invalid", "Missing required"),
        ("474", {"ticket_type_id": "95", "attributes": {"amount": "2"}}, 400, "parameter_invalid", "decimal"),
        (
            "474",
            {"ticket_type_id": "95", "attributes": {"amount": 2, "priority": "High"}},
            400,
            "parameter_invalid",
            "list",
        ),
        ("493", {"ticket_type_id": "79"}, 400, "parameter_invalid", "ticket already"),
        ("9", {"ticket_type_id": "79"}, 404, "not_found", "found"),
    ],
)
def test_refusals(
    client: httpx.Client, sandbox: Sandbox, id: str, body: dict[str, Any], status: int, code: str, words: str
) -> None:
    """A conversion that cannot be done is refused with a code and words, and changes nothing."""
    seen, answer = convert(client, id, body)
    assert (seen, answer["errors"][0]["code"]) == (status, code)
    assert words in answer["errors"][0]["message"]
    assert sandbox.ledger == []


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("integer", 3, True),
        ("decimal", 1, "1"),
        ("boolean", False, 0),
        ("datetime", 1_700_000_000, 1.5),
        ("datetime", "2026-01-01", []),
        ("files", [], "file"),
        ("string", "word", 1),
    ],
)
def test_attributes_are_of_their_declared_type(
    client: httpx.Client, sandbox: Sandbox, kind: str, good: Any, bad: Any
) -> None:
    """A value of another type than the attribute's is refused; an unset one reads as null, files as an empty list."""
    unset: Any = [] if kind == "files" else None
    type_id = sandbox.add_ticket_type(attributes=[{"name": "x", "data_type": kind}, {"data_type": kind}])
    assert convert(client, "474", {"ticket_type_id": type_id, "attributes": {"x": bad}})[0] == 400
    status, ticket = convert(client, "474", {"ticket_type_id": type_id, "attributes": {"x": good}})
    assert (status, ticket["ticket_attributes"]) == (200, {"x": good, "attribute_1": unset})


def test_archived_types_and_attributes_are_not_taken(client: httpx.Client, sandbox: Sandbox) -> None:
    """An archived type is refused as if it were unknown, and so is an archived attribute."""
    old = sandbox.add_ticket_type("900", archived=True)
    mixed = sandbox.add_ticket_type(attributes=[{"name": "x", "archived": True}, {"name": "y", "data_type": "list"}])
    assert convert(client, "474", {"ticket_type_id": old})[0] == 400
    assert convert(client, "474", {"ticket_type_id": mixed, "attributes": {"x": "1"}})[0] == 400
    assert convert(client, "474", {"ticket_type_id": mixed, "attributes": {"y": "1"}})[0] == 400


def test_ticket_types_lie_under_data(client: httpx.Client) -> None:
    """The list of ticket types is under `data`, and each is read by its id."""
    listed = client.get("/ticket_types").json()
    assert [item["id"] for item in listed["data"]] == ["79", "80", "85", "90", "95", "112"]
    assert client.get("/ticket_types/95").json() == listed["data"][4]
    assert client.get("/ticket_types/1").status_code == 404


def test_everything_names_the_workspace_itself() -> None:
    """Ticket types, their attributes and the link of a ticket carry the id of this workspace, and no other's."""
    own = Sandbox(workspace="acme42")
    client = client_of(own)
    status, _ = convert(client, "474", {"ticket_type_id": "85"})
    [*kinds] = client.get("/ticket_types").json()["data"]
    attributes = [one for kind in kinds for one in kind["ticket_type_attributes"]["data"]]
    assert status == 200
    assert attributes
    assert {one["workspace_id"] for one in (*kinds, *attributes)} == {"acme42"}
    assert "/apps/acme42/" in client.get("/conversations/474").json()["ticket"]["url"]
    paths = ["/ticket_types", "/me", *(f"/conversations/{id}" for id in own._state.workspace.conversations)]
    assert [path for path in paths if "sandbox1" in client.get(path).text] == []
