"""Worker processes: started, told what to do in one line of JSON, and listened to until they end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
OFFICIAL_PYTHON = ROOT / f"{os.environ.get('AIOINTERCOM_VENV', '.venv')}-official" / "bin" / "python"
OURS = [sys.executable, "-m", "scripts.soaking.worker"]
OFFICIAL = [str(OFFICIAL_PYTHON), str(ROOT / "scripts" / "soaking" / "official.py")]
TRAFFIC = [sys.executable, "-m", "scripts.soaking.traffic"]
Line = dict[str, Any]


@contextmanager
def workers(command: list[str], count: int) -> Iterator[list[subprocess.Popen[str]]]:
    """Start processes that are ready for orders, and end them whatever happens."""
    running = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(count)
    ]
    try:
        for process in running:
            assert process.stdout
            if process.stdout.readline() != "ready\n":
                sys.exit("a worker did not start; its error stands above")
        yield running
    finally:
        for process in running:
            process.kill()
            process.communicate()


def carry_out(
    running: list[subprocess.Popen[str]], orders: list[Line], hear: Callable[[int, Line], None] = lambda _i, _line: None
) -> None:
    """Give each process its order, and hear every line that each of them prints until all have ended."""

    def listen(number: int, process: subprocess.Popen[str], order: Line) -> int:
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.close()
        for line in process.stdout:
            hear(number, json.loads(line))
        process.stdin = None  # or `communicate` would flush it once more
        return process.wait()

    with ThreadPoolExecutor(len(running)) as threads:
        codes = list(threads.map(listen, range(len(running)), running, orders))
    if any(codes):
        sys.exit(f"workers ended with {codes}; their errors stand above")
