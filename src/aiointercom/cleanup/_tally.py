"""Pure: counting what is found, and the estimate of what it takes to run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from attrs import define, field

from aiointercom.errors import RateLimit

from ._plan_records import PlanSummary, Unread
from .items import Convert, Item

WINDOW = 10.0  # seconds: what Intercom's limit is counted in


@define
class Tally:
    """The counts so far."""

    conversations: int = 0
    parts: int = 0
    items: int = 0
    unread: int = 0
    beyond_cap: int = 0
    attachments: int = 0
    subjects: int = 0
    only_stored: int = 0
    by_kind: Counter[str] = field(factory=Counter[str])
    by_detector: Counter[str] = field(factory=Counter[str])
    skipped: Counter[str] = field(factory=Counter[str])

    def found(self, entries: Sequence[Item | Unread]) -> None:
        """Count what one conversation gave."""
        self.conversations += 1
        for entry in entries:
            if isinstance(entry, Unread):
                self.unread += 1
                self.skipped[entry.reason] += 1
                continue
            self.items += 1
            self.by_kind[entry.kind] += 1
            if not isinstance(entry, Convert):
                self.by_detector.update(entry.found)
                self.only_stored += bool(entry.found) and entry.only_stored == entry.found

    def summary(self, limit: RateLimit | None, reserve: float, total: int | None) -> PlanSummary:
        """Return the counts as they stand.

        Args:
            limit: The rate limit as last seen; None: none was.
            reserve: The share of each window that the run leaves to other work.
            total: How many conversations there are; None: not known.
        """
        return PlanSummary(
            conversations=self.conversations,
            parts=self.parts,
            items=self.items,
            by_kind=dict(sorted(self.by_kind.items())),
            by_detector=dict(sorted(self.by_detector.items())),
            skipped=dict(sorted(self.skipped.items())),
            unread=self.unread,
            beyond_cap=self.beyond_cap,
            attachments=self.attachments,
            subjects=self.subjects,
            only_stored=self.only_stored,
            requests=self.items + 1,  # the run reads `/me` to know the workspace
            minutes=minutes_for(self.items + 1, limit, reserve),
            total=total,
        )


def minutes_for(requests: int, limit: RateLimit | None, reserve: float) -> float | None:
    """Say how many minutes so many requests take at least, if nobody else uses the limit and each succeeds at once.

    The first window's worth goes at once, so a short run takes no time by this sum.

    Args:
        requests: How many.
        limit: The rate limit as last seen; None: none was.
        reserve: The share of each window that is left to other work.

    Returns:
        Minutes, to a hundredth; None: nothing is known of the rate limit.
    """
    if limit is None or limit.limit < 1:
        return None
    return round(requests / (limit.limit * (1 - reserve)) * WINDOW / 60, 2)
