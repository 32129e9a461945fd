"""Writes and verifies evidence files: the entries of a ledger as lines of JSON, each with the hash of the line before.

Ids, codes and times only.

Editing, removing, adding or moving a line breaks the hash chain, and `verify` reports where. Rewriting the whole file
with new hashes does not break it; to detect that, store the head elsewhere (in a ticket, a mail, another system) and
pass it as `verify(path, head=...)`.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from os import PathLike
from os.path import realpath
from pathlib import Path

from attrs import frozen

from aiointercom._version import __version__
from aiointercom.cleanup._atomic_write import atomic_write, check_target
from aiointercom.cleanup.ledger.reader import Ledger, Record, RunRecord
from aiointercom.types import JSONObject

from .hash_chain import BrokenChainError, HashChain

VERSION = 1
PARTS_OF_A_LEDGER = ("-wal", "-shm", "-journal", ".lock")
LONGEST = 1 << 20
"""Bytes; a longer line was not written by this module and is not read into memory."""


@frozen
class Evidence:
    """A written evidence file."""

    lines: int
    """The number of lines, including the first and the last one, which are not items."""
    head: str
    """The hash of the last line. If it is stored elsewhere, it proves later that the file was not rewritten."""
    name: str
    """The name of the file, without its folder."""


@frozen
class Verified:
    """The result of verifying an evidence file."""

    whole: bool
    line: int | None
    """The number of the first wrong line, from 1; None: all lines are correct."""
    why: str | None
    """The problem with this line; None: there is no problem."""
    head: str
    """The hash of the last correct line; empty if no line is correct."""


def evidence(
    ledger: str | PathLike[str], *, to: str | PathLike[str], overwrite: bool = True, now: float | None = None
) -> Evidence:
    """Write the evidence of a ledger to a file, also while a run goes on.

    The file is written completely or not at all. Memory use does not grow with the ledger. The call blocks for some
    seconds per 100,000 items: from an event loop, call it in a thread.

    Args:
        ledger: The path of the ledger, which is only read.
        to: The path of the evidence file. A symbolic link is refused.
        overwrite: Whether an existing file may be replaced. False keeps earlier evidence, whose head may be stored
            elsewhere.
        now: The time to state in the file, Unix seconds; None: the current time.

    Returns:
        The Evidence: number of lines, head, name of the file.

    Raises:
        LedgerError: The ledger does not exist or cannot be read.
        ValueError: The evidence would replace the ledger.
        FileExistsError: The file exists, and `overwrite` is False.
        OSError: The file cannot be written, or the path is a symbolic link.
    """
    check_report_path(ledger, to, overwrite=overwrite)
    chain = HashChain()
    made_at = time.time() if now is None else now
    with Ledger.read(ledger) as read, atomic_write(to, overwrite=overwrite, through_links=False) as file:
        for content in _contents(read, made_at):
            file.write(chain.link(content).decode())
    return Evidence(chain.lines, chain.head, Path(to).name)


def check_report_path(ledger: str | PathLike[str], to: str | PathLike[str], *, overwrite: bool = True) -> None:
    """Check whether a report may be written to a path, as `evidence` and `page` do before they read the ledger.

    Args:
        ledger: The path of the ledger.
        to: The path of the report. A typing error must not destroy the ledger or one of its companion files.
        overwrite: Whether an existing file may be replaced.

    Raises:
        ValueError: The path is that of the ledger or of a companion file.
        FileExistsError: The file exists, and `overwrite` is False.
        OSError: The folder does not exist, or the path is a symbolic link or something else that is not a regular file.
    """
    own, place = Path(realpath(ledger)), Path(realpath(to))
    if place in [own, *(own.with_name(own.name + suffix) for suffix in PARTS_OF_A_LEDGER)]:
        raise ValueError(f"{to} is the ledger, or a part of it: name another file for the report")
    check_target(to, overwrite=overwrite, through_links=False)


def verify(path: str | PathLike[str], *, head: str | None = None) -> Verified:
    """Read an evidence file and check its hash chain.

    Args:
        path: The path of the evidence file.
        head: The head that was stored when the file was made. None: it is not compared, so a file that was rewritten
            with new hashes is accepted.

    Returns:
        The Verified: whether the chain is intact, the first wrong line, its problem, and the head.

    Raises:
        OSError: The file cannot be read.
    """
    chain, reading = HashChain(), _EvidenceReader()
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
        why = "its hash is not the head that was noted: the file was rewritten, or it is another file"
        return Verified(False, chain.lines, why, holds)
    return Verified(True, None, None, holds)


class _EvidenceReader:
    """Checks the contents beyond the hash chain: first line, last line, and the counts in it."""

    def __init__(self) -> None:
        self._kinds: Counter[str] = Counter()

    def take(self, content: JSONObject) -> None:
        kind = str(content.get("type"))
        if self._kinds["end"]:
            raise BrokenChainError("it follows the closing line")
        if (kind == "evidence") is bool(self._kinds):
            raise BrokenChainError("the first line of an evidence file, and only the first, has the type evidence")
        if kind == "evidence" and content.get("version") != VERSION:
            raise BrokenChainError(f"its version is not {VERSION}: another release of aiointercom wrote it")
        if kind == "end" and (content.get("items"), content.get("runs")) != (self._kinds["item"], self._kinds["run"]):
            raise BrokenChainError("its counts of items and runs differ from the lines before it")
        self._kinds[kind] += 1

    def finish(self) -> None:
        if not self._kinds:
            raise BrokenChainError("the file is empty")
        if not self._kinds["end"]:
            raise BrokenChainError("the file is cut off: its closing line is missing")


def _contents(ledger: Ledger, made_at: float) -> Iterator[JSONObject]:
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


def _item(record: Record) -> JSONObject:
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


def _run(run: RunRecord) -> JSONObject:
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
    """The time in UTC, as a string, since tools format fractional numbers differently."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
