"""What the table of exit statuses, the reports and the hints of the command line promise, in this process."""

from __future__ import annotations

from pathlib import Path

import pytest

from aiointercom.cleanup import read_plan
from aiointercom.cli import progress
from aiointercom.cli.account import WorkspaceInfo
from aiointercom.cli.talk import TALK
from aiointercom.sandbox import Fault, Sandbox
from tests.journeys.command_line import CommandLine, Terminal
from tests.pure.ledgers import BEGUN, item, ledger, run_row


@pytest.fixture
def aio(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CommandLine:
    """The command line, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return CommandLine(capsys, monkeypatch)


@pytest.fixture
def sandbox(aio: CommandLine) -> Sandbox:
    """A sandbox that the commands talk to, with a plan of its parts."""
    sandbox = Sandbox()
    aio.working_on(sandbox)
    assert aio("plan", "--all", "--everything", "-o", "plan.jsonl").status == 0
    return sandbox


COMMANDS = [
    ("whoami",),
    ("redact", "part", 471, 115, "--yes"),
    ("redact", "part", 471, 115),
    ("redact", "source", 480, 403918320, "--yes"),
    ("redact", "all", 480, "--yes"),
    ("redact", "all", 480, "--dry-run"),
    ("convert", 474, "--type", 95, "--attribute", "amount=1", "--yes"),
    ("convert", 474, "--type", 95, "--attribute", "amount=1", "--dry-run"),
    ("plan", "--all", "--everything", "-o", "other.jsonl"),
    ("run", "plan.jsonl", "--ledger", "l", "--yes"),
]


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: "-".join(map(str, words[:3])))
def test_a_rejected_token_is_wrong_usage(aio: CommandLine, sandbox: Sandbox, words: tuple[object, ...]) -> None:
    """A token that Intercom rejects ends every command with 2, and nothing was changed."""
    sandbox.fault(Fault(status=401, code="token_revoked", times=None))
    ended = aio(*words, answer="y\n")
    assert (ended.status, sandbox.ledger) == (2, [])
    assert "token_revoked" in ended.err
    assert not Path("other.jsonl").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("plan", "--all", "--convert-to", "9999", "-o", "other.jsonl"),
        ("convert", 474, "--type", 9999, "--yes"),
        ("convert", 474, "--type", 9999, "--dry-run"),
    ],
)
def test_an_unknown_ticket_type_is_wrong_usage(aio: CommandLine, sandbox: Sandbox, words: tuple[object, ...]) -> None:
    """A ticket type that is not there ends with 2, before a conversation is read or converted."""
    before = len(sandbox.requests)
    ended = aio(*words)
    assert (ended.status, ended.out, sandbox.ledger) == (2, "", [])
    assert "ticket_type" in ended.err
    assert not [one for one in sandbox.requests[before:] if "onversation" in (one.operation or "")]


def test_a_conversation_that_is_not_there_is_no_wrong_usage(aio: CommandLine, sandbox: Sandbox) -> None:
    """What Intercom does not know of a write is refused, with 1; a dry run of the whole that read nothing is 1 as
    well.
    """
    assert aio("redact", "part", 999, 1, "--yes").status == 1
    assert aio("convert", 999, "--type", 95, "--attribute", "amount=1", "--yes").status == 1
    assert aio("redact", "all", 999, "--dry-run").status == 1


def test_a_conversion_names_its_ticket(aio: CommandLine, sandbox: Sandbox) -> None:
    """convert prints the id of the ticket, with --json too, and that of a ticket that was there before."""
    words = ("convert", 474, "--type", 95, "--attribute", "amount=1", "--yes")
    assert aio(*words).out.endswith("ticket of type 95; the ticket's id is 474\n")
    assert aio(*words, "--json").json["ticket_id"] == "474"
    assert aio("convert", 493, "--type", 79, "--yes", "--json").json["ticket_id"] == "493"


def test_a_report_names_what_is_not_done_and_why(aio: CommandLine, sandbox: Sandbox) -> None:
    """The refused items of a run are named with their reasons, on the terminal and in the JSON."""
    sandbox.fault(Fault(operation="redactConversation", status=404, code="conversation_part_or_message_not_found"))
    ran = aio("run", "plan.jsonl", "--ledger", "l", "--yes", "--json", "--concurrency", 1)
    [refused] = [line for line in ran.lines if line.get("state") == "refused"]
    [told] = aio("report", "l", "--json").json["not_done"]
    for name in ("type", "conversation_id", "code", "state"):
        assert told[name] == refused[name]
    target = told.get("part_id") or told["source_id"]
    [row] = [line for line in aio("report", "l").out.splitlines() if "message_not_found" in line]
    assert target in row
    assert told["conversation_id"] in row
    assert "status 404" in row


def test_many_that_are_not_done_are_counted(aio: CommandLine, tmp_path: Path) -> None:
    """The terminal names the first fifty, and how many more there are."""
    rows = [item(n, BEGUN + n, state="refused", outcome="refused", code="x") for n in range(60)]
    ledger(tmp_path / "l", rows, [run_row(1, BEGUN, BEGUN + 99)])
    told = aio("report", "l").out
    assert "and 10 more" in told
    assert len(aio("report", "l", "--json").json["not_done"]) == 60


def test_a_report_replaces_nothing(aio: CommandLine, sandbox: Sandbox, tmp_path: Path) -> None:
    """Evidence and page are not written over a file, nor over ledger, plan or each other, nor ever through a symbolic
    link.
    """
    ledger(tmp_path / "l", [item(1, BEGUN)], [run_row(1, BEGUN, BEGUN + 9)])
    (tmp_path / "other").write_text("mine")
    (tmp_path / "link").symlink_to("other")
    (tmp_path / "dangling").symlink_to("nowhere")
    for option in ("--evidence", "--page"):
        assert aio("report", "l", option, "other").status == 2
        for name in ("link", "dangling"):
            for more in ((), ("--overwrite",)):
                ended = aio("report", "l", option, name, *more)
                assert (ended.status, "symbolic link" in ended.err) == (2, True)
        assert aio("report", "l", "--plan", "plan.jsonl", option, "plan.jsonl", "--overwrite").status == 2
        assert aio("report", "l", option, "l", "--overwrite").status == 2
    assert aio("report", "l", "--evidence", "e", "--page", "e").status == 2
    assert aio("report", "l", "--evidence", "e", "--page", "other").status == 2
    assert not (tmp_path / "e").exists()
    assert not (tmp_path / "nowhere").exists()
    assert (tmp_path / "other").read_text() == "mine"
    assert read_plan("plan.jsonl").count
    assert aio("report", "l", "--page", "other", "--overwrite").status == 0


@pytest.mark.parametrize("bad", ["link", "circle", "folder", "nowhere/page", "l.lock", "l-wal", "other"])
def test_of_two_reports_both_or_neither_is_written(aio: CommandLine, tmp_path: Path, bad: str) -> None:
    """A place that cannot be written is wrong usage, in which nothing was changed: the other report is not there
    either.
    """
    ledger(tmp_path / "l", [item(1, BEGUN)], [run_row(1, BEGUN, BEGUN + 9)])
    (tmp_path / "other").write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("other")
    (tmp_path / "circle").symlink_to("circle")
    overwrite = () if bad == "other" else ("--overwrite",)
    for good, wrong in (("--evidence", "--page"), ("--page", "--evidence")):
        ended = aio("report", "l", good, "new", wrong, bad, *overwrite)
        assert (ended.status, ended.out) == (2, "")
        assert bad.partition("/")[0] in ended.err
    assert not (tmp_path / "new").exists()
    assert (tmp_path / "other").read_text() == "mine"


def test_hints_name_the_workspace(aio: CommandLine, sandbox: Sandbox) -> None:
    """The command that a plan names to carry it out has the options that say which workspace, and quotes the path."""
    ended = aio("plan", "--all", "--everything", "-o", "the plan.jsonl")
    assert "aiointercom run 'the plan.jsonl' --ledger FILE --sandbox\n" in ended.err


def test_subjects_are_counted_once(aio: CommandLine) -> None:
    """The row of what was found in subjects stands there once."""
    sandbox = Sandbox(seed=False)
    sandbox.add_conversation(1, source={"body": "hello", "subject": "4242 4242 4242 4242"})
    aio.working_on(sandbox)
    ended = aio("plan", "--all", "--find", "card_number", "-o", "plan.jsonl")
    assert [line.split() for line in ended.out.splitlines() if "subject" in line] == [["found", "in", "subjects", "1"]]


def test_what_no_person_sees_is_counted(aio: CommandLine) -> None:
    """The summary says of how many items all that was found is stored where nobody sees it; without such items there is
    no row.
    """
    sandbox = Sandbox(seed=False)
    sandbox.add_conversation(1, parts=[{"id": 2, "body": "<p>hi</p><!-- 4242 4242 4242 4242 -->"}])
    aio.working_on(sandbox)
    ended = aio("plan", "--all", "--find", "card_number", "-o", "plan.jsonl")
    assert [line.split()[-2:] for line in ended.out.splitlines() if "no person sees" in line] == [["1", "item"]]
    assert "sees" not in aio("plan", "--all", "--find", "email", "-o", "other.jsonl").out


@pytest.mark.parametrize(
    "bad",
    ["480,open", "480.0", "2.15E+14", "2E14", "0x1E0", '["480"]', "conversation_id", "-480", "480;1", "#480", "null"],
)
@pytest.mark.parametrize("stdin", [False, True])
def test_lines_that_are_plainly_no_ids(aio: CommandLine, sandbox: Sandbox, bad: str, stdin: bool) -> None:
    """Such a line, however far behind, is named by its number before the first request."""
    content = "conversation_id\n" + "471\n" * 1200 + f"{bad}\n480\n"
    Path("ids.txt").write_text(content)
    before = len(sandbox.requests)
    words = ("plan", "--everything", "-o", "other.jsonl", "--ids")
    ended = aio(*words, "-", stdin=content) if stdin else aio(*words, "ids.txt")
    assert (ended.status, len(sandbox.requests) - before) == (2, 0)
    assert "line 1202" in ended.err
    assert bad not in ended.err


@pytest.mark.parametrize("missing", ["null", "NaN", "None", "TRUE", '"null"', "undefined"])
def test_a_missing_value_is_no_heading(aio: CommandLine, sandbox: Sandbox, missing: str) -> None:
    """What programs write where they have no id is an error in the first line too, and not passed over as the name of a
    column.
    """
    ended = aio("plan", "--everything", "-o", "other.jsonl", "--ids", "-", stdin=f"{missing}\n480\n")
    assert (ended.status, "line 1:" in ended.err, Path("other.jsonl").exists()) == (2, True, False)


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfConversation ID\r\n471\r\n480\r\n",
        b'"id"\n"471"\n\'480\'\n',
        b'\xef\xbb\xbf"471"\r\n\r\n 480 ',
    ],
)
def test_what_a_spreadsheet_exports(aio: CommandLine, sandbox: Sandbox, content: bytes) -> None:
    """A heading, quotes, a byte order mark and line ends of Windows do no harm."""
    Path("ids.txt").write_bytes(content)
    told = aio("plan", "--everything", "-o", "other.jsonl", "--ids", "ids.txt", "--json").json
    assert (told["conversations"], told["total"], told["unread"]) == (2, 2, 0)


FORGED = "w\x1b[2J\u202e\x9b\r\nall is done [bold]x[/bold]"


def test_nothing_from_the_server_commands_the_terminal(
    aio: CommandLine, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Escapes, and line ends that would forge a line, come out of no command: ids of workspaces, codes, reasons."""

    async def forged(*_: object) -> WorkspaceInfo:
        return WorkspaceInfo(FORGED, "US", FORGED)

    monkeypatch.setattr("aiointercom.cli.single.workspace_of", forged)
    row = item(1, BEGUN, state="refused", outcome="refused", code=FORGED, reason=FORGED, target_id=FORGED)
    ledger(tmp_path / "l", [row], [run_row(1, BEGUN, BEGUN + 9)])
    for words in (("whoami",), ("whoami", "--json"), ("report", "l"), ("report", "l", "--json")):
        out = aio(*words).out
        assert all(letter.isprintable() or letter == "\n" for letter in out)
        assert not [line for line in out.splitlines() if line.startswith("all is done")]


def test_a_bar_shows_names_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a bar shows is neither markup nor escapes."""
    screen = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("sys.stderr", screen)
    with progress.Progress(TALK, "running", 3) as bar:
        bar.show(1, [("[bold]\x1b]0;x\x07", 1)])
    assert "[bold]?]0;x? 1" in screen.getvalue()
    assert "\x1b]0;" not in screen.getvalue()
