"""A clock that runs several times as fast as this machine's, for a client and its sandbox: real sockets, and little
waiting.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

import anyio

from aiointercom._delivery.clock import Clock
from aiointercom._ratelimit.pacer import Pace, Pacer


class FastClock:
    """Its seconds pass `speed` times as fast. Called, it gives Unix seconds: the clock of a sandbox.

    The time-outs of the network are real seconds. So a request that times out takes many seconds of this clock.
    """

    def __init__(self, speed: float) -> None:
        self.speed = speed
        self._wall, self._began = time.time(), time.monotonic()

    def __call__(self) -> float:
        return self._wall + self._passed()

    def clock(self, sleep: Callable[[float], Awaitable[None]] | None = None) -> Clock:
        """The clock of a client. sleep: takes seconds of this clock; None: `self.sleep`."""
        return Clock(now=self, monotonic=self._passed, sleep=sleep or self.sleep, jitter=lambda: 0.0)

    def pacer(self) -> Pacer:
        """A pacer whose seconds are those of this clock."""
        return Pacer(Pace(), now=self._passed, wall=self, sleep=self.sleep)

    async def sleep(self, seconds: float) -> None:
        """Wait for so many seconds of this clock."""
        await anyio.sleep(seconds / self.speed)

    def _passed(self) -> float:
        return (time.monotonic() - self._began) * self.speed
