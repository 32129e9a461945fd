"""Measures everything in interleaved rounds.

Prints one table, and writes it as JSON, into the page and as a picture.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from types import ModuleType

from . import calling, cleanups, gaps, holding, overhead, parsing, starting, table
from .document import document
from .drawing import draw
from .pages import filled
from .processes import ROOT, Processes
from .rows import TITLES, Results

GROUPS: dict[str, ModuleType] = {
    "parse": parsing,
    "calls": calling,
    "block": gaps,
    "start": starting,
    "memory": holding,
    "machinery": overhead,
    "cleanup": cleanups,
}
QUICK = 0.02
MOST = 99


def run(groups: list[str], *, quick: bool = False, most: int = MOST, without: list[str] | None = None) -> Results:
    """Measure round after round; every measurement warms up by itself."""
    results: Results = {}
    with Processes(without or []) as processes:
        for group in groups:
            started, rounds = time.monotonic(), 1 if quick else min(most, GROUPS[group].ROUNDS)
            for _ in range(rounds):
                for name, samples in GROUPS[group].measure(processes, QUICK if quick else 1).items():
                    results.setdefault(name, []).append(samples)
            print(f"{group}: {rounds} rounds in {time.monotonic() - started:.0f} s", file=sys.stderr)
    return results


def main() -> None:
    """Measure, print and write. However slow anything is, that is no failure."""
    parser = argparse.ArgumentParser(prog="scripts/benchmark", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="one short round: shows that everything runs, and the numbers say little"
    )
    parser.add_argument("--only", choices=GROUPS, action="append", help="this group; may be repeated")
    parser.add_argument(
        "--rounds", type=int, default=MOST, help="at most so many, where the machine has no time for 5 to 11"
    )
    parser.add_argument("--without", action="append", choices=TITLES, help="leave this contender out; may be repeated")
    parser.add_argument(
        "--to",
        type=Path,
        help="folder for benchmark.json and benchmark.svg; by default docs/, and nowhere with --quick or --only",
    )
    arguments = parser.parse_args()
    groups = arguments.only or list(GROUPS)
    results = run(groups, quick=arguments.quick, most=arguments.rounds, without=arguments.without)
    found = document(results, {group: GROUPS[group].rows() for group in groups})
    print(table.versions(found), table.plain(found), sep="\n\n")
    whole = not (arguments.quick or arguments.only or arguments.without)
    folder = arguments.to or (ROOT / "docs" if whole else None)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "benchmark.json").write_text(json.dumps(found, indent=1) + "\n")
        if groups == list(GROUPS):
            (folder / "benchmark.svg").write_text(draw(found))
    if whole and arguments.to is None:
        page = folder / "performance.md"
        page.write_text(filled(page.read_text(), table.markdown(found)))


if __name__ == "__main__":
    main()
