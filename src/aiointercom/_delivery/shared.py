"""The state that clients made with `with_options` share: places before the connections, event loop, tokens."""

from __future__ import annotations

import asyncio
import warnings
from collections import OrderedDict
from contextlib import suppress
from contextvars import ContextVar
from weakref import WeakValueDictionary

import anyio
from anyio.lowlevel import current_token

from aiointercom._http.base import HTTPTransport
from aiointercom._ratelimit.pacer import Pace, Pacer
from aiointercom._values.hidden import Hidden
from aiointercom.auth import Token, TokenSource
from aiointercom.errors import ClientClosedError, ConfigurationError, WrongEventLoopError

from .gate import EACH, POOL, Gate
from .token_state import TokenState

IN_FLIGHT = EACH
"""Requests that one token has under way at once."""
TOKENS = 1000
"""Tokens that are remembered though no client with them is left; the pacing of the others is forgotten, and learnt anew
from an answer."""
FINISHING: ContextVar[object] = ContextVar("finishing", default=None)
"""The SharedState that waits for the work around this call, so that its further calls are let through while the client
is being closed."""


class SharedState:
    """The state behind one pool of connections.

    Args:
        pace: How to pace; None: not at all.
        asyncio_only: The transport works on no other kind of event loop.
        own_pool: The connections are a caller's own, so there are only so many; else they are opened as they are
            needed.
        warn_as: The client by its name, which is warned of when it was used and is dropped without being closed; None:
            not at all.
    """

    def __init__(
        self, pace: Pace | None, *, asyncio_only: bool = False, own_pool: bool = False, warn_as: str | None = None
    ) -> None:
        self._pool = anyio.Semaphore(POOL, fast_acquire=True) if own_pool else None
        self.closed = False
        self.under_way = 0
        """Calls, and work of `finish`, that have begun and not ended, without those that read back for another."""
        self._closing: anyio.Event | None = None
        self._warn_as = warn_as
        self._pace = pace
        self._asyncio_only = asyncio_only
        self._loop: object = None
        self._tenants: OrderedDict[Hidden[Token], TokenState] = OrderedDict()
        self._in_use: WeakValueDictionary[Hidden[Token], TokenState] = WeakValueDictionary()

    def __del__(self) -> None:
        if not self.closed and self._warn_as is not None and self._loop is not None:
            text = f"{self._warn_as} was not closed: use `async with`, or `await aclose()`"
            warnings.warn(text, ResourceWarning, source=self, stacklevel=2)

    def begin(self) -> None:
        """Note that a call begins, which `enter` let in; refuse it while the client waits for those under way.

        Raises:
            ClientClosedError: The client is being closed.
        """
        if self._closing is not None and FINISHING.get() is not self:
            raise ClientClosedError("the client is being closed, and takes no new calls")
        self.under_way += 1

    def end(self) -> None:
        """Note that a call ended."""
        self.under_way -= 1
        if self._closing is not None and not self.under_way:
            self._closing.set()

    async def drained(self, seconds: float) -> None:
        """Take no new calls, and wait for those under way, `seconds` at most."""
        self._closing = self._closing or anyio.Event()
        if self.under_way:
            with anyio.move_on_after(seconds):
                await self._closing.wait()

    def enter(self) -> None:
        """Refuse a call after close, or from another event loop than the one that the connections belong to.

        Raises:
            ClientClosedError, WrongEventLoopError: See there.
            ConfigurationError: The transport does not work on trio.
        """
        if self.closed:
            raise ClientClosedError(
                "the client is closed: make a new one, or keep one open as long as the application runs"
            )
        if self._loop is None:
            loop = _running()
            if self._asyncio_only and not isinstance(loop, asyncio.AbstractEventLoop):
                raise ConfigurationError('the aiohttp transport works on asyncio only: on trio use transport="httpx"')
            self._loop = loop
        elif self.elsewhere:
            raise WrongEventLoopError("the client belongs to another event loop: make one per loop, inside of it")

    @property
    def elsewhere(self) -> bool:
        """Whether the connections belong to another event loop than the one that runs."""
        loop = _running()
        return self._loop is not None and self._loop is not loop and self._loop != loop

    async def aclose(self, transport: HTTPTransport, drain: float) -> None:
        """Close, after waiting `drain` seconds at most for the calls under way.

        In another event loop let go of what belongs to the dead one.
        """
        try:
            if drain and not self.elsewhere:
                await self.drained(drain)
        finally:  # the caller may be cancelled while it waits
            with anyio.CancelScope(shield=True):
                await self._close(transport)

    async def _close(self, transport: HTTPTransport) -> None:
        self.closed = True
        if not self.elsewhere:
            await transport.aclose()
        else:
            # What a dead event loop left behind died with it: nothing can be awaited of it, and no failure of that
            # matters.
            with suppress(Exception):
                await transport.abandon()

    def token_state(self, token: Hidden[Token]) -> TokenState:
        """Return what is known of a token; the same token gives the same pacing state.

        Raises:
            ConfigurationError: The token cannot be sent.
        """
        token_state = self._in_use.get(token)
        if token_state is None:
            pacer = None if self._pace is None else Pacer(self._pace)
            token_state = self._in_use[token] = TokenState(TokenSource(token), pacer, Gate(self._pool))
        self._tenants[token] = token_state
        self._tenants.move_to_end(token)
        if len(self._tenants) > TOKENS:
            self._tenants.popitem(last=False)
        return token_state


def _running() -> object:
    """The event loop that runs; asyncio's own question is ten times cheaper than anyio's."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return current_token()
