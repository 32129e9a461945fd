"""Measures everything in interleaved rounds, and prints one table. `scripts/benchmark` prepares the environments and starts this."""

from __future__ import annotations

import argparse
from types import ModuleType

import calling
import gaps
import parsing
from processes import Processes
from rows import Results
from table import print_table, print_times

GROUPS: dict[str, ModuleType] = {"parse": parsing, "calls": calling, "block": gaps}


def run(groups: list[str], rounds: int, share: float) -> Results:
    """Measure round after round; one short round first, since imports and first connections are not what is measured."""
    results: Results = {}
    with Processes() as processes:
        for group in groups:
            if rounds > 1:
                GROUPS[group].measure(processes, 0.02)
            for _ in range(rounds):
                for name, samples in GROUPS[group].measure(processes, share).items():
                    results.setdefault(name, []).append(samples)
    return results


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="scripts/benchmark", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round: shows that everything runs")
    parser.add_argument("--only", choices=GROUPS, action="append", help="this group; may be repeated")
    parser.add_argument("--rounds", type=int, default=5, help="how many (5)")
    arguments = parser.parse_args()
    groups = arguments.only or list(GROUPS)
    rounds, share = (1, 0.02) if arguments.quick else (arguments.rounds, 1)
    results = run(groups, rounds, share)
    print_times(results)
    print()
    print_table([row for group in groups for row in GROUPS[group].rows()], results)


if __name__ == "__main__":
    main()
