"""Finding: conversations in, items out; nothing is changed, and the items of a few conversations are held at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Self

from aiointercom._ratelimit.pace import Pace
from aiointercom.client import Intercom
from aiointercom.detect import Detector, checked_detectors
from aiointercom.types import Priority

from ._plan_records import ConvertTo, PlanSummary, Unread
from ._reading import Entries, Reading
from .items import Item
from .preflight import resolved
from .sources import Conversations, Source

CONCURRENCY = 20  # reads at once: at 150 ms each they use what a limit of 10,000 a minute leaves to batch work

Progress = Callable[[PlanSummary], object]


def find(
    intercom: Intercom,
    conversations: Conversations,
    detectors: Iterable[Detector] | None = None,
    *,
    convert: ConvertTo | None = None,
    concurrency: int = CONCURRENCY,
    priority: Priority = "batch",
    on_progress: Progress | None = None,
) -> Finding:
    """Read conversations and say what a clean-up has to do in them; nothing is changed.

        async for item in find(intercom, ids_in("ids.txt"), [CardNumbers()]): ...
        async with run(intercom, find(intercom, intercom.conversations.list()), ledger="cleanup.ledger") as results: ...

    Args:
        intercom: An open client.
        conversations: Any iterable, async or not, of ids or of what `conversations.list()` and `.search()` give; `ids_in` for a file.
        detectors: Parts and sources are wanted in which one of them finds something. None: all that Intercom allows to redact.
        convert: What the conversations become that are no ticket yet; then nothing is redacted. None: they are redacted.
        concurrency: How many conversations are read at once.
        priority: "batch" leaves a share of every rate-limit window to other work.
        on_progress: A function that gets the counts so far after each conversation. None: nobody does.

    Returns:
        An async iterator of items, in the order of the conversations; `summary` has the counts, and a plan names the conversations that
        could not be read. Items come in rounds of four times
        `concurrency` conversations: ids that trickle in from a queue come late.

    Raises:
        ValueError, TypeError: An argument makes no sense; nothing was read. Raised on the way: an id that cannot be sent.
        UnauthorizedError, ForbiddenError, ConfigurationError: Raised on the way; so is what the iterable of conversations raises. A
            conversation that cannot be read for another reason is counted and passed over, unless 25 in a row cannot.
        DetectorError: Raised on the way: a detector raised something.
    """
    return Finding(
        intercom,
        conversations,
        detectors,
        convert=convert,
        concurrency=concurrency,
        priority=priority,
        on_progress=on_progress,
    )


class Finding:
    """An async iterator of items; made by `find`. It needs no closing. After an error, or cut off by a cancellation, it cannot go on."""

    def __init__(
        self,
        intercom: Intercom,
        conversations: Conversations,
        detectors: Iterable[Detector] | None,
        *,
        convert: ConvertTo | None,
        concurrency: int,
        priority: Priority,
        on_progress: Progress | None,
    ) -> None:
        chosen = None if detectors is None else checked_detectors(detectors)
        if chosen is not None and convert is not None:
            raise ValueError("pass detectors or convert, not both: a plan redacts, or it converts")
        if chosen == ():
            raise ValueError("there is no detector: pass None to take all that can be redacted")
        if concurrency < 1:
            raise ValueError("concurrency must be an integer from 1 on")
        intercom.with_options(priority=priority)  # refuses what is none
        self._on_progress, self._reserve = on_progress, Pace().reserve if priority == "batch" else 0.0
        self._reading = Reading(
            intercom,
            Source(conversations),
            chosen,
            convert,
            concurrency,
            priority,
            self._progress,
        )
        self._waiting: deque[Item] = deque()
        self._begun = self._busy = False

    def __repr__(self) -> str:
        return f"<Finding: {self._reading.tally.conversations} conversations, {self._reading.tally.items} items>"

    @property
    def summary(self) -> PlanSummary:
        """The counts so far; they run ahead of the items that the iterator has given."""
        reading = self._reading
        return reading.tally.summary(reading.intercom.rate_limit, self._reserve, reading.source.total)

    @property
    def detectors(self) -> tuple[str, ...] | None:
        """The names of the detectors; None: none were given."""
        return None if self._reading.detectors is None else tuple(one.name for one in self._reading.detectors)

    @property
    def convert(self) -> ConvertTo | None:
        """What conversations become; after `begin` with the API's own keys and ids. None: they are redacted."""
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
        """Look through a file of ids to its end; other conversations cannot be checked before they are read. `begin` does it by itself.

        Raises:
            ValueError: A line of the file holds no id.
            OSError: The file cannot be read.
        """
        await self._reading.source.check()

    async def begin(self) -> None:
        """Check what can be checked before the first conversation is read; `more` does it by itself.

        That is each line of a file of ids, before anything is sent; then the ticket type, in which names and labels are looked up.

        Raises:
            ValueError, OSError: As for `check`.
            IntercomError, ValueError: The ticket type cannot be read, is not for customers, or the attributes do not fit.
        """
        if self._begun:
            return
        await self.check()
        if self._reading.convert is not None:
            self._reading.convert = await resolved(
                self._reading.intercom, self._reading.convert, self._reading.priority
            )
        self._begun = True

    async def more(self) -> Entries | None:
        """Return what the next conversations gave, those that could not be read among it; None: there are no more.

        Raises:
            RuntimeError: It failed or was cancelled before, and what it held is lost; or it is used by two tasks at once.
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
