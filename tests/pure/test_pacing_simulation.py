"""Several processes on one token, on a virtual clock: how much of the budget they reach and how many calls are refused.

Nothing here waits. A heap of events plays server, network and workers; the workers decide by the real arithmetic.
One more scene runs the real pacer in trio on trio's virtual clock.
"""

import heapq
import random
from collections import Counter
from email.utils import formatdate
from math import ceil

import anyio
import pytest
import trio
import trio.testing

from aiointercom._protocol.headers import ServerClock, read_date, read_rate_limit
from aiointercom._ratelimit.budget import Budget, end_of_window
from aiointercom._ratelimit.pacer import Pace, Pacer

START = 1_800_000_003.3


class Server:
    """Fixed windows at multiples of their length, counted by a clock of its own."""

    def __init__(self, limit, window, skew):
        self.limit, self.window, self.skew = limit, window, skew
        self.used = Counter()

    def take(self, now):
        """Count one call: was it accepted, and what do the headers say."""
        at = now + self.skew
        number = at // self.window
        accepted = self.used[number] < self.limit
        self.used[number] += accepted
        return accepted, {
            "x-ratelimit-limit": str(self.limit),
            "x-ratelimit-remaining": str(self.limit - self.used[number]),
            "x-ratelimit-reset": str(ceil((number + 1) * self.window)),
            "date": formatdate(int(at), usegmt=True),
        }

    def utilisation(self):
        """Part of the limit that the whole windows of the run used."""
        whole = sorted(self.used)[1:-1]
        return sum(self.used[number] for number in whole) / (self.limit * len(whole))


class World:
    """The heap of events, the network and the dice."""

    def __init__(self, *, limit=1667, window=10.0, skew=0.0, latency=0.15, seed=1, hidden=(), faults=0.0):
        self.server, self.dice, self.now = Server(limit, window, skew), random.Random(seed), START
        self.latency, self.hidden, self.faults = latency, hidden, faults
        self.events, self.order = [], 0

    def after(self, seconds, act, *arguments):
        self.order += 1
        heapq.heappush(self.events, (self.now + seconds, self.order, act, arguments))

    def one_way(self):
        return self.latency * self.dice.uniform(0.05, 0.2)

    def work(self):
        return self.latency * (0.4 + self.dice.expovariate(2.0))

    def run(self, seconds):
        while self.events and self.events[0][0] <= START + seconds:
            self.now, _, act, arguments = heapq.heappop(self.events)
            act(*arguments)


class Worker:
    """A process that always has more to do, with so many calls at a time, paced by the real arithmetic."""

    def __init__(self, world, *, at_once=50, reserve=0.0, joins=0.0):
        self.world, self.free, self.reserve = world, at_once, reserve
        self.budget, self.clock = Budget(Pace().burst, world.dice.random, Pace().most_in_flight), ServerClock()
        self.calls = self.refused = 0
        self.rings_at = None
        world.after(joins, self.go)

    def go(self):
        now = self.world.now
        while self.free:
            ready_at = max(self.budget.ready_at(now, self.reserve), now)
            if ready_at > now:
                if self.rings_at is None or ready_at < self.rings_at:
                    self.rings_at = ready_at
                    self.world.after(max(ready_at - now, 0.001), self.ring, ready_at)
                return
            self.budget.sent(now, self.reserve)
            self.free -= 1
            self.calls += 1
            self.world.after(self.world.one_way(), self.arrive)

    def ring(self, rings_at):
        if self.rings_at == rings_at:
            self.rings_at = None
            self.go()

    def arrive(self):
        world = self.world
        accepted, headers = world.server.take(world.now)
        luck = world.dice.random() / world.faults if world.faults else 1.0
        if luck < 0.4:
            world.after(world.dice.uniform(0.0, 30.0), self.lose)
            return
        headers = {} if luck < 1 else {name: text for name, text in headers.items() if name not in world.hidden}
        world.after((world.work() if accepted else 0.005) + world.one_way(), self.learn, accepted, headers)

    def lose(self):
        self.free += 1
        self.budget.failed(sent=True)
        self.go()

    def learn(self, accepted, headers):
        now = self.world.now
        self.free += 1
        self.refused += not accepted
        told = read_rate_limit(headers)
        self.clock.learn(read_date(headers.get("date")), now)
        ends = None if told is None else end_of_window(told, self.clock, now, lambda: now)
        self.budget.answered(told, ends, not accepted, now)
        self.go()


class WebApp:
    """Calls without any pacing, as visitors come."""

    def __init__(self, world, rate):
        self.world, self.rate = world, rate
        self.calls = self.refused = 0
        self.come()

    def come(self):
        self.world.after(self.world.dice.expovariate(self.rate), self.call)

    def call(self):
        self.calls += 1
        self.refused += not self.world.server.take(self.world.now)[0]
        self.come()


def refused(workers):
    """Part of all calls that was refused."""
    return sum(worker.refused for worker in workers) / sum(worker.calls for worker in workers)


@pytest.mark.parametrize("latency", [0.03, 0.15, 0.6])
@pytest.mark.parametrize("limit", [1667, 167])
def test_four_workers_reach_the_budget_and_are_hardly_refused(limit, latency):
    """Four processes that know nothing of each other use 95 % of the budget with at most 0.5 % of their calls
    refused.
    """
    world = World(limit=limit, latency=latency)
    workers = [Worker(world) for _ in range(4)]
    world.run(90)
    assert refused(workers) <= 0.005
    assert world.server.utilisation() >= 0.95


@pytest.mark.parametrize("limit", [1667, 167])
def test_twelve_workers_reach_the_budget_and_are_hardly_refused(limit):
    """Twelve processes use 95 % of the budget with at most 1.5 % of their calls refused, and none of them starves."""
    world = World(limit=limit)
    workers = [Worker(world) for _ in range(12)]
    world.run(90)
    assert refused(workers) <= 0.015
    assert world.server.utilisation() >= 0.95
    assert min(worker.calls for worker in workers) > 0.7 * max(worker.calls for worker in workers)


@pytest.mark.parametrize(
    ("latency", "at_once"), [(0.005, 1), (0.005, 50), (0.03, 4), (0.03, 50), (0.05, 4), (0.15, 1), (0.15, 50)]
)
@pytest.mark.parametrize("seed", range(1, 9))
def test_fifty_clients_that_start_at_once_on_a_small_limit_are_not_refused(latency, at_once, seed):
    """Fifty clients on 200 calls in 2 seconds, watched for 12: at most 2 % refused, 80 % used, nobody twice as much."""
    world = World(limit=200, window=2.0, latency=latency, seed=seed)
    workers = [Worker(world, at_once=at_once) for _ in range(50)]
    world.run(12)
    turns = [worker.calls - worker.refused for worker in workers]
    assert refused(workers) <= 0.02
    assert world.server.utilisation() >= 0.8
    assert max(turns) <= 2 * min(turns)


@pytest.mark.parametrize(("clients", "latency", "at_once"), [(50, 0.01, 4), (50, 0.05, 20), (30, 0.05, 4)])
@pytest.mark.parametrize("over", [0.5, 2.0])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_clients_that_start_one_after_another_come_to_share_alike(clients, latency, at_once, over, seed):
    """The first ones take the window for theirs. Hardly a call is refused all the same, and none soon; the parts become
    alike.
    """
    world = World(limit=200, window=2.0, latency=latency, seed=seed)
    workers = [Worker(world, at_once=at_once, joins=world.dice.uniform(0.0, over)) for _ in range(clients)]
    world.run(8)
    refused_then, then = sum(worker.refused for worker in workers), [worker.calls for worker in workers]
    world.run(20)
    turns = sorted(worker.calls - before for worker, before in zip(workers, then, strict=True))
    assert refused(workers) <= 0.02
    assert sum(worker.refused for worker in workers) - refused_then <= 0.002 * sum(turns)
    assert world.server.utilisation() >= 0.8
    assert turns[-1] <= 5 * turns[0]
    assert turns[-len(turns) // 10] <= 2.5 * turns[len(turns) // 10]


@pytest.mark.parametrize("limit", [250, 500, 1000])
@pytest.mark.parametrize("seed", [1, 2])
def test_twelve_clients_share_alike_whatever_the_limit(limit, seed):
    """Whether each has twenty calls in a window or eighty, nobody has two and a half times as many as another."""
    world = World(limit=limit, latency=0.01, seed=seed)
    workers = [Worker(world, at_once=20) for _ in range(12)]
    world.run(42)
    assert refused(workers) <= 0.005
    assert max(worker.calls for worker in workers) <= 2.5 * min(worker.calls for worker in workers)


@pytest.mark.parametrize("limit", [250, 500, 1000])
def test_a_late_joiner_gets_its_part_of_a_small_limit(limit):
    """Three processes are busy for two windows; two windows after it came, the fourth has at least a fifth."""
    world = World(limit=limit, latency=0.01)
    workers = [Worker(world, at_once=20, joins=23.7 * (number == 3)) for number in range(4)]
    world.run(46.7)
    before = [worker.calls for worker in workers]
    world.run(76.7)
    turns = [worker.calls - earlier for worker, earlier in zip(workers, before, strict=True)]
    assert turns[3] >= sum(turns) / 5
    assert refused(workers) <= 0.005


@pytest.mark.parametrize("phase", [0.05, 0.3, 0.6, 1.0, 1.6, 1.8, 1.95])
@pytest.mark.parametrize(("latency", "at_once"), [(0.01, 20), (0.05, 4), (0.15, 1)])
def test_fifty_clients_may_start_anywhere_in_a_window(phase, latency, at_once):
    """Whatever is left of the window in which they start, at most 2 % of the calls are refused and 80 % is used."""
    world = World(limit=200, window=2.0, latency=latency, skew=phase - START % 2)
    workers = [Worker(world, at_once=at_once) for _ in range(50)]
    world.run(12)
    assert refused(workers) <= 0.02
    assert world.server.utilisation() >= 0.8


@pytest.mark.parametrize("latency", [0.03, 0.15, 0.6])
def test_twenty_workers_are_hardly_refused(latency):
    """Twenty processes with twenty calls at a time on 167 in 10 seconds: at most 1.5 % refused, 80 % used."""
    world = World(limit=167, latency=latency)
    workers = [Worker(world, at_once=20) for _ in range(20)]
    world.run(90)
    assert refused(workers) <= 0.015
    assert world.server.utilisation() >= 0.8


def test_one_worker_reaches_the_budget_without_a_refusal():
    """A process that is alone uses 95 % of the budget, and no call is refused."""
    world = World()
    worker = Worker(world)
    world.run(90)
    assert worker.refused == 0
    assert world.server.utilisation() >= 0.95


def test_a_late_joiner_gets_its_part():
    """A process that joins three busy ones after 43 s gets a fair part and costs at most 0.5 % refusals."""
    world = World()
    workers = [Worker(world, joins=43.0 * (number == 3)) for number in range(4)]
    world.run(123)
    assert refused(workers) <= 0.005
    assert world.server.utilisation() >= 0.95
    assert workers[3].calls > 0.75 * workers[0].calls * 80 / 123


@pytest.mark.parametrize(("limit", "rate"), [(1667, 30.0), (167, 3.0)])
@pytest.mark.parametrize("jobs", [1, 4])
def test_an_unpaced_web_app_is_not_refused_beside_batch_jobs(limit, rate, jobs):
    """A web app without pacing, at most of the reserve, loses no call to batch jobs on the same token, and these use
    the rest.
    """
    world = World(limit=limit)
    workers = [Worker(world, reserve=0.2) for _ in range(jobs)]
    app = WebApp(world, rate)
    world.run(90)
    assert app.refused == 0
    assert refused(workers) <= 0.005
    assert world.server.utilisation() >= 0.95 * 0.8


@pytest.mark.parametrize("skew", [-3600.0, -4.4, 2.7, 3600.0])
def test_another_clock_changes_nothing_where_answers_are_dated(skew):
    """A server whose clock differs by seconds or an hour is paced as well as any other."""
    world = World(skew=skew)
    workers = [Worker(world) for _ in range(4)]
    world.run(60)
    assert refused(workers) <= 0.005
    assert world.server.utilisation() >= 0.95


@pytest.mark.parametrize("skew", [-3600.0, -4.4, 0.0, 2.7, 3600.0])
def test_without_dates_the_windows_are_found_from_the_answers(skew):
    """Without a `Date` and with a wrong clock, nine tenths of the budget are reached and at most 2 % of the calls
    refused.
    """
    world = World(skew=skew, hidden=("date",))
    workers = [Worker(world) for _ in range(4)]
    world.run(60)
    assert refused(workers) <= 0.02
    assert world.server.utilisation() >= 0.9


@pytest.mark.parametrize("count", [4, 12])
def test_windows_of_one_second_work_too(count):
    """Windows that are ten times shorter, with resets in whole seconds, keep to the same figures."""
    world = World(window=1.0, limit=167, latency=0.03)
    workers = [Worker(world) for _ in range(count)]
    world.run(40)
    assert refused(workers) <= 0.015
    assert world.server.utilisation() >= 0.95


def test_lost_answers_and_answers_without_headers_do_not_break_the_pacing():
    """With 10 % faults, lost for up to 30 s or without headers, at most 1.5 % are refused and 90 % of the budget is
    used.
    """
    world = World(faults=0.1)
    workers = [Worker(world) for _ in range(4)]
    world.run(90)
    assert refused(workers) <= 0.015
    assert world.server.utilisation() >= 0.9


def test_the_real_pacer_keeps_the_same_figures():
    """Four real pacers, interactive and batch, in trio on a virtual clock: the figures of the arithmetic hold."""
    server, dice = Server(167, 10.0, 0.0), random.Random(7)
    told = Counter()

    async def call(pacer, batch):
        await pacer.acquire(batch=batch, budget=None)
        await anyio.sleep(dice.uniform(0.01, 0.03))
        accepted, headers = server.take(START + trio.current_time())
        told[accepted] += 1
        await anyio.sleep(dice.uniform(0.05, 0.3))
        pacer.answered(headers, 200 if accepted else 429)

    async def work(pacer, batch):
        while True:
            await call(pacer, batch)

    async def main():
        began = trio.current_time()
        with anyio.move_on_after(60.0):
            async with anyio.create_task_group() as group:
                for _ in range(4):
                    pacer = Pacer(Pace(max_wait=None), now=trio.current_time, random=dice.random)
                    for number in range(24):
                        group.start_soon(work, pacer, number % 2 == 0)
        assert trio.current_time() - began < 61.0

    trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))
    assert told[False] <= 0.005 * told.total()
    assert server.utilisation() >= 0.95
