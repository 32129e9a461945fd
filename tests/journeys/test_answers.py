"""An answer must be about what was asked: reads by id that are answered with something else, through the public
surface.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from aiointercom import Intercom, UnreadableResponseError
from aiointercom.cleanup import (
    Convert,
    ConvertTo,
    Ledger,
    RedactPart,
    Unread,
    evidence,
    find,
    page,
    plan,
    preflight,
    read_plan,
    run,
)
from aiointercom.cleanup.planning.file import Plan
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
    """A read of 471 that is answered with 999, or without a readable id, is refused at once, and nothing odd gets into
    the error.
    """
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


# ---------------------------------------------------------------- ids of the server's that are kept or shown

NO_ID: list[Any] = ["ws\n1", "\x1b[2J", "\ud800", "w s", "../ws", "x" * 300, True, 1.5, ["ws"], {"id": "ws"}]


def me(workspace: Any = "ws", admin: Any = "1", region: Any = "US") -> dict[str, Any]:
    """What `/me` answers."""
    return {"type": "admin", "id": admin, "app": {"type": "app", "id_code": workspace, "region": region}}


@pytest.mark.parametrize("id", NO_ID)
@pytest.mark.parametrize("whose", ["workspace", "admin"])
async def test_me_with_an_id_that_is_none(tmp_path: Path, id: Any, whose: str) -> None:
    """A workspace's or an admin's id that is none is refused where it comes in: no ledger, no plan, and nothing odd in
    the error.
    """
    odd = me(workspace=id) if whose == "workspace" else me(admin=id)
    canned = Canned(says(odd, x_request_id="r-9"))
    async with Scene(canned) as scene:
        with pytest.raises(UnreadableResponseError, match=f"the id of the {whose} is not readable") as caught:
            await scene.intercom.me()
        with pytest.raises(UnreadableResponseError):
            async with run(scene.intercom, [RedactPart("471", "1")], ledger=tmp_path / "ledger"):
                pass
        with pytest.raises(UnreadableResponseError):
            await plan(scene.intercom, ["471"], to=tmp_path / "plan")
        # All that was sent is `/me`: no redaction, and no conversation was read.
        assert {request.url.path for request in canned.requests} == {"/me"}
    assert str(caught.value).isprintable()
    assert caught.value.request_id == "r-9"
    assert not (tmp_path / "plan").exists()


@pytest.mark.parametrize("told", [me(), me(workspace=471, admin=7), me(workspace=None), {"app": None}, {}])
async def test_me_as_it_may_come(told: dict[str, Any]) -> None:
    """Ids may come as integers, or not at all: then they read as None."""
    async with Scene(Canned(says(told))) as scene:
        answer = await scene.intercom.me()
    workspace = (told.get("app") or {}).get("id_code")
    assert (answer.app.id_code if answer.app else None) == (None if workspace is None else str(workspace))


async def test_a_plan_is_checked_against_a_readable_workspace(tmp_path: Path) -> None:
    """A preflight does not take an odd workspace for another one: it says that the answer is not readable."""
    async with Scene(Canned(says(me()))) as scene:
        await plan(scene.intercom, [], to=tmp_path / "plan")
    async with Scene(Canned(says(me(workspace="ws\n")))) as scene:
        with pytest.raises(UnreadableResponseError):
            await preflight(scene.intercom, read_plan(tmp_path / "plan"))


@pytest.mark.parametrize("odd", [None, *NO_ID])
@pytest.mark.parametrize("convert", [None, ConvertTo("79", resolve=False)])
async def test_a_listed_conversation_with_an_odd_id(tmp_path: Path, odd: Any, convert: ConvertTo | None) -> None:
    """It is passed over, counted and named by its number; the others of the list are looked at as ever."""
    listed = [{"type": "conversation", "id": id, "ticket": None} for id in ("471", odd, 472)]

    def answers(request: httpx.Request) -> httpx.Response:
        path = request.url.path
        parts = [{"type": "conversation_part", "id": "1", "body": "<p>words</p>"}]
        plain = {"type": "conversation", "conversation_parts": {"conversation_parts": parts}}
        others = {
            "/me": me(),
            "/conversations": {"conversations": listed, "pages": {}},
            "/ticket_types/79": answer("ticket_type", id=79),
        }
        return says(others.get(path) or plain | {"id": path.rpartition("/")[2]})

    canned = Canned(answers)
    async with Scene(canned) as scene:
        pages = scene.intercom.conversations.list()
        summary = await plan(scene.intercom, pages, to=tmp_path / "plan", convert=convert)
    read = read_plan(tmp_path / "plan")
    assert [item.conversation_id for item in read.items()] == ["471", "472"]
    assert list(read.unread()) == [Unread("?2", "UnreadableResponseError")]
    assert (summary.unread, summary.conversations) == (1, 3)
    assert (tmp_path / "plan").read_text().replace("\n", "").isprintable()


@pytest.mark.parametrize("region", ["US\n", "\ud800", "\x1b[2J", 7, None])
async def test_an_odd_region_poisons_no_run(tmp_path: Path, region: Any) -> None:
    """The region is only kept for people: what is not readable of it is left out, and the run goes on."""
    redacted = {"id": "471", "conversation_parts": {"conversation_parts": [{"id": "1", "redacted": True}]}}

    def answers(request: httpx.Request) -> httpx.Response:
        return says(me(region=region) if request.url.path == "/me" else redacted)

    async with (
        Scene(Canned(answers)) as scene,
        run(scene.intercom, [RedactPart("471", "1")], ledger=tmp_path / "ledger") as results,
    ):
        assert [result.outcome async for result in results] == ["redacted"]
    with Ledger.read(tmp_path / "ledger") as ledger:
        assert ledger.meta["region"] == ""


@pytest.mark.parametrize("odd", ["47\n1", "\ud800", True])
@pytest.mark.usefixtures("virtual")
async def test_an_odd_ticket_id_poisons_no_run(tmp_path: Path, odd: Any) -> None:
    """A conversion that is answered with an odd id gives no result, ledger, evidence or page that holds it, and the run
    goes on.
    """

    def answers(request: httpx.Request) -> httpx.Response:
        path, own = request.url.path, request.url.path.split("/")[2:3]
        if path == "/me":
            return says(me())
        ticket = {"type": "ticket", "id": odd if own == ["471"] else own[0], "ticket_type": {"id": "79"}}
        return says(ticket if request.method == "POST" else {"type": "conversation", "id": own[0], "ticket": None})

    items = [Convert("471", "79"), Convert("472", "79")]
    async with (
        Scene(Canned(answers), max_retries=0) as scene,
        run(scene.intercom, items, ledger=tmp_path / "ledger", concurrency=1) as results,
    ):
        found = {result.item.conversation_id: result async for result in results}
    assert found["471"].ticket_id is None
    assert (found["472"].outcome, found["472"].ticket_id) == ("converted", "472")
    evidence(tmp_path / "ledger", to=tmp_path / "evidence.jsonl")
    page(tmp_path / "ledger", to=tmp_path / "page.html")
    assert (tmp_path / "evidence.jsonl").read_text().replace("\n", "").isprintable()
