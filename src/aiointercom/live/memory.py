"""What a live redaction keeps: the unfinished items, and, in the ledger, what the next process needs to know."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from attrs import frozen

from aiointercom.cleanup import Item, Ledger, LiveRecord, Moment, RedactPart, RedactSource, search_query
from aiointercom.cleanup.items import Key
from aiointercom.cleanup.ledger.live_record import save_live_record
from aiointercom.cleanup.ledger.reader import Record
from aiointercom.cleanup.ledger.watermark import load_watermark, save_watermark
from aiointercom.cleanup.outcomes import FINAL

from .limit import HOUR

KINDS = {kind.kind: kind for kind in (RedactPart, RedactSource)}


@frozen
class Earlier:
    """What earlier processes left in the ledger."""

    watermark: float | None = None
    unfinished: Sequence[Item] = ()
    begun: Sequence[tuple[float, Key]] = ()
    """The items that began within the last hour, with their times."""


class Memory:
    """Items on their way. All methods but `hand_out` and `forget` read or write the ledger, and belong into a thread.

    Args:
        path: The path of the ledger. None: there is no ledger, in a dry run.
    """

    def __init__(self, path: str | os.PathLike[str] | None) -> None:
        self._path = path
        self._open: dict[Key, Item] = {}
        self._earlier = LiveRecord()

    @property
    def has_ledger(self) -> bool:
        """Whether there is a ledger. Without one nothing is sent."""
        return self._path is not None

    @property
    def path(self) -> str | os.PathLike[str]:
        """The path of the ledger."""
        assert self._path is not None
        return self._path

    def hand_out(self, item: Item) -> None:
        """Remember an item that a run takes, until it is finished."""
        if self._path is not None:
            self._open[item.key] = item

    def forget(self, key: Key) -> None:
        """Forget an item that is finished."""
        self._open.pop(key, None)

    def load(self, now: float) -> Earlier:
        """Read what earlier processes left. A ledger that does not exist yet has nothing.

        Args:
            now: The time by Intercom's clock, as the times in the ledger are.

        Raises:
            LedgerError: It cannot be read.
        """
        if self._path is None or not Path(self._path).exists():
            return Earlier()
        recent, unfinished, begun = now - HOUR, list[Item](), list[tuple[float, Key]]()
        with Ledger.read(self._path) as ledger:
            self._earlier = ledger.live or LiveRecord()
            for record in ledger.records():
                if record.kind not in KINDS:
                    continue
                item = _item(record)
                if record.state not in FINAL:
                    unfinished.append(item)
                if record.intended_at > recent:
                    begun.append((record.intended_at, item.key))
        return Earlier(load_watermark(self._path), unfinished, begun)

    def states(self) -> set[str | None]:
        """Return the states of the items that are handed out and not finished. None: one is not in the ledger."""
        if self._path is None or not self._open:
            return set()
        with Ledger.read(self._path) as ledger:
            states = {key: ledger.state(key) for key in list(self._open)}
        for key in [key for key, state in states.items() if state in FINAL]:
            self._open.pop(key, None)
            del states[key]
        return set(states.values())

    def unfinished(self) -> list[Item]:
        """Return the items that were handed out and are not finished, for the next run."""
        self.states()
        return list(self._open.values())

    def save(self, watermark: float) -> None:
        """Keep the watermark."""
        if self._path is not None:
            save_watermark(self._path, watermark)

    def save_counts(self, counts: LiveRecord) -> None:
        """Keep what this process did, added to what earlier ones did."""
        if self._path is not None:
            save_live_record(self._path, self._earlier.plus(counts))


def _item(record: Record) -> Item:
    return KINDS[record.kind](record.conversation_id, record.target_id)


def seconds_of(moment: Moment) -> float:
    """Return a moment as Unix seconds.

    Raises:
        ValueError, TypeError: It is no moment.
    """
    # The query asks from one second earlier.
    value = search_query(updated_after=moment)["value"][0]["value"]
    return float(value) + 1
