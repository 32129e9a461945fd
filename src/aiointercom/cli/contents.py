"""What a plan holds, counted as it is streamed, and how much of it is left by a ledger.

The plan's own last line is not believed.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from itertools import groupby, islice
from pathlib import Path

from attrs import frozen

from aiointercom import LedgerError
from aiointercom.cleanup import Item, Ledger, Plan

from .talk import counted

WORDS = {"redact_part": "part", "redact_source": "source"}


@frozen
class Contents:
    """The items of a plan."""

    kinds: Counter[str]
    conversations: int
    ticket_type_id: str | int | None
    """What conversations are converted to; None: the plan converts nothing."""

    @property
    def total(self) -> int:
        """How many items there are."""
        return self.kinds.total()

    def __str__(self) -> str:
        """What a run does, e.g. "redact 401 parts and 11 sources in 120 conversations"."""
        if self.ticket_type_id is not None:
            return f"convert {counted(self.conversations, 'conversation')} to tickets of type {self.ticket_type_id}"
        texts = [counted(self.kinds[kind], word) for kind, word in WORDS.items() if self.kinds[kind]]
        return f"redact {' and '.join(texts) or 'nothing'} in {counted(self.conversations, 'conversation')}"


def contents_of(plan: Plan) -> Contents:
    """Count the items of a plan.

    Raises:
        PlanError: It names no workspace, so that no run would take it, or was changed since it was checked.
    """
    if plan.header.workspace is None:
        plan.check_workspace(None)
    conversations = sum(1 for _ in groupby(plan.items(), key=lambda item: item.conversation_id))
    convert = plan.header.convert
    return Contents(plan.counts(), conversations, None if convert is None else convert.ticket_type_id)


def left_of(plan: Plan, ledger: Path, *, retry_refused: bool) -> int | None:
    """Count the items that a run on this ledger has still to do; None: there is no ledger yet.

    Raises:
        LedgerError: It cannot be read, or is of another workspace than the plan.
    """
    if not ledger.exists() or not ledger.stat().st_size:
        return None
    with Ledger.read(ledger) as kept:
        workspace = kept.meta.get("workspace")
        if workspace != plan.header.workspace:
            raise LedgerError(
                f"the ledger is of workspace {workspace}, and the plan of workspace {plan.header.workspace}"
            )
        return sum(1 for _ in _left_items(plan, kept, retry_refused=retry_refused))


def first_left(plan: Plan, ledger: Path, limit: int, *, retry_refused: bool) -> Iterator[Item]:
    """Iterate over the first items that a run on this ledger has still to do, at most `limit` of them."""
    with Ledger.read(ledger) as kept:  # the run has made it before it pulls the first item
        yield from islice(_left_items(plan, kept, retry_refused=retry_refused), min(limit, sys.maxsize))


def _left_items(plan: Plan, kept: Ledger, *, retry_refused: bool) -> Iterator[Item]:
    over = {"done"} if retry_refused else {"done", "refused"}
    return (item for item in plan.items() if kept.state(item.key) not in over)
