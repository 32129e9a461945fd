"""Starts the servers and the contenders, each in a process of its own.

Contenders on one core, servers on another where there are two.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Collection, Iterable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

HERE = Path(__file__).resolve().parent / "contenders"
ROOT = HERE.parent.parent.parent
Sample = dict[str, float]


def python_of(name: str) -> str:
    """The interpreter of a contender: python-intercom has an environment of its own."""
    venv = os.environ.get("AIOINTERCOM_VENV", ".venv")
    return str(ROOT / f"{venv}-{'official' if name == 'official' else 'bench'}" / "bin" / "python")


def cores() -> tuple[int | None, int | None]:
    """Choose a core for the contenders and one for the servers; None where the system offers no choice."""
    if not hasattr(os, "sched_setaffinity"):
        return None, None
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[-1]


class Processes:
    """All processes of one run.

    They end when their standard input closes, so they never outlive the process that started them.

    Args:
        without: Contenders that take no part.
    """

    def __init__(self, without: Collection[str] = ()) -> None:
        self._without, self._turn = without, 0
        self._client_core, self._server_core = cores()
        self._stack = ExitStack()
        self._contenders: dict[str, subprocess.Popen[str]] = {}
        self._urls: dict[int, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.close()

    def _start(self, command: list[str], core: int | None) -> subprocess.Popen[str]:
        running = self._stack.enter_context(
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        )
        assert running.stdin
        self._stack.callback(running.stdin.close)
        self._pin(running, core)
        return running

    def _pin(self, running: subprocess.Popen[str], core: int | None) -> None:
        if core is not None:
            os.sched_setaffinity(running.pid, {core})

    def server(self, parts: int) -> str:
        """Return the address of a server whose answer is a conversation of so many parts."""
        if parts not in self._urls:
            command = [python_of("server"), str(HERE / "canned_server.py"), str(parts)]
            running = self._start(command, self._server_core)
            assert running.stdout
            self._urls[parts] = f"http://127.0.0.1:{int(running.stdout.readline())}"
        return self._urls[parts]

    def each(self, names: Iterable[str], order: Callable[[str], dict[str, Any]]) -> dict[str, Sample]:
        """Have each contender that takes part measure one thing.

        Another one begins each time, since the first one may fare worse.
        """
        taking_part = self.taking_part(names)
        self._turn += 1
        first = self._turn % len(taking_part)
        measured = {name: self.measure(name, order(name)) for name in taking_part[first:] + taking_part[:first]}
        return {name: measured[name] for name in taking_part}

    def taking_part(self, names: Iterable[str]) -> list[str]:
        """Leave out those that take no part."""
        return [name for name in names if name not in self._without]

    def measure(self, name: str, order: dict[str, Any]) -> Sample:
        """Have one contender measure one thing."""
        if name not in self._contenders:
            self._contenders[name] = self._start([python_of(name), str(HERE / "contender.py"), name], self._client_core)
        running = self._contenders[name]
        assert running.stdin
        assert running.stdout
        running.stdin.write(json.dumps(order) + "\n")
        running.stdin.flush()
        return answered(name, running.stdout.readline())

    def fresh(self, name: str, what: str, url: str) -> Sample:
        """Have a process that has done nothing yet measure one thing, and end.

        It may keep what it compiles, as pip does for an installed package: the first round is the one that pays for it.
        """
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        command = [python_of(name), str(HERE / "first.py"), what, name, url]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=kept) as running:
            self._pin(running, self._client_core)
            return answered(name, running.communicate()[0])


def answered(name: str, line: str) -> Sample:
    """Read what a contender measured."""
    if not line:
        sys.exit(f"{name} ended before it answered; its error stands above")
    sample: Sample = json.loads(line)
    return sample
