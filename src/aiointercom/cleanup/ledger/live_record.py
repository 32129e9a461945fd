"""What the processes of a live redaction did together. It is kept in the ledger, beside the watermark, as JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any, Self

from attrs import asdict, evolve, frozen

from .watermark import save_values

NAME = "live"
KEPT = 10_000
"""Of so many redactions the times are kept."""


def percentile(values: Iterable[float], part: float) -> float | None:
    """Return the smallest value that so many of all values do not exceed; None: there are no values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else None


@frozen(kw_only=True)
class LiveRecord:
    """The counts of a live redaction, summed over all processes with this ledger. It holds no ids and no text.

    They are written at each sweep and at the end. What a killed process counted after its last sweep is missing here,
    while the items themselves are in the ledger.
    """

    notifications: int = 0
    """Notifications that were handed over."""
    read: int = 0
    """Conversations that were read, for a notification or by a sweep."""
    by_sweep: int = 0
    """Messages that were redacted and that a sweep found first: no notification told of them in time."""
    seconds: tuple[float, ...] = ()
    """The seconds from notification to redaction, of the latest 10,000 redactions that a notification told of."""

    @property
    def median(self) -> float | None:
        """The median of the seconds; None: there are none."""
        return percentile(self.seconds, 0.5)

    @property
    def p99(self) -> float | None:
        """The 99th percentile of the seconds; None: there are none."""
        return percentile(self.seconds, 0.99)

    @classmethod
    def from_meta(cls, meta: Mapping[str, str]) -> Self | None:
        """Return the record in the meta of a ledger; None: no live redaction has written there.

        Raises:
            ValueError, TypeError, KeyError: The record is damaged.
        """
        if NAME not in meta:
            return None
        value: dict[str, Any] = json.loads(meta[NAME])
        counts = {name: int(value[name]) for name in ("notifications", "read", "by_sweep")}
        return cls(**counts, seconds=tuple(float(one) for one in value["seconds"]))

    def plus(self, later: LiveRecord) -> LiveRecord:
        """Return the sum of this record and the one of a later process."""
        return evolve(
            self,
            notifications=self.notifications + later.notifications,
            read=self.read + later.read,
            by_sweep=self.by_sweep + later.by_sweep,
            seconds=(*self.seconds, *later.seconds)[-KEPT:],
        )


def save_live_record(path: str | os.PathLike[str], record: LiveRecord) -> None:
    """Keep a record in an existing ledger.

    Raises:
        LedgerError: The ledger cannot be written.
    """
    value = asdict(record) | {"seconds": [round(one, 4) for one in record.seconds]}
    save_values(path, {NAME: json.dumps(value, separators=(",", ":"))})
