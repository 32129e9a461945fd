"""What scripts/record runs.

The commands of docs/cleanup.md at a terminal of 118 columns, and what was on it as a picture.

Of a line that was redrawn, the bar, the last state is kept. The sandbox is slow on purpose, so that there
is time to press Ctrl-C.
"""

from __future__ import annotations

import os
import pty
import re
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

from aiointercom.cli.samples import filled

WIDTH = 118
PLAN = "plan --all --find card_number --find iban -o plan.jsonl"
RUN = "run plan.jsonl --ledger cleanup.ledger"
REPORT = "report cleanup.ledger --evidence evidence.jsonl --page page.html"
DRAWN_AGAIN = re.compile(r"\r(?:\x1b\[\d*[AK])+")
MOVES = re.compile(r"\x1b\[\?\d+[hl]|\x1b\[\d*[AK]")
OUTSIDE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


class Terminal:
    """Runs commands one after the other and keeps what was on the screen."""

    def __init__(self, folder: str, url: str) -> None:
        self._folder = folder
        there = {"INTERCOM_BASE_URL": url, "INTERCOM_ACCESS_TOKEN": "sandbox-token"}
        self._environment = os.environ | there | {"COLUMNS": str(WIDTH), "TERM": "xterm-256color"}
        self.lines: list[str] = []

    def run(self, words: str, *, answer: str = "", interrupt_after: str = "") -> None:
        """Run a command. answer: what is typed at its question.

        Interrupt_after: what must be shown before Ctrl-C is pressed.
        """
        own, theirs = pty.openpty()
        leader = "import os, sys; os.open(os.ttyname(0), os.O_RDWR); os.execv(sys.argv[1], sys.argv[1:])"
        command = [sys.executable, "-c", leader, sys.executable, "-m", "aiointercom", *shlex.split(words)]
        process = subprocess.Popen(
            command,
            cwd=self._folder,
            env=self._environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        shown = self._watched(own, answer, interrupt_after)
        process.wait()
        os.close(own)
        self.lines += [f"\x1b[1m$ aiointercom {words}\x1b[0m", *map(_settled, shown.split("\r\n"))]

    def _watched(self, own: int, answer: str, interrupt_after: str) -> str:
        shown = ""
        while True:
            try:
                shown += os.read(own, 65536).decode()
            except OSError:  # the other end is closed
                return shown
            if answer and "[y/N] " in shown:
                time.sleep(1)
                os.write(own, answer.encode())
                answer = ""
            if interrupt_after and re.search(interrupt_after, shown):
                os.write(own, b"\x03")
                interrupt_after = ""


def _settled(line: str) -> str:
    """The last state of a line that was redrawn."""
    states = [MOVES.sub("", state) for state in DRAWN_AGAIN.split(line)]
    return next((state for state in reversed(states) if Text.from_ansi(state).plain.strip()), "")


def main(target: str) -> None:
    """Record, and write the picture."""
    with tempfile.TemporaryDirectory() as folder, filled(limit=200, window=10.0).serve() as server:
        terminal = Terminal(folder, server.url)
        terminal.run(PLAN)
        terminal.run(RUN, answer="y\n", interrupt_after="redacted [5-9][0-9]")
        terminal.run(f"{RUN} --yes")
        terminal.run(REPORT)
    console = Console(record=True, width=WIDTH, file=Path(os.devnull).open("w"), force_terminal=True)  # noqa: SIM115
    for line in terminal.lines:
        console.print(Text.from_ansi(line), soft_wrap=True, highlight=False)
    picture = console.export_svg(title="aiointercom", theme=DIMMED_MONOKAI, unique_id="cleanup")
    # The page must not fetch a font from elsewhere; the viewer's own monospace will do.
    Path(target).write_text(OUTSIDE.sub("", picture).replace("Fira Code", "ui-monospace"))


if __name__ == "__main__":
    main(sys.argv[1])
