"""The results of a run: one Result for each item when it ends, and the Summary of all.

They hold ids, codes and counts, and no text.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping

from attrs import define, field, frozen

from aiointercom.cleanup.items import Item
from aiointercom.cleanup.outcomes import Ended, EventRecorder, Outcome, State
from aiointercom.errors import IntercomError

from .execute import Job


@frozen(kw_only=True)
class Result:
    """The outcome of one item.

    The results of a run are in the ledger already. You keep those of `carry_out` yourself.

    In a run each item has one result. If the response was lost, the result arrives when it is known whether the write
    took effect, at most half a minute after the client's `horizon`. If the run is stopped, it arrives at once, as
    "unknown".
    """

    item: Item
    state: State
    """"done" or "refused": final. "failed": not applied, the next run tries again. "unknown": the next run reads it
    first."""
    outcome: Outcome
    error: IntercomError | None
    """The error of the write; None: it succeeded, or a read showed that it did not take effect."""
    reason: str | None
    """What reading back showed, in the SDK's own words; None: there is nothing to report."""
    ticket_id: str | None
    """The id of the ticket that the conversation has become, or was already; None for redactions."""
    request_id: str | None
    """Intercom's id of the request that decided it."""
    by_reading: bool
    """Whether the outcome is known from reading the conversation back, not from the response to the write."""
    attempts: int
    """How often this run sent the write; 0: an earlier run sent it, or no request left the machine."""
    retry_after: float | None = None
    """Of `carry_out` only: seconds after which to call it again with the same item and the two times below. None: the
    item is finished, or waiting alone will not help."""
    first_sent_at: float | None = None
    """When the first request was sent whose outcome is unknown, in Unix seconds by Intercom's clock. None: nothing is
    in doubt."""
    last_doubt_at: float | None = None
    """The latest time at which such a request can have been sent. None: nothing is in doubt, or, with
    `first_sent_at`, it may have been sent until now."""


@frozen(kw_only=True)
class Summary:
    """The counts of a run, while it goes on or after its end."""

    outcomes: Mapping[Outcome, int]
    """How many items ended with each outcome."""
    states: Mapping[State, int]
    """How many items ended in each state: "done", "refused", "failed", "unknown"."""
    skipped: int
    """Items that had been finished already, by an earlier run or earlier in this one."""
    in_flight: int
    """Items in progress; after the run, the items that it left unfinished. The next run reads them back first."""
    in_doubt: int = 0
    """How many of these wait for the read that tells whether they took effect; 0 after the run."""
    waiting: int = 0
    """How many of them wait for the rate limit; 0 after the run."""
    requests: int
    """Requests sent, reads included."""
    refused: int
    """How many of these got the response 429."""
    waited: float
    """Total seconds of waiting for the rate limit and between attempts, summed over concurrent items."""
    seconds: float
    """Seconds since the run started."""
    stopped_by: str | None
    """None: the run completed, or goes on. "asked", "cancelled", or the class name of the error (see `Run.error`)."""

    @property
    def ended(self) -> int:
        """How many items have ended, whatever the outcome."""
        return sum(self.states.values())

    @property
    def complete(self) -> bool:
        """After the run: whether every item was reached, and each is done now or had been finished already."""
        return self.stopped_by is None and not self.in_flight and self.ended == self.states.get("done", 0)


@define(eq=False)
class RunCounts:
    """The counts of a run in progress."""

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

    def spend(self, recorder: EventRecorder) -> None:
        """Add the requests and waits of one execution of an item."""
        self.requests += recorder.requests
        self.refused += recorder.refused
        self.waited += recorder.waited

    def summary(self, stopped_by: str | None, in_doubt: int, waiting: int) -> Summary:
        """Return the counts as they are now."""
        return Summary(
            outcomes=dict(self.outcomes),
            states=dict(self.states),
            skipped=self.skipped,
            in_flight=self.in_flight,
            in_doubt=in_doubt,
            waiting=waiting,
            requests=self.requests,
            refused=self.refused,
            waited=self.waited,
            seconds=(time.monotonic() if self.over is None else self.over) - self.began,
            stopped_by=stopped_by,
        )


def result_of(job: Job, ended: Ended, retry_after: float | None = None) -> Result:
    """Return the record for the application."""
    doubt = ended.doubt
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
        retry_after=retry_after,
        first_sent_at=None if doubt is None else doubt.first_sent_at,
        last_doubt_at=None if doubt is None else doubt.last_doubt_at,
    )
