"""scripts/demo as a user meets it: from any folder, checked by its exit status, and stopped with Ctrl-C."""

import os
import re
import runpy
import signal
import subprocess
from pathlib import Path

import pytest

from aiointercom.sandbox import Fault, Sandbox

ROOT = Path(__file__).parent.parent.parent
DEMO = ROOT / "scripts" / "demo"
STEPS = ("1. Redact a part", "2. Redact a source", "3. Convert", "4. A refusal", "5. A lost answer")


def demo(folder: Path, **environment: str) -> subprocess.Popen[str]:
    """The demo, started in a folder, in a process group of its own. environment: what differs from this process's."""
    return subprocess.Popen(
        [DEMO],
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_demo_shows_every_step_from_any_folder(tmp_path: Path) -> None:
    """Started in a folder that is not the repo, the demo shows its five steps in order and exits 0."""
    with demo(tmp_path) as process:
        shown, complaints = process.communicate(timeout=300)
    assert process.returncode == 0, complaints
    titles = [line for line in shown.splitlines() if line[:1].isdigit()]
    assert len(titles) == len(STEPS)
    assert all(line.startswith(step) for line, step in zip(titles, STEPS, strict=True))
    assert "All as it should be" in shown
    assert list(tmp_path.iterdir()) == []


def test_demo_prints_for_people(tmp_path: Path) -> None:
    """Before and after stand in one column, and no line is a repr or a bare JSON object."""
    with demo(tmp_path) as process:
        shown, _ = process.communicate(timeout=300)
    told = [line for line in shown.splitlines() if line.startswith("   ")]
    assert told
    assert all(line[16] == " " and line[17] != " " for line in told)
    assert re.search(r"before +\".*passport.*\n +after +\"This message was deleted\"", shown)
    assert not re.search(r"\w+\(\w+=|[{}<>]|None|redacted=", shown)


def test_demo_does_not_depend_on_the_environment_of_other_work(tmp_path: Path) -> None:
    """A token, a region and a proxy that are set for other work do not reach the demo."""
    other = {"INTERCOM_ACCESS_TOKEN": "of-other-work", "INTERCOM_REGION": "mars"}
    # Nothing listens on port 9 (discard): who asks this proxy fails.
    proxy = {"HTTP_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9", "NO_PROXY": "", "no_proxy": ""}
    with demo(tmp_path, **other, **proxy) as process:
        _, complaints = process.communicate(timeout=300)
    assert process.returncode == 0, complaints


def test_ctrl_c_ends_the_demo_at_once_and_leaves_nothing(tmp_path: Path) -> None:
    """SIGINT in the middle ends the demo without a traceback, and its process group is empty afterwards."""
    with demo(tmp_path) as process:
        assert process.stdout is not None
        process.stdout.readline()
        os.killpg(process.pid, signal.SIGINT)
        _, complaints = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGINT
    assert "Traceback" not in complaints
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def test_demo_fails_when_something_is_not_as_it_should_be(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A server that refuses the conversion makes the demo exit 1 and name the error."""
    before = signal.getsignal(signal.SIGINT)
    original = Sandbox.__init__

    def faulty(sandbox: Sandbox) -> None:
        original(sandbox)
        sandbox.fault(Fault(operation="convertConversationToTicket", status=403, code="api_plan_restricted"))

    monkeypatch.setattr(Sandbox, "__init__", faulty)
    try:
        script = runpy.run_path(str(ROOT / "scripts" / "demonstration.py"))
        assert script["main"]() == 1
    finally:
        signal.signal(signal.SIGINT, before)
    assert "The demo failed: ForbiddenError" in capsys.readouterr().err


def test_demo_fails_when_a_write_had_no_effect(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the server's ledger lacks a write that was told as done, the demo exits 1."""
    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(Sandbox, "ledger", [])
    try:
        script = runpy.run_path(str(ROOT / "scripts" / "demonstration.py"))
        assert script["main"]() == 1
    finally:
        signal.signal(signal.SIGINT, before)
    assert "The demo failed: NotAsItShouldBeError" in capsys.readouterr().err
