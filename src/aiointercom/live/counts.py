"""PURE: what a live redaction has done so far, and how long it took."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping

from attrs import define, field, frozen

from aiointercom.cleanup import LiveRecord, Outcome
from aiointercom.cleanup.ledger.live_record import KEPT, percentile


@frozen(kw_only=True)
class LiveSummary:
    """The counts of a live redaction since it began. It holds counts and times, and no ids."""

    notifications: int
    """Notifications that were handed over."""
    read: int
    """Conversations that were read, for a notification or by a sweep."""
    found: int
    """Messages to redact, each counted once. In a dry run this is all that happens."""
    by_sweep: int
    """How many of these a sweep found first: no notification told of them in time."""
    outcomes: Mapping[Outcome, int]
    """How many redactions ended with each outcome."""
    waiting: int
    """Messages that were found and whose redaction has not ended."""
    sweeps: int
    """Sweeps that came to their end."""
    failed_sweeps: int
    """Sweeps that an error ended. The next one covers the same time."""
    median: float | None
    """The median of the seconds from notification to redaction, over the last 10,000. None: there was no redaction."""
    p99: float | None
    """The same at the 99th percentile."""
    stopped_by: str | None
    """None: it goes on. "asked", "at_most", or the class name of the error."""


@define(eq=False)
class Counts:
    """The counts while they grow."""

    notifications: int = 0
    read: int = 0
    found: int = 0
    by_sweep: int = 0
    redacted_by_sweep: int = 0
    sweeps: int = 0
    failed_sweeps: int = 0
    ended: int = 0
    outcomes: Counter[Outcome] = field(factory=Counter[Outcome])
    seconds: deque[float] = field(factory=lambda: deque[float](maxlen=KEPT))

    def record(self) -> LiveRecord:
        """Return what the ledger keeps of them."""
        return LiveRecord(
            notifications=self.notifications,
            read=self.read,
            by_sweep=self.redacted_by_sweep,
            seconds=tuple(self.seconds),
        )

    def summary(self, stopped_by: str | None) -> LiveSummary:
        """Return the counts as they are now."""
        return LiveSummary(
            notifications=self.notifications,
            read=self.read,
            found=self.found,
            by_sweep=self.by_sweep,
            outcomes=dict(self.outcomes),
            waiting=max(0, self.found - self.ended),
            sweeps=self.sweeps,
            failed_sweeps=self.failed_sweeps,
            median=percentile(self.seconds, 0.5),
            p99=percentile(self.seconds, 0.99),
            stopped_by=stopped_by,
        )
