"""Planning in processes of its own, over real sockets: killed in the middle, interrupted, and two at once to one
place.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aiointercom.cleanup import read_plan
from aiointercom.sandbox import Fault, Sandbox

PROGRAM = """
import sys, anyio
from aiointercom import Intercom
from aiointercom.cleanup import plan

async def main(url, place):
    async with Intercom("sandbox-token", base_url=url, pace=None) as intercom:
        await plan(intercom, intercom.conversations.list(per_page=50), to=place)

anyio.run(main, *sys.argv[1:])
"""
CONVERSATIONS = 120


@pytest.fixture
def sandbox() -> Sandbox:
    """A workspace in which planning comes to a halt in the middle."""
    sandbox = Sandbox(seed=False)
    for _ in range(CONVERSATIONS):
        sandbox.add_conversation(parts=2)
    sandbox.fault(Fault(operation="retrieveConversation", delay=60, skip=90, times=None))
    return sandbox


@pytest.fixture
def url(sandbox: Sandbox) -> Iterator[str]:
    with sandbox.serve() as server:
        yield server.url


def planning(url: str, place: Path) -> subprocess.Popen[str]:
    """A process that plans."""
    return subprocess.Popen([sys.executable, "-c", PROGRAM, url, str(place)], stderr=subprocess.PIPE, text=True)


def until(reached: Callable[[], bool]) -> None:
    """Wait for something to be so, 30 seconds at most."""
    give_up = time.monotonic() + 30
    while not reached():
        assert time.monotonic() < give_up
        time.sleep(0.01)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_no_half_plan(sandbox: Sandbox, url: str, tmp_path: Path, how: signal.Signals) -> None:
    """Killed or interrupted in the middle, planning leaves nothing at its place; done again, the plan is whole."""
    place = tmp_path / "cleanup.plan"
    process = planning(url, place)
    until(lambda: len(sandbox.requests) >= 80)
    process.send_signal(how)
    process.communicate(timeout=30)
    assert process.returncode != 0
    left = [path.name for path in tmp_path.iterdir()]
    assert all(name.startswith(".plan-") and name.endswith(".part") for name in left)
    assert how is signal.SIGKILL or left == []
    sandbox.clear_faults()
    again = planning(url, place)
    assert again.communicate(timeout=60) == (None, "")
    assert read_plan(place).count == CONVERSATIONS * 3
    assert sandbox.ledger == []


def test_two_at_once(sandbox: Sandbox, url: str, tmp_path: Path) -> None:
    """Of two plannings to one place the first to end has it, whole, and the other ends in an error that says so."""
    sandbox.clear_faults()
    place = tmp_path / "cleanup.plan"
    both = [planning(url, place), planning(url, place)]
    told = [process.communicate(timeout=60)[1] for process in both]
    assert sorted(process.returncode for process in both) == [0, 1]
    assert sum("FileExistsError" in text for text in told) == 1
    assert read_plan(place).count == CONVERSATIONS * 3
    assert [path.name for path in tmp_path.iterdir()] == ["cleanup.plan"]
