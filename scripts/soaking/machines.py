"""The soak of many machines.

Workers and Postgres are killed with -9, one worker stands still, every tenth request goes wrong.

The sandboxes' own ledgers judge at the end: nothing missing, nothing twice, nothing untrue in the table of results.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from attrs import define, field, frozen
from scripts.machines.postgres import PostgresProcess
from scripts.soaking.machine_clients import HORIZON

from aiointercom.cleanup import Convert, Item, RedactPart
from aiointercom.pgqueuer import connect, enqueue, install
from aiointercom.sandbox import Fault, Sandbox, Workspaces

WRITES = ("redactConversation", "convertConversationToTicket")
PAGE = b"<html>lavender-gateway</html>"
PLANTED = "lavender"
"""Stands in every message and every gateway's page, and must stand in no table and no log."""


@frozen
class MachinePlan:
    """How much."""

    items: int = 20_000
    workspaces: int = 20
    workers: int = 3
    kills: int = 20
    database_kills: int = 2
    still: float = 60.0
    """Seconds for which one worker is stopped."""
    heartbeat: float = 10.0
    horizon: float = 8.0
    seed: int = 20261126
    patience: float = 3600.0

    @property
    def each(self) -> int:
        """The items of one workspace."""
        return self.items // self.workspaces


QUICK = MachinePlan(
    items=180, workspaces=3, workers=2, kills=3, database_kills=1, still=4.0, heartbeat=2.0, horizon=2.0, patience=240.0
)


@define
class Verdict:
    """What the sandboxes say."""

    missing: int = 0
    twice: int = 0
    untrue: int = 0
    planted: int = 0
    states: Counter[str] = field(factory=Counter[str])
    kills: int = 0
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        """Whether every promise was kept."""
        return not (self.missing or self.twice or self.untrue or self.planted)


def filled(name: str, plan: MachinePlan) -> tuple[Sandbox, list[Item]]:
    """A workspace with its items, one in ten a conversion, and with its faults."""
    box = Sandbox(f"token-of-{name}", seed=False, limit=1000, window=1.0, workspace=name)
    kind, items = box.add_ticket_type(), list[Item]()
    for number in range(plan.each):
        id = box.add_conversation(parts=[{"body": f"{PLANTED} message"}])
        if number % 10 == 9:
            items.append(Convert(id, kind, title="Refund"))
        else:
            items.append(RedactPart(id, box.conversation(id)["parts"][0]["id"]))
    return box, items


def faults(late: float) -> Iterator[Fault]:
    """Every tenth write goes wrong, each time in another way; and some reads lag, or fail."""
    kinds: list[dict[str, Any]] = [
        {"status": 504, "body": PAGE, "late": late},
        {"status": 502, "body": PAGE},
        {"drop": True, "when": "after"},
        {"drop": True},
        {"truncate": 20, "when": "after"},
        {"rate_limited": True},
        {"status": 500, "code": "server_error", "message": PLANTED},
        {"status": 403, "body": PAGE},
        {"drop": True, "late": late / 2},
    ]
    for operation in WRITES:
        for number, kind in enumerate(kinds):
            yield Fault(operation=operation, times=None, every=10 * len(kinds), skip=10 * number + 3, **kind)
    yield Fault(operation="retrieveConversation", lag=late / 3, every=4, times=None)
    yield Fault(operation="retrieveConversation", status=500, every=15, times=None)


class WorkerFleet:
    """The workers, each a process of `aiointercom worker`. One that is killed is replaced."""

    def __init__(self, plan: MachinePlan, dsn: str, url: str, names: list[str], log: Any) -> None:
        root = str(Path.cwd())
        self._env = {
            **os.environ,
            "AIOINTERCOM_DSN": dsn,
            "INTERCOM_BASE_URL": url,
            HORIZON: str(plan.horizon),
            "PYTHONPATH": root,
        }
        words = [
            "--heartbeat",
            str(plan.heartbeat),
            "--clients",
            "scripts.soaking.machine_clients:client_for",
            "--verbose",
        ]
        words += [word for name in names for word in ("--workspace", name)]
        self._command = [sys.executable, "-m", "aiointercom", "worker", *words]
        self._log = log
        self.processes = [self._started() for _ in range(plan.workers)]

    def _started(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, env=self._env, stdout=subprocess.DEVNULL, stderr=self._log)

    def kill(self, number: int) -> None:
        """Kill a worker with -9, and start another one."""
        self.processes[number].kill()
        self.processes[number].wait()
        self.processes[number] = self._started()

    def stop(self) -> None:
        """End all of them in order."""
        for process in self.processes:
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in self.processes:
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def fleet(*given: Any) -> Iterator[WorkerFleet]:
    """The workers, until the end of the block."""
    made = WorkerFleet(*given)
    try:
        yield made
    finally:
        made.stop()


async def prepare(dsn: str, work: dict[str, list[Item]]) -> None:
    """Install the tables, and enqueue everything, the first workspace first."""
    async with connect(dsn) as queries:
        await install(queries)
        for name, items in work.items():
            await enqueue(queries, name, items)


async def read(dsn: str, statement: str) -> list[dict[str, Any]]:
    """Ask the database something."""
    async with connect(dsn) as queries:
        return await queries.driver.fetch(statement)


def left(dsn: str) -> int:
    """How many items are in the queue; a large number while the database is away."""
    try:
        [row] = asyncio.run(read(dsn, "SELECT count(*) AS n FROM pgqueuer WHERE status <> 'failed'"))
    except Exception:  # noqa: BLE001  # it was killed just now
        return 1 << 30
    return int(row["n"])


def disturb(plan: MachinePlan, database: PostgresProcess, workers: WorkerFleet, boxes: list[Sandbox]) -> int:
    """Kill and stop at random moments of the first four fifths of the work; returns how often a worker was killed."""
    dice = random.Random(plan.seed)
    events = ["kill"] * plan.kills + ["database"] * plan.database_kills + ["still"]
    dice.shuffle(events)
    moments = sorted(dice.uniform(0.03, 0.8) * plan.items for _ in events)
    stopped, until = None, time.monotonic() + plan.patience
    for event, moment in zip(events, moments, strict=True):
        while sum(len(box.ledger) for box in boxes) < moment and time.monotonic() < until:
            time.sleep(0.02)
        if stopped is not None and time.monotonic() > stopped[1]:
            stopped[0].send_signal(signal.SIGCONT)
        if event == "kill":
            workers.kill(dice.randrange(1, plan.workers))  # not the one that stands still
        elif event == "database":
            database.kill()
            database.start()
        else:
            workers.processes[0].send_signal(signal.SIGSTOP)
            stopped = (workers.processes[0], time.monotonic() + plan.still)
    if stopped is not None:
        time.sleep(max(0.0, stopped[1] - time.monotonic()))
        stopped[0].send_signal(signal.SIGCONT)
    return plan.kills


def judge(rows: list[dict[str, Any]], work: dict[str, list[Item]], boxes: list[Sandbox]) -> Verdict:
    """Compare what the table says with what the workspaces did."""
    verdict = Verdict()
    told = {(row["workspace"], row["kind"], row["conversation_id"], row["target_id"]): row["state"] for row in rows}
    for (name, items), box in zip(work.items(), boxes, strict=True):
        effects = Counter(effect.conversation_id for effect in box.ledger)
        for item in items:
            count, state = effects[item.conversation_id], told.get((name, *item.key), "nothing")
            verdict.states[state] += 1
            verdict.missing += count == 0
            verdict.twice += count > 1
            verdict.untrue += (state == "done") is not (count > 0)
    return verdict


async def words_in(dsn: str, planted: str = PLANTED) -> int:
    """In how many rows of all tables a planted word stands."""
    async with connect(dsn) as queries:
        tables = await queries.driver.fetch("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")
        found = 0
        for table in tables:
            statement = f"SELECT count(*) AS n FROM {table['name']} AS t WHERE t::text LIKE $1"
            [row] = await queries.driver.fetch(statement, f"%{planted}%")
            [bodies] = (
                await queries.driver.fetch(
                    "SELECT count(*) AS n FROM pgqueuer WHERE payload LIKE $1", f"%{planted}%".encode()
                )
                if table["name"] == "pgqueuer"
                else [{"n": 0}]
            )
            found += int(row["n"]) + int(bodies["n"])  # type: ignore[call-overload]
        return found


def soak_machines(plan: MachinePlan) -> Verdict:
    """Do it all, and judge."""
    import tempfile

    names = [f"space{number}" for number in range(plan.workspaces)]
    made = [filled(name, plan) for name in names]
    boxes, work = [box for box, _ in made], {name: items for name, (_, items) in zip(names, made, strict=True)}
    began = time.monotonic()
    with ExitStack() as stack:
        log = stack.enter_context(tempfile.TemporaryFile())
        database = stack.enter_context(PostgresProcess())
        server = stack.enter_context(Workspaces(boxes).serve())
        asyncio.run(prepare(database.dsn, work))
        for box in boxes:
            box.fault(*faults(plan.horizon * 0.8))
        workers = stack.enter_context(fleet(plan, database.dsn, server.url, names, log))
        kills = disturb(plan, database, workers, boxes)
        until = time.monotonic() + plan.patience
        while left(database.dsn) and time.monotonic() < until:
            time.sleep(0.2)
        workers.stop()
        verdict = judge(asyncio.run(read(database.dsn, "SELECT * FROM aiointercom_outcomes")), work, boxes)
        verdict.planted = asyncio.run(words_in(database.dsn))
        log.seek(0)
        verdict.planted += log.read().count(PLANTED.encode())
        verdict.kills, verdict.seconds = kills, time.monotonic() - began
    return verdict


def main(quick: bool) -> int:
    """Soak, print and return the exit status."""
    plan = QUICK if quick else MachinePlan()
    verdict = soak_machines(plan)
    print(
        f"{plan.items} items, {plan.workspaces} workspaces, {plan.workers} workers, {verdict.kills} x kill -9, "
        f"{plan.database_kills} x kill -9 of Postgres, one worker stopped for {plan.still:.0f} s: "
        f"{verdict.seconds:.0f} s"
    )
    print(f"missing {verdict.missing}, twice {verdict.twice}, untrue {verdict.untrue}, planted words {verdict.planted}")
    print(f"results: {dict(verdict.states)}")
    return 0 if verdict.good else 1
