"""`aiointercom settle` as a process: after a kill -9 it finds out by reads alone, and a signal stops it without a loss."""

from __future__ import annotations

import signal
from collections import Counter
from pathlib import Path

import pytest

from aiointercom.cleanup import Ledger
from aiointercom.sandbox import Fault, Sandbox
from tests.wire.commands import Screen, ended, environment, run, start, until

RUN = ("run", "plan.jsonl", "--ledger", "l", "--yes")


def filled() -> Sandbox:
    """Six parts in three conversations, each with a card number."""
    sandbox = Sandbox(seed=False)
    for number in range(3):
        parts = [{"id": 10 * number + id, "body": "<p>4242 4242 4242 4242</p>"} for id in (1, 2)]
        sandbox.add_conversation(100 + number, parts=parts)
    return sandbox


def states(folder: Path) -> Counter[str]:
    """How many items of the ledger are in which state."""
    with Ledger.read(folder / "l") as ledger:
        return Counter(record.state for record in ledger.records())


def posts(sandbox: Sandbox) -> int:
    """How many writes arrived."""
    return sum(request.method == "POST" for request in sandbox.requests)


@pytest.fixture
def killed(tmp_path: Path) -> Sandbox:
    """A workspace in which three redactions took effect, of a run that was killed with -9 before their answers; its ledger is `l`."""
    sandbox = filled()
    with sandbox.serve() as server:
        words = ("plan", "--all", "--find", "card_number", "-o", "plan.jsonl")
        assert run(*words, folder=tmp_path, server=server).status == 0
        sandbox.fault(Fault(operation="redactConversation", when="after", delay=600, times=None))
        process = start(*RUN, folder=tmp_path, server=server)
        until(lambda: len(sandbox.ledger) == 3)
        process.kill()
        process.communicate()
        sandbox.clear_faults()
    assert states(tmp_path) == {"in_flight": 3}
    return sandbox


def test_after_a_kill_it_is_found_out_by_reads(killed: Sandbox, tmp_path: Path) -> None:
    """What took effect before the kill is done in the ledger; no write was sent, and the run sends the rest only."""
    before = posts(killed)
    with killed.serve() as server:
        done = run("settle", "l", folder=tmp_path, server=server)
        assert (done.status, states(tmp_path), posts(killed)) == (0, {"done": 3}, before), done.err
        assert run(*RUN, folder=tmp_path, server=server).status == 0
    assert Counter(effect.target_id for effect in killed.ledger) == dict.fromkeys(("1", "2", "11", "12", "21", "22"), 1)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it(killed: Sandbox, tmp_path: Path, number: signal.Signals) -> None:
    """While it waits for the horizon a signal ends it with 3; the items stay in doubt, and nothing was sent."""
    other = filled()  # in which nothing took effect
    with other.serve() as server:
        process = start("settle", "l", "--json", folder=tmp_path, server=server)
        until(lambda: sum(request.path.startswith("/conversations/") for request in other.requests) == 3)
        process.send_signal(number)
        done = ended(process)
    assert (done.status, states(tmp_path), posts(other)) == (3, {"unknown": 3}, 0), done.err
    assert [line.count('"unknown"') > 0 for line in done.out.splitlines()] == [True] * 4
    with killed.serve() as server:
        assert run("settle", "l", folder=tmp_path, server=server).status == 0
    assert states(tmp_path) == {"done": 3}


def test_the_line_at_a_terminal_moves_while_all_wait(tmp_path: Path) -> None:
    """While every write hangs, a terminal shows the total and what is in flight."""
    sandbox = filled()
    with sandbox.serve() as server:
        words = ("plan", "--all", "--find", "card_number", "-o", "plan.jsonl")
        assert run(*words, folder=tmp_path, server=server).status == 0
        sandbox.fault(Fault(operation="redactConversation", delay=600, times=None))
        with Screen(*RUN, "--drain", 0, folder=tmp_path, environment=environment(server)) as screen:
            screen.waits_for("in flight 3")
            assert "0/6" in screen.shown
            screen.types("\x03")
            assert screen.status() == 3
