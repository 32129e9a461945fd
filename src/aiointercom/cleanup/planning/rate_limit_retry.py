"""Retries reads that the rate limit refuses, longer than a client does by itself: planning has time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

from aiointercom._values.limits import WINDOW
from aiointercom.errors import RateLimitedError

T = TypeVar("T")
MAX_WAITS = 10  # waits of one read


async def retry_rate_limited(read: Callable[[], Awaitable[T]]) -> T:
    """Make a read, and repeat it while the rate limit refuses it.

    Raises:
        RateLimitedError: It is still refused after `MAX_WAITS` waits.
    """
    for _ in range(MAX_WAITS):
        try:
            return await read()
        except RateLimitedError as error:
            wait = error.retry_after
        await anyio.sleep(WINDOW if wait is None else wait)
    return await read()
