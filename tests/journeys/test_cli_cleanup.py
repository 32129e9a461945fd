"""plan, run and report from the command line, in this process: the whole path, its files, its screens and its
statuses.
"""

from __future__ import annotations

import io
import json
import tempfile
from pathlib import Path
from typing import IO

import pytest

from aiointercom.cleanup import Ledger, Summary, read_plan
from aiointercom.cli import progress
from aiointercom.cli.exits import Exit
from aiointercom.cli.running import status_of
from aiointercom.cli.samples import CONVERSATIONS, FIRST_ID, SECRETS, filled
from aiointercom.sandbox import Fault, Sandbox
from tests.journeys.command_line import CommandLine

PLANTED = "Marmaladenfabrik"
CARD = "4242 4242 4242 4242"


@pytest.fixture
def aio(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CommandLine:
    """The command line, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return CommandLine(capsys, monkeypatch)


@pytest.fixture
def sandbox(aio: CommandLine) -> Sandbox:
    """A sandbox that the commands talk to, with three conversations of two parts, each with a planted word and a card
    number.
    """
    sandbox = Sandbox(seed=False)
    sandbox.add_ticket_type(95, name="Complaint", attributes=[{"name": "amount", "data_type": "decimal"}])
    for id in (1, 2, 3):
        parts = [{"id": number, "body": f"<p>{PLANTED}, {CARD}</p>"} for number in (10 * id, 10 * id + 1)]
        sandbox.add_conversation(id, parts=parts, source={"body": f"<p>{PLANTED}</p>"})
    aio.working_on(sandbox)
    return sandbox


def planned(aio: CommandLine, *more: str) -> None:
    """A plan of all card numbers, in plan.jsonl."""
    assert aio("plan", "--all", "--find", "card_number", "-o", "plan.jsonl", *more).status == 0


def test_the_whole_path_with_no_account(aio: CommandLine) -> None:
    """With --sandbox a plan of one command fits the run of the next, and the report shows all of it done."""
    planned(aio, "--sandbox", "--find", "iban", "--find", "email", "--find", "phone")
    plan = read_plan("plan.jsonl")
    assert plan.count > 100
    assert set(plan.summary.by_detector) == {"card_number", "iban", "email", "phone"}
    assert plan.summary.beyond_cap == 1
    ended = aio("run", "plan.jsonl", "--ledger", "cleanup.ledger", "--sandbox", "--yes", "--json")
    assert ended.status == 0
    *results, summary = ended.lines
    assert len(results) == summary["outcomes"]["redacted"] == plan.count
    assert aio("report", "cleanup.ledger", "--evidence", "e.jsonl", "--page", "page.html", "--json").status == 0
    again = aio("report", "cleanup.ledger", "--evidence", "e.jsonl")
    assert (again.status, "--overwrite" in again.err) == (2, True)
    head = aio("report", "cleanup.ledger", "--evidence", "e.jsonl", "--overwrite", "--json").json["head"]
    assert aio("report", "--verify", "e.jsonl", "--head", head).out == f"whole; head {head}, as it was noted\n"
    wrong = aio("report", "cleanup.ledger", "--page", "cleanup.ledger")
    assert (wrong.status, "is the ledger" in wrong.err) == (2, True)


def test_the_samples_are_the_same_each_time() -> None:
    """The invented conversations do not change from one process to the next, and every kind of secret is among them."""
    one, other = filled(), filled()
    ids = range(FIRST_ID, FIRST_ID + CONVERSATIONS)
    assert [one.conversation(id) for id in ids] == [other.conversation(id) for id in ids]
    bodies = {part["body"] for id in ids for part in one.conversation(id)["parts"]}
    assert {f"<p>{secret}</p>" for secret in SECRETS} <= bodies


def test_a_plan_prints_counts_and_what_a_run_takes(aio: CommandLine, sandbox: Sandbox) -> None:
    """plan prints what it found, what it skipped and the estimate, changes nothing, and names the next command."""
    ended = aio("plan", "--all", "--find", "card_number", "-o", "plan.jsonl")
    told = {name.strip(): words for name, _, words in (line.partition("  ") for line in ended.out.splitlines())}
    assert told["redact parts"].strip() == "6"
    assert told["found card_number"].strip() == "6"
    assert told["skipped: nothing found"].strip() == "3"
    assert told["to run it"].strip() == "7 requests, at least 0 s at the present rate limit"
    assert "aiointercom run plan.jsonl" in ended.err
    assert sandbox.ledger == []


def test_a_plan_as_json_is_one_document(aio: CommandLine, sandbox: Sandbox) -> None:
    """plan --json prints the counts as one document."""
    told = aio("plan", "--all", "--everything", "-o", "plan.jsonl", "--json").json
    assert (told["items"], told["by_kind"]) == (9, {"redact_part": 6, "redact_source": 3})


def test_ids_come_from_a_file_or_from_stdin(aio: CommandLine, sandbox: Sandbox, tmp_path: Path) -> None:
    """--ids takes a file with one id in each line, or - for stdin."""
    (tmp_path / "ids.txt").write_text("1\n\n3\n")
    for words, stdin in (("ids.txt", ""), ("-", "1\n3\n")):
        ended = aio("plan", "--ids", words, "--everything", "-o", "plan.jsonl", "--overwrite", "--json", stdin=stdin)
        assert ended.json["conversations"] == 2


def test_a_plan_goes_to_stdout_if_asked(aio: CommandLine, sandbox: Sandbox, tmp_path: Path) -> None:
    """-o - prints the plan itself, and a run can read what was printed."""
    (tmp_path / "plan.jsonl").write_text(aio("plan", "--all", "--everything", "-o", "-").out)
    assert read_plan("plan.jsonl").count == 9


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (("--state", "open"), 1),
        (("--created-after", "2026-01-02"), 2),
        (("--created-after", "2026-01-02T00:00:00+00:00", "--created-before", "2026-01-03"), 1),
        (("--updated-before", "2026-01-02T00:00"), 1),
        (("--contact", "abc"), 1),
        (("--contact", "abc", "--state", "closed"), 0),
    ],
)
def test_conversations_are_searched(aio: CommandLine, words: tuple[str, ...], count: int) -> None:
    """Contact, state and spans of time select, and all that is given must hold."""
    sandbox = Sandbox(seed=False)
    for day, state in enumerate(("open", "closed", "snoozed")):
        at = 1_767_225_600 + 86_400 * day  # 1 January 2026
        contacts = {"type": "contact.list", "contacts": [{"type": "contact", "id": "abc" if day == 0 else "def"}]}
        sandbox.add_conversation(None, created_at=at, updated_at=at, state=state, contacts=contacts)
    aio.working_on(sandbox)
    ended = aio("plan", *words, "--everything", "-o", "plan.jsonl", "--json")
    assert ended.json["conversations"] == count


WRONG = [
    (("plan", "--all", "--everything"), "--output"),
    (("plan", "--everything", "-o", "p"), "say which conversations"),
    (("plan", "--all", "--state", "open", "--everything", "-o", "p"), "say which conversations"),
    (("plan", "--all", "--ids", "x", "--everything", "-o", "p"), "say which conversations"),
    (("plan", "--all", "-o", "p"), "say what to do"),
    (("plan", "--all", "--everything", "--find", "iban", "-o", "p"), "say what to do"),
    (("plan", "--all", "--everything", "--convert-to", "95", "-o", "p"), "say what to do"),
    (("plan", "--all", "--everything", "--title", "x", "-o", "p"), "--convert-to"),
    (("plan", "--all", "--convert-to", "a/b", "-o", "p"), "ticket_type_id"),
    (("plan", "--all", "--everything", "-o", "-", "--json"), "leave out --json"),
    (("plan", "--state", "pending", "--everything", "-o", "p"), "open"),
    (("plan", "--created-after", "soon", "--everything", "-o", "p"), "soon"),
    (("plan", "--created-after", "2026-02-01", "--created-before", "2026-01-01", "--everything", "-o", "p"), "later"),
    (("plan", "--contact", "a/b", "--everything", "-o", "p"), "contact"),
    (("plan", "--ids", "missing.txt", "--everything", "-o", "p"), "missing.txt: No such file"),
    (("plan", "--all", "--everything", "-o", "missing/p"), "missing: no such folder"),
    (("run", "missing.jsonl", "--ledger", "l"), "missing.jsonl: No such file"),
    (("run", "missing.jsonl"), "--ledger"),
    (("run", "other.jsonl", "--ledger", "l", "--yes"), "other.jsonl"),
    (("run", "other.jsonl", "--ledger", "l", "--concurrency", "0"), ">= 1"),
    (("report",), "report takes either a ledger, or --verify"),
    (("report", "l", "--verify", "e"), "report takes either a ledger, or --verify"),
    (("report", "l", "--head", "e"), "--head needs --verify"),
    (("report", "missing.ledger"), "missing.ledger"),
    (("report", "--verify", "missing.jsonl"), "missing.jsonl: No such file"),
]


@pytest.mark.parametrize(("words", "said"), WRONG)
def test_wrong_usage_ends_with_2(
    aio: CommandLine, sandbox: Sandbox, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    """What cannot be carried out as it was typed ends with 2, says why in one line, and changes nothing."""
    (tmp_path / "other.jsonl").write_text(f"{PLANTED}\n")
    ended = aio(*words)
    printed = [line["type"] for line in ended.lines] if "--json" in words else ended.out
    assert (ended.status, printed) == (2, ["error"] if "--json" in words else "")
    assert said in ended.err
    assert len(ended.err.splitlines()) == 1
    assert PLANTED not in ended.err
    assert sandbox.ledger == []


def test_a_bad_id_among_many_is_named_by_its_line(aio: CommandLine, sandbox: Sandbox, tmp_path: Path) -> None:
    """A line of --ids that holds no id is named by its number, not by what stands there, and no plan is left."""
    (tmp_path / "ids.txt").write_text(f"1\n{PLANTED} x\n")
    ended = aio("plan", "--ids", "ids.txt", "--everything", "-o", "plan.jsonl")
    assert ended.status == 2
    assert "line 2" in ended.err
    assert PLANTED not in ended.err
    assert not (tmp_path / "plan.jsonl").exists()


def test_a_plan_is_not_replaced_by_accident(aio: CommandLine, sandbox: Sandbox) -> None:
    """A file that is there stays, unless --overwrite says otherwise."""
    planned(aio)
    ended = aio("plan", "--all", "--everything", "-o", "plan.jsonl")
    assert (ended.status, "--overwrite" in ended.err) == (2, True)
    assert read_plan("plan.jsonl").count == 6
    planned(aio, "--overwrite")


def test_a_plan_that_is_stopped_is_not_written(aio: CommandLine, sandbox: Sandbox, tmp_path: Path) -> None:
    """A failure that would hit all ends a plan with 3 and leaves no file."""
    sandbox.fault(Fault(operation="retrieveConversation", status=401, code="token_revoked", times=None))
    ended = aio("plan", "--all", "--everything", "-o", "plan.jsonl")
    assert ended.status == 3
    assert "token_revoked" in ended.err
    assert "no plan was written" in ended.err
    assert list(tmp_path.iterdir()) == []


def test_conversations_that_cannot_be_read_are_counted(aio: CommandLine, sandbox: Sandbox, tmp_path: Path) -> None:
    """A conversation that is not there is counted, the others are planned, and the status is 1."""
    (tmp_path / "ids.txt").write_text("1\n99\n")
    ended = aio("plan", "--ids", "ids.txt", "--everything", "-o", "plan.jsonl", "--json")
    assert (ended.status, ended.json["unread"], ended.json["items"]) == (1, 1, 3)


def test_a_run_asks_with_the_numbers_of_the_plan(aio: CommandLine, sandbox: Sandbox) -> None:
    """The question names parts, sources, conversations, workspace and region; no leaves all as it was, and no
    ledger.
    """
    assert aio("plan", "--all", "--everything", "-o", "plan.jsonl").status == 0
    ended = aio("run", "plan.jsonl", "--ledger", "l", answer="n\n")
    question = (
        "Redact 6 parts and 3 sources in 3 conversations of workspace sandbox1 (US)? This cannot be undone. [y/N] "
    )
    assert ended.err.startswith(question)
    assert ended.status == 3
    assert sandbox.ledger == []
    assert not Path("l").exists()
    assert aio("run", "plan.jsonl", "--ledger", "l", answer="y\n").status == 0


def test_a_run_as_a_dry_run_sends_nothing(aio: CommandLine, sandbox: Sandbox) -> None:
    """run --dry-run says what would be sent, sends nothing and makes no ledger."""
    planned(aio)
    before = len(sandbox.requests)
    ended = aio("run", "plan.jsonl", "--ledger", "l", "--dry-run")
    assert ended.out == "would redact 6 parts in 3 conversations; nothing was sent\n"
    assert aio("run", "plan.jsonl", "--ledger", "l", "--dry-run", "--json").json["items"] == 6
    assert len(sandbox.requests) == before
    assert not Path("l").exists()


def test_what_a_run_says_is_counted_and_not_claimed(aio: CommandLine, sandbox: Sandbox) -> None:
    """The question and --dry-run count the plan's lines: what its last line says of kinds changes neither."""
    planned(aio)
    plan = Path("plan.jsonl")
    first, _, last = plan.read_text().rpartition('"by_kind"')
    plan.write_text(
        first
        + '"by_kind"'
        + last.replace('"redact_part": 6', '"redact_part": 1').replace('"redact_part":6', '"redact_part":1')
    )
    assert "6" not in plan.read_text().rpartition('"by_kind"')[2].partition("}")[0]
    ended = aio("run", "plan.jsonl", "--ledger", "l", "--dry-run", "--json")
    assert (ended.json["items"], ended.json["by_kind"], ended.json["left"]) == (6, {"redact_part": 6}, None)
    assert aio("run", "plan.jsonl", "--ledger", "l", answer="n\n").err.startswith(
        "Redact 6 parts in 3 conversations of"
    )
    assert sandbox.ledger == []


def test_a_dry_run_reads_the_ledger(aio: CommandLine, sandbox: Sandbox) -> None:
    """Where there is a ledger, --dry-run says how much of the plan it leaves to do, and sends nothing."""
    planned(aio)
    sandbox.fault(Fault(operation="redactConversation", status=404, code="conversation_part_or_message_not_found"))
    sandbox.fault(Fault(operation="redactConversation", status=404, body=b"<html></html>", times=2))
    aio("run", "plan.jsonl", "--ledger", "l", "--yes", "--concurrency", "1")
    before = len(sandbox.requests)
    ended = aio("run", "plan.jsonl", "--ledger", "l", "--dry-run")
    assert ended.out == "would redact 6 parts in 3 conversations; by the ledger 2 of 6 are left; nothing was sent\n"
    ended = aio("run", "plan.jsonl", "--ledger", "l", "--dry-run", "--json", "--retry-refused")
    assert (ended.json["left"], len(sandbox.requests)) == (3, before)
    plan = Path("plan.jsonl")
    plan.write_text(plan.read_text().replace("sandbox1", "other"))
    ended = aio("run", "plan.jsonl", "--ledger", "l", "--dry-run")
    assert ended.status == 2
    assert "of workspace sandbox1, and the plan of workspace other" in ended.err


def test_a_plan_without_a_workspace_is_refused(aio: CommandLine, sandbox: Sandbox) -> None:
    """A plan that does not say which workspace it was made for is refused, as a dry run too."""
    planned(aio)
    plan = Path("plan.jsonl")
    plan.write_text(plan.read_text().replace('"sandbox1"', "null"))
    for option in ("--dry-run", "--yes"):
        ended = aio("run", "plan.jsonl", "--ledger", "l", option)
        assert ended.status == 2
        assert "does not name the workspace" in ended.err
    assert sandbox.ledger == []


def test_what_was_refused_can_be_tried_again(aio: CommandLine, sandbox: Sandbox) -> None:
    """With --retry-refused a run sends again what an earlier one noted as refused."""
    planned(aio)
    sandbox.fault(Fault(operation="redactConversation", status=404, code="not_found", times=2))
    assert aio("run", "plan.jsonl", "--ledger", "l", "--yes").status == 1
    assert (aio("run", "plan.jsonl", "--ledger", "l", "--yes").status, len(sandbox.ledger)) == (1, 4)
    assert (aio("run", "plan.jsonl", "--ledger", "l", "--yes", "--retry-refused").status, len(sandbox.ledger)) == (0, 6)


def test_a_second_run_does_nothing_again(aio: CommandLine, sandbox: Sandbox) -> None:
    """The same command a second time skips what is finished, and ends as the first did."""
    planned(aio)
    first = aio("run", "plan.jsonl", "--ledger", "l", "--yes")
    assert first.out.splitlines()[0].split() == ["redacted", "6"]
    second = aio("run", "plan.jsonl", "--ledger", "l", "--yes")
    assert second.out.splitlines()[0].split() == ["finished", "before", "6"]
    assert (first.status, second.status, len(sandbox.ledger)) == (0, 0, 6)


def test_refused_items_are_status_1_also_the_next_time(aio: CommandLine, sandbox: Sandbox) -> None:
    """An item that Intercom refuses stops nothing and makes the status 1, also of a run that has nothing left to
    send.
    """
    sandbox.fault(Fault(operation="redactConversation", status=404, code="conversation_part_or_message_not_found"))
    planned(aio)
    ended = aio("run", "plan.jsonl", "--ledger", "l", "--yes", "--json")
    codes = [line["code"] for line in ended.lines[:-1] if line["state"] == "refused"]
    assert (ended.status, codes) == (1, ["conversation_part_or_message_not_found"])
    assert aio("run", "plan.jsonl", "--ledger", "l", "--yes").status == 1
    assert len(sandbox.ledger) == 5


def test_a_run_that_is_refused_altogether_is_status_3(aio: CommandLine, sandbox: Sandbox) -> None:
    """A token that is revoked on the way stops the run: one line says why, the status is 3, and the same command goes
    on later.
    """
    planned(aio)
    sandbox.fault(Fault(operation="redactConversation", status=401, code="token_revoked", times=None, skip=2))
    ended = aio("run", "plan.jsonl", "--ledger", "l", "--yes", "--concurrency", "1")
    assert ended.status == 3
    assert "token_revoked" in ended.err
    assert "the same command goes on" in ended.err
    sandbox.clear_faults()
    aio("run", "plan.jsonl", "--ledger", "l", "--yes")
    assert len(sandbox.ledger) == 6


def test_another_workspace_is_refused(aio: CommandLine, sandbox: Sandbox, tmp_path: Path) -> None:
    """A plan that was made for another workspace is refused before anything is sent."""
    planned(aio)
    plan = tmp_path / "plan.jsonl"
    plan.write_text(plan.read_text().replace('"workspace":"sandbox1"', '"workspace":"other1"'))
    ended = aio("run", "plan.jsonl", "--ledger", "l", "--yes")
    assert ended.status == 2
    assert "other1" in ended.err
    assert sandbox.ledger == []


def test_a_ledger_that_is_none_is_refused(aio: CommandLine, sandbox: Sandbox, tmp_path: Path) -> None:
    """A file that is no ledger is refused before anything is sent."""
    planned(aio)
    (tmp_path / "l").write_text(PLANTED * 100)
    ended = aio("run", "plan.jsonl", "--ledger", "l", "--yes")
    assert (ended.status, PLANTED in ended.err) == (2, False)
    assert sandbox.ledger == []


def test_conversations_become_tickets(aio: CommandLine, sandbox: Sandbox) -> None:
    """--convert-to plans conversions with names as people see them, and the run carries them out."""
    words = ("--convert-to", "95", "--title", PLANTED, "--attribute", "Amount=3.5")
    assert aio("plan", "--all", *words, "-o", "plan.jsonl").status == 0
    ended = aio("run", "plan.jsonl", "--ledger", "l", answer="y\n")
    assert ended.err.startswith("Convert 3 conversations to tickets of type 95 of workspace sandbox1 (US)?")
    assert ended.status == 0
    assert sandbox.conversation(1)["ticket"]["custom_attributes"]["amount"]["value"] == 3.5
    assert PLANTED not in ended.out + ended.err


def test_a_conversion_that_does_not_fit_makes_no_plan(aio: CommandLine, sandbox: Sandbox, tmp_path: Path) -> None:
    """Attributes are checked against the ticket type before the first conversation is read."""
    ended = aio("plan", "--all", "--convert-to", "95", "--attribute", "Colour=red", "-o", "plan.jsonl")
    assert ended.status == 2
    assert "Colour" in ended.err
    assert list(tmp_path.iterdir()) == []


def test_progress_without_a_terminal_is_plain_lines(
    aio: CommandLine, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where stderr is no terminal, plain lines tell done, total, speed and outcomes."""
    monkeypatch.setattr(progress, "EVERY", 0.0)
    planned(aio)
    ended = aio("run", "plan.jsonl", "--ledger", "l", "--yes", "--json")
    last = [line for line in ended.err.splitlines() if line.startswith("running: ")][-1]
    assert last.startswith("running: 6 of 6; ")
    assert "/s, 0 s left; redacted 6" in last
    assert all(isinstance(line, dict) for line in ended.lines)


class Closed(io.StringIO):
    """A stdout that nobody reads any more."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__()
        self._file = file

    def write(self, _text: str) -> int:
        raise BrokenPipeError

    def fileno(self) -> int:
        return self._file.fileno()


def test_a_reader_that_has_enough_ends_a_run_in_order(
    aio: CommandLine, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody reads the results any more, nothing new is begun, what is under way ends, and the status is 3."""
    planned(aio)
    with tempfile.TemporaryFile() as file:
        monkeypatch.setattr("sys.stdout", Closed(file))
        ended = aio("run", "plan.jsonl", "--ledger", "l", "--yes", "--json", "--concurrency", "1")
    assert ended.status == 3
    with Ledger.read("l") as ledger:
        assert {record.state for record in ledger.records()} == {"done"}
        assert ledger.runs()[0].stopped_by == "asked"
        assert 0 < sum(1 for _ in ledger.records()) == len(sandbox.ledger) < 6


def test_a_report_says_where_evidence_is_broken(aio: CommandLine, sandbox: Sandbox, tmp_path: Path) -> None:
    """An edited line of the evidence is named by its number, and the status is 1; a wrong head is noticed as well."""
    planned(aio)
    aio("run", "plan.jsonl", "--ledger", "l", "--yes")
    told = aio("report", "l", "--evidence", "e.jsonl", "--plan", "plan.jsonl", "--json").json
    assert (told["planned"], told["workspace"], told["runs"]) == (6, "sandbox1", 1)
    assert told["items"] == [{"type": "redact_part", "state": "done", "outcome": "redacted", "count": 6}]
    assert aio("report", "--verify", "e.jsonl", "--json").json["whole"] is True
    assert aio("report", "--verify", "e.jsonl", "--head", "0" * 64).status == 1
    lines = (tmp_path / "e.jsonl").read_text().splitlines(keepends=True)
    lines[2] = lines[2].replace('"redacted"', '"refused"')
    (tmp_path / "e.jsonl").write_text("".join(lines))
    ended = aio("report", "--verify", "e.jsonl")
    assert ended.status == 1
    assert ended.out.startswith("broken at line 3: ")


def test_a_report_prints_the_counts_of_the_ledger(aio: CommandLine, sandbox: Sandbox) -> None:
    """report prints counts by kind and outcome, and needs neither token nor network."""
    planned(aio)
    aio("run", "plan.jsonl", "--ledger", "l", "--yes")
    before = len(sandbox.requests)
    assert [line.split() for line in aio("report", "l").out.splitlines()] == [
        ["redact", "part,", "redacted", "6"],
        ["runs", "1"],
    ]
    assert len(sandbox.requests) == before


def test_a_planted_word_is_on_no_screen_and_in_no_file(
    aio: CommandLine, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A word of the messages, and the card number beside it, appear in nothing that any command prints or writes."""
    monkeypatch.setattr(progress, "EVERY", 0.0)
    sandbox.fault(Fault(operation="redactConversation", status=400, code="parameter_invalid", message=PLANTED))
    screens = [
        aio("plan", "--all", "--find", "card_number", "--pattern", f"word={PLANTED}", "-o", "plan.jsonl", "--verbose"),
        aio("run", "plan.jsonl", "--ledger", "l", "--yes", "--verbose", "--json"),
        aio("run", "plan.jsonl", "--ledger", "l", "--yes", "--verbose"),
        aio("report", "l", "--evidence", "e.jsonl", "--page", "page.html", "--plan", "plan.jsonl"),
        aio("redact", "all", "1", "--yes", "--verbose", "--json"),
    ]
    files = [path.read_bytes() for path in tmp_path.iterdir()]
    assert len(files) >= 4
    told = "".join(screen.out + screen.err for screen in screens).encode()
    for word in (PLANTED, CARD, "Ines", "ines@example.com", "Tomas", sandbox.token):
        assert word.encode() not in told
        assert [1 for content in files if word.encode() in content] == []


def summary(stopped_by: str | None = None) -> Summary:
    """A run in which nothing happened."""
    return Summary(
        outcomes={},
        states={},
        skipped=0,
        in_flight=0,
        requests=0,
        refused=0,
        waited=0.0,
        seconds=0.0,
        stopped_by=stopped_by,
    )


@pytest.mark.parametrize(
    ("stopped_by", "states", "status"),
    [
        (None, {"done"}, Exit.DONE),
        (None, set(), Exit.DONE),
        (None, {"done", "refused"}, Exit.FAILED),
        (None, {"failed"}, Exit.FAILED),
        (None, {"refused", "unknown"}, Exit.UNKNOWN),
        (None, {"in_flight"}, Exit.UNKNOWN),
        ("asked", {"done", "unknown", "refused"}, Exit.STOPPED),
        ("UnauthorizedError", {"done"}, Exit.STOPPED),
    ],
)
def test_which_status_goes_first(stopped_by: str | None, states: set[str], status: Exit) -> None:
    """Stopped early goes before unknown, unknown before refused."""
    assert status_of(summary(stopped_by), states) is status


def test_a_plan_of_a_contact_is_json_lines(aio: CommandLine, sandbox: Sandbox) -> None:
    """Every line of a plan is a JSON object, and none has text."""
    planned(aio)
    lines = [json.loads(line) for line in Path("plan.jsonl").read_text().splitlines()]
    assert [line["type"] for line in lines] == ["plan", *["redact_part"] * 6, "end"]
