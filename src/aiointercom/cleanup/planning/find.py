"""Finds the items of a clean-up in conversations.

Reads only, with the items of a few conversations in memory at a time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Self

from aiointercom import Pace
from aiointercom.cleanup.items import Item
from aiointercom.client import Intercom
from aiointercom.detect import Detector, checked_detectors
from aiointercom.types import Priority

from .preflight import resolve_attributes
from .records import ConvertTo, PlanSummary, Unread
from .scanner import Entries, Scanner
from .sources import ConversationInput, Source

CONCURRENCY = 20  # reads at once: at 150 ms each they use what a limit of 10,000 a minute leaves to batch work

Progress = Callable[[PlanSummary], object]


def find(
    intercom: Intercom,
    conversations: ConversationInput,
    detectors: Iterable[Detector] | None = None,
    *,
    convert: ConvertTo | None = None,
    concurrency: int = CONCURRENCY,
    priority: Priority = "batch",
    on_progress: Progress | None = None,
    limit: int | None = None,
) -> Finding:
    """Read conversations and find the items of a clean-up in them. Nothing is changed.

        async for item in find(intercom, ids_in("ids.txt"), [CardNumbers()]): ...
        async with run(intercom, find(intercom, intercom.conversations.list()), ledger="cleanup.ledger") as results: ...

    Args:
        intercom: An open client.
        conversations: Any iterable, async or not, of ids or of what `conversations.list()` and `.search()` give;
            `ids_in` for a file.
        detectors: Select the parts and sources in which at least one detector finds something. None: select all that
            Intercom can redact.
        convert: The ticket that each conversation becomes, unless it is a ticket already; nothing is redacted. None:
            redact.
        concurrency: How many conversations are read at once.
        priority: "batch" leaves a share of every rate-limit window to other work.
        on_progress: A function that is called with the counts after each conversation. None: it is not called.
        limit: How many items to find at most: the first ones in the order of the conversations. The search ends there,
            and `summary.stopped_by` is "limit". None: all.

    Returns:
        An async iterator of items, in the order of the conversations; `summary` has the counts, and a plan lists the
        conversations that could not be read. Items come in rounds of four times `concurrency` conversations, so ids
        that arrive slowly are delayed.

    Raises:
        ValueError, TypeError: An argument is invalid; nothing was read. During the iteration: an id is invalid.
        UnauthorizedError, ForbiddenError, ConfigurationError: During the iteration, as are errors of the iterable of
            conversations. A conversation that cannot be read for another reason is counted and skipped, unless 25 in a
            row cannot be read.
        DetectorError: During the iteration: a detector raised an error.
    """
    return Finding(
        intercom,
        conversations,
        detectors,
        convert=convert,
        concurrency=concurrency,
        priority=priority,
        on_progress=on_progress,
        limit=limit,
    )


class Finding:
    """An async iterator of items, made by `find`.

    It need not be closed. After an error or a cancellation it cannot continue.
    """

    def __init__(
        self,
        intercom: Intercom,
        conversations: ConversationInput,
        detectors: Iterable[Detector] | None,
        *,
        convert: ConvertTo | None,
        concurrency: int,
        priority: Priority,
        on_progress: Progress | None,
        limit: int | None,
    ) -> None:
        chosen = None if detectors is None else checked_detectors(detectors)
        if chosen is not None and convert is not None:
            raise ValueError("pass detectors or convert, not both: a plan redacts, or it converts")
        if chosen == ():
            raise ValueError("detectors is empty: pass None to select all that can be redacted")
        if concurrency < 1:
            raise ValueError("concurrency must be an integer from 1 on")
        if limit is not None and limit < 1:
            raise ValueError("limit must be an integer from 1 on")
        intercom.with_options(priority=priority)  # refuses an invalid priority
        self._on_progress, self._reserve = on_progress, Pace().reserve if priority == "batch" else 0.0
        self._reading = Scanner(
            intercom,
            Source(conversations),
            chosen,
            convert,
            concurrency,
            priority,
            self._progress,
            limit,
        )
        self._waiting: deque[Item] = deque()
        self._begun = self._busy = False

    def __repr__(self) -> str:
        return f"<Finding: {self._reading.counts.conversations} conversations, {self._reading.counts.items} items>"

    @property
    def summary(self) -> PlanSummary:
        """The counts so far. They run ahead of the items that the iterator has returned."""
        reading = self._reading
        return reading.counts.summary(
            reading.intercom.rate_limit,
            self._reserve,
            reading.source.total,
            window=reading.intercom.rate_limit_window,
            stopped_by="limit" if reading.limited else None,
        )

    @property
    def detectors(self) -> tuple[str, ...] | None:
        """The names of the detectors; None: detectors were not given."""
        return None if self._reading.detectors is None else tuple(one.name for one in self._reading.detectors)

    @property
    def convert(self) -> ConvertTo | None:
        """The ticket that conversations become; after `begin` with the API's own keys and ids.

        None: they are redacted.
        """
        return self._reading.convert

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Item:
        while not self._waiting:
            if (entries := await self.more()) is None:
                raise StopAsyncIteration
            self._waiting.extend(entry for entry in entries if not isinstance(entry, Unread))
        return self._waiting.popleft()

    async def check(self) -> None:
        """Check a file of ids to its end. Other iterables cannot be checked before they are read. `begin` calls this.

        Raises:
            ValueError: A line of the file holds no id.
            OSError: The file cannot be read.
        """
        await self._reading.source.check()

    async def begin(self) -> None:
        """Check what can be checked before the first conversation is read. `more` calls this.

        First every line of a file of ids, before anything is sent; then the ticket type, to look up names and labels.

        Raises:
            ValueError, OSError: As for `check`.
            IntercomError, ValueError: The ticket type cannot be read, is not for customers, or the attributes do not
                fit.
        """
        if self._begun:
            return
        await self.check()
        if self._reading.convert is not None:
            self._reading.convert = await resolve_attributes(
                self._reading.intercom, self._reading.convert, self._reading.priority
            )
        self._begun = True

    async def more(self) -> Entries | None:
        """Return the entries of the next conversations, including unreadable ones. None: there are no more.

        Raises:
            RuntimeError: It failed or was cancelled earlier, so entries are lost; or two tasks use it at once.
        """
        if self._busy:
            raise RuntimeError("it was cut off before its end, or another task uses it: make a new one")
        if self._reading.ended:
            return None
        self._busy = True
        await self.begin()
        entries = await self._reading.round()
        self._busy = False
        return entries

    def _progress(self) -> None:
        if self._on_progress is not None:
            self._on_progress(self.summary)
