"""The evidence file: what a ledger holds, as lines of JSON of which each carries the hash of the one before. Ids, codes and times only.

Whoever edits, drops, adds or moves a line breaks the chain, and `verify` says where. Whoever writes the whole file anew, hashes and all, does not:
against that only a head that was noted elsewhere helps (a ticket, a mail, another system), given as `verify(path, head=...)`.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from typing import Any

from attrs import frozen

from aiointercom._version import __version__

from ._chain import BrokenChainError, Chain
from ._drafts import drafted
from .ledger import Ledger, Record, RunRecord

VERSION = 1
PARTS_OF_A_LEDGER = ("-wal", "-shm", "-journal", ".lock")
LONGEST = 1 << 20
"""Bytes; a longer line is none of ours, and is not read into memory."""


@frozen
class Evidence:
    """A written evidence file."""

    lines: int
    """How many, with the first and the last one, which hold no item."""
    head: str
    """The hash of the last line. Noted elsewhere, it proves later that the file was not written anew."""
    name: str
    """The name of the file, without its folder."""


@frozen
class Verified:
    """What reading an evidence file again showed."""

    whole: bool
    line: int | None
    """The first line that does not hold, from 1; None: all do."""
    why: str | None
    """What is wrong with it; None: nothing."""
    head: str
    """The hash of the last line that holds; empty if none does."""


def evidence(
    ledger: str | PathLike[str], *, to: str | PathLike[str], overwrite: bool = True, now: float | None = None
) -> Evidence:
    """Write the evidence of a ledger to a file, also while a run goes on.

    The file appears whole or not at all. Memory does not grow with the ledger. It blocks for some seconds per 100,000
    items: from an event loop, call it in a thread.

    Args:
        ledger: the ledger's file; it is only read.
        to: where the evidence goes. A symbolic link is refused.
        overwrite: whether a file that is there may be replaced. False keeps an older evidence, whose head may be noted somewhere.
        now: the time to write into it, Unix seconds; None: this moment.

    Returns:
        Evidence: number of lines, head, name of the file.

    Raises:
        LedgerError: there is no ledger, or it can't be read.
        ValueError: the evidence would take the place of the ledger.
        FileExistsError: a file is there, and `overwrite` is False.
        OSError: the file can't be written, or a symbolic link is there.
    """
    refuse_the_ledger(ledger, to)
    chain = Chain()
    made_at = time.time() if now is None else now
    with Ledger.read(ledger) as read, drafted(to, overwrite=overwrite, through_links=False) as file:
        for content in _contents(read, made_at):
            file.write(chain.link(content).decode())
    return Evidence(chain.lines, chain.head, Path(to).name)


def refuse_the_ledger(ledger: str | PathLike[str], to: str | PathLike[str]) -> None:
    """Refuse to write a report where the ledger, or a part of it, lies: a slip in a command must not cost the ledger.

    Raises:
        ValueError: It lies there.
    """
    own, place = Path(ledger).resolve(), Path(to).resolve()
    if place in [own, *(own.with_name(own.name + suffix) for suffix in PARTS_OF_A_LEDGER)]:
        raise ValueError(f"{to} is the ledger, or a part of it: name another file for the report")


def verify(path: str | PathLike[str], *, head: str | None = None) -> Verified:
    """Read an evidence file and say whether its chain is whole, and where it breaks.

    Args:
        path: the evidence file.
        head: the head as it was noted when the file was made; None: not compared, and then a file that was wholly written anew, with new
            hashes, is taken for whole.

    Returns:
        Verified: whole, the first line that does not hold, why, and the head.

    Raises:
        OSError: the file can't be read.
    """
    chain, reading = Chain(), _Reading()
    number, holds = 0, ""
    with Path(path).open("rb") as file:
        try:
            while line := file.readline(LONGEST):
                number += 1
                reading.take(chain.follow(line))
                holds = chain.head
            number += 1
            reading.finish()
        except BrokenChainError as broken:
            return Verified(False, number, str(broken), holds)
    if head is not None and head.strip().lower() != chain.head:
        why = "its hash is not the head that was noted: the file was written anew, or it is another one"
        return Verified(False, chain.lines, why, holds)
    return Verified(True, None, None, holds)


class _Reading:
    """What must hold beyond the chain: first line, last line, and the numbers in it."""

    def __init__(self) -> None:
        self._kinds: Counter[str] = Counter()

    def take(self, content: dict[str, Any]) -> None:
        kind = str(content.get("type"))
        if self._kinds["end"]:
            raise BrokenChainError("it stands behind the closing line")
        if (kind == "evidence") is bool(self._kinds):
            raise BrokenChainError("a file of evidence begins with a line of the type evidence, and has one of them")
        if kind == "evidence" and content.get("version") != VERSION:
            raise BrokenChainError(f"its version is not {VERSION}: another release of aiointercom wrote it")
        if kind == "end" and (content.get("items"), content.get("runs")) != (self._kinds["item"], self._kinds["run"]):
            raise BrokenChainError("it counts other numbers of items and runs than stand before it")
        self._kinds[kind] += 1

    def finish(self) -> None:
        if not self._kinds:
            raise BrokenChainError("the file is empty")
        if not self._kinds["end"]:
            raise BrokenChainError("the file is cut off: its closing line is missing")


def _contents(ledger: Ledger, made_at: float) -> Iterator[dict[str, Any]]:
    meta = ledger.meta
    yield {
        "type": "evidence",
        "version": VERSION,
        "workspace": meta.get("workspace"),
        "region": meta.get("region"),
        "aiointercom": __version__,
        "made_at": _iso(made_at),
        "ledger": {"created_at": _iso(float(meta["created_at"])), "aiointercom": meta.get("aiointercom")},
    }
    states, outcomes = Counter[str](), Counter[str]()
    for record in ledger.records():
        states[record.state] += 1
        outcomes[record.outcome or "in_flight"] += 1
        yield _item(record)
    runs = ledger.runs()
    yield from map(_run, runs)
    yield {
        "type": "end",
        "items": states.total(),
        "runs": len(runs),
        "states": dict(states),
        "outcomes": dict(outcomes),
    }


def _item(record: Record) -> dict[str, Any]:
    return {
        "type": "item",
        "kind": record.kind,
        "conversation_id": record.conversation_id,
        "target_id": record.target_id,
        "state": record.state,
        "outcome": record.outcome,
        "error": record.error,
        "code": record.code,
        "status": record.status,
        "reason": record.reason,
        "ticket_id": record.ticket_id,
        "request_id": record.request_id,
        "by_reading": record.by_reading,
        "intended_at": _iso(record.intended_at),
        "first_sent_at": _iso(record.first_sent_at),
        "last_doubt_at": _iso(record.last_doubt_at),
        "ended_at": _iso(record.ended_at),
        "requests": record.requests,
        "refused": record.refused,
        "waited_ms": round(record.waited * 1000),
        "run": record.run,
    }


def _run(run: RunRecord) -> dict[str, Any]:
    return {
        "type": "run",
        "id": run.id,
        "started_at": _iso(run.started_at),
        "ended_at": _iso(run.ended_at),
        "stopped_by": run.stopped_by,
        "version": run.version,
        "requests": run.requests,
        "refused": run.refused,
        "waited_ms": round(run.waited * 1000),
    }


def _iso(seconds: float | None) -> str | None:
    """The time in UTC; a text, since not every tool writes a broken number the same way."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
