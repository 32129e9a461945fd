"""An answer must be about what was asked: reads by id that are answered with something else, through the public surface."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from aiointercom import Intercom, UnreadableResponseError
from aiointercom.cleanup import Unread, find, plan, read_plan
from aiointercom.cleanup.plans import Plan
from aiointercom.events import RequestSent
from intercom_raw.api.conversations import retrieve_conversation
from tests.journeys.canned import Canned, Scene, refuses, says

pytestmark = pytest.mark.anyio

READS: dict[str, tuple[str, str, Callable[[Intercom, Any], Any]]] = {
    "conversation": (
        "GET /conversations/{conversation_id}",
        "conversation",
        lambda intercom, id: intercom.conversations.retrieve(id),
    ),
    "ticket": ("GET /tickets/{ticket_id}", "ticket", lambda intercom, id: intercom.tickets.retrieve(id)),
    "ticket type": (
        "GET /ticket_types/{ticket_type_id}",
        "ticket_type",
        lambda intercom, id: intercom.ticket_types.retrieve(id),
    ),
    "resolve": (
        "GET /ticket_types/{ticket_type_id}",
        "ticket_type",
        lambda intercom, id: intercom.ticket_types.resolve(id, {}),
    ),
    "redact_all": (
        "GET /conversations/{conversation_id}",
        "conversation",
        lambda intercom, id: intercom.conversations.redact_all(id),
    ),
    "generated": (
        "GET /conversations/{conversation_id}",
        "conversation",
        lambda intercom, id: retrieve_conversation(intercom.sender, id),
    ),
}
ODD = [None, "", True, 471.0, "471\n", "\x1b[2J", "\ud800", ["471"], {"id": "471"}]


def answer(kind: str, **fields: Any) -> dict[str, Any]:
    """An object of a type, with what all of the reads above want of theirs."""
    return {"type": kind, "id": "471", "ticket_type_attributes": {"type": "list", "data": []}, **fields}


@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize("asked", ["471", 471])
@pytest.mark.parametrize("told", ["471", 471])
async def test_an_answer_about_what_was_asked(name: str, asked: str | int, told: str | int) -> None:
    """The id is compared whichever of its two types it was asked and told in; an object need not tell its type."""
    _, kind, read = READS[name]
    for fields in ({"id": told}, {"id": told, "type": None}):
        async with Scene(Canned(says(answer(kind, **fields)))) as scene:
            assert await read(scene.intercom, asked) is not None


@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize("id", ["999", 999, "0471", "471x", *ODD])
async def test_an_answer_about_another_object(name: str, id: Any) -> None:
    """A read of 471 that is answered with 999, or without a readable id, is refused at once, and nothing odd gets into the error."""
    operation, kind, read = READS[name]
    canned = Canned(says(answer(kind, id=id), x_request_id="r-471"))
    async with Scene(canned) as scene:
        with pytest.raises(UnreadableResponseError) as caught:
            await read(scene.intercom, "471")
    text = str(caught.value)
    assert text.startswith(f"{operation}: an answer about {kind} ")
    assert text.endswith(f" in place of {kind} 471 (status 200, request r-471)")
    assert text.isprintable()
    assert (caught.value.status, caught.value.request_id, caught.value.attempts) == (200, "r-471", 1)
    assert len(canned.requests) == 1


@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize("kind", ["contact", "admin", "job", "list", "error", "", 7, ["ticket"], "a\nb"])
async def test_an_object_of_another_type(name: str, kind: Any) -> None:
    """An object of another type is refused, even with the id that was asked for."""
    operation, expected, read = READS[name]
    async with Scene(Canned(says(answer(kind)))) as scene:
        with pytest.raises(UnreadableResponseError) as caught:
            await read(scene.intercom, 471)
    text = str(caught.value)
    assert text.startswith(operation)
    assert f" in place of {expected} 471 " in text
    assert text.isprintable()


async def test_attempts_are_counted() -> None:
    """A wrong answer after a retry says how often the read was sent."""
    canned = Canned(refuses(502), says({"type": "conversation", "id": "999"}))
    async with Scene(canned) as scene:
        with pytest.raises(UnreadableResponseError) as caught:
            await scene.intercom.conversations.retrieve("471")
    assert (caught.value.attempts, len(scene.told(RequestSent))) == (2, 2)


async def test_any_other_read_is_not_judged() -> None:
    """`request` gives back whatever JSON comes: what its path is about is the caller's business."""
    async with Scene(Canned(says({"id": "999"}))) as scene:
        assert await scene.intercom.request("GET", "/conversations/471") == {"id": "999"}


async def test_a_ticket_type_that_was_not_asked_for_is_not_remembered() -> None:
    """A wrong ticket type is not kept for the next five minutes: the next question reads again."""
    canned = Canned(says(answer("ticket_type", id="9")), says(answer("ticket_type", id="79")))
    async with Scene(canned) as scene:
        with pytest.raises(UnreadableResponseError):
            await scene.intercom.ticket_types.resolve("79", {})
        assert await scene.intercom.ticket_types.resolve("79", {}) == {}


async def test_a_conversation_in_place_of_another_is_unread(tmp_path: Any) -> None:
    """A plan says of a conversation that was answered with another one that it could not be read."""
    parts = {"conversation_parts": [{"type": "conversation_part", "id": "1", "body": "<p>words</p>"}]}
    canned = Canned(
        says({"type": "admin", "id": "1", "app": {"type": "app", "id_code": "ws"}}),
        says({"type": "conversation", "id": "999", "conversation_parts": parts}),
    )
    async with Scene(canned) as scene:
        summary = await plan(scene.intercom, ["471"], to=tmp_path / "plan")
    assert (summary.unread, summary.items) == (1, 0)
    read: Plan = read_plan(tmp_path / "plan")
    assert list(read.unread()) == [Unread("471", "UnreadableResponseError")]
    async with Scene(Canned(says({"type": "ticket", "id": "471", "conversation_parts": parts}))) as scene:
        assert [item async for item in find(scene.intercom, ["471"])] == []
