"""The soak of clean-ups.

Thousands of items, the run killed with -9 at random moments and begun again, and the proof at the end.
"""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from attrs import define, field, frozen
from scripts.soaking.account import GROWTH
from scripts.soaking.cleanup_server import PLANTED
from scripts.soaking.processes import ROOT, Line
from scripts.soaking.writes import CONVERT, REDACT

from aiointercom.cleanup import Ledger, LedgerError, evidence, page, read_plan, verify

LARGEST = 150  # MB
MEASURE_EVERY, LOOK_EVERY = 0.1, 0.01  # seconds
PARTS = 9  # and a source: ten redactions for each conversation
HOLD = 20  # items after its moment, a process that is to be killed stands still
AT_ONCE = 50  # calls of one process that are under way at most
WARM = 0.25  # share of the last run after which its memory may not grow


@frozen
class Plan:
    """How much.

    Kills fall into the first `shaken` of the items or so, so that the last run is long enough to show its memory.
    """

    redactions: int = 20_000
    conversions: int = 2_000
    kills: int = 20
    limit: int = 600
    window: float = 2.0
    shaken: float = 0.6
    seed: int = 20261122
    flat: bool = True
    """Whether the last run is long enough to show whether its memory grows."""

    @property
    def items(self) -> int:
        """All items together."""
        return self.redactions + self.conversions


QUICK = Plan(redactions=300, conversions=30, kills=3, limit=250, window=1.0, flat=False)


@frozen
class Moment:
    """When a process is killed: once so many items ended; None: after so many seconds."""

    seconds: float
    items: int | None

    def has_come(self, seconds: float, ended: int | None) -> bool:
        """Say whether it is time."""
        return seconds >= self.seconds if self.items is None else ended is not None and ended >= self.items


@define
class Process:
    """A process of ours that was given an order; what it prints is kept, and its memory is measured."""

    running: subprocess.Popen[str]
    lines: list[Line] = field(factory=list[Line])
    sizes: list[float] = field(factory=list[float])
    """Megabytes, every MEASURE_EVERY seconds."""
    _ears: Thread | None = None

    def listen(self) -> None:
        """Read what it prints until it ends."""
        assert self.running.stdout
        stdout = self.running.stdout
        self._ears = Thread(target=lambda: self.lines.extend(map(json.loads, stdout)), daemon=True)
        self._ears.start()

    def live(self, moment: Moment | None) -> bool:
        """Let it run, and kill it at a moment; None: let it end. Returns whether it was killed."""
        began = time.monotonic()
        while self.running.poll() is None:
            if moment is not None and moment.has_come(time.monotonic() - began, self._ended):
                self.running.send_signal(signal.SIGKILL)
            self._measure()
            time.sleep(MEASURE_EVERY if moment is None else LOOK_EVERY)
        assert self._ears
        self._ears.join()
        return self.running.returncode == -signal.SIGKILL

    @property
    def _ended(self) -> int | None:
        """How many items it said have ended; None: it has not begun."""
        return self.lines[-1].get("ended") if self.lines else None

    def _measure(self) -> None:
        try:
            status = Path(f"/proc/{self.running.pid}/status").read_text()
        except OSError:
            return
        self.sizes += [int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS:")]


def started(module: str, order: Line) -> subprocess.Popen[str]:
    """Start a module of this folder and give it its order."""
    command = [sys.executable, "-m", f"scripts.soaking.{module}"]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin
    process.stdin.write(json.dumps(order) + "\n")
    process.stdin.flush()
    return process


@contextmanager
def server(order: Line) -> Generator[tuple[subprocess.Popen[str], Line], None, None]:
    """A sandbox in a process of its own; gives what it printed first."""
    process = started("cleanup_server", order)
    try:
        assert process.stdout
        yield process, json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.communicate()


def told_by(process: subprocess.Popen[str]) -> Line:
    """The sandbox's own ledger and counts."""
    assert process.stdin
    assert process.stdout
    process.stdin.write("\n")
    process.stdin.flush()
    told: Line = json.loads(process.stdout.readline())
    return told


def carried_out(what: str, common: Line, moment: Moment | None = None) -> tuple[Process, bool]:
    """Plan or run once; returns the process, and whether it was killed."""
    process = Process(started("cleanup_runner", common | {"what": what}))
    process.listen()
    killed = process.live(moment)
    if not killed and process.running.returncode:
        sys.exit(f"{what} ended with {process.running.returncode}; its error stands above")
    return process, killed


def clean_up(asked: Plan) -> list[str]:
    """Carry it all out and print the figures; returns the promises that are broken."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        common: Line = {
            "plans": [str(folder / "redact.plan"), str(folder / "convert.plan")],
            "ledger": str(folder / "cleanup.ledger"),
            "log": str(folder / "log"),
        }
        sizes = {"redactions": asked.redactions, "conversions": asked.conversions, "parts": PARTS}
        with server({"limit": asked.limit, "window": asked.window, "faults": True, **sizes}) as (sandbox, sown):
            common |= sown
            targets = common.pop("targets")
            began = time.monotonic()
            planning, _ = carried_out("plan", common)
            planned = time.monotonic()
            reads = sum(count for *_, count in told_by(sandbox)["counts"])
            runs, killed = until_done(asked, common)
            seconds = time.monotonic() - planned
            told = told_by(sandbox)
        print(
            f"\nclean-up: {asked.redactions:,} redactions and {asked.conversions:,} conversions, at "
            f"most {asked.limit} requests in {asked.window:g} seconds"
        )
        print(f"  plan: {planned - began:.0f} s, {reads:,} requests, {max(planning.sizes):.0f} MB")
        print(f"  runs: {len(runs)}, of which {killed} were killed; {seconds:.0f} s")
        broken = [] if killed == asked.kills else [f"only {killed} of {asked.kills} kills hit a run"]
        broken += done_once(told["effects"], targets, sown["convertible"])
        broken += requests_made(told["counts"], reads, asked.items, killed)
        broken += remembered(runs, flat=asked.flat)
        return broken + proven(folder, common, asked.items)


def until_done(asked: Plan, common: Line) -> tuple[list[Process], int]:
    """Run, kill and run again; the last one is left alone. Returns all runs, and how many were killed."""
    runs, kills, chance = list[Process](), 0, random.Random(asked.seed)
    for left in range(asked.kills, 0, -1):
        mean = (asked.items * asked.shaken - sum(states_in(common["ledger"]).values())) / left
        # One in four is killed while Python starts, or the ledger is opened.
        items = None if chance.random() < 0.25 else int(chance.uniform(0, 1.5 * max(0.0, mean)))
        hold = {"hold": (items or 0) + HOLD}
        process, killed = carried_out("run", common | hold, Moment(chance.uniform(0, 0.5), items))
        runs.append(process)
        kills += killed
    runs.append(carried_out("run", common)[0])
    return runs, kills


def states_in(path: str) -> Counter[str]:
    """The items of a ledger by state, also while the log of a killed run lies beside it; empty if nothing was begun."""
    states = Counter[str]()
    try:
        with Ledger.read(path) as ledger:
            for (_, state, _), count in ledger.counts().items():
                states[state] += count
    except LedgerError:
        if Path(path).exists() and Path(path).stat().st_size:
            raise
    return states


def done_once(effects: list[list[str]], targets: list[list[str]], convertible: list[str]) -> list[str]:
    """Hold the sandbox's ledger against what was to be done."""
    wanted = {(REDACT, *target) for target in targets} | {(CONVERT, id, id) for id in convertible}
    times = Counter(map(tuple, effects))
    twice = sum(count > 1 for count in times.values())
    lost, strange = len(wanted - times.keys()), len(times.keys() - wanted)
    print(
        f"  by the sandbox's ledger: {len(wanted) - lost:,} of {len(wanted):,} done, {twice} twice, "
        f"{strange} that nobody asked for"
    )
    return [
        f"{count} items {words}"
        for count, words in ((lost, "were not done"), (twice, "were done twice"), (strange, "nobody asked for"))
        if count
    ]


def requests_made(counts: Iterable[list[Any]], reads: int, items: int, kills: int) -> list[str]:
    """Print how many requests it took, the reading of the plan set aside.

    Of 5 items three may take a second request, for writes in doubt are read and sent again; and what a kill leaves
    under way is refused once for the rate that the new process does not know, read, and sent again where it had not
    arrived.
    """
    kinds: Counter[str] = Counter()
    limited = 0
    for _, kind, status, count in counts:
        kinds[kind] += count
        limited += count * (status == 429)
    total = kinds.total() - reads
    print(
        f"  requests: {total / items:.3f} per item: {kinds['write']:,} writes, "
        f"{total - kinds['write']:,} readings; {limited} answered with 429 ({limited / total:.2%})"
    )
    return [] if total < items * 1.6 + kills * AT_ONCE * 3 else [f"{total / items:.2f} requests per item"]


def remembered(runs: list[Process], *, flat: bool) -> list[str]:
    """Print the memory of the runs, and whether that of the last one grew."""
    most, last = max(max(run.sizes, default=0.0) for run in runs), runs[-1].sizes
    warm, end = max(last[: max(1, int(len(last) * WARM))]), max(last)
    print(
        f"  memory: at most {most:.0f} MB in any run; the last one {warm:.1f} MB after a quarter of "
        f"its time, at most {end:.1f} MB"
    )
    broken = [f"{most:.0f} MB of memory"] if most > LARGEST else []
    return broken + (["the memory of the last run grew"] if flat and end > warm * GROWTH else [])


def proven(folder: Path, common: Line, items: int) -> list[str]:
    """Make the evidence and the page, verify the one, and search all that was written for the planted word."""
    began = time.monotonic()
    told = evidence(common["ledger"], to=folder / "evidence.jsonl")
    wrote = time.monotonic()
    found = verify(folder / "evidence.jsonl", head=told.head)
    verified = time.monotonic()
    planned = sum(read_plan(path).count for path in common["plans"])
    page(common["ledger"], to=folder / "page.html", evidence=told, planned=planned)
    print(
        f"  evidence: {told.lines:,} lines in {wrote - began:.1f} s, verified in "
        f"{verified - wrote:.1f} s; page in {time.monotonic() - verified:.1f} s"
    )
    states = states_in(common["ledger"])
    telling = [file.name for file in folder.iterdir() if PLANTED.encode() in file.read_bytes()]
    print(
        f"  ledger: {dict(states)}; the planted word is in {telling or 'no file'} of "
        f"{sorted(file.name for file in folder.iterdir())}"
    )
    broken = [] if found.whole else [f"the evidence is broken in line {found.line}: {found.why}"]
    broken += [f"a word of a message is in {name}" for name in telling]
    return broken + (
        []
        if states == {"done": items} == {"done": planned}
        else [f"the ledger says {dict(states)} of {planned} planned"]
    )


def soak_cleanup(*, quick: bool) -> list[str]:
    """The clean-up, killed; `quick`: a small one."""
    return clean_up(QUICK if quick else Plan())
