"""`limit` of find and plan, and the estimate of a run from the window that Intercom tells."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aiointercom import Intercom
from aiointercom.cleanup import find, plan, read_plan, run
from aiointercom.detect import CardNumbers
from aiointercom.sandbox import Fault, Sandbox
from tests.journeys.canned import Canned, says
from tests.journeys.command_line import CommandLine

ALL = ("plan", "--all", "--find", "card_number", "-o", "plan.jsonl")


def box(conversations: int = 6) -> Sandbox:
    """Conversations of three parts, each with a card number."""
    sandbox = Sandbox(seed=False, limit=100_000)
    for id in range(1, conversations + 1):
        parts = [{"id": 10 * id + number, "body": "<p>4242 4242 4242 4242</p>"} for number in range(3)]
        sandbox.add_conversation(id, parts=parts, source={"body": "<p>Hello</p>"})
    return sandbox


@pytest.fixture
def aio(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CommandLine:
    """The command line, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return CommandLine(capsys, monkeypatch)


@pytest.mark.anyio
@pytest.mark.parametrize(("limit", "stopped"), [(1, "limit"), (4, "limit"), (17, "limit"), (18, None), (10**30, None)])
@pytest.mark.parametrize("concurrency", [1, 20])
async def test_the_first_items_are_found(limit: int, stopped: str | None, concurrency: int) -> None:
    """A limit gives the first items in the order of the conversations, with counts that are theirs; the rest is said to be left."""
    async with box().client() as intercom:
        every = [item async for item in find(intercom, range(1, 7), [CardNumbers()])]
        finding = find(intercom, range(1, 7), [CardNumbers()], limit=limit, concurrency=concurrency)
        found = [item async for item in finding]
    assert [item.key for item in found] == [item.key for item in every[:limit]]
    summary = finding.summary
    assert (summary.items, summary.stopped_by) == (len(found), stopped)
    assert summary.by_kind == {"redact_part": len(found)}
    assert summary.by_detector == {"card_number": len(found)}


@pytest.mark.anyio
async def test_a_limit_ends_the_reading() -> None:
    """With a limit few conversations are read beyond those that are needed, and an endless source ends."""
    sandbox = box(60)
    async with sandbox.client() as intercom:
        finding = find(intercom, range(1, 61), limit=4, concurrency=2)
        assert len([item async for item in finding]) == 4
        assert [item async for item in finding] == []
    assert finding.summary.conversations <= 4


@pytest.mark.anyio
async def test_unread_conversations_have_their_lines(tmp_path: Path) -> None:
    """A plan with a limit is whole: its counts are those of its lines, unread conversations included."""
    sandbox = box()
    sandbox.fault(Fault(operation="retrieveConversation", status=404, code="not_found"))
    async with sandbox.client() as intercom:
        summary = await plan(intercom, range(1, 7), to=tmp_path / "p", limit=2, concurrency=1)
        made = read_plan(tmp_path / "p")
        assert (made.count, summary.unread, made.summary) == (2, 1, summary)
        async with run(intercom, made.items(), ledger=tmp_path / "l") as results:
            assert (await results.finish()).complete


@pytest.mark.anyio
@pytest.mark.parametrize("limit", [0, -1])
async def test_a_limit_out_of_range(limit: int) -> None:
    """A limit below 1 is refused before anything is read."""
    async with box().client() as intercom:
        with pytest.raises(ValueError, match="limit"):
            find(intercom, [1], limit=limit)


def test_the_command_stops_at_its_limit(aio: CommandLine) -> None:
    """plan --limit writes the first items, ends with 3 and says so; after the run a new plan finds the next ones, to the end."""
    sandbox = box(2)
    aio.working_on(sandbox)
    for left in (4, 2, 0):
        ended = aio(*ALL, "--limit", 2, "--overwrite", "--json")
        assert (ended.status, ended.json["stopped_by"]) == ((3, "limit") if left else (0, None))
        assert ended.json["items"] == read_plan("plan.jsonl").count == 2
        assert ("a plan that is made after its run" in ended.err) is bool(left)
        assert aio("run", "plan.jsonl", "--ledger", "l", "--yes").status == 0
        assert len(sandbox.ledger) == 6 - left
    assert aio(*ALL, "--limit", 1, "--overwrite").status == 0


@pytest.mark.parametrize("number", ["0", "-1", "many", "nan"])
@pytest.mark.parametrize("words", [ALL, ("report", "l")], ids=["plan", "report"])
def test_a_bad_limit_is_refused(aio: CommandLine, words: tuple[str, ...], number: str) -> None:
    """A limit that is no number from 1 on is refused before anything is read."""
    aio.working_on(box())
    assert aio(*words, "--limit", number).status == 2


def test_a_report_names_at_most_so_many(aio: CommandLine) -> None:
    """report --limit names so many of the items that are not done, and counts the others."""
    sandbox = box(2)
    aio.working_on(sandbox)
    assert aio(*ALL).status == 0
    sandbox.fault(Fault(operation="redactConversation", status=404, code="not_found", times=None))
    assert aio("run", "plan.jsonl", "--ledger", "l", "--yes").status == 1
    told = aio("report", "l", "--limit", 2)
    assert (told.status, told.out.count(" of conversation "), "and 4 more" in told.out) == (0, 2, True)
    assert len(aio("report", "l", "--limit", 2, "--json").json["not_done"]) == 2
    assert len(aio("report", "l", "--limit", 10**30, "--json").json["not_done"]) == 6
    assert aio("report", "--verify", "e", "--limit", 2).status == 2


def test_plans_of_earlier_versions_are_read(aio: CommandLine, tmp_path: Path) -> None:
    """A plan whose last line does not know a limit is read as one of all conversations."""
    aio.working_on(box())
    assert aio(*ALL).status == 0
    *lines, last = (tmp_path / "plan.jsonl").read_text().splitlines()
    old = json.loads(last)
    assert old.pop("stopped_by") is None
    (tmp_path / "old.jsonl").write_text("\n".join([*lines, json.dumps(old)]))
    assert read_plan("old.jsonl").summary == read_plan("plan.jsonl").summary


CONVERSATION = {
    "type": "conversation",
    "conversation_parts": {"conversation_parts": [{"id": "2", "body": "<p>x</p>", "part_type": "comment"}]},
}


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("resets", "window"), [((20, 20, 20), None), ((20, 30, 40), 10), ((20, 22, 24), 2), ((60, 180, 240), 60)]
)
async def test_the_estimate_is_from_the_window_that_was_told(resets: tuple[int, ...], window: float | None) -> None:
    """The minutes are those of the limit in a window as long as the resets are apart: of 2 seconds, 10 or a minute; 10 where one window was seen."""
    answers = [
        says(
            {**CONVERSATION, "id": str(id)},
            X_RateLimit_Limit="10",
            X_RateLimit_Remaining="9",
            X_RateLimit_Reset=str(reset),
        )
        for id, reset in enumerate(resets, 1)
    ]
    async with Intercom("token", transport=Canned(*answers)) as intercom:
        finding = find(intercom, [1, 2, 3], concurrency=1, priority="interactive")
        items = [item async for item in finding]
        assert intercom.rate_limit_window == window
    assert finding.summary.minutes == round((len(items) + 1) / 10 * (window or 10) / 60, 2)
    assert len(items) == 3


@pytest.mark.anyio
async def test_without_pacing_no_window_is_known() -> None:
    """A client that does not keep to the rate limit knows no window, and a new one has seen none."""
    async with box().client(pace=None) as intercom:
        await intercom.me()
        assert intercom.rate_limit_window is None
    async with box().client() as intercom:
        assert intercom.rate_limit_window is None
