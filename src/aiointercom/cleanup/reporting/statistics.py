"""The statistics of a ledger, computed in one pass and in bounded memory.

They are totals, the remaining items with their reasons, and the progress over time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from attrs import define, field, frozen

from aiointercom.cleanup.ledger.live_record import LiveRecord
from aiointercom.cleanup.ledger.reader import Ledger, Record, RunRecord

BINS = 2048
NAMED = 12
"""How many of the remaining items are named for each cause."""
CAUSES = 40
"""How many causes are counted separately; further causes are counted together."""
OTHER = "other"
"""The outcome under which further causes are counted."""


@frozen
class Cause:
    """Why items remain."""

    state: str
    outcome: str | None = None
    error: str | None = None
    code: str | None = None
    status: int | None = None
    reason: str | None = None


@define
class RemainingItems:
    """The remaining items of one cause: their number, and the first as (kind, conversation, target)."""

    count: int = 0
    first: list[tuple[str, str, str]] = field(factory=list[tuple[str, str, str]])


@define
class RunPeriod:
    """A run and its items. `alive`: it is the last run and has no recorded end, so it may be in progress."""

    run: RunRecord
    ended_at: float
    items: int = 0
    alive: bool = False

    @property
    def killed(self) -> bool:
        """Whether it has no recorded end although another run followed."""
        return self.run.ended_at is None and not self.alive


@define
class Histogram:
    """Counts over time in at most BINS bins of equal width, which doubles when they are full."""

    start: float
    width: float = 1.0
    done: list[int] = field(factory=list[int])
    limited: list[int] = field(factory=list[int])

    def add(self, at: float, done: int, limited: int) -> None:
        """Count something at a time, Unix seconds."""
        index = max(0, int((at - self.start) / self.width))
        while index >= BINS:
            self.done, self.limited = _halved(self.done), _halved(self.limited)
            self.width *= 2
            index //= 2
        missing = index + 1 - len(self.done)
        self.done += [0] * missing
        self.limited += [0] * missing
        self.done[index] += done
        self.limited[index] += limited


def _halved(counts: list[int]) -> list[int]:
    return [sum(counts[index : index + 2]) for index in range(0, len(counts), 2)]


@define
class Statistics:
    """All figures of one ledger."""

    meta: Mapping[str, str]
    stretches: list[RunPeriod]
    bins: Histogram
    live: LiveRecord | None = None
    """None: it is not the ledger of a live redaction."""
    states: Counter[str] = field(factory=Counter[str])
    outcomes: Counter[tuple[str, str]] = field(factory=Counter[tuple[str, str]])
    """By kind and outcome; items in flight have the outcome "in_flight"."""
    remaining: dict[Cause, RemainingItems] = field(factory=dict[Cause, RemainingItems])
    requests: int = 0
    limited: int = 0
    waited: float = 0.0
    by_reading: int = 0

    @property
    def items(self) -> int:
        """How many items were started."""
        return self.states.total()

    @property
    def seconds(self) -> float:
        """The running time of all runs together."""
        return sum(stretch.ended_at - stretch.run.started_at for stretch in self.stretches)


def collect_statistics(ledger: Ledger) -> Statistics:
    """Read a ledger."""
    # The runs are read first: a record that is written meanwhile may then name a run that is not known here.
    stretches = [RunPeriod(run, _end(run)) for run in ledger.runs()]
    start = min((stretch.run.started_at for stretch in stretches), default=0.0)
    found = Statistics(ledger.meta, stretches, Histogram(start), ledger.live)
    by_id = {stretch.run.id: stretch for stretch in stretches}
    for record in ledger.records():
        _count(found, record)
        if record.run in by_id:
            _credit(by_id[record.run], record)
    for stretch in stretches[-1:]:
        stretch.alive = stretch.run.ended_at is None
    return found


def _end(run: RunRecord) -> float:
    """When a run ended, or when it began if its end was not recorded.

    Intercom's times are estimates, so an end may lie slightly before the beginning.
    """
    return run.started_at if run.ended_at is None else max(run.started_at, run.ended_at)


def _count(found: Statistics, record: Record) -> None:
    found.states[record.state] += 1
    found.outcomes[record.kind, record.outcome or "in_flight"] += 1
    found.requests += record.requests
    found.limited += record.refused
    found.waited += record.waited
    found.by_reading += bool(record.by_reading)
    if record.ended_at is not None:
        found.bins.add(record.ended_at, record.state == "done", record.refused)
    if record.state != "done":
        _remain(found.remaining, record)


def _remain(remaining: dict[Cause, RemainingItems], record: Record) -> None:
    cause = Cause(record.state, record.outcome, record.error, record.code, record.status, record.reason)
    if cause not in remaining and len(remaining) >= CAUSES:
        cause = Cause(record.state, OTHER)
    remains = remaining.setdefault(cause, RemainingItems())
    remains.count += 1
    if len(remains.first) < NAMED:
        remains.first.append((record.kind, record.conversation_id, record.target_id))


def _credit(stretch: RunPeriod, record: Record) -> None:
    stretch.items += record.ended_at is not None
    if stretch.run.ended_at is None:
        stretch.ended_at = max(stretch.ended_at, record.intended_at if record.ended_at is None else record.ended_at)
