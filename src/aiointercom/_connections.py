"""What clients made with `with_options` share: the places before the connections, the event loop, and what is known of each token."""

from __future__ import annotations

import asyncio
import warnings
from collections import OrderedDict
from collections.abc import Mapping

import anyio
from anyio.lowlevel import current_token
from attrs import define, field

from intercom_raw import models

from ._gate import EACH, POOL, Gate
from ._headers import ServerClock, read_date, read_rate_limit
from ._hidden import Hidden
from ._pacing import Pace, Pacer
from .auth import Token, TokenSource
from .errors import ClientClosedError, ConfigurationError, RateLimit, WrongEventLoopError
from .regions import Region

IN_FLIGHT = EACH
"""Requests that one token has under way at once."""
TENANTS = 1000
"""Tokens that are remembered; of the least used ones the pacing state is forgotten, and learnt anew from the next answer."""
TICKETS = 1000
"""Conversions that are remembered for each token."""
TICKET_TYPES = 100
"""Ticket types that are remembered for each token."""


@define(eq=False)
class Tenant:
    """What is known of one token."""

    tokens: TokenSource = field(repr=False)
    pacer: Pacer | None = field(repr=False)
    """None: pacing is switched off."""
    gate: Gate = field(factory=Gate, repr=False)
    """The places of its requests before the connections."""
    rate_limit: RateLimit | None = None
    home: Region | None = None
    """Where its workspace lives, once a client with strict_region has asked."""
    tickets: OrderedDict[str, None] = field(factory=OrderedDict[str, None], repr=False)
    """The conversations that were converted last."""
    types: OrderedDict[str, tuple[float, models.TicketType]] = field(
        factory=OrderedDict[str, "tuple[float, models.TicketType]"], repr=False
    )
    """The ticket types that were read last, and when the read began (seconds of the event loop's clock)."""
    reading_types: anyio.Lock = field(factory=anyio.Lock, repr=False)
    asking: anyio.Lock = field(factory=anyio.Lock, repr=False)
    workspace: str | None = None
    """The id of its workspace, once `/me` was read."""
    clock: ServerClock = field(factory=ServerClock, repr=False)
    """By how much Intercom's clock is ahead of the monotonic one."""

    def server_time(self, at: float) -> float | None:
        """Return a time by Intercom's clock, Unix seconds; None where no answer told the time yet. `at`: by the monotonic clock."""
        return self.clock.now(at)

    def ended(self, headers: Mapping[str, str] | None, status: int | None, now: float, *, sent: bool) -> None:
        """Learn from how a request ended, and give its turn back to the pacer.

        Args:
            headers: The answer's, by lower-case name; None: no whole answer came.
            status: The answer's.
            now: Seconds of the monotonic clock.
            sent: Whether the request may have been counted.
        """
        if headers is None:
            if self.pacer is not None:
                self.pacer.failed(sent=sent)
            return
        # An answer without a date (of a proxy, say) does not undo what an earlier one told.
        self.clock.learn(read_date(headers.get("date")), now)
        told = read_rate_limit(headers) if self.pacer is None else self.pacer.answered(headers, status or 0)
        self.rate_limit = told or self.rate_limit

    def converted(self, conversation_id: str) -> None:
        """Remember that a conversation is a ticket now."""
        self.tickets[conversation_id] = None
        if len(self.tickets) > TICKETS:
            self.tickets.popitem(last=False)

    def read(self, ticket_type_id: str, began: float, ticket_type: models.TicketType) -> None:
        """Remember a ticket type."""
        self.types[ticket_type_id] = (began, ticket_type)
        self.types.move_to_end(ticket_type_id)
        if len(self.types) > TICKET_TYPES:
            self.types.popitem(last=False)


class Connections:
    """The state behind one pool of connections.

    Args:
        pace: How to pace; None: not at all.
        asyncio_only: The transport works on no other kind of event loop.
        own_pool: The connections are a caller's own, so there are only so many; else they are opened as they are needed.
        warn_as: The client by its name, which is warned of when it was used and is dropped without being closed; None: not at all.
    """

    def __init__(
        self, pace: Pace | None, *, asyncio_only: bool = False, own_pool: bool = False, warn_as: str | None = None
    ) -> None:
        self._pool = anyio.Semaphore(POOL, fast_acquire=True) if own_pool else None
        self.closed = False
        self.under_way = 0
        """Calls that have begun and not ended, without those that read back for another."""
        self._closing: anyio.Event | None = None
        self._warn_as = warn_as
        self._pace = pace
        self._asyncio_only = asyncio_only
        self._loop: object = None
        self._tenants: OrderedDict[Hidden[Token], Tenant] = OrderedDict()

    def __del__(self) -> None:
        if not self.closed and self._warn_as is not None and self._loop is not None:
            text = f"{self._warn_as} was not closed: use `async with`, or `await aclose()`"
            warnings.warn(text, ResourceWarning, source=self, stacklevel=2)

    def begin(self) -> None:
        """Note that a call begins; refuse it while the client waits for those under way, and as `enter` does.

        Raises:
            ClientClosedError, WrongEventLoopError, ConfigurationError: As for `enter`.
        """
        self.enter()
        if self._closing is not None:
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

    def tenant(self, token: Hidden[Token]) -> Tenant:
        """Return what is known of a token; the same token gives the same pacing state.

        Raises:
            ConfigurationError: The token cannot be sent.
        """
        tenant = self._tenants.get(token)
        if tenant is None:
            pacer = None if self._pace is None else Pacer(self._pace)
            tenant = self._tenants[token] = Tenant(TokenSource(token), pacer, Gate(self._pool))
            while len(self._tenants) > TENANTS:
                self._tenants.popitem(last=False)
        self._tenants.move_to_end(token)
        return tenant


def _running() -> object:
    """The event loop that runs; asyncio's own question is ten times cheaper than anyio's."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return current_token()
