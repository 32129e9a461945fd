"""The soak of live redaction.

A hundred messages a second while processes are killed with -9 and notifications go wrong.

The sandboxes' own ledgers judge: every card number of a contact is redacted once, within the sweep's interval, and
nothing else is.
Before that a part without faults measures how long it takes, and hostile notifications meet the address.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Protocol

from attrs import define, field, frozen
from scripts.soaking.account import GROWTH
from scripts.soaking.live_engine import engine_way
from scripts.soaking.live_hostile import Hostile, notification
from scripts.soaking.live_messages import BEGINNING, PLANTED, Message, Traffic
from scripts.soaking.live_watch import Key, watch_way

from aiointercom.sandbox import Effect, Sandbox, Webhooks, Workspaces

SECRET = "client-secret"
WORDS = (PLANTED.encode(), BEGINNING.encode())
LIMIT, WINDOW = 1667, 10.0
LOOK_EVERY = 0.2


@frozen
class LivePlan:
    """How much.

    every: seconds between two sweeps. sweep_takes: seconds within which a sweep must have read all that changed.
    retry_after: seconds until a notification that was not accepted is sent again. calm: the messages of the part
    without faults. rounds: how often each kind of hostile notification is sent.
    """

    messages: int = 10_000
    rate: float = 100.0
    workspaces: int = 2
    kills: int = 12
    every: float = 60.0
    sweep_takes: float = 60.0
    retry_after: float = 5.0
    calm: int = 3_000
    rounds: int = 200
    seed: int = 20261126
    patience: float = 600.0


QUICK = LivePlan(
    messages=400, kills=3, every=2.0, sweep_takes=18.0, retry_after=0.5, calm=200, rounds=10, patience=120.0
)


class Way(Protocol):
    """One of the ways to carry it out, as processes."""

    @property
    def name(self) -> str:
        """What is printed."""
        ...

    @property
    def kinds(self) -> Sequence[str]:
        """What can be killed."""
        ...

    @property
    def urls(self) -> Sequence[str]:
        """Where the notifications of each workspace are sent."""
        ...

    def kill(self, kind: str, number: int) -> None:
        """Kill one of a kind with -9, and start it again."""

    def memory(self) -> float:
        """Megabytes of the process behind the first address."""
        ...

    def stop(self) -> list[str]:
        """End all in order; returns what was wrong with that."""
        ...

    def states(self) -> dict[Key, str]:
        """What the ledgers say of each message."""
        ...

    def words(self, planted: Sequence[bytes]) -> int:
        """How often planted words stand in files and tables."""
        ...


WAYS: dict[str, Callable[..., AbstractContextManager[Way]]] = {"watch": watch_way, "engine": engine_way}


@define
class Verdict:
    """What was found, and the promises that are broken, in words."""

    cards: int = 0
    missing: int = 0
    twice: int = 0
    touched: int = 0
    untrue: int = 0
    planted: int = 0
    after: float = 0.0
    """Seconds from the last message, or the last kill, until every card number was redacted."""
    slowest: float = 0.0
    """Seconds of the slowest message."""
    states: Counter[str] = field(factory=Counter[str])
    broken: list[str] = field(factory=list[str])


class Soak:
    """One way under one plan."""

    def __init__(self, plan: LivePlan, way: Way, boxes: Sequence[Sandbox], hooks: Sequence[Webhooks]) -> None:
        self._plan, self._way, self._boxes, self._hooks = plan, way, boxes, hooks
        self._dice = random.Random(plan.seed)
        self._traffic = Traffic(boxes, hooks, self._dice)
        self.verdict = Verdict()

    def calm(self) -> None:
        """Messages without faults: print how long the answer and the redaction take."""
        self._traffic.write(self._plan.calm, self._plan.rate, faulty=False)
        self._settled()
        at = {key_of(one): one.at for one in self._traffic.messages}
        told = [one.seconds for hooks in self._hooks for one in hooks.deliveries if one.status == 200]
        took = [effect.at - at[key] for key, effect in self._effects()]
        print(
            f"  without faults: {self._plan.calm:,} messages in {self._traffic.seconds:.1f} s; "
            f"acknowledged in {spread(told)}; from message to redacted {spread(took)}"
        )
        failed = sum(one.status != 200 for hooks in self._hooks for one in hooks.deliveries)
        if failed:
            print(f"  without faults: {failed} notifications were not accepted the first time")

    def hostile(self) -> None:
        """Notifications that nobody should send, and the memory of the process that gets them."""
        last = next(one for one in reversed(self._traffic.messages) if one.card and one.part)
        genuine = notification(
            last.workspace, last.conversation_id, last.message_id, f"<p>{PLANTED}: {BEGINNING} 0000 0007</p>"
        )
        sender = Hostile(self._way.urls[self._number(last.workspace)], SECRET, genuine, WORDS)
        for _ in range(max(1, self._plan.rounds // 10)):
            sender.round()
        warm = self._way.memory()
        for _ in range(self._plan.rounds):
            sender.round()
        end = self._way.memory()
        print(f"  hostile: {sender.sent:,} notifications, memory {warm:.1f} MB after a tenth, {end:.1f} MB at the end")
        print(f"  hostile, answered: {dict(sender.replies)}")
        self.verdict.broken += [f"{count} x {reply}" for reply, count in sender.wrong.items()]
        self.verdict.broken += ["the memory grew"] if end > warm * GROWTH else []
        self.verdict.planted += sender.words

    def _number(self, workspace: str) -> int:
        return [box.workspace for box in self._boxes].index(workspace)

    def shaken(self) -> None:
        """Messages while notifications go wrong and processes are killed."""
        before = len(self._traffic.messages)
        moments = sorted(self._dice.uniform(0.04, 0.96) * self._plan.messages for _ in range(self._plan.kills))
        kinds = [self._way.kinds[number % len(self._way.kinds)] for number in range(self._plan.kills)]
        self._dice.shuffle(kinds)
        with ThreadPoolExecutor(1) as thread:
            writing = thread.submit(self._traffic.write, self._plan.messages, self._plan.rate, faulty=True)
            for number, (moment, kind) in enumerate(zip(moments, kinds, strict=True)):
                while len(self._traffic.messages) - before < moment and not writing.done():
                    time.sleep(0.01)
                self._way.kill(kind, number)
            writing.result()
        ended = time.time()
        self._settled()
        self._judge_times(ended)
        print(
            f"  under faults: {self._plan.messages:,} messages in {self._traffic.seconds:.1f} s, "
            f"kill -9: {dict(Counter(kinds))}; notifications answered: {self._answers()}"
        )

    def _cards(self) -> set[Key]:
        return {key_of(one) for one in self._traffic.messages if one.card}

    def _settled(self) -> None:
        """Wait until every card number is redacted."""
        until = time.monotonic() + self._plan.patience
        cards = self._cards()
        while cards - {key for key, _ in self._effects()} and time.monotonic() < until:
            time.sleep(LOOK_EVERY)

    def _effects(self) -> list[tuple[Key, Effect]]:
        return [
            ((box.workspace, effect.conversation_id, effect.target_id), effect)
            for box in self._boxes
            for effect in box.ledger
        ]

    def _answers(self) -> dict[str, int]:
        return dict(Counter(str(one.status or "none") for hooks in self._hooks for one in hooks.deliveries))

    def _judge_times(self, ended: float) -> None:
        at = {key: effect.at for key, effect in self._effects()}
        took = {one: at[key_of(one)] - one.at for one in self._traffic.messages if one.card and key_of(one) in at}
        verdict, allowed = self.verdict, self._plan.every + self._plan.sweep_takes
        verdict.slowest = max(took.values(), default=0.0)
        verdict.after = max(0.0, max(at.values(), default=0.0) - ended)
        late = sum(at[key_of(one)] - ended > allowed for one in took)
        if late:
            verdict.broken.append(f"{late} redacted later than {allowed:.0f} s after the last message")

    def judge(self) -> None:
        """Compare what the ledgers say with what the workspaces did."""
        verdict, told = self.verdict, self._way.states()
        times = Counter(key for key, _ in self._effects())
        cards = self._cards()
        verdict.cards, verdict.missing = len(cards), len(cards - times.keys())
        verdict.twice = sum(count > 1 for count in times.values())
        verdict.touched = len(times.keys() - cards)
        verdict.untrue = sum((told.get(key) == "done") is not (key in times) for key in cards | times.keys())
        verdict.states = Counter(told.get(key, "no record") for key in cards) + Counter(
            f"{state}, not asked for" for key, state in told.items() if key not in cards
        )
        words = ("missing", "twice", "touched", "untrue", "planted")
        counts = {word: getattr(verdict, word) for word in words}
        verdict.broken += [f"{count} {word}" for word, count in counts.items() if count]
        print(
            f"  {verdict.cards:,} card numbers of contacts: missing {verdict.missing}, twice {verdict.twice}, "
            f"others touched {verdict.touched}, untrue {verdict.untrue}, planted words {verdict.planted}"
        )
        print(f"  ledgers: {dict(verdict.states)}")
        print(f"  all redacted {verdict.after:.1f} s after the last message; the slowest took {verdict.slowest:.1f} s")


def key_of(message: Message) -> Key:
    """The key of a message."""
    return message.workspace, message.conversation_id, message.message_id


def spread(seconds: Sequence[float]) -> str:
    """The median and the 99th percentile, in milliseconds."""
    ordered = sorted(seconds)
    if not ordered:
        return "no time"
    at = [ordered[min(len(ordered) - 1, int(part * len(ordered)))] * 1000 for part in (0.5, 0.99)]
    return f"{at[0]:.1f} ms (median), {at[1]:.1f} ms (p99)"


def soak_live(plan: LivePlan, way: str) -> Verdict:
    """Do it all in one way, print the figures, and judge."""
    boxes = [
        Sandbox(f"token-of-space{number}", seed=False, limit=LIMIT, window=WINDOW, workspace=f"space{number}")
        for number in range(plan.workspaces)
    ]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="aiointercom-live-")))
        log = stack.enter_context((folder / "all.log").open("w+b"))
        server = stack.enter_context(Workspaces(boxes).serve())
        made = stack.enter_context(WAYS[way](boxes, server.url, SECRET, every=plan.every, folder=folder, log=log))
        hooks = [
            stack.enter_context(
                box.webhooks(url, secret=SECRET, retry_after=plan.retry_after, snapshot=bool(number % 2))
            )
            for number, (box, url) in enumerate(zip(boxes, made.urls, strict=True))
        ]
        print(f"\nlive, {made.name}: {plan.workspaces} workspaces, a sweep every {plan.every:.0f} s", flush=True)
        soak = Soak(plan, made, boxes, hooks)
        soak.calm()
        soak.hostile()
        soak.shaken()
        soak.verdict.broken += made.stop()
        log.flush()
        text = (folder / "all.log").read_bytes()
        soak.verdict.planted += made.words(WORDS) + sum(text.count(word) for word in WORDS)
        soak.judge()
        return soak.verdict


def live(*, quick: bool) -> list[str]:
    """Each way; returns the broken promises."""
    plan = QUICK if quick else LivePlan()
    return [f"{way}: {promise}" for way in WAYS for promise in soak_live(plan, way).broken]
