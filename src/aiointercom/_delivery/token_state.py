"""What is known of one token: its rate limit, its places, its clock and its caches."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from typing import Any
from weakref import WeakValueDictionary

import anyio
from attrs import define, field

from aiointercom._protocol.headers import ServerClock, read_date, read_rate_limit
from aiointercom._ratelimit.pacer import Pacer
from aiointercom._region import Region
from aiointercom.auth import TokenSource
from aiointercom.errors import RateLimit
from intercom_raw import models

from .gate import Gate

MOST_VERSIONS = 8
"""Versions that are told for one token: a header that is another one each time must not fill the memory, nor the
log."""
TICKETS = 1000
"""Conversions that are remembered for each token."""
TICKET_TYPES = 100
"""Ticket types that are remembered for each token."""


@define(eq=False, repr=False)
class Finishing:
    """Work of `Intercom.finish` that is under way, and that others may ask for too."""

    ended: anyio.Event = field(factory=anyio.Event)
    outcome: tuple[Any, Exception | None] | None = field(default=None, repr=False)
    """What it returned, or the error it raised; None: it has not ended, or was cancelled itself."""


@define(eq=False, repr=False)
class TokenState:
    """What is known of one token."""

    tokens: TokenSource
    pacer: Pacer | None
    """None: pacing is switched off."""
    gate: Gate = field(factory=Gate)
    """The places of its requests before the connections."""
    rate_limit: RateLimit | None = None
    home: Region | None = None
    """Where its workspace lives, once a client with strict_region has asked."""
    tickets: OrderedDict[str, None] = field(factory=OrderedDict[str, None])
    """The conversations that were converted last."""
    types: OrderedDict[str, tuple[float, models.TicketType]] = field(
        factory=OrderedDict[str, "tuple[float, models.TicketType]"]
    )
    """The ticket types that were read last, and when the read began (seconds of the event loop's clock)."""
    reading_types: WeakValueDictionary[str, anyio.Lock] = field(factory=WeakValueDictionary[str, anyio.Lock])
    """Held while a ticket type is read; one for each type, so that a slow read holds up no other. A lock that nobody
    uses is forgotten."""
    asking: anyio.Lock = field(factory=anyio.Lock)
    workspace: str | None = None
    """The id of its workspace, once `/me` was read."""
    clock: ServerClock = field(factory=ServerClock)
    """By how much Intercom's clock is ahead of the monotonic one."""

    finishing: dict[Hashable, Finishing] = field(factory=dict[Hashable, Finishing])
    """The work under way that others may ask for, by its key."""
    versions: set[str] = field(factory=set[str])
    """Versions of the API, other than the asked one, that answers named: each is told once."""

    def is_new_version(self, answered: str) -> bool:
        """Remember a version that an answer named; say whether it is the first time."""
        if answered in self.versions or len(self.versions) >= MOST_VERSIONS:
            return False
        self.versions.add(answered)
        return True

    def server_time(self, at: float) -> float | None:
        """Return a time by Intercom's clock, Unix seconds; None where no answer told the time yet.

        `at`: by the monotonic clock.
        """
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

    def known_type(self, ticket_type_id: str, oldest: float) -> models.TicketType | None:
        """Return a ticket type whose read began at `oldest` or later, on the event loop's clock. None: read it."""
        read = self.types.get(ticket_type_id)
        return read[1] if read is not None and read[0] >= oldest else None

    def read(self, ticket_type_id: str, began: float, ticket_type: models.TicketType) -> None:
        """Remember a ticket type."""
        self.types[ticket_type_id] = (began, ticket_type)
        self.types.move_to_end(ticket_type_id)
        if len(self.types) > TICKET_TYPES:
            self.types.popitem(last=False)
