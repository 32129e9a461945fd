"""The command line as a user starts it: exit statuses, signals, kills, pipes and terminals, against a sandbox on a
socket.
"""

from __future__ import annotations

import json
import re
import shutil
import signal
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from aiointercom.cleanup import Ledger, read_plan
from aiointercom.sandbox import Fault, Sandbox, Server
from tests.wire.commands import PATIENCE, Screen, ended, environment, run, start, until

PLANTED = "Marmaladenfabrik"
PARTS = [str(number) for number in range(1, 61)]
RUN = ("run", "plan.jsonl", "--ledger", "l")


def filled() -> Sandbox:
    """60 parts in 20 conversations, with a planted word in each."""
    sandbox = Sandbox(seed=False)
    for number in range(20):
        parts = [{"id": int(id), "body": f"<p>{PLANTED} 4242 4242 4242 4242</p>"} for id in PARTS[number::20]]
        sandbox.add_conversation(100 + number, parts=parts)
    return sandbox


@pytest.fixture
def sandbox() -> Sandbox:
    """A fresh one for each test."""
    return filled()


@pytest.fixture
def server(sandbox: Sandbox) -> Iterator[Server]:
    """The sandbox on a socket."""
    with sandbox.serve() as server:
        yield server


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plan of all 60 parts."""
    folder = tmp_path_factory.mktemp("plan")
    with filled().serve() as server:
        words = ("plan", "--all", "--find", "card_number", "-o", "plan.jsonl")
        done = run(*words, folder=folder, server=server)
    assert done.status == 0, done.err
    assert read_plan(folder / "plan.jsonl").count == len(PARTS)
    return folder / "plan.jsonl"


@pytest.fixture
def folder(tmp_path: Path, plan: Path) -> Path:
    """A folder with the plan in it."""
    shutil.copy(plan, tmp_path)
    return tmp_path


def redacted(sandbox: Sandbox) -> Counter[str]:
    """How often each part was redacted, by the sandbox's own account."""
    return Counter(effect.target_id for effect in sandbox.ledger)


def states(folder: Path) -> Counter[str]:
    """How many items of the ledger are in which state."""
    with Ledger.read(folder / "l") as ledger:
        return Counter(record.state for record in ledger.records())


def test_the_command_is_installed() -> None:
    """Installing the package gives the command `aiointercom`."""
    [script] = entry_points(group="console_scripts", name="aiointercom")
    assert script.value == "aiointercom.cli:main"


def test_the_whole_path_in_processes(sandbox: Sandbox, server: Server, folder: Path) -> None:
    """Plan, run and report are three processes; their files fit, and no word of a message is in any or on any
    screen.
    """
    ran = run(*RUN, "--yes", "--json", "--verbose", folder=folder, server=server)
    reported = run("report", "l", "--evidence", "e.jsonl", "--page", "page.html", folder=folder)
    verified = run("report", "--verify", "e.jsonl", folder=folder)
    assert [one.status for one in (ran, reported, verified)] == [0, 0, 0]
    assert redacted(sandbox) == dict.fromkeys(PARTS, 1)
    assert [json.loads(line)["type"] for line in ran.out.splitlines()] == ["redact_part"] * len(PARTS) + ["summary"]
    files = b"".join(path.read_bytes() for path in folder.iterdir())
    told = files + "".join(one.out + one.err for one in (ran, reported, verified)).encode()
    for word in (PLANTED, "4242 4242", "sandbox-token", "ines@example.com"):
        assert word.encode() not in told


def test_a_killed_run_goes_on_and_repeats_nothing(sandbox: Sandbox, server: Server, folder: Path) -> None:
    """Killed with -9 again and again, the same command goes on each time; in the end each part was redacted once."""
    sandbox.fault(Fault(operation="redactConversation", when="after", delay=0.02, times=None))
    for goal in (1, 20, 40):
        process = start(*RUN, "--yes", "--concurrency", 4, folder=folder, server=server)
        until(lambda goal=goal: len(sandbox.ledger) >= goal)
        process.kill()
        process.communicate()
    done = run(*RUN, "--yes", folder=folder, server=server)
    assert done.status == 0, done.err
    assert redacted(sandbox) == dict.fromkeys(PARTS, 1)
    assert states(folder) == {"done": len(PARTS)}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_lets_what_is_under_way_end(
    sandbox: Sandbox, server: Server, folder: Path, number: signal.Signals
) -> None:
    """Upon Ctrl-C or SIGTERM nothing new is begun, what is under way is finished and kept, the status is 3, and it says
    how to go on.
    """
    sandbox.fault(Fault(operation="redactConversation", when="after", delay=0.3, times=None))
    process = start(*RUN, "--yes", "--concurrency", 4, folder=folder, server=server)
    until(lambda: len(sandbox.ledger) >= 2)
    process.send_signal(number)
    stopped = ended(process)
    assert stopped.status == 3
    assert "the same command goes on" in stopped.err
    assert states(folder) == {"done": len(sandbox.ledger)}
    assert len(sandbox.ledger) < len(PARTS)
    sandbox.clear_faults()
    assert run(*RUN, "--yes", folder=folder, server=server).status == 0
    assert redacted(sandbox) == dict.fromkeys(PARTS, 1)


def test_a_second_signal_stops_at_once_and_loses_nothing(sandbox: Sandbox, server: Server, folder: Path) -> None:
    """Upon a second signal it ends though no answer has come; the next run reads what was under way, and sends none of
    it again.
    """
    sandbox.fault(Fault(operation="redactConversation", when="after", delay=300, times=4))
    process = start(*RUN, "--yes", "--concurrency", 4, folder=folder, server=server)
    until(lambda: len(sandbox.ledger) == 4)
    # Two kinds, since two signals of one kind that come together are one.
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    assert ended(process).status == 3
    assert states(folder)["done"] == 0
    assert run(*RUN, "--yes", folder=folder, server=server).status == 0
    assert redacted(sandbox) == dict.fromkeys(PARTS, 1)


def test_two_runs_on_one_ledger(sandbox: Sandbox, server: Server, folder: Path) -> None:
    """While a run goes on, a second one on its ledger ends with 2 and sends no write; a report can be made
    meanwhile.
    """
    sandbox.fault(Fault(operation="redactConversation", when="after", delay=300, times=None))
    first = start(*RUN, "--yes", "--concurrency", 2, folder=folder, server=server)
    until(lambda: len(sandbox.ledger) == 2)
    second = run(*RUN, "--yes", folder=folder, server=server)
    assert (second.status, len(second.err.splitlines())) == (2, 1)
    assert run("report", "l", folder=folder).status == 0
    first.kill()
    first.communicate()
    targets = [effect.target_id for effect in sandbox.ledger]
    assert len(targets) == len(set(targets))


def test_a_plan_that_is_stopped_leaves_nothing(sandbox: Sandbox, server: Server, tmp_path: Path) -> None:
    """SIGTERM ends a plan with 3, and neither a plan nor a piece of one is left."""
    sandbox.fault(Fault(operation="retrieveConversation", delay=300, times=None))
    process = start("plan", "--all", "--everything", "-o", "plan.jsonl", folder=tmp_path, server=server)
    until(lambda: any(one.operation == "listConversations" for one in sandbox.requests))
    process.send_signal(signal.SIGTERM)
    assert (ended(process).status, list(tmp_path.iterdir())) == (3, [])


def test_a_write_that_is_stopped_under_way_is_unknown(sandbox: Sandbox, server: Server, tmp_path: Path) -> None:
    """SIGTERM while the answer to a redaction is awaited ends with 4: it may have been applied."""
    sandbox.fault(Fault(operation="redactConversation", when="after", delay=300))
    process = start("redact", "part", 100, 1, "--yes", folder=tmp_path, server=server)
    until(lambda: len(sandbox.ledger) == 1)
    process.send_signal(signal.SIGTERM)
    stopped = ended(process)
    assert stopped.status == 4
    assert stopped.err.splitlines() == [
        "to know it, type it again; redacting twice does no harm: aiointercom redact part 100 1",
        "aiointercom: stopped while it was in progress: it is not known whether it was applied",
    ]


def test_a_read_that_is_stopped_is_status_3(sandbox: Sandbox, server: Server, tmp_path: Path) -> None:
    """SIGINT while nothing is written ends with 3 and one line."""
    sandbox.fault(Fault(operation="identifyAdmin", delay=300))
    process = start("whoami", folder=tmp_path, server=server)
    until(lambda: process.poll() is not None or connected(server))
    process.send_signal(signal.SIGINT)
    assert ended(process).err == "aiointercom: stopped\n"
    assert process.returncode == 3


def connected(server: Server) -> bool:
    """Whether a client has a connection to the server: those are told by the other end's port, and state 1."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return any(row[2].endswith(f":{server.port:04X}") and row[3] == "01" for row in rows)


def test_without_a_terminal_nobody_is_asked(sandbox: Sandbox, server: Server, folder: Path) -> None:
    """Without a terminal and without --yes a run ends with 2; without a token, too."""
    asked = run(*RUN, folder=folder, server=server)
    assert (asked.status, asked.out) == (2, "")
    assert "--yes" in asked.err
    assert run("whoami", folder=folder).err == "aiointercom: no token: set INTERCOM_ACCESS_TOKEN\n"
    assert sandbox.ledger == []


def test_a_closed_pipe_is_quiet(sandbox: Sandbox, server: Server, folder: Path) -> None:
    """Where the reader of the results leaves after one line, the run ends in order and quietly, with 3."""
    sandbox.fault(Fault(operation="redactConversation", when="after", delay=0.05, times=None))
    process = start(*RUN, "--yes", "--json", "--concurrency", 2, folder=folder, server=server)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    complaints = process.stderr.read()
    assert process.wait(PATIENCE) == 3
    process.stderr.close()
    assert "Traceback" not in complaints
    assert "Broken" not in complaints
    assert states(folder) == {"done": len(sandbox.ledger)}
    assert len(sandbox.ledger) < len(PARTS)


@pytest.mark.parametrize("words", [("--help",), ("plan", "--help"), ("completion", "bash"), ("whoami", "--sandbox")])
def test_a_pipe_that_was_never_read_is_quiet(words: tuple[str, ...], tmp_path: Path) -> None:
    """A reader that reads nothing at all causes no complaint."""
    process = start(*words, folder=tmp_path)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(PATIENCE) in (0, 3)


def test_the_question_at_a_terminal(sandbox: Sandbox, server: Server, folder: Path) -> None:
    """At a terminal the question is asked; no sends nothing; after yes a bar shows how far it is, and no word of a
    message.
    """
    with Screen(*RUN, folder=folder, environment=environment(server)) as screen:
        screen.waits_for("This cannot be undone. [y/N] ")
        screen.types("n\n")
        assert screen.status() == 3
        assert "not agreed; nothing was sent" in screen.shown
    assert sandbox.ledger == []
    sandbox.fault(Fault(operation="redactConversation", when="after", delay=0.05, times=None))
    with Screen(*RUN, "--concurrency", 4, folder=folder, environment=environment(server)) as screen:
        screen.waits_for("[y/N] ")
        screen.types("y\n")
        screen.waits_for("━")
        assert screen.status() == 0
        assert re.search(r"\d+/60", screen.shown)
        assert re.search(r"redacted +60\r?\n", screen.shown)
        assert PLANTED not in screen.shown
    assert redacted(sandbox) == dict.fromkeys(PARTS, 1)


def test_ctrl_c_at_the_question(sandbox: Sandbox, server: Server, folder: Path) -> None:
    """Ctrl-C at the question ends at once with 3, and nothing was sent."""
    with Screen(*RUN, folder=folder, environment=environment(server)) as screen:
        screen.waits_for("[y/N] ")
        screen.types("\x03")
        assert screen.status() == 3
        assert "nothing was sent" in screen.shown
    assert sandbox.ledger == []


def test_ctrl_c_at_a_terminal_drains(sandbox: Sandbox, server: Server, folder: Path) -> None:
    """Ctrl-C at the terminal lets what is under way end, says so, and the same command finishes the rest."""
    sandbox.fault(Fault(operation="redactConversation", when="after", delay=0.5, times=None))
    with Screen(*RUN, "--yes", "--concurrency", 4, folder=folder, environment=environment(server)) as screen:
        until(lambda: len(sandbox.ledger) >= 4)
        screen.types("\x03")
        assert screen.status() == 3
        assert "Ctrl-C again stops at once" in screen.shown
        assert "the same command goes on" in screen.shown
    assert states(folder) == {"done": len(sandbox.ledger)}


def test_the_token_is_typed_unseen(server: Server, tmp_path: Path) -> None:
    """At a terminal the token is asked for and not shown."""
    there = environment(server)
    del there["INTERCOM_ACCESS_TOKEN"]
    with Screen("whoami", folder=tmp_path, environment=there) as screen:
        screen.waits_for("Access token (not shown): ")
        screen.types("sandbox-token\n")
        assert screen.status() == 0
        assert "workspace sandbox1 (US)" in screen.shown
        assert "sandbox-token" not in screen.shown


def test_ctrl_c_where_the_token_is_asked_for(server: Server, tmp_path: Path) -> None:
    """Ctrl-C where the token is asked for ends with 3."""
    there = environment(server)
    del there["INTERCOM_ACCESS_TOKEN"]
    with Screen("whoami", folder=tmp_path, environment=there) as screen:
        screen.waits_for("Access token (not shown): ")
        screen.types("\x03")
        assert screen.status() == 3


def test_colours_are_left_out_if_asked(tmp_path: Path) -> None:
    """With NO_COLOR nothing at a terminal has a colour; without it the help has."""
    colour = re.compile(r"\x1b\[(?:\d+;)*3[0-7]m")
    for more, coloured in (({}, True), ({"NO_COLOR": "1"}, False)):
        with Screen("plan", "--help", folder=tmp_path, environment=environment(None, **more)) as screen:
            assert screen.status() == 0
            assert bool(colour.search(screen.shown)) is coloured


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_sandbox_serves_until_it_is_stopped(tmp_path: Path, number: signal.Signals) -> None:
    """`sandbox` prints where it listens, serves the invented conversations, and ends with 0 upon Ctrl-C or SIGTERM."""
    process = start("sandbox", "--port", 0, "--json", folder=tmp_path)
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())
    words = ("redact", "all", 10001, "--find", "email", "--yes", "--base-url", told["base_url"])
    done = run(*words, folder=tmp_path, INTERCOM_ACCESS_TOKEN=told["token"])
    assert done.status == 0, done.err
    process.send_signal(number)
    assert ended(process).status == 0


def test_a_port_that_is_taken(server: Server, tmp_path: Path) -> None:
    """A port on which something listens ends with 2 and one line."""
    taken = run("sandbox", "--port", server.port, folder=tmp_path)
    assert (taken.status, len(taken.err.splitlines())) == (2, 1)
    assert "in use" in taken.err
