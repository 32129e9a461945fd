"""Fifty clients on one small limit in a simulation that is as unkind as a busy machine; printed, and not asserted.

The clients decide by the real arithmetic. Unlike in tests/pure/test_pacing_simulation.py they start one after another,
anywhere in a window, and share two processors: each call waits for one of them before it goes and before its answer is
read, and the more so at the beginning of a window, when all of them wake.

python -m scripts.soaking.unkind  prints the table alone, in about a minute.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Callable
from email.utils import formatdate
from math import ceil
from statistics import median

from attrs import define, frozen

from aiointercom._protocol.headers import ServerClock, read_date, read_rate_limit
from aiointercom._ratelimit.budget import Budget, end_of_window
from aiointercom._ratelimit.pace import Pace

WINDOW, LIMIT, SECONDS = 2.0, 200, 12.0
SEEDS, PHASES = range(10), (0.0, 0.4, 0.8, 1.2, 1.6)
"""The seeds, and in which part of a window, in seconds, the first client starts."""
CORES, COST = 2, 0.002
"""The processors, and the seconds that one step of a call keeps one of them busy."""
DELAY, LONGEST_DELAY = 0.02, 0.2
"""Seconds by which an answer is late in the mean, and at most."""
EPOCH = 1_800_000_000.0


@frozen
class Scene:
    """How many clients, with how many calls at once, over how many seconds they start; `latency` is the server's."""

    clients: int
    at_once: int
    latency: float
    stagger: float

    def __str__(self) -> str:
        return (
            f"{self.clients} clients, {self.at_once:2} at once, {self.latency:g} s latency, "
            f"started over {self.stagger:g} s"
        )


SCENES = (
    Scene(50, 4, 0.01, 0.0),
    Scene(50, 4, 0.01, 0.5),
    Scene(50, 4, 0.01, 2.0),
    Scene(50, 20, 0.05, 2.0),
    Scene(50, 4, 0.3, 2.0),
    Scene(30, 4, 0.05, 2.0),
    Scene(80, 4, 0.05, 2.0),
)


@frozen
class Figures:
    """What one run came to: parts of all calls and of the budget, and the most turns divided by the fewest."""

    refused: float
    used: float
    ratio: float


class World:
    """The heap of events, the server, the processors and the dice."""

    def __init__(self, scene: Scene, seed: int, phase: float) -> None:
        self.scene, self.dice, self.now = scene, random.Random(seed), EPOCH + phase
        self.used: Counter[float] = Counter()
        self._free_at = [self.now] * CORES
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = 0

    def at(self, when: float, act: Callable[[], None]) -> None:
        """Do something at a time."""
        self._order += 1
        heapq.heappush(self._events, (when, self._order, act))

    def on_processor(self, act: Callable[[], None]) -> None:
        """Do something as soon as a processor has had time for it."""
        ends = max(self.now, heapq.heappop(self._free_at)) + COST * self.dice.uniform(0.5, 1.5)
        heapq.heappush(self._free_at, ends)
        self.at(ends, act)

    def delay(self) -> float:
        """Seconds by which an answer is late."""
        return min(LONGEST_DELAY, self.dice.expovariate(1 / DELAY))

    def take(self) -> tuple[bool, dict[str, str]]:
        """Count one call: was it accepted, and what do the headers say."""
        number = self.now // WINDOW
        accepted = self.used[number] < LIMIT
        self.used[number] += accepted
        return accepted, {
            "x-ratelimit-limit": str(LIMIT),
            "x-ratelimit-remaining": str(LIMIT - self.used[number]),
            "x-ratelimit-reset": str(ceil((number + 1) * WINDOW)),
            "date": formatdate(int(self.now), usegmt=True),
        }

    def run(self, until: float) -> None:
        """Let the events happen."""
        while self._events and self._events[0][0] <= until:
            self.now, _, act = heapq.heappop(self._events)
            act()


@define(eq=False)
class Client:
    """A process that always has more to do."""

    world: World
    free: int
    budget: Budget
    clock: ServerClock
    calls: int = 0
    refused: int = 0
    rings_at: float = float("inf")

    def go(self) -> None:
        """Send what may go, and sleep until more may."""
        now = self.world.now
        while self.free:
            ready_at = self.budget.ready_at(now, 0.0)
            if ready_at > now:
                self._sleep(max(ready_at, now + 0.001))
                return
            self.budget.sent(now, 0.0)
            self.free, self.calls = self.free - 1, self.calls + 1
            self.world.on_processor(self._arrive)

    def _sleep(self, until: float) -> None:
        if until < self.rings_at:
            self.rings_at = until
            self.world.at(until, lambda: self.world.on_processor(lambda: self._wake(until)))

    def _wake(self, rings_at: float) -> None:
        if self.rings_at == rings_at:
            self.rings_at = float("inf")
            self.go()

    def _arrive(self) -> None:
        world = self.world
        accepted, headers = world.take()
        took = world.scene.latency * (0.4 + world.dice.expovariate(2.0)) if accepted else 0.005
        world.at(world.now + took + world.delay(), lambda: world.on_processor(lambda: self._learn(accepted, headers)))

    def _learn(self, accepted: bool, headers: dict[str, str]) -> None:
        now = self.world.now
        self.free, self.refused = self.free + 1, self.refused + (not accepted)
        self.clock.learn(read_date(headers["date"]), now)
        told = read_rate_limit(headers)
        ends = None if told is None else end_of_window(told, self.clock, now, lambda: now)
        self.budget.answered(told, ends, not accepted, now)
        self.go()


def play(scene: Scene, seed: int, phase: float) -> Figures:
    """Play a scene once."""
    world = World(scene, seed, phase)
    began, pace = world.now, Pace()
    clients = [
        Client(world, scene.at_once, Budget(pace.burst, world.dice.random, pace.most_in_flight), ServerClock())
        for _ in range(scene.clients)
    ]
    for client in clients:
        world.at(began + world.dice.uniform(0.0, scene.stagger), client.go)
    ends = began + scene.stagger + SECONDS
    world.run(ends)
    first = ceil((began + scene.stagger) / WINDOW)
    whole = [world.used[float(number)] / LIMIT for number in range(first, int(ends // WINDOW))]
    turns = [client.calls - client.refused for client in clients]
    refused = sum(client.refused for client in clients) / sum(client.calls for client in clients)
    return Figures(refused, sum(whole) / len(whole), max(turns) / max(1, min(turns)))


def table() -> None:
    """Print the figures of all scenes: the median of all seeds and phases, and the worst."""
    print(f"\npacing, simulated: {LIMIT} requests in {WINDOW:g} seconds, {len(SEEDS)} seeds, {len(PHASES)} phases")
    for scene in SCENES:
        runs = [play(scene, seed, phase) for seed in SEEDS for phase in PHASES]
        refused, used, ratio = ([getattr(run, name) for run in runs] for name in ("refused", "used", "ratio"))
        print(f"  {scene}")
        print(
            f"    refused {median(refused):.1%}, at most {max(refused):.1%}; used {median(used):.1%}, at least "
            f"{min(used):.1%}; turns {median(ratio):.1f} times as many, at most {max(ratio):.1f}",
            flush=True,
        )


if __name__ == "__main__":
    table()
