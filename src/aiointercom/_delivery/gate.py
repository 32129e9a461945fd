"""The places before the connections: each token has its own, so that slow answers of one never hold up another's calls.

httpcore loses a connection for good when a request that queues in its pool is cancelled, so nothing may queue there.
The transports that this package makes open connections as they are needed; the pool of a caller's own has a size, and
there all tokens together keep to it.
"""

from __future__ import annotations

from types import TracebackType

import anyio

EACH = 50
"""Requests that one token has under way at once."""
POOL = 100
"""Requests that all tokens together have under way at once in a pool of a caller's own: httpx's own default size of a
pool."""


class Gate:
    """The places of one token, as an async context manager that a call is in while its request is under way.

    Args:
        pool: The places in a pool of a caller's own, which all tokens share; None: connections are opened as they are
            needed.
    """

    def __init__(self, pool: anyio.Semaphore | None = None) -> None:
        self.places = anyio.Semaphore(EACH, fast_acquire=True)
        self._pool = pool

    async def __aenter__(self) -> None:
        await self.places.acquire()
        if self._pool is None:
            return
        try:
            await self._pool.acquire()
        except BaseException:
            self.places.release()
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.release()
        self.places.release()
