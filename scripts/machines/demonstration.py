"""What scripts/demo --machines runs.

Two workers over a Postgres, one of them killed with -9, and everything done once.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from scripts.machines.postgres import PostgresProcess
from scripts.soaking.machines import MachinePlan, filled, fleet, left, prepare

from aiointercom.cleanup import Ledger
from aiointercom.pgqueuer import collect, connect
from aiointercom.sandbox import Workspaces

PLAN = MachinePlan(items=200, workspaces=2, workers=2, heartbeat=2.0, horizon=2.0, patience=120.0)
NAMES = ["space0", "space1"]


async def collected(dsn: str, folder: Path) -> int:
    """Write a ledger for each workspace, and return how many items are done by them."""
    done = 0
    async with connect(dsn) as queries:
        for name in NAMES:
            path = folder / f"{name}.ledger"
            await collect(queries, name, path)
            with Ledger.read(path) as ledger:
                done += sum(number for (_, state, _), number in ledger.counts().items() if state == "done")
    return done


def main() -> int:
    """Run the demo; returns 0 only if all went as it should."""
    made = [filled(name, PLAN) for name in NAMES]
    boxes, work = [box for box, _ in made], {name: items for name, (_, items) in zip(NAMES, made, strict=True)}
    with tempfile.TemporaryDirectory() as folder, PostgresProcess() as database, Workspaces(boxes).serve() as server:
        asyncio.run(prepare(database.dsn, work))
        print(f"1. {PLAN.items} items of {PLAN.workspaces} workspaces are in a queue in Postgres.")
        with (
            (Path(folder) / "log").open("wb") as log,
            fleet(PLAN, database.dsn, server.url, NAMES, log) as workers,
        ):
            print("2. Two workers carry them out.")
            until = time.monotonic() + PLAN.patience
            while sum(len(box.ledger) for box in boxes) < PLAN.items // 4 and time.monotonic() < until:
                time.sleep(0.02)
            workers.processes[0].kill()
            print(
                f"3. After {sum(len(box.ledger) for box in boxes)} of them one worker is killed with "
                f"-9, and not replaced."
            )
            while left(database.dsn) and time.monotonic() < until:
                time.sleep(0.2)
        effects = [effect.conversation_id for box in boxes for effect in box.ledger]
        done = asyncio.run(collected(database.dsn, Path(folder)))
    twice = sum(len(box.ledger) - len({effect.conversation_id for effect in box.ledger}) for box in boxes)
    print(
        f"4. The other one took over: {len(effects)} took effect, {twice} twice; the ledgers say that {done} are done."
    )
    good = len(effects) == done == PLAN.items and not twice
    print("All went as it should." if good else "That is not as it should be.")
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
