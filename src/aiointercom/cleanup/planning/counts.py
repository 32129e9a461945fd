"""Pure: the counts of a plan, and the estimate of the requests and minutes of its run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from attrs import define, field

from aiointercom._values.limits import WINDOW
from aiointercom.cleanup.items import Convert, Item
from aiointercom.errors import RateLimit

from .records import PlanSummary, Unread


@define
class PlanCounts:
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
        """Count the items and problems of one conversation."""
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

    def leave_out(self, items: Sequence[Item]) -> None:
        """Take back items that a limit leaves out."""
        self.items -= len(items)
        for item in items:
            self.by_kind[item.kind] -= 1
            if not isinstance(item, Convert):
                self.by_detector.subtract(item.found)
                self.only_stored -= bool(item.found) and item.only_stored == item.found
        self.by_kind, self.by_detector = +self.by_kind, +self.by_detector

    def summary(
        self,
        limit: RateLimit | None,
        reserve: float,
        total: int | None,
        *,
        window: float | None = None,
        stopped_by: str | None = None,
    ) -> PlanSummary:
        """Return the counts as they stand.

        Args:
            limit: The rate limit as last seen; None: not known.
            reserve: The share of each window that the run leaves to other work.
            total: The number of conversations; None: not known.
            window: Seconds of the windows in which Intercom counts requests; None: not known.
            stopped_by: As in the summary.
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
            minutes=minutes_for(self.items + 1, limit, reserve, window),
            total=total,
            stopped_by=stopped_by,
        )


def minutes_for(requests: int, limit: RateLimit | None, reserve: float, window: float | None = None) -> float | None:
    """Return the least number of minutes for some requests, if nobody else uses the limit and no request fails.

    The requests of the first window are sent at once, so the estimate for a short run is near zero.

    Args:
        requests: The number of requests.
        limit: The rate limit as last seen; None: not known.
        reserve: The share of each window that is left to other work.
        window: Seconds of a window; None: not known, so the 10 that Intercom documents.

    Returns:
        Minutes, rounded to a hundredth; None: the rate limit is not known.
    """
    if limit is None or limit.limit < 1:
        return None
    return round(requests / (limit.limit * (1 - reserve)) * (WINDOW if window is None else window) / 60, 2)
