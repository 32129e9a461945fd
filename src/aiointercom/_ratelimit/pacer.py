"""Waiting for a turn: one queue per priority and one sleeper for all waiters, over `_ratelimit.budget`.

Works on asyncio and trio. There is no task of its own to start or to stop: one of the waiters sleeps for all, and hands
that on.
"""

from __future__ import annotations

import random as _random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from math import inf

import anyio
from attrs import define, field

from aiointercom._protocol.headers import ServerClock, read_date, read_rate_limit
from aiointercom._values.limits import WINDOW
from aiointercom.errors import RateLimit

from .budget import Budget, end_of_window
from .pace import Exhausted, Pace

__all__ = ["Exhausted", "Pace", "Pacer", "read_rate_limit"]

# Seconds. A timer that rings a little early must not make the sleeper spin, nor is a shorter gain worth a new timer.
SHORTEST_NAP = 0.001


@define(eq=False, repr=False)
class _Waiter:
    latest: float  # when its patience ends
    turn: anyio.Event = field(factory=anyio.Event)
    done: bool = False
    refused: float | None = None  # seconds after which it would have had a turn; None: it is not refused

    def settle(self, refused: float | None = None) -> None:
        self.done, self.refused = True, refused
        self.turn.set()


@define(eq=False, repr=False)
class _Queue:
    reserve: float
    waiters: deque[_Waiter] = field(factory=deque[_Waiter])
    soonest: float = inf  # no patience in the queue ends before


class Pacer:
    """Gives turns to the calls of one token.

    `acquire`, and then exactly one of `answered` and `failed`, for every attempt.
    """

    def __init__(
        self,
        pace: Pace,
        *,
        now: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
        random: Callable[[], float] = _random.random,
    ) -> None:
        self._now, self._wall, self._sleep = now, wall, sleep
        self._clock = ServerClock()
        self.max_wait = inf if pace.max_wait is None else pace.max_wait
        """Seconds that one call may wait for the rate limit in all."""
        self._budget = Budget(pace.burst, random, pace.most_in_flight)
        self._queues = _Queue(0.0), _Queue(pace.reserve)  # interactive, batch
        # The waiter that sleeps for all, its scope, and until when. Made in an event loop, when it is needed.
        self._sleeper: tuple[_Waiter, anyio.CancelScope, float] | None = None
        self._look_at = inf
        self.rate_limit: RateLimit | None = None
        """The rate limit as last seen. None: no answer showed it."""

    @property
    def window(self) -> float | None:
        """Seconds of a window, as answers told it. None: they told of one window only."""
        return self._budget.window

    def at_once(self, *, batch: bool, invited: bool = False) -> bool:
        """Takes a turn if there is one at once; the arguments are those of `acquire`."""
        now, queue = self._now(), self._queues[batch]
        if invited or (not self._ahead(queue) and self._budget.ready_at(now, queue.reserve) <= now):
            self._budget.sent(now, queue.reserve)
            return True
        return False

    async def acquire(self, *, batch: bool, budget: float | None, invited: bool = False) -> float:
        """Waits for a turn.

        Args:
            batch: whether the call leaves the reserve of every window to others.
            budget: seconds until the caller's own deadline; None: no deadline.
            invited: the server itself said, by `Retry-After`, that this call may come now: it is booked and does not
                wait.

        Returns:
            Seconds waited.

        Raises:
            Exhausted: the wait would pass `max_wait` or the budget; at once, as soon as that is known.
        """
        if self.at_once(batch=batch, invited=invited):
            return 0.0
        now, queue = self._now(), self._queues[batch]
        waiter = self._admit(queue, now, inf if budget is None else budget)
        try:
            while not waiter.done:
                await self._wait(waiter)
        except BaseException:
            self._leave(queue, waiter)
            raise
        if waiter.refused is not None:
            raise Exhausted(waiter.refused, self.rate_limit)
        return max(0.0, self._now() - now)

    def answered(self, headers: Mapping[str, str], status: int) -> RateLimit | None:
        """Gives the slot back and learns from the answer; returns the rate limit that it told.

        A 429 ends the window's budget.
        """
        now, told = self._now(), read_rate_limit(headers)
        if told is not None:
            self.rate_limit = told
        self._clock.learn(read_date(headers.get("date")), now)
        ends = None if told is None else end_of_window(told, self._clock, now, self._wall)
        self._budget.answered(told, ends, status == 429, now)
        self._serve()
        return told

    def failed(self, *, sent: bool = True) -> None:
        """Gives the slot back without an answer.

        `sent=False`: surely nothing reached Intercom, so nothing was counted.
        """
        self._budget.failed(sent)
        self._serve()

    def _ahead(self, queue: _Queue) -> int:
        """How many go before a new one: interactive calls stand before all batch calls."""
        interactive, batch = self._queues
        return len(interactive.waiters) + (len(batch.waiters) if queue is batch else 0)

    def _admit(self, queue: _Queue, now: float, budget: float) -> _Waiter:
        patience = min(self.max_wait, budget)
        expected = self._budget.expected_wait(now, queue.reserve, self._ahead(queue))
        if expected > patience or patience <= 0:
            raise Exhausted(max(expected, self._budget.ready_at(now, queue.reserve) - now), self.rate_limit)
        waiter = _Waiter(now + patience)
        queue.waiters.append(waiter)
        queue.soonest = min(queue.soonest, waiter.latest)
        self._serve()
        return waiter

    async def _wait(self, waiter: _Waiter) -> None:
        if self._sleeper is not None:
            waiter.turn = anyio.Event()
            await waiter.turn.wait()
            return
        nap = min(max(self._look_at - self._now(), SHORTEST_NAP), WINDOW)
        try:
            with anyio.CancelScope() as scope:
                self._sleeper = waiter, scope, self._now() + nap
                await self._sleep(nap)
        finally:
            self._sleeper = None
        self._serve()

    def _leave(self, queue: _Queue, waiter: _Waiter) -> None:
        if not waiter.done:
            queue.waiters.remove(waiter)
        elif waiter.refused is None:
            self._budget.failed(sent=False)
        self._serve()

    def _serve(self) -> None:
        """Gives all turns that there are, and sees to it that one of the remaining waiters sleeps until the next."""
        if self._sleeper is None and not self._ahead(self._queues[1]):
            return
        now = self._now()
        self._look_at = min([self._grant(queue, now) for queue in self._queues])
        if self._sleeper is not None:
            waiter, scope, rings_at = self._sleeper
            if waiter.done or self._look_at < rings_at - SHORTEST_NAP:
                scope.cancel()
            return
        for queue in self._queues:
            if queue.waiters:
                queue.waiters[0].turn.set()
                return

    def _grant(self, queue: _Queue, now: float) -> float:
        """Gives the turns of one queue; returns when to look again."""
        while queue.waiters:
            ready_at = self._budget.ready_at(now, queue.reserve)
            if ready_at > now:
                self._refuse(queue, now)
                return min(ready_at, queue.soonest) if queue.waiters else inf
            self._budget.sent(now, queue.reserve)
            queue.waiters.popleft().settle()
        return inf

    def _refuse(self, queue: _Queue, now: float) -> None:
        """Lets those go whose patience ends before there can be a turn."""
        horizon = now + self._budget.expected_wait(now, queue.reserve, 0)
        if queue.soonest > horizon:
            return
        patient = deque[_Waiter]()
        for waiter in queue.waiters:
            if waiter.latest > horizon:
                patient.append(waiter)
            else:
                waiter.settle(refused=self._budget.expected_wait(now, queue.reserve, len(patient)))
        queue.waiters, queue.soonest = patient, min((waiter.latest for waiter in patient), default=inf)
