"""A clock that runs on by itself and is put forward by whoever sleeps: for client, sandbox and clean-up at once, so
that nobody waits.
"""

from __future__ import annotations

import time
from math import isinf

import anyio
import pytest

from aiointercom._delivery import attempts
from aiointercom._delivery.clock import Clock
from aiointercom.cleanup.running import active_run, scheduler


class Virtual:
    """Time, as all that is tested sees it."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self.clock = Clock(now=self.now, monotonic=self.monotonic, sleep=self.sleep, jitter=lambda: 0.0)

    def now(self) -> float:
        """Unix seconds."""
        return time.time() + self.ahead

    def monotonic(self) -> float:
        """Seconds that never run back."""
        return time.monotonic() + self.ahead

    async def sleep(self, seconds: float) -> None:
        """Put the time forward."""
        self.ahead += seconds
        await anyio.lowlevel.checkpoint()

    async def wait_for(self, news: anyio.Event, seconds: float) -> None:
        """Let the others go on until there are news, or else put the time forward."""
        with anyio.move_on_after(None if isinf(seconds) else 0.02) as late:
            await news.wait()
        if late.cancelled_caught:
            await self.sleep(seconds)

    def rules(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Take the place of every clock but the sandbox's, which is given to it."""
        monkeypatch.setattr(attempts, "Clock", lambda: self.clock)
        monkeypatch.setattr(scheduler, "now", self.monotonic)
        monkeypatch.setattr(scheduler, "wait_for", self.wait_for)
        monkeypatch.setattr(active_run, "PAUSE", 0.01)
