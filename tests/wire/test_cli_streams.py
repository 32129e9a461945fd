"""The command line where its output is lost, and where a script has started it in the background: real processes of a
real shell.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from aiointercom.cleanup import Ledger
from aiointercom.sandbox import Fault, Sandbox, Server
from tests.wire.commands import PATIENCE, PROGRAM, Ended, Screen, environment, run, until

CARD = "4242 4242 4242 4242"
LOST = [">/dev/full", ">&-", "2>/dev/full", "2>&-", ">/dev/full 2>&1", ">&- 2>&-"]
"""Where nothing can be written to stdout, to stderr or to both: a full disk, or closed."""


@pytest.fixture
def sandbox() -> Sandbox:
    """Three conversations of two parts and a source each, and a ticket type."""
    sandbox = Sandbox(seed=False)
    sandbox.add_ticket_type(95, name="Complaint", attributes=[{"name": "amount", "data_type": "decimal"}])
    for id in (100, 200, 300):
        sandbox.add_conversation(id, parts=[{"id": id + number, "body": f"<p>{CARD}</p>"} for number in (1, 2)])
    return sandbox


@pytest.fixture
def server(sandbox: Sandbox) -> Iterator[Server]:
    """The sandbox on a socket."""
    with sandbox.serve() as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path, server: Server) -> Path:
    """A folder with a plan of the six parts."""
    done = run("plan", "--all", "--find", "card_number", "-o", "plan.jsonl", folder=tmp_path, server=server)
    assert done.status == 0, done.err
    return tmp_path


def shell(script: str, *words: object, folder: Path, server: Server | None = None) -> subprocess.Popen[str]:
    """Start a script of the shell in which "$@" is a command of ours."""
    return subprocess.Popen(
        ["sh", "-c", script, "sh", *PROGRAM, *map(str, words)],
        cwd=folder,
        env=environment(server),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def redirected(where: str, *words: object, folder: Path, server: Server) -> Ended:
    """Run a command to its end with its output redirected."""
    process = shell(f'"$@" {where}', *words, folder=folder, server=server)
    out, err = process.communicate(timeout=PATIENCE)
    assert "Traceback" not in out + err
    return Ended(process.returncode, out, err)


# ---------------------------------------------------------------- output that is lost


@pytest.mark.parametrize("where", LOST)
def test_a_write_that_was_applied_ends_with_0(sandbox: Sandbox, server: Server, tmp_path: Path, where: str) -> None:
    """Whatever takes its output, a redaction that was applied ends with 0, and what is left to write to names it."""
    more = ("--json", "--verbose") if where.endswith("&-") else ()
    done = redirected(where, "redact", "part", 100, 101, "--yes", *more, folder=tmp_path, server=server)
    assert [effect.target_id for effect in sandbox.ledger] == ["101"]
    assert done.status == 0
    assert "nothing was" not in done.out + done.err
    if where in (">/dev/full", ">&-"):
        assert "redacted: part 101 of conversation 100" in done.err
    if where in ("2>/dev/full", "2>&-"):
        assert "101" in done.out


WRITES = [
    ("redact", "all", 100, "--yes"),
    ("convert", 100, "--type", 95, "--attribute", "amount=1", "--yes"),
    ("run", "plan.jsonl", "--ledger", "l", "--yes"),
]


@pytest.mark.parametrize("where", [">/dev/full", ">&- 2>&-"])
@pytest.mark.parametrize("words", WRITES, ids=lambda words: words[0])
def test_each_command_that_writes_ends_as_its_writes_did(
    sandbox: Sandbox, server: Server, folder: Path, words: tuple[object, ...], where: str
) -> None:
    """Where all is applied the status is 0 though nobody gets the output."""
    assert redirected(where, *words, folder=folder, server=server).status == 0
    assert sandbox.ledger


@pytest.mark.parametrize("where", [">/dev/full", ">&-"])
def test_a_run_whose_results_are_lost_stops_in_order(
    sandbox: Sandbox, server: Server, folder: Path, where: str
) -> None:
    """Where the first line of JSON cannot be written, nothing new is begun, what is under way is kept, and the status
    is 3.
    """
    words = ("run", "plan.jsonl", "--ledger", "l", "--yes", "--json", "--concurrency", 1)
    done = redirected(where, *words, folder=folder, server=server)
    assert done.status == 3
    assert "stopped early" in done.err
    with Ledger.read(folder / "l") as ledger:
        assert {record.state for record in ledger.records()} == {"done"}
    assert 0 < len(sandbox.ledger) < 6


def test_a_refusal_and_a_doubt_keep_their_statuses(sandbox: Sandbox, server: Server, tmp_path: Path) -> None:
    """A refused write ends with 1 and one that nobody can tell with 4, with all output lost."""
    where = ">/dev/full 2>&1"
    assert redirected(where, "redact", "part", 100, 999, "--yes", folder=tmp_path, server=server).status == 1
    sandbox.fault(Fault(operation="redactConversation", when="after", drop=True, times=None))
    sandbox.fault(Fault(operation="retrieveConversation", status=403, code="forbidden", times=None))
    assert redirected(where, "redact", "part", 100, 101, "--yes", folder=tmp_path, server=server).status == 4


READS = [
    ("whoami",),
    ("--help",),
    ("completion", "bash"),
    ("redact", "part", 100, 101, "--dry-run"),
    ("run", "plan.jsonl", "--ledger", "l", "--dry-run"),
    ("plan", "--all", "--everything", "-o", "-"),
]


@pytest.mark.parametrize("words", READS, ids=lambda words: words[0])
def test_a_command_of_which_nothing_is_left_ends_with_3(
    sandbox: Sandbox, server: Server, folder: Path, words: tuple[object, ...]
) -> None:
    """A command that only shows something has not done it where its output was lost; it says why."""
    done = redirected(">/dev/full", *words, folder=folder, server=server)
    assert (done.status, sandbox.ledger) == (3, [])
    assert "No space left on device" in done.err


def test_files_that_are_written_are_done(server: Server, folder: Path) -> None:
    """A plan and a report in files end with 0 where only what is said of them is lost."""
    words = ("plan", "--all", "--everything", "-o", "other.jsonl")
    assert redirected(">/dev/full", *words, folder=folder, server=server).status == 0
    assert redirected("", "run", "plan.jsonl", "--ledger", "l", "--yes", folder=folder, server=server).status == 0
    done = redirected(">/dev/full", "report", "l", "--evidence", "e.jsonl", folder=folder, server=server)
    assert done.status == 0
    assert json.loads((folder / "e.jsonl").read_text().splitlines()[-1])["hash"] in done.err


def test_no_file_gets_the_number_of_a_closed_stream(sandbox: Sandbox, server: Server, folder: Path) -> None:
    """With all three streams closed a run keeps a ledger that is whole: nothing was printed into it."""
    where = "<&- >&- 2>&-"
    assert redirected(where, "run", "plan.jsonl", "--ledger", "l", "--yes", "--verbose", folder=folder, server=server)
    with Ledger.read(folder / "l") as ledger:
        assert {record.state for record in ledger.records()} == {"done"}
    assert len(sandbox.ledger) == 6


def test_a_closed_stdin_is_nobody(sandbox: Sandbox, server: Server, tmp_path: Path) -> None:
    """With stdin closed nobody can answer, which is wrong usage, and so is reading ids from it."""
    for words in (("redact", "part", 100, 101), ("plan", "--ids", "-", "--everything", "-o", "p")):
        process = shell('"$@" <&-', *words, folder=tmp_path, server=server)
        _, err = process.communicate(timeout=PATIENCE)
        assert (process.returncode, len(err.splitlines())) == (2, 1)
    assert sandbox.ledger == []


def test_a_bar_at_the_terminal_leaves_stdout_alone(server: Server, folder: Path) -> None:
    """While a bar moves on stderr, the lines of JSON go where stdout goes."""
    program = "import os, sys; os.dup2(os.open('out', os.O_WRONLY | os.O_CREAT), 1); import runpy; runpy.run_module('aiointercom', run_name='__main__')"
    script = folder / "into_file.py"
    script.write_text(program)
    words = ("run", "plan.jsonl", "--ledger", "l", "--yes", "--json")
    with Screen(*words, folder=folder, environment=environment(server), program=(sys.executable, script)) as screen:
        assert screen.status() == 0
        assert "━" in screen.shown
        assert "redact_part" not in screen.shown
    lines = [json.loads(line) for line in (folder / "out").read_text().splitlines()]
    assert [line["type"] for line in lines] == ["redact_part"] * 6 + ["summary"]


# ---------------------------------------------------------------- in the background of a script

BACKGROUND = '"$@" & echo "pid $!"; wait $!; echo "ended $?"'


class Background:
    """A command that a script has put into the background, where the shell lets it ignore SIGINT."""

    def __init__(self, *words: object, folder: Path, server: Server | None = None) -> None:
        self._script = shell(BACKGROUND, *words, folder=folder, server=server)
        self.pid = int(self.line("pid ").removeprefix("pid "))

    def line(self, beginning: str) -> str:
        """Read on to a line that begins so."""
        assert self._script.stdout is not None
        while line := self._script.stdout.readline():
            if line.startswith(beginning):
                return line.strip()
        raise AssertionError(beginning)

    def terminated(self) -> int:
        """Send SIGTERM, and return the status that the shell saw."""
        os.kill(self.pid, signal.SIGTERM)
        out, err = self._script.communicate(timeout=PATIENCE)
        assert "Traceback" not in out + err
        return int(out.rpartition("ended ")[2])


def test_sigterm_ends_the_sandbox_in_the_background(tmp_path: Path) -> None:
    """`aiointercom sandbox & kill $!` in a script ends it, with 0."""
    background = Background("sandbox", "--port", 0, "--json", folder=tmp_path)
    assert json.loads(background.line("{"))["token"]
    assert background.terminated() == 0


def test_sigterm_ends_the_sandbox_module_in_the_background(tmp_path: Path) -> None:
    """`python -m aiointercom.sandbox & kill $!` too, and an ignored SIGINT stays ignored."""
    process = subprocess.Popen(
        ["sh", "-c", BACKGROUND, "sh", sys.executable, "-m", "aiointercom.sandbox", "--port", "0"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    pid = int(process.stdout.readline().removeprefix("pid "))
    while "Stop with" not in process.stdout.readline():
        pass
    os.kill(pid, signal.SIGINT)
    os.kill(pid, signal.SIGTERM)
    assert process.communicate(timeout=PATIENCE)[0] == "ended 0\n"


def test_sigterm_ends_reads_in_the_background(sandbox: Sandbox, server: Server, tmp_path: Path) -> None:
    """whoami and plan end with 3, and no file is left."""
    sandbox.fault(Fault(operation="identifyAdmin", delay=300, times=1))
    for words in (("whoami",), ("plan", "--all", "--everything", "-o", "plan.jsonl")):
        before = len(sandbox.requests)
        background = Background(*words, folder=tmp_path, server=server)
        if words[0] == "plan":
            sandbox.fault(Fault(operation="retrieveConversation", delay=300, times=None))
            until(lambda before=before: len(sandbox.requests) > before)
        else:
            until(lambda pid=background.pid: connected(pid))
        assert background.terminated() == 3
    assert list(tmp_path.iterdir()) == []


def connected(pid: int) -> bool:
    """Whether a process has a connection to a server: its socket and two of the event loop's own."""
    return sum(target(file).startswith("socket:") for file in Path(f"/proc/{pid}/fd").iterdir()) >= 3


def target(file: Path) -> str:
    """What an open file of a process is; an empty text if the process has closed it meanwhile."""
    try:
        return str(file.readlink())
    except FileNotFoundError:
        return ""


def test_sigterm_ends_writes_in_the_background(sandbox: Sandbox, server: Server, folder: Path) -> None:
    """A redaction under way ends with 4, and a run with 3, as upon Ctrl-C."""
    sandbox.fault(Fault(operation="redactConversation", when="after", delay=300, times=1))
    background = Background("redact", "part", 100, 101, "--yes", folder=folder, server=server)
    until(lambda: len(sandbox.ledger) == 1)
    assert background.terminated() == 4
    sandbox.fault(Fault(operation="redactConversation", when="after", delay=0.3, times=None))
    words = ("run", "plan.jsonl", "--ledger", "l", "--yes", "--concurrency", 1)
    background = Background(*words, folder=folder, server=server)
    until(lambda: len(sandbox.ledger) >= 2)
    assert background.terminated() == 3
    with Ledger.read(folder / "l") as ledger:
        assert {record.state for record in ledger.records()} == {"done"}


def test_sigterm_ends_a_report_in_the_background(server: Server, folder: Path) -> None:
    """A report ends with 3, though it waits for nothing but a file."""
    assert run("run", "plan.jsonl", "--ledger", "l", "--yes", folder=folder, server=server).status == 0
    os.mkfifo(folder / "slow.jsonl")
    background = Background("report", "l", "--plan", "slow.jsonl", folder=folder)
    with (folder / "slow.jsonl").open("wb"):  # opens when the report has opened it, and gives it nothing to read
        assert background.terminated() == 3


def test_sigterm_ends_a_plan_that_waits_for_ids(server: Server, tmp_path: Path) -> None:
    """A plan whose ids come from a pipe that stays open ends with 3 at once."""
    os.mkfifo(tmp_path / "ids")
    background = Background("plan", "--ids", "ids", "--everything", "-o", "plan.jsonl", folder=tmp_path, server=server)
    with (tmp_path / "ids").open("wb"):
        assert background.terminated() == 3
    assert [path.name for path in tmp_path.iterdir()] == ["ids"]


@pytest.mark.parametrize("where", [">/dev/full", ">&-"])
def test_a_sandbox_whose_address_is_lost_ends(tmp_path: Path, where: str) -> None:
    """`python -m aiointercom.sandbox` whose greeting nobody gets ends with 1 and one line, not with a traceback."""
    process = subprocess.Popen(
        ["sh", "-c", f'"$@" {where}', "sh", sys.executable, "-m", "aiointercom.sandbox", "--port", "0"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert len(err.splitlines()) == 1
    assert "cannot be written to stdout" in err
