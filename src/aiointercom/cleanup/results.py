"""What a run tells: one Result for each item as it ends, and the Summary of them all. Ids, codes and counts; no text."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping

from attrs import define, field, frozen

from aiointercom.errors import IntercomError

from ._turns import Job
from ._verdicts import Ended, Witness
from .items import Item
from .ledger import Outcome, State


@frozen(kw_only=True)
class Result:
    """How one item ended. The ledger has it already.

    An item has one result. Where its answer was lost, that comes when it is known whether it took effect, up to the client's `horizon` and half
    a minute later; of a run that is stopped it comes at once, as "unknown".
    """

    item: Item
    state: State
    """"done" or "refused": final. "failed": not applied, the next run tries again. "unknown": the next run reads it first."""
    outcome: Outcome
    error: IntercomError | None
    """None: a success."""
    reason: str | None
    """What reading back showed, in our words; None where there is nothing to say."""
    ticket_id: str | None
    """The id of the ticket that the conversation is now, or was before; None for redactions."""
    request_id: str | None
    """Intercom's id of the request that decided it."""
    by_reading: bool
    """True: reading the conversation back showed it, not the answer to the write."""
    attempts: int
    """How often the write was sent by this run; 0: an earlier run had sent it, or nothing left."""


@frozen(kw_only=True)
class Summary:
    """What a run did, as far as it is."""

    outcomes: Mapping[Outcome, int]
    """How many items ended so."""
    states: Mapping[State, int]
    """The same, by state: "done", "refused", "failed", "unknown"."""
    skipped: int
    """Items that were finished before, by an earlier run or earlier in this one."""
    in_flight: int
    """Items that are under way; of a run that is over, those that it left so. The next run settles them by reading."""
    in_doubt: int = 0
    """Of these, how many wait until a read can tell whether they took effect; of a run that is over, 0."""
    requests: int
    """Requests sent, readings included."""
    refused: int
    """Of these, how many were answered 429."""
    waited: float
    """Seconds that the items waited for the rate limit and between attempts, all together."""
    seconds: float
    """Since the run began."""
    stopped_by: str | None
    """None: it came to its end, or goes on. "asked", "cancelled", or the name of the error's class (see `Run.error`)."""

    @property
    def ended(self) -> int:
        """How many items ended, well or not."""
        return sum(self.states.values())

    @property
    def complete(self) -> bool:
        """Of a run that is over: whether every item was reached, and each is done now or was finished before."""
        return self.stopped_by is None and not self.in_flight and self.ended == self.states.get("done", 0)


@define(eq=False)
class Tally:
    """Counts while a run goes on."""

    outcomes: Counter[Outcome] = field(factory=Counter[Outcome])
    states: Counter[State] = field(factory=Counter[State])
    skipped: int = 0
    in_flight: int = 0
    requests: int = 0
    refused: int = 0
    waited: float = 0.0
    began: float = field(factory=time.monotonic)
    over: float | None = None

    def add(self, ended: Ended) -> None:
        """Count an item that ended."""
        self.in_flight -= 1
        self.outcomes[ended.outcome] += 1
        self.states[ended.state] += 1

    def spend(self, seen: Witness) -> None:
        """Count what a turn of an item took."""
        self.requests += seen.requests
        self.refused += seen.refused
        self.waited += seen.waited

    def summary(self, stopped_by: str | None, in_doubt: int) -> Summary:
        """Return the counts as they are now."""
        return Summary(
            outcomes=dict(self.outcomes),
            states=dict(self.states),
            skipped=self.skipped,
            in_flight=self.in_flight,
            in_doubt=in_doubt,
            requests=self.requests,
            refused=self.refused,
            waited=self.waited,
            seconds=(time.monotonic() if self.over is None else self.over) - self.began,
            stopped_by=stopped_by,
        )


def result_of(job: Job, ended: Ended) -> Result:
    """Make the record that the application gets."""
    return Result(
        item=job.item,
        state=ended.state,
        outcome=ended.outcome,
        error=ended.error,
        reason=ended.reason,
        ticket_id=ended.ticket_id,
        request_id=job.request_id,
        by_reading=ended.by_reading,
        attempts=job.attempts,
    )
