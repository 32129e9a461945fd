"""Reads conversations in rounds, some at once, and asks of each what it gives. The only place of the planning that calls Intercom.

A round lives inside of one call, so nothing runs between two of them, and there is nothing to close. Tasks that read ahead were the
alternative: they would need `async with` wherever an iterator is expected, and what they hold is lost when the consumer stops.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import anyio
from attrs import define, field

from aiointercom._validation import id_like
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
from aiointercom.types import Priority
from intercom_raw.models import Conversation, ConversationListItem

from ._looking import is_ticket, redactions
from ._named import Named
from ._patience import patiently
from ._plan_records import ConvertTo, Unread
from ._tally import Tally
from .items import Item
from .sources import Given, Source

ROUND = 4  # conversations of a round for each read at once: little time goes to waiting for the slowest, and the first items come soon
FULL = 2_000  # items that end a round
UNREAD_IN_A_ROW = 25  # failed reads with no success between, after which the fault is taken to lie with all
FOR_ALL = (UnauthorizedError, ForbiddenError, ConfigurationError)

Entries = list[Item | Unread]


@define
class Reading:
    """What the rounds share."""

    intercom: Intercom
    source: Source
    detectors: Sequence[Detector] | None
    convert: ConvertTo | None
    concurrency: int
    priority: Priority
    on_conversation: Callable[[], object]
    tally: Tally = field(factory=Tally)
    ended: bool = False
    _named: Named = field(factory=Named)
    _failed_in_a_row: int = 0
    _detecting: anyio.Lock = field(factory=lambda: anyio.Lock(fast_acquire=True))

    async def round(self) -> Entries:
        """Read some conversations, and return what they gave in the order that they were named in.

        Raises:
            Exception: Whatever stops all: see `find`.
        """
        results: list[Entries] = []
        failures: list[Exception] = []
        turns = anyio.Semaphore(self.concurrency)
        async with anyio.create_task_group() as tasks:

            def fail(error: Exception) -> None:
                failures.append(error)
                tasks.cancel_scope.cancel()

            async def one(id: str, given: Given, entries: Entries) -> None:
                try:
                    entries += await self._look(id, given)
                    self.tally.found(entries)
                    self.on_conversation()
                except Exception as error:  # noqa: BLE001  # raised below: out of a task it would come in an ExceptionGroup
                    fail(error)
                turns.release()

            try:
                for _ in range(ROUND * self.concurrency):
                    await turns.acquire()
                    if sum(map(len, results)) >= FULL or (taken := await self._next()) is None:
                        break
                    results.append([])
                    tasks.start_soon(one, *taken, results[-1])
            except Exception as error:  # noqa: BLE001  # the same
                fail(error)
        if failures:
            raise failures[0]
        return [entry for entries in results for entry in entries]

    async def _next(self) -> tuple[str, Given] | None:
        """Return the next conversation that was not named before; None: there are no more."""
        while (taken := await self.source.take()) is not None:
            if self._named.add(taken[0]):
                return taken
            self.tally.skipped["named_twice"] += 1
        self.ended = True
        return None

    async def _look(self, id: str, given: Given) -> Entries:
        if isinstance(given, Conversation | ConversationListItem) and id_like(given.id) is None:
            return [Unread(id, UnreadableResponseError.__name__)]
        if self.convert is not None:
            return await self._conversion(id, given, self.convert)
        seen = await self._read(id)
        if isinstance(seen, Unread):
            return [seen]
        return [*await redactions(id, seen, self.detectors, self.tally, self._detecting)]

    async def _conversion(self, id: str, given: Given, convert: ConvertTo) -> Entries:
        shown = is_ticket(given) if isinstance(given, Conversation | ConversationListItem) else None
        if shown is None:
            seen = await self._read(id)
            if isinstance(seen, Unread):
                return [seen]
            shown = is_ticket(seen)
        if not shown:
            # Where not even the read shows it, the conversion itself will: it is refused for a ticket.
            return [convert.item(id)]
        self.tally.skipped["already_ticket"] += 1
        return []

    async def _read(self, id: str) -> Conversation | Unread:
        try:
            seen = await patiently(lambda: self.intercom.conversations.retrieve(id, priority=self.priority))
        except FOR_ALL:
            raise
        except IntercomError as error:
            self._failed_in_a_row += not isinstance(error, NotFoundError)
            if self._failed_in_a_row >= UNREAD_IN_A_ROW:
                raise
            return Unread(id, type(error).__name__)
        self._failed_in_a_row = 0
        parts = seen.conversation_parts
        # What came without parts was not looked at: to count it as clean would be a lie.
        if parts is None or parts.conversation_parts is None:
            return Unread(id, UnreadableResponseError.__name__)
        return seen
