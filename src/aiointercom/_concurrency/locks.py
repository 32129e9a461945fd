"""Waiting for what another call holds, and no longer than a call may."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio

from aiointercom.errors import NotSentError


@asynccontextmanager
async def hold(lock: anyio.Lock, seconds: float | None, what: str) -> AsyncGenerator[None]:
    """Hold a lock. Only waiting for it is bounded; what is done under it has bounds of its own.

    Args:
        lock: The lock.
        seconds: How long to wait for it; None: no limit.
        what: What another call does under it, for the error.

    Raises:
        NotSentError: Another call held it for longer.
    """
    with anyio.move_on_after(seconds) as scope:
        await lock.acquire()
    if scope.cancelled_caught:
        raise NotSentError(f"another call took longer than {seconds:g} s for {what}", attempts=0)
    try:
        yield
    finally:
        lock.release()
