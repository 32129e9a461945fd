"""The command of the soak.

It reads its arguments, runs the parts, prints the tables, and says by its exit code whether a promise is broken.
"""

from __future__ import annotations

import argparse
import sys

from attrs import evolve
from scripts.soaking.account import table
from scripts.soaking.pacing import experiment
from scripts.soaking.processes import OFFICIAL_PYTHON
from scripts.soaking.soak import Plan, quick, soak
from scripts.soaking.tenants import fairness

OURS = Plan("aiointercom", 20_000)
OFFICIAL = Plan("python-intercom", 2_000, processes=1, at_once=32, seconds=60.0, official=True)
RETRYING = evolve(OFFICIAL, name="python-intercom, retrying", max_retries=5)


def main() -> int:
    """Run what was asked for; returns 1 if a promise is broken."""
    parser = argparse.ArgumentParser(
        prog="scripts/soak", description="Thousands of writes under faults, and the rate limit."
    )
    parser.add_argument("--writes", type=int, default=OURS.writes, help="how many writes; default 20,000")
    parser.add_argument("--quick", action="store_true", help="short windows, and neither python-intercom nor pacing")
    parser.add_argument("--faults", action="store_true", help="only the writes under faults, with both SDKs")
    parser.add_argument("--pacing", action="store_true", help="only the pacing experiment")
    parser.add_argument(
        "--machines", action="store_true", help="only workers and a Postgres that are killed at random moments"
    )
    parser.add_argument("--scale", action="store_true", help="with --machines: measure instead, and kill nothing")
    parser.add_argument("--items", type=int, default=200_000, help="with --scale: how many items; default 200,000")
    parser.add_argument("--workspaces", type=int, default=200, help="with --scale: of how many workspaces; default 200")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4], help="with --scale: default 1 2 4")
    parser.add_argument("--live", action="store_true", help="only live redaction that is killed at random moments")
    parser.add_argument("--cleanup", action="store_true", help="only a clean-up that is killed at random moments")
    parser.add_argument(
        "--cleanup-pacing", action="store_true", help="only a clean-up at the rate limit, beside a web app"
    )
    arguments = parser.parse_args()
    broken: list[str] = []
    if arguments.machines and arguments.scale:
        from scripts.machines import scale

        return scale.main(arguments.items, arguments.workspaces, arguments.workers)
    if arguments.machines:
        from scripts.soaking import machines

        return machines.main(quick=arguments.quick)
    if arguments.live:
        from scripts.soaking.live import live

        return verdict(live(quick=arguments.quick))
    if arguments.cleanup or arguments.cleanup_pacing:
        # Not above: the rest runs without the extra that these need.
        from scripts.soaking.cleanup import soak_cleanup
        from scripts.soaking.cleanup_pacing import cleanup_pacing

        broken += soak_cleanup(quick=arguments.quick) if arguments.cleanup else []
        broken += cleanup_pacing() if arguments.cleanup_pacing else []
        return verdict(broken)
    if not arguments.pacing:
        ours = evolve(OURS, writes=arguments.writes)
        plans = [quick(ours)] if arguments.quick else [ours]
        if not arguments.quick and OFFICIAL_PYTHON.exists():
            plans += [OFFICIAL, RETRYING]
        rows = [soak(plan) for plan in plans]
        print(table(rows), flush=True)
        broken += rows[0].broken
    if not arguments.quick and not arguments.faults:
        broken += experiment() + fairness()
    return verdict(broken)


def verdict(broken: list[str]) -> int:
    """Name the broken promises; returns the exit code."""
    for promise in broken:
        print(f"BROKEN: {promise}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
