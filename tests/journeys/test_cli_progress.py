"""The line that tells how far a command is moves while everything waits, and says what waits for what."""

from __future__ import annotations

import re
from pathlib import Path

import anyio
import pytest

from aiointercom.cleanup import Item, RedactPart, run
from aiointercom.cli import progress
from aiointercom.sandbox import Fault, Sandbox
from tests.journeys.command_line import CommandLine

PATIENCE = 30.0
PARTS = range(1, 9)


def box(**options: int) -> Sandbox:
    """Eight parts in four conversations, each with a card number."""
    sandbox = Sandbox(seed=False, **options)
    for number in range(4):
        parts = [{"id": id, "body": "<p>4242 4242 4242 4242</p>"} for id in PARTS[number::4]]
        sandbox.add_conversation(100 + number, parts=parts)
    return sandbox


@pytest.fixture
def aio(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CommandLine:
    """The command line, in an empty folder, whose line is shown as often as it can be."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(progress, "EVERY", 0.0)
    monkeypatch.setattr(progress, "TICK", 0.01)
    return CommandLine(capsys, monkeypatch)


def lines(err: str, word: str) -> list[str]:
    """The lines of progress."""
    return [line for line in err.splitlines() if line.startswith(f"{word}: ")]


def test_the_line_moves_before_anything_ends(aio: CommandLine) -> None:
    """While all writes hang the line comes again, with the total and how many are in flight."""
    sandbox = box()
    aio.working_on(sandbox)
    assert aio("plan", "--all", "--find", "card_number", "-o", "plan.jsonl").status == 0
    sandbox.fault(Fault(operation="redactConversation", delay=1.5, times=4))
    ended = aio("run", "plan.jsonl", "--ledger", "l", "--yes")
    first = [line for line in lines(ended.err, "running") if line.startswith("running: 0 of 8; ")]
    assert ended.status == 0
    assert any(re.search(r"; in flight [1-4]\b", line) for line in first), ended.err


def test_a_plan_moves_too(aio: CommandLine) -> None:
    """While all reads hang the line of a plan comes again."""
    sandbox = box()
    aio.working_on(sandbox)
    sandbox.fault(Fault(operation="retrieveConversation", delay=0.5, times=4))
    ended = aio("plan", "--all", "--find", "card_number", "-o", "plan.jsonl")
    assert [line for line in lines(ended.err, "looking") if line.startswith("looking: 0")]


@pytest.mark.anyio
async def test_what_waits_for_the_rate_limit_is_counted(tmp_path: Path) -> None:
    """A run says how many of its items wait for the rate limit, apart from those whose request is under way; at its end none does."""
    sandbox = box(limit=3)
    items: list[Item] = [RedactPart(100 + (part - 1) % 4, part) for part in PARTS]
    async with sandbox.client() as intercom:
        results = run(intercom, items, ledger=tmp_path / "l", priority="interactive")
        async with results:
            with anyio.fail_after(PATIENCE):
                while not 0 < results.summary.waiting <= results.summary.in_flight:  # noqa: ASYNC110  # it tells no one
                    await anyio.sleep(0.005)
            results.stop(drain=0)
        assert results.summary.waiting == 0


def test_a_line_of_a_server_does_not_come_through(aio: CommandLine) -> None:
    """What a server says stands in no line of progress."""
    sandbox = box()
    aio.working_on(sandbox)
    assert aio("plan", "--all", "--find", "card_number", "-o", "plan.jsonl").status == 0
    sandbox.fault(Fault(operation="redactConversation", status=400, code="Marmalade", message="Marmalade", times=None))
    ended = aio("run", "plan.jsonl", "--ledger", "l", "--yes")
    assert lines(ended.err, "running")
    assert "Marmalade" not in ended.err


@pytest.mark.anyio
async def test_an_error_leaves_a_ticking_block_as_it_is() -> None:
    """An error of the block is raised itself, not inside a group."""
    with pytest.raises(KeyError):
        async with progress.ticking(lambda: None):
            raise KeyError
