"""The command line as processes of its own: piped, and at a terminal."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from attrs import frozen

from aiointercom.sandbox import Server

PROGRAM = (sys.executable, "-m", "aiointercom")
# A session leader that opens a terminal gets it as its own: Ctrl-C reaches it, and a password is asked for there.
AT_TERMINAL = "import os, sys; os.open(os.ttyname(0), os.O_RDWR); os.execv(sys.argv[1], sys.argv[1:])"
PATIENCE = 60.0
"""Seconds after which a test fails; a busy machine needs some to start a process."""


@frozen
class Ended:
    """How a process ended."""

    status: int
    out: str
    err: str


def until(fact: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE
    while not fact():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def environment(server: Server | None, **more: str) -> dict[str, str]:
    """This process's environment, without what would change the commands, and with a sandbox to talk to."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("INTERCOM_", "NO_COLOR", "FORCE"))
    }
    there = {} if server is None else {"INTERCOM_BASE_URL": server.url, "INTERCOM_ACCESS_TOKEN": "sandbox-token"}
    return kept | there | {"TERM": "xterm-256color", "COLUMNS": "120"} | more


def start(*words: object, folder: Path, server: Server | None = None, **more: str) -> subprocess.Popen[str]:
    """Start a command whose stdin is empty."""
    return subprocess.Popen(
        [*PROGRAM, *map(str, words)],
        cwd=folder,
        env=environment(server, **more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> Ended:
    """Wait for its end."""
    out, err = process.communicate(timeout=PATIENCE)
    assert "Traceback" not in out + err
    return Ended(process.returncode, out, err)


def run(*words: object, folder: Path, server: Server | None = None, **more: str) -> Ended:
    """Run a command to its end."""
    return ended(start(*words, folder=folder, server=server, **more))


class Screen:
    """A command at a terminal, for use with `with`: what is on its screen, and what is typed."""

    def __init__(
        self,
        *words: object,
        folder: Path,
        environment: Mapping[str, str],
        program: Sequence[object] = PROGRAM,
    ) -> None:
        self._own, theirs = pty.openpty()
        command = [sys.executable, "-c", AT_TERMINAL, *map(str, (*program, *words))]
        self.process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
        )
        os.close(theirs)
        self.shown = ""

    def waits_for(self, words: str) -> None:
        """Wait until the screen has shown these words."""
        deadline = time.monotonic() + PATIENCE
        while words not in self.shown:
            assert time.monotonic() < deadline, self.shown
            assert self._more(), self.shown

    def types(self, words: str) -> None:
        """Type."""
        os.write(self._own, words.encode())

    def status(self) -> int:
        """Read to the end, and return the exit status."""
        while self._more():
            pass
        assert "Traceback" not in self.shown
        return self.process.wait(PATIENCE)

    def _more(self) -> bool:
        if not select.select([self._own], [], [], PATIENCE)[0]:
            return False
        try:
            read = os.read(self._own, 65536)
        except OSError:  # Linux: the other end is closed
            return False
        self.shown += read.decode(errors="replace")
        return bool(read)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._own)
