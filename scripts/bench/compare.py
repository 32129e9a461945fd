"""Runs the three contenders in turn, round after round, and prints medians and ratios.

Contenders and server are processes of their own: contenders on one core, the server on another where the machine has two. Rounds
are interleaved and a ratio is the median of the rounds' ratios, so that a machine that slows down for a while harms no one contender.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from payloads import conversation

HERE = Path(__file__).resolve().parent
OFFICIAL_PYTHON = HERE.parent.parent / ".venv-official" / "bin" / "python"
INTERPRETERS = {"bare": sys.executable, "ours": sys.executable, "official": str(OFFICIAL_PYTHON)}
TITLES = {"bare": "bare httpx", "ours": "aiointercom", "official": "python-intercom"}
# How often each contender does a thing in one round: enough that a round lasts a few tenths of a second for each.
LOOPS = {
    ("parse", 1): {"bare": 5000, "ours": 3000, "official": 60},
    ("parse", 500): {"bare": 60, "ours": 40, "official": 1},
    ("calls", 1): {"bare": 200, "ours": 200, "official": 100},
    ("calls", 50): {"bare": 400, "ours": 400, "official": 200},
}
Sample = dict[str, float]
Row = list[dict[str, Sample]]  # one entry a round: contender -> what it measured


@contextmanager
def process(command: list[str], core: int | None) -> Iterator[subprocess.Popen[str]]:
    """Run a process on one core; it ends when its standard input closes."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        if core is not None:
            os.sched_setaffinity(running.pid, {core})
        try:
            yield running
        finally:
            assert running.stdin
            running.stdin.close()


def ask(running: subprocess.Popen[str], order: dict[str, Any]) -> Sample:
    """Have one contender measure one thing."""
    assert running.stdin
    assert running.stdout
    running.stdin.write(json.dumps(order) + "\n")
    running.stdin.flush()
    line = running.stdout.readline()
    if not line:
        sys.exit("a contender ended before it answered; its error stands above")
    answered: Sample = json.loads(line)
    return answered


def measure(
    kind: str, size: int, contenders: dict[str, subprocess.Popen[str]], url: str, share: float
) -> dict[str, Sample]:
    """Let every contender measure the same thing once."""
    sizes = {"parts": size} if kind == "parse" else {"url": url, "concurrency": size}
    count = "loops" if kind == "parse" else "count"
    loops = LOOPS[kind, size]
    return {
        name: ask(running, {"kind": kind, **sizes, count: max(1, int(loops[name] * share))})
        for name, running in contenders.items()
    }


def cores() -> tuple[int | None, int | None]:
    """Choose a core for the contenders and one for the server; None where the system offers no choice."""
    if not hasattr(os, "sched_setaffinity"):
        return None, None
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[-1]


def run(rounds: int, seconds: float, share: float) -> dict[tuple[str, int], Row]:
    """Measure everything in rounds, and stop early, between rounds, when the time is used up."""
    client_core, server_core = cores()
    results: dict[tuple[str, int], Row] = {key: [] for key in LOOPS}
    with ExitStack() as stack:
        server = stack.enter_context(process([sys.executable, str(HERE / "canned_server.py")], server_core))
        assert server.stdout
        url = f"http://127.0.0.1:{int(server.stdout.readline())}"
        contenders = {
            name: stack.enter_context(process([python, str(HERE / "contender.py"), name], client_core))
            for name, python in INTERPRETERS.items()
        }
        for key in LOOPS:  # imports and first connections are not what is measured
            measure(*key, contenders, url, 0.02)
        started = time.monotonic()
        for done in range(1, rounds + 1):
            for key, row in results.items():
                row.append(measure(*key, contenders, url, share))
            spent = time.monotonic() - started
            if spent + spent / done > seconds:
                break
    return results


def ratio(row: Row, clock: str, above: str, below: str) -> float:
    """Take the median of the rounds' ratios."""
    return median(sample[above][clock] / sample[below][clock] for sample in row)


def line(title: str, row: Row, clock: str) -> str:
    """Format the medians of one row, in milliseconds, and its two ratios."""
    times = "".join(f"{1000 * median(sample[name][clock] for sample in row):>17.3f}" for name in TITLES)
    return (
        f"{title:<28}{times}{ratio(row, clock, 'ours', 'bare'):>12.2f}x{ratio(row, clock, 'official', 'ours'):>16.1f}x"
    )


def report(results: dict[tuple[str, int], Row]) -> None:
    """Print the table."""
    rounds = len(results["parse", 1])
    official = subprocess.run(
        [OFFICIAL_PYTHON, "-c", "from importlib.metadata import version; print(version('python-intercom'))"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    print(
        f"\nCPython {platform.python_version()}, httpx {version('httpx')}, python-intercom {official}; medians of {rounds} rounds\n"
    )
    print(
        f"{'milliseconds':<28}"
        + "".join(f"{title:>17}" for title in TITLES.values())
        + "  ours / bare  official / ours"
    )
    print("parsing from bytes (bare: json.loads only)")
    for parts in (1, 500):
        size = len(conversation(parts)) / 1000
        print(line(f"  {parts} part{'s' * (parts > 1)}, {size:.0f} kB", results["parse", parts], "wall"))
    print("a whole redact call (bare: post and json)")
    for concurrency in (1, 50):
        for clock in ("cpu", "wall"):
            print(line(f"  {concurrency} at a time, {clock}", results["calls", concurrency], clock))


def promises(results: dict[tuple[str, int], Row]) -> None:
    """Hold the table against what is promised; the worst row decides."""
    parsing = min(ratio(results["parse", parts], "wall", "official", "ours") for parts in (1, 500))
    calls = max(ratio(results["calls", concurrency], "cpu", "ours", "bare") for concurrency in (1, 50))
    print()
    verdict("parsing at least 40 times faster than python-intercom", parsing, holds=parsing >= 40)
    verdict("a whole call at most 1.2 times the CPU time of bare httpx", calls, holds=calls <= 1.2)


def verdict(promise: str, measured: float, *, holds: bool) -> None:
    """Print whether a promise holds."""
    print(f"{promise}: {'yes' if holds else 'NO'} ({measured:.2f} times)")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="scripts/benchmark", description="Compare with bare httpx and python-intercom."
    )
    parser.add_argument("--quick", action="store_true", help="a few seconds: shows that everything runs")
    arguments = parser.parse_args()
    if arguments.quick:
        report(run(rounds=1, seconds=10, share=0.1))
        print("\none short round: it shows that everything runs, and the numbers say little")
    else:
        results = run(rounds=15, seconds=70, share=1)
        report(results)
        promises(results)


if __name__ == "__main__":
    main()
