"""Clean-ups in processes of their own: killed with -9, signalled, two at once, on a full disk. What took effect, the
sandbox itself says.
"""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import pytest

from aiointercom.cleanup import Ledger
from aiointercom.sandbox import Fault, Sandbox, Server

SCRIPT = Path(__file__).with_name("cleanup_process.py")
BACKENDS = ["asyncio", "trio"]
OPERATIONS = ("redactConversation", "convertConversationToTicket")


class Scene:
    """A workspace behind a real server, and the order for a process."""

    def __init__(self, folder: Path, redactions: int, conversions: int) -> None:
        self.box = Sandbox(seed=False, limit=1_000_000)
        self.ledger = folder / "cleanup.ledger"
        ticket_type = self.box.add_ticket_type(85)
        self.items: list[tuple[str, str, str]] = []
        for number in range(redactions // 3):
            conversation_id = self.box.add_conversation(source={"id": str(90_000 + number)}, parts=2)
            parts = self.box.conversation(conversation_id)["parts"]
            self.items += [("redact_part", conversation_id, part["id"]) for part in parts]
            self.items.append(("redact_source", conversation_id, str(90_000 + number)))
        for _ in range(conversions):
            self.items.append(("convert", self.box.add_conversation(), ticket_type))
        self._server: Server | None = None

    def __enter__(self) -> Self:
        self._server = self.box.serve()
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server
        self._server.close()

    def slow(self, seconds: float, soon: int | None = None) -> None:
        """Answer every write so late, after it took effect; of further writes to come only so many of each kind, the
        others not for minutes.
        """
        for name in OPERATIONS:
            if soon is not None:
                self.box.fault(Fault(operation=name, when="after", delay=seconds, times=soon))
            self.box.fault(Fault(operation=name, when="after", delay=seconds if soon is None else 600.0, times=None))

    @contextmanager
    def process(self, **order: Any) -> Iterator[subprocess.Popen[str]]:
        """A process that has its order; it is killed in the end, if it lives still."""
        assert self._server
        told = {"url": self._server.url, "ledger": str(self.ledger), "items": self.items, **order}
        running = subprocess.Popen(
            [sys.executable, str(SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert running.stdin
        running.stdin.write(json.dumps(told) + "\n")
        running.stdin.flush()
        try:
            yield running
        finally:
            running.kill()
            running.communicate()

    def finished(self, **order: Any) -> list[dict[str, Any]]:
        """What a process says that nobody disturbs."""
        with self.process(**order) as running:
            lines, _ = running.communicate(timeout=60)
        assert running.returncode == 0
        return [json.loads(line) for line in lines.splitlines()]

    def all_once(self) -> None:
        """Every item took effect exactly once, and the ledger says so."""
        effects = Counter(
            (effect.conversation_id, "" if effect.operation == OPERATIONS[1] else effect.target_id)
            for effect in self.box.ledger
        )
        keys = [(conversation_id, "" if kind == "convert" else target) for kind, conversation_id, target in self.items]
        assert effects == Counter(keys)
        with Ledger.read(self.ledger) as ledger:
            assert {state for _, state, _ in ledger.counts()} == {"done"}
            assert sum(ledger.counts().values()) == len(keys)


def lines_of(running: subprocess.Popen[str]) -> Iterator[dict[str, Any]]:
    """What a process says, line by line."""
    assert running.stdout
    return map(json.loads, running.stdout)


@pytest.mark.parametrize("backend", BACKENDS)
def test_killed_at_random_moments(tmp_path: Path, backend: str) -> None:
    """Killed with -9 five times and begun again, a run does every item exactly once, and tells no finished one
    twice.
    """
    chance, told = random.Random(20261122), Counter[tuple[str, ...]]()
    with Scene(tmp_path, 270, 30) as scene:
        for _ in range(5):
            scene.box.clear_faults()
            scene.slow(0.08, soon=30)  # so it cannot be done before a busy machine gets to killing it
            with scene.process(backend=backend) as running:
                lines = lines_of(running)
                assert next(lines) == {"begun": True}
                told.update(tuple(next(lines)["key"]) for _ in range(chance.randint(3, 25)))
                time.sleep(chance.uniform(0.0, 0.1))
                running.kill()
                told.update(tuple(line["key"]) for line in lines if "key" in line)
        with Ledger.read(scene.ledger) as ledger:
            before = Counter(record.state for record in ledger.records())
        assert before["in_flight"] > 0
        assert before["done"] > 0
        scene.box.clear_faults()
        lines_told = scene.finished(backend=backend)
        told.update(tuple(line["key"]) for line in lines_told if "key" in line)
        summary = lines_told[-1]["summary"]
        assert (summary["stopped_by"], summary["in_flight"], summary["skipped"]) == (None, 0, before["done"])
        assert max(told.values()) == 1
        scene.all_once()
        with Ledger.read(scene.ledger) as ledger:
            runs = ledger.runs()
            assert sum(record.by_reading for record in ledger.records()) > 0
        assert [run.ended_at is None for run in runs] == [True] * 5 + [False]
        assert all(run.requests > 0 for run in runs)  # a kill leaves the figures that the ledger had


@pytest.mark.parametrize(("backend", "number"), [("asyncio", signal.SIGINT), ("trio", signal.SIGTERM)])
def test_the_first_signal_drains(tmp_path: Path, backend: str, number: signal.Signals) -> None:
    """Upon Ctrl-C or SIGTERM nothing new is begun, what is under way ends, and the process ends in order."""
    with Scene(tmp_path, 450, 50) as scene:  # 12 seconds' work, so a busy machine's signal does not come too late
        scene.slow(0.5)
        with scene.process(backend=backend, options={"stop_on_signals": True}) as running:
            lines = lines_of(running)
            assert "key" in [next(lines) for _ in range(2)][1]
            running.send_signal(number)
            last = list(lines)[-1]
        assert running.returncode == 0
        summary = last["summary"]
        assert (summary["stopped_by"], summary["in_flight"]) == ("asked", 0)
        assert summary["states"] == {"done": len(scene.box.ledger)}
        assert len(scene.box.ledger) < len(scene.items)
        scene.box.clear_faults()
        assert scene.finished(backend=backend)[-1]["summary"]["stopped_by"] is None
        scene.all_once()


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_second_signal_ends_at_once(tmp_path: Path, backend: str) -> None:
    """A second signal cancels what is under way; that stays in flight, and the next run settles it without sending it
    again.
    """
    with Scene(tmp_path, 30, 5) as scene:
        scene.slow(30)
        with scene.process(backend=backend, options={"stop_on_signals": True}) as running:
            lines = lines_of(running)
            assert next(lines) == {"begun": True}
            while len(scene.box.ledger) < 10:
                time.sleep(0.01)
            running.send_signal(signal.SIGTERM)
            began = time.monotonic()
            running.send_signal(signal.SIGINT)  # another one, since two of a kind may arrive as one
            summary = list(lines)[-1]["summary"]
            assert time.monotonic() - began < 20
        assert (running.returncode, summary["stopped_by"], summary["in_flight"] > 0) == (0, "asked", True)
        scene.box.clear_faults()
        scene.finished(backend=backend)
        scene.all_once()


def test_two_processes_on_one_ledger(tmp_path: Path) -> None:
    """While one process runs another one is refused; a kill -9 gives the ledger free at once."""
    with Scene(tmp_path, 30, 0) as scene:
        scene.slow(30)
        with scene.process() as running:
            assert next(lines_of(running)) == {"begun": True}
            (refused,) = scene.finished()
            assert "in use by another run" in refused["refused"]
        scene.box.clear_faults()
        assert scene.finished()[-1]["summary"]["stopped_by"] is None
        scene.all_once()


def test_a_full_disk(tmp_path: Path) -> None:
    """When the disk takes no more the run stops; what it could not note was not sent, and the next run finishes the
    rest.
    """
    with Scene(tmp_path, 270, 30) as scene:
        last = scene.finished(largest_file=150_000, options={"concurrency": 4})[-1]
        assert last["summary"]["stopped_by"] == "LedgerError"
        assert str(scene.ledger) in last["error"]
        with Ledger.read(scene.ledger) as ledger:
            noted = {(record.conversation_id, record.target_id) for record in ledger.records()}
        sent = {(effect.conversation_id, effect.target_id) for effect in scene.box.ledger}
        assert 0 < len(sent) < 300
        assert {(id, target) for id, target in sent if (id, "") not in noted} <= noted
        assert scene.finished()[-1]["summary"]["stopped_by"] is None
        scene.all_once()
