"""Reads conversations in concurrent rounds and finds the items of each.

The only module of the planning that calls Intercom.

A round begins and ends within one call, so no task runs between two calls and nothing must be closed. Tasks that read
ahead would need `async with` wherever an iterator is expected, and would lose what they hold when the consumer stops.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import anyio
from attrs import define, field

from aiointercom._values.validation import id_like
from aiointercom.cleanup.items import Item
from aiointercom.client import Intercom
from aiointercom.detect import Detector
from aiointercom.errors import (
    ConfigurationError,
    ForbiddenError,
    IntercomError,
    NotFoundError,
    UnauthorizedError,
    UnreadableResponseError,
)
from aiointercom.models import Conversation, ConversationListItem
from aiointercom.types import Priority

from .counts import PlanCounts
from .rate_limit_retry import retry_rate_limited
from .records import ConvertTo, Unread
from .seen_ids import SeenIds
from .selection import find_redactions, is_ticket
from .sources import ConversationLike, Source

ROUND = 4
"""Conversations of a round, for each concurrent read: little time is lost waiting for the slowest, and the first items
come soon."""
FULL = 2_000  # items that end a round
UNREAD_IN_A_ROW = 25  # consecutive failed reads after which all reads are expected to fail
FOR_ALL = (UnauthorizedError, ForbiddenError, ConfigurationError)

Entries = list[Item | Unread]


@define
class Scanner:
    """The state that the rounds share."""

    intercom: Intercom
    source: Source
    detectors: Sequence[Detector] | None
    convert: ConvertTo | None
    concurrency: int
    priority: Priority
    on_conversation: Callable[[], object]
    limit: int | None = None
    """How many items are wanted; None: all."""
    counts: PlanCounts = field(factory=PlanCounts)
    ended: bool = False
    limited: bool = False
    """Whether the limit left out items, or conversations that were not examined."""
    _seen_ids: SeenIds = field(factory=SeenIds)
    _failed_in_a_row: int = 0
    _detecting: anyio.Lock = field(factory=lambda: anyio.Lock(fast_acquire=True))

    async def round(self) -> Entries:
        """Read some conversations, and return their entries in the order of the source.

        Raises:
            Exception: An error that ends the search; see `find`.
        """
        before = self.counts.items
        results: list[Entries] = []
        failures: list[Exception] = []
        turns = anyio.Semaphore(self.concurrency)
        async with anyio.create_task_group() as tasks:

            def fail(error: Exception) -> None:
                failures.append(error)
                tasks.cancel_scope.cancel()

            async def one(id: str, given: ConversationLike, entries: Entries) -> None:
                try:
                    entries += await self._look(id, given)
                    self.counts.found(entries)
                    self.on_conversation()
                except Exception as error:  # noqa: BLE001  # raised below, not as an ExceptionGroup
                    fail(error)
                turns.release()

            try:
                for _ in range(ROUND * self.concurrency):
                    await turns.acquire()
                    if self._has_enough(results) or (taken := await self._next()) is None:
                        break
                    results.append([])
                    tasks.start_soon(one, *taken, results[-1])
            except Exception as error:  # noqa: BLE001  # the same
                fail(error)
        if failures:
            raise failures[0]
        found = [entry for entries in results for entry in entries]
        return found if self.limit is None else await self._first(found, self.limit - before)

    def _has_enough(self, results: Sequence[Entries]) -> bool:
        """Return whether a round has read enough conversations."""
        enough = self.limit is not None and self.counts.items >= self.limit
        return enough or sum(map(len, results)) >= FULL

    async def _first(self, found: Entries, wanted: int) -> Entries:
        """Return the entries without the items beyond the wanted ones, and end the search if there are enough."""
        items = [entry for entry in found if not isinstance(entry, Unread)]
        if len(items) >= wanted:
            self.counts.leave_out(items[wanted:])
            left = len(items) > wanted or (not self.ended and await self._next() is not None)
            self.limited, self.ended = left, True
        kept = {id(item) for item in items[:wanted]}
        return [entry for entry in found if isinstance(entry, Unread) or id(entry) in kept]

    async def _next(self) -> tuple[str, ConversationLike] | None:
        """Return the next conversation that is not a duplicate; None: there are no more."""
        while (taken := await self.source.take()) is not None:
            if self._seen_ids.add(taken[0]):
                return taken
            self.counts.skipped["named_twice"] += 1
        self.ended = True
        return None

    async def _look(self, id: str, given: ConversationLike) -> Entries:
        if isinstance(given, Conversation | ConversationListItem) and id_like(given.id) is None:
            return [Unread(id, UnreadableResponseError.__name__)]
        if self.convert is not None:
            return await self._conversion(id, given, self.convert)
        seen = await self._read(id)
        if isinstance(seen, Unread):
            return [seen]
        return [*await find_redactions(id, seen, self.detectors, self.counts, self._detecting)]

    async def _conversion(self, id: str, given: ConversationLike, convert: ConvertTo) -> Entries:
        shown = is_ticket(given) if isinstance(given, Conversation | ConversationListItem) else None
        if shown is None:
            seen = await self._read(id)
            if isinstance(seen, Unread):
                return [seen]
            shown = is_ticket(seen)
        if not shown:
            # If the read does not show it either, the conversion will: Intercom refuses it for a ticket.
            return [convert.item(id)]
        self.counts.skipped["already_ticket"] += 1
        return []

    async def _read(self, id: str) -> Conversation | Unread:
        try:
            seen = await retry_rate_limited(lambda: self.intercom.conversations.retrieve(id, priority=self.priority))
        except FOR_ALL:
            raise
        except IntercomError as error:
            self._failed_in_a_row += not isinstance(error, NotFoundError)
            if self._failed_in_a_row >= UNREAD_IN_A_ROW:
                raise
            return Unread(id, type(error).__name__)
        self._failed_in_a_row = 0
        parts = seen.conversation_parts
        # A conversation without parts was not examined, so it must not count as clean.
        if parts is None or parts.conversation_parts is None:
            return Unread(id, UnreadableResponseError.__name__)
        return seen
