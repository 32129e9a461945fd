"""The sandbox redacts as Intercom does, and refuses as Intercom does."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from aiointercom.sandbox import Sandbox
from tests.journeys.sandbox_client import client_of

DELETED = "<p><i>This message was deleted</i></p>"


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(clock=lambda: 1_800_000_000.5)


@pytest.fixture
def client(sandbox: Sandbox) -> httpx.Client:
    return client_of(sandbox)


def redact(client: httpx.Client, **body: Any) -> tuple[int, Any]:
    answer = client.post("/conversations/redact", json=body)
    return answer.status_code, answer.json()


def refused(client: httpx.Client, **body: Any) -> tuple[int, str]:
    status, answer = redact(client, **body)
    assert answer["type"] == "error.list"
    return status, answer["errors"][0]["code"]


def test_redacted_part_loses_words_and_attachments(client: httpx.Client, sandbox: Sandbox) -> None:
    """A redacted part carries the deleted text, no attachments, a new time, and says that it is redacted."""
    status, answer = redact(client, type="conversation_part", conversation_id="480", conversation_part_id="120")
    part = answer["conversation_parts"]["conversation_parts"][0]
    assert (status, part["body"], part["redacted"], part["attachments"]) == (200, DELETED, True, [])
    assert (part["updated_at"], answer["updated_at"]) == (1_800_000_000, 1_800_000_000)
    [effect] = sandbox.ledger
    assert (effect.operation, effect.conversation_id, effect.target_id) == ("redactConversation", "480", "120")
    assert effect.at == 1_800_000_000.5
    assert effect.request_id == sandbox.requests[0].request_id


def test_redaction_stays(client: httpx.Client, sandbox: Sandbox) -> None:
    """What was redacted reads as redacted afterwards, through the API and through the sandbox itself."""
    redact(client, type="conversation_part", conversation_id=471, conversation_part_id=115)
    seen = client.get("/conversations/471").json()["conversation_parts"]["conversation_parts"][0]
    assert seen == sandbox.conversation(471)["parts"][0]
    assert seen["body"] == DELETED


def test_redacted_source_loses_its_words(client: httpx.Client, sandbox: Sandbox) -> None:
    """A source written by a contact can be redacted; it gains no time of its own."""
    status, answer = redact(client, type="source", conversation_id=480, source_id=403918320)
    assert (status, answer["source"]["body"], answer["source"]["redacted"]) == (200, DELETED, True)
    assert "updated_at" not in answer["source"]
    assert sandbox.ledger[0].target_id == "403918320"


@pytest.mark.parametrize("kind", ["user", "lead", "contact"])
def test_every_kind_of_contact_can_be_redacted(client: httpx.Client, sandbox: Sandbox, kind: str) -> None:
    """Sources of users and leads are a contact's; their author's type differs."""
    id = sandbox.add_conversation(source={"id": "7", "author": {"type": kind, "id": "1", "name": None, "email": ""}})
    assert redact(client, type="source", conversation_id=id, source_id="7")[0] == 200


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "type_mismatch"),
        ({"type": "ticket", "conversation_id": 471}, 400, "type_mismatch"),
        ({"type": ["source"], "conversation_id": 471}, 400, "type_mismatch"),
        ({"type": "conversation_part", "conversation_part_id": 115}, 400, "parameter_not_found"),
        ({"type": "conversation_part", "conversation_id": ""}, 400, "parameter_not_found"),
        ({"type": "conversation_part", "conversation_id": 471}, 400, "parameter_not_found"),
        ({"type": "source", "conversation_id": 471}, 400, "parameter_not_found"),
        ({"type": "source", "conversation_id": True, "source_id": 1}, 400, "parameter_invalid"),
        ({"type": "source", "conversation_id": [1], "source_id": 1}, 400, "parameter_invalid"),
    ],
)
def test_bad_bodies_are_refused(client: httpx.Client, body: dict[str, Any], status: int, code: str) -> None:
    """A body without what it needs, or with values of a wrong type, is a 400 with the code that names why."""
    assert refused(client, **body) == (status, code)


@pytest.mark.parametrize(
    "body",
    [
        {"type": "conversation_part", "conversation_id": "9", "conversation_part_id": "115"},
        {"type": "conversation_part", "conversation_id": "471", "conversation_part_id": "120"},
        {"type": "source", "conversation_id": "480", "source_id": "403918311"},
    ],
)
def test_what_is_not_there_is_not_found(client: httpx.Client, body: dict[str, Any]) -> None:
    """An unknown conversation, a part of another conversation and another source are all the same 404."""
    assert refused(client, **body) == (404, "conversation_part_or_message_not_found")


@pytest.mark.parametrize(
    "body",
    [
        {"type": "conversation_part", "conversation_id": "480", "conversation_part_id": "122"},
        {"type": "source", "conversation_id": "471", "source_id": "403918311"},
    ],
    ids=["no body", "source by an admin"],
)
def test_what_cannot_be_redacted_is_refused(client: httpx.Client, sandbox: Sandbox, body: dict[str, Any]) -> None:
    """A part without a body and a source by an admin are refused, and nothing takes effect."""
    assert refused(client, **body) == (400, "conversation_part_not_redactable")
    assert sandbox.ledger == []


@pytest.mark.parametrize(
    "target", [{"type": "conversation_part", "conversation_part_id": 120}, {"type": "source", "source_id": 403918320}]
)
def test_second_redaction_is_refused(client: httpx.Client, sandbox: Sandbox, target: dict[str, Any]) -> None:
    """Redacting twice is refused the second time, with one effect in the ledger."""
    assert redact(client, conversation_id=480, **target)[0] == 200
    assert refused(client, conversation_id=480, **target) == (400, "conversation_part_not_redactable")
    assert len(sandbox.ledger) == 1


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"{", "application/json"),
        (b"", "application/json"),
        (b"[]", "application/json"),
        (b"null", "application/json"),
        (b"\xff", "application/json"),
        (b'{"type": NaN}', "application/json"),
        (b'{"type": 1e999}', "application/json"),
        (b'{"type": 1.5, "x": }', "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"{}", "text/plain"),
    ],
)
def test_bodies_that_are_no_json_object_are_refused(client: httpx.Client, content: bytes, kind: str) -> None:
    """Broken JSON, JSON that is no object and another content type are a 400, never a 500."""
    answer = client.post("/conversations/redact", content=content, headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "bad_request")


def test_only_the_newest_500_parts_are_sent(client: httpx.Client, sandbox: Sandbox) -> None:
    """A conversation with 501 parts shows 500 and counts 501; the part that is not shown can be redacted all the
    same.
    """
    id = sandbox.add_conversation(parts=501)
    hidden = sandbox.conversation(id)["parts"][0]["id"]
    status, answer = redact(client, type="conversation_part", conversation_id=id, conversation_part_id=hidden)
    shown = answer["conversation_parts"]
    assert (status, len(shown["conversation_parts"]), shown["total_count"]) == (200, 500, 501)
    assert hidden not in {part["id"] for part in shown["conversation_parts"]}
    assert sandbox.conversation(id)["parts"][0]["redacted"] is True


def test_added_parts_can_be_redacted(client: httpx.Client, sandbox: Sandbox) -> None:
    """A part that a test adds is like any other; ids that are taken or no number are refused."""
    id = sandbox.add_conversation("900", parts=[{"id": 5, "body": "<p>word</p>"}])
    part = sandbox.add_part(id, body="<p>another</p>")
    assert redact(client, type="conversation_part", conversation_id=id, conversation_part_id=part)[0] == 200
    with pytest.raises(ValueError, match="taken"):
        sandbox.add_conversation(900)
    with pytest.raises(ValueError, match="whole number"):
        sandbox.add_conversation("abc")
    assert repr(sandbox) == "<Sandbox with 9 conversations>"
