"""One soak: the sandbox, the proxy before it, worker processes before that, and the account at the end."""

from __future__ import annotations

import random
import time
from collections import Counter

from attrs import evolve, frozen
from scripts.soaking.account import GROWTH, Facts, Row, account
from scripts.soaking.chance import Chance
from scripts.soaking.fault_proxy import FaultProxy
from scripts.soaking.processes import OFFICIAL, OURS, Line, carry_out, workers
from scripts.soaking.writes import Key, sow

from aiointercom.sandbox import Fault, Sandbox

DELAY, READ_WITHIN = 1.2, 0.8  # seconds: a delayed answer comes after the worker has given up on it
REFUSE_FOR = 0.03  # seconds
UNREADABLE = 0.005  # share of the conversations
LAG = Fault(operation="retrieveConversation", lag=0.6, every=10, times=None)
"""Each tenth read of a conversation shows it as it was a little earlier, as a copy of the data would that lags
behind."""


@frozen
class Plan:
    """How much, by whom. seconds.

    After these nothing more is begun. limit: requests in a window of `window` seconds.
    """

    name: str
    writes: int
    processes: int = 4
    at_once: int = 8
    seconds: float = 150.0
    limit: int = 500
    window: float = 2.0
    max_retries: int | None = None
    official: bool = False
    seed: int = 20240611


def soak(plan: Plan) -> Row:
    """Carry out a plan; returns its row of the table."""
    sandbox = Sandbox(limit=plan.limit, window=plan.window)
    sandbox.fault(LAG)
    writes = sow(sandbox, plan.writes)
    ids = [write.conversation_id for write in writes]
    unreadable = set(random.Random(plan.seed).sample(ids, max(1, int(len(ids) * UNREADABLE))))
    portions = [writes[number :: plan.processes] for number in range(plan.processes)]
    told: dict[Key, str] = {}
    sizes: list[list[int]] = [[] for _ in portions]
    counts, reasons = Counter[str](), Counter[str]()

    def hear(number: int, line: Line) -> None:
        if "told" in line:
            told[portions[number][line["number"]].key] = line["told"]
        elif "unknown" in line:
            reasons[line["unknown"]] += 1
            if line["conversation"] not in unreadable:
                print(f"unknown, and not one of the unreadable conversations: {line}")
        elif "memory" in line:
            sizes[number].append(line["memory"])
        else:
            counts.update(line["counts"])

    with sandbox.serve() as server:
        choose = Chance(plan.seed, unreadable)
        with FaultProxy(server.port, choose, delay=DELAY, refuse_for=REFUSE_FOR) as proxy:
            common = {
                "url": proxy.url,
                "token": sandbox.token,
                "at_once": plan.at_once,
                "seconds": plan.seconds,
                "read_within": READ_WITHIN,
                "max_retries": plan.max_retries,
            }
            with workers(OFFICIAL if plan.official else OURS, plan.processes) as running:
                began = time.monotonic()
                orders = [common | {"writes": [write.order() for write in portion]} for portion in portions]
                carry_out(running, orders, hear)
                seconds = time.monotonic() - began
            time.sleep(DELAY)  # what was held back arrives, and must change nothing
            passed = {arrival for arrival, after in proxy.passed.items() if after < READ_WITHIN / 2}
            facts = Facts(writes, sandbox.ledger, list(proxy.log), passed, list(proxy.limited), seconds)
    row = account(plan.name, facts, told, finished=seconds < plan.seconds)
    if not plan.official:
        reading = f"settled by reading: {counts['settled by reading']}; unreadable conversations: {len(unreadable)}"
        print(f"{reading}; connections: {proxy.connections}; unknown because: {dict(reasons.most_common())}")
        _remember(row, sizes)
    return row


def _remember(row: Row, sizes: list[list[int]]) -> None:
    """Print the workers' memory, and note where it grew."""
    for number, found in enumerate(sizes):
        if len(found) == 2 and found[0]:
            print(f"worker {number}: {found[0] / 1024:.1f} MB after a quarter, {found[1] / 1024:.1f} MB at the end")
            if found[1] > found[0] * GROWTH:
                row.broken.append(f"the memory of worker {number} grew")


def quick(plan: Plan) -> Plan:
    """The same with short windows, a minute at most.

    A few hundred writes take ten seconds, and are finished on a slow machine too.
    """
    return evolve(plan, window=1.0, limit=250, seconds=60.0)
