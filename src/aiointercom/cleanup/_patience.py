"""Planning has time: a read that is refused for the rate limit waits and is made again, beyond what a client does by itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

from aiointercom.errors import RateLimitedError

from ._tally import WINDOW

T = TypeVar("T")
PATIENCE = 10  # waits of one read


async def patiently(read: Callable[[], Awaitable[T]]) -> T:
    """Make a read, again and again where the rate limit refuses it.

    Raises:
        RateLimitedError: It is still refused after all the waiting.
    """
    for _ in range(PATIENCE):
        try:
            return await read()
        except RateLimitedError as error:
            wait = error.retry_after
        await anyio.sleep(WINDOW if wait is None else wait)
    return await read()
