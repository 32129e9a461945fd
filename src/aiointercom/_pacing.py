"""Waiting for a turn: a queue for each priority and one sleeper for all who wait, over the arithmetic in `_windows`.

Works on asyncio and trio. There is no task of its own to start or to stop: one of the waiters sleeps for all, and hands that on.
"""

from __future__ import annotations

import random as _random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from math import inf

import anyio
from attrs import define, field, frozen

from aiointercom._rate_headers import read_rate_limit, server_clock
from aiointercom._windows import WINDOW, Budget
from aiointercom.errors import RateLimit

__all__ = ["Exhausted", "Pace", "Pacer", "read_rate_limit", "server_clock"]

SHORTEST_NAP = 0.001  # seconds; a timer that rings a little early, or a clock that was set, must not make the sleeper spin


@frozen
class Pace:
    """How a client keeps to Intercom's rate limit.

    Source: https://developers.intercom.com/docs/references/rest-api/errors/rate-limiting
    """

    max_wait: float | None = 60.0
    """Seconds that one call may wait for the rate limit before it ends in `RateLimitedError`; 0: never wait; None: as long as it takes."""
    reserve: float = 0.2
    """Share of every window, from 0 up to but not including 1, that calls with priority "batch" leave to others; 0: none."""
    burst: int = 10
    """Calls that may be in flight while nothing is known of the rate limit yet; at least 1."""

    def __attrs_post_init__(self) -> None:
        if self.max_wait is not None and not self.max_wait >= 0:
            raise ValueError("max_wait must be 0 seconds or more, or None")
        if not 0 <= self.reserve < 1:
            raise ValueError("reserve must be a share from 0 up to, but not including, 1")
        if self.burst < 1:
            raise ValueError("burst must be at least 1 call")


class Exhausted(Exception):  # noqa: N818  # a state of the window, which the sender turns into RateLimitedError
    """The wait for the rate limit would take longer than the call may wait."""

    def __init__(self, retry_after: float, rate_limit: RateLimit | None) -> None:
        super().__init__(retry_after, rate_limit)
        self.retry_after = retry_after
        """Seconds from now until a call may expect a turn."""
        self.rate_limit = rate_limit
        """The rate limit as last seen; None: none was seen."""


@define(eq=False)
class _Waiter:
    latest: float
    """When its patience ends."""
    event: anyio.Event = field(factory=anyio.Event)
    granted: bool = False
    refused: float | None = None
    """Seconds after which it would have had a turn; None: it is not refused."""

    @property
    def done(self) -> bool:
        return self.granted or self.refused is not None


@define(eq=False)
class _Queue:
    reserve: float
    waiters: deque[_Waiter] = field(factory=deque[_Waiter])
    soonest: float = inf
    """No patience in the queue ends before this time."""


class Pacer:
    """Gives turns to the calls of one token. `acquire`, and then exactly one of `answered` and `failed`, for every attempt."""

    def __init__(
        self,
        pace: Pace,
        *,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
        random: Callable[[], float] = _random.random,
    ) -> None:
        self._now, self._sleep = now, sleep
        self._max_wait = inf if pace.max_wait is None else pace.max_wait
        self._budget = Budget(pace.burst, random)
        self._queues = _Queue(0.0), _Queue(pace.reserve)  # interactive, batch
        self._sleeper: _Waiter | None = None
        self._nap = anyio.CancelScope()
        self._wake_at = inf
        self.rate_limit: RateLimit | None = None
        """The rate limit as last seen; None: none was seen."""

    async def acquire(self, *, batch: bool, budget: float | None) -> float:
        """Waits for a turn.

        Args:
            batch: whether the call leaves the reserve of every window to others.
            budget: seconds until the caller's own deadline; None: there is none.

        Returns:
            Seconds waited.

        Raises:
            Exhausted: the wait would pass `max_wait` or the budget; at once, as soon as that is known.
        """
        now, queue = self._now(), self._queues[batch]
        if not self._ahead(queue) and self._budget.ready_at(now, queue.reserve) <= now:
            self._budget.sent(now, queue.reserve)
            return 0.0
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
        """Gives the slot back and learns from the answer; returns the rate limit that it told. A 429 ends the window's budget."""
        now, told = self._now(), read_rate_limit(headers)
        if told is not None:
            self.rate_limit = told
        self._budget.answered(told, server_clock(headers, now), status == 429, now)
        self._serve()
        return told

    def failed(self, *, sent: bool = True) -> None:
        """Gives the slot back without an answer. `sent=False`: surely nothing reached Intercom, so nothing was counted."""
        self._budget.failed(sent)
        self._serve()

    def _ahead(self, queue: _Queue) -> int:
        """How many go before a new one: interactive calls stand before all batch calls."""
        interactive, batch = self._queues
        return len(interactive.waiters) + (len(batch.waiters) if queue is batch else 0)

    def _admit(self, queue: _Queue, now: float, budget: float) -> _Waiter:
        patience = min(self._max_wait, budget)
        expected = self._budget.expected_wait(now, queue.reserve, self._ahead(queue))
        if expected > patience or patience <= 0:
            raise Exhausted(expected, self.rate_limit)
        waiter = _Waiter(now + patience)
        queue.waiters.append(waiter)
        queue.soonest = min(queue.soonest, waiter.latest)
        self._serve()
        return waiter

    async def _wait(self, waiter: _Waiter) -> None:
        if self._sleeper is not None:
            waiter.event = anyio.Event()
            await waiter.event.wait()
            return
        self._sleeper, self._nap = waiter, anyio.CancelScope()
        try:
            with self._nap:
                await self._sleep(min(max(self._wake_at - self._now(), SHORTEST_NAP), WINDOW))
        finally:
            self._sleeper = None
        self._serve()

    def _leave(self, queue: _Queue, waiter: _Waiter) -> None:
        if waiter.granted:
            self._budget.failed(sent=False)
        elif waiter.refused is None:
            queue.waiters.remove(waiter)
        self._serve()

    def _serve(self) -> None:
        """Gives all turns that there are, and sees to it that one of those who still wait sleeps until the next."""
        interactive, batch = self._queues
        if not (interactive.waiters or batch.waiters):
            if self._sleeper is not None:
                self._nap.cancel()
            return
        before, now = self._wake_at, self._now()
        self._wake_at = min(self._grant(interactive, now), self._grant(batch, now))
        if self._sleeper is None:
            for waiters in (interactive.waiters, batch.waiters):
                if waiters:
                    waiters[0].event.set()
                    break
        elif self._wake_at < before or self._sleeper.done:
            self._nap.cancel()

    def _grant(self, queue: _Queue, now: float) -> float:
        """Gives the turns of one queue; returns when it is worth to look again."""
        while queue.waiters:
            ready_at = self._budget.ready_at(now, queue.reserve)
            if ready_at > now:
                self._refuse(queue, now)
                return min(ready_at, queue.soonest) if queue.waiters else inf
            self._budget.sent(now, queue.reserve)
            waiter = queue.waiters.popleft()
            waiter.granted = True
            waiter.event.set()
        return inf

    def _refuse(self, queue: _Queue, now: float) -> None:
        """Lets go whose patience ends before there can be a turn."""
        horizon = now + self._budget.expected_wait(now, queue.reserve, 0)
        if queue.soonest > horizon:
            return
        for waiter in [waiter for waiter in queue.waiters if waiter.latest <= horizon]:
            queue.waiters.remove(waiter)
            waiter.refused = self._budget.expected_wait(now, queue.reserve, len(queue.waiters))
            waiter.event.set()
        queue.soonest = min((waiter.latest for waiter in queue.waiters), default=inf)
