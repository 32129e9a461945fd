"""`aiointercom settle`: what became of the items in doubt, recorded in the ledger, without a write."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from aiointercom.cleanup import Ledger
from aiointercom.sandbox import Fault, Sandbox
from tests.journeys.command_line import CommandLine

DOUBT = """
UPDATE items SET state = 'unknown', outcome = 'unknown', by_reading = 0, ended_at = intended_at, ticket_id = NULL,
    first_sent_at = intended_at - 600, last_doubt_at = intended_at - 600
"""


def box(workspace: str = "sandbox1") -> Sandbox:
    """Two conversations of two parts, each with a card number."""
    sandbox = Sandbox(seed=False, workspace=workspace)
    sandbox.add_ticket_type(95, name="Complaint")
    for id in (1, 2):
        parts = [{"id": number, "body": "<p>4242 4242 4242 4242</p>"} for number in (10 * id, 10 * id + 1)]
        sandbox.add_conversation(id, parts=parts, source={"body": "<p>Hello</p>"})
    return sandbox


@pytest.fixture
def aio(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CommandLine:
    """The command line, in a folder with a plan and a ledger in which every item is in doubt, ten minutes after all was applied."""
    monkeypatch.chdir(tmp_path)
    aio = CommandLine(capsys, monkeypatch)
    aio.working_on(box())
    assert aio("plan", "--all", "--find", "card_number", "-o", "plan.jsonl").status == 0
    assert aio("run", "plan.jsonl", "--ledger", "l", "--yes").status == 0
    doubt()
    return aio


def doubt() -> None:
    """Put every item of the ledger in doubt."""
    with closing(sqlite3.connect("l", isolation_level=None)) as ledger:
        ledger.execute(DOUBT)


def states() -> Counter[str]:
    """How many items are in which state."""
    with Ledger.read("l") as kept:
        return Counter(record.state for record in kept.records())


def test_what_was_not_applied_is_sent_by_the_next_run(aio: CommandLine) -> None:
    """Items that no read shows are not applied: status 1, no write was sent, and the next run sends them."""
    sandbox = box()
    aio.working_on(sandbox)
    ended = aio("settle", "l", "--json")
    *results, summary = ended.lines
    assert (ended.status, len(results), summary["type"], summary["outcomes"]) == (1, 4, "summary", {"not_applied": 4})
    assert all(line["version"] == 1 and isinstance(line["type"], str) for line in ended.lines)
    assert {(line["state"], line["by_reading"], line["attempts"]) for line in results} == {("failed", True, 0)}
    assert (sandbox.ledger, states()) == ([], {"failed": 4})
    assert {request.method for request in sandbox.requests} == {"GET"}
    assert aio("run", "plan.jsonl", "--ledger", "l", "--yes").status == 0
    assert (len(sandbox.ledger), states()) == (4, {"done": 4})


def test_what_was_applied_is_done(aio: CommandLine) -> None:
    """Items whose effect a read shows are done: status 0, without a question, and a second time there is nothing to read."""
    sandbox = box()
    aio.working_on(sandbox)
    for part in (10, 11, 20, 21):
        assert aio("redact", "part", part // 10, part, "--yes").status == 0
    ended = aio("settle", "l")
    assert (ended.status, ended.out.splitlines()[0].split()) == (0, ["redacted", "4"])
    assert (len(sandbox.ledger), states()) == (4, {"done": 4})
    again = aio("settle", "l", "--json")
    assert (again.status, again.json["outcomes"], again.json["requests"]) == (0, {}, 1)


def test_a_conversion_takes_its_plan(aio: CommandLine, tmp_path: Path) -> None:
    """Without the plan a ticket stays in doubt, with status 4 and a reason that names the plan; with it, it is done."""
    sandbox = box()
    aio.working_on(sandbox)
    assert aio("plan", "--all", "--convert-to", "95", "--title", "x", "-o", "tickets.jsonl").status == 0
    (tmp_path / "l").unlink()
    assert aio("run", "tickets.jsonl", "--ledger", "l", "--yes").status == 0
    with closing(sqlite3.connect("l", isolation_level=None)) as ledger:
        ledger.execute(DOUBT.replace("intended_at - 600", "intended_at"))
    ended = aio("settle", "l", "--plan", "tickets.jsonl", "--json")
    assert (ended.status, ended.lines[-1]["outcomes"], len(sandbox.ledger)) == (0, {"converted": 2}, 2)
    doubt()
    ended = aio("settle", "l", "--json")
    assert (ended.status, ended.lines[-1]["outcomes"]) == (4, {"unknown": 2})
    assert all("the plan" in line["reason"] for line in ended.lines[:-1])


def test_what_a_ledger_cannot_be(aio: CommandLine, tmp_path: Path) -> None:
    """A ledger that is missing, that is no ledger or of another workspace, and a plan of another one, are refused with 2."""
    assert aio("settle", "missing").status == 2
    assert not (tmp_path / "missing").exists()
    assert aio("settle", "plan.jsonl").status == 2
    plan = (tmp_path / "plan.jsonl").read_text().replace('"workspace":"sandbox1"', '"workspace":"other1"')
    (tmp_path / "other.jsonl").write_text(plan)
    assert aio("settle", "l", "--plan", "other.jsonl").status == 2
    other = box("other1")
    aio.working_on(other)
    ended = aio("settle", "l")
    assert (ended.status, "sandbox1" in ended.err, len(other.requests)) == (2, True, 1)
    assert states() == {"unknown": 4}


def test_what_stays_in_doubt_has_a_hint(aio: CommandLine) -> None:
    """Where an item stays in doubt, the hint says what to do next; a token that may not read ends the command."""
    sandbox = box()
    aio.working_on(sandbox)
    sandbox.fault(Fault(operation="retrieveConversation", status=403, code="forbidden", times=None))
    ended = aio("settle", "l")
    assert (ended.status, "the same command goes on" in ended.err) == (3, True)
    sandbox.clear_faults()
    with closing(sqlite3.connect("l", isolation_level=None)) as ledger:
        ledger.execute("UPDATE items SET conversation_id = '999' WHERE target_id = '10'")
    ended = aio("settle", "l")
    assert (ended.status, "a run sends it once more" in ended.err) == (4, True)
    assert aio("run", "plan.jsonl", "--ledger", "l", "--yes").status == 4
    assert "aiointercom settle l --sandbox" in aio("run", "plan.jsonl", "--ledger", "l", "--yes").err


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("redact", "part", "1", "10"), "redacting twice does no harm: aiointercom redact part 1 10 --sandbox"),
        (("convert", "1", "--type", "95", "--title", "Marmalade"), "type the same command again"),
    ],
)
def test_a_single_write_in_doubt_says_what_to_type(aio: CommandLine, words: tuple[str, ...], hint: str) -> None:
    """A write whose outcome is unknown ends with 4, and with what to type to know it, without the texts of a ticket."""
    sandbox = box()
    aio.working_on(sandbox)
    for operation in ("redactConversation", "convertConversationToTicket"):
        sandbox.fault(Fault(operation=operation, status=504, times=None))
    sandbox.fault(Fault(operation="retrieveConversation", status=403, code="forbidden", times=None))
    ended = aio(*words, "--yes")
    assert (ended.status, hint in ended.err, "Marmalade" in ended.err) == (4, True, False)
