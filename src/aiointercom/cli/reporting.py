"""`aiointercom report`: shows a ledger as counts, as an evidence file and as a page, and verifies evidence files."""

from __future__ import annotations

from itertools import islice
from os.path import realpath
from pathlib import Path
from sys import maxsize
from typing import Annotated

from cyclopts import Parameter, validators

from aiointercom import cleanup
from aiointercom.types import JSONObject

from .exits import Exit, UsageError, arguments, shown
from .remainder import not_done, rows
from .talk import TALK, Talk, columns, counted


def report(
    ledger: Path | None = None,
    /,
    *,
    evidence: Path | None = None,
    page: Path | None = None,
    overwrite: Annotated[bool, Parameter(negative="", show_default=False)] = False,
    plan: Path | None = None,
    verify: Annotated[Path | None, Parameter(show_default=False)] = None,
    head: str | None = None,
    limit: Annotated[int | None, Parameter(validator=validators.Number(gte=1), show_default=False)] = None,
    talk: Talk = TALK,
) -> Exit:
    """Show the state of a clean-up, also while it runs: counts, and the items that are not done, with reasons.

    It needs no token, and nothing that it writes holds a word of a conversation.

    Args:
        ledger: The ledger of `aiointercom run`.
        evidence: Write a file of JSON lines in which each carries the hash of the one before.
        page: Write a page for people, one HTML file.
        overwrite: Replace files that are there.
        plan: The plan, so that the page tells what no run has come to.
        verify: In place of all that: check whether this evidence file is whole, and say where it is not.
        head: With --verify: the head that was noted when the file was made; without it, a file that was written anew
            passes.
        limit: Name at most so many of the items that are not done; files name all. Default: 50, and all with --json.
    """
    if (ledger is None) is (verify is None):
        raise UsageError("report takes either a ledger, or --verify and an evidence file")
    if verify is not None:
        if overwrite or any(given is not None for given in (evidence, page, plan, limit)):
            raise UsageError("--verify can be combined with --head only")
        return _verified(verify, head, talk)
    if head is not None:
        raise UsageError("--head needs --verify")
    assert ledger is not None
    planned = None if plan is None else cleanup.read_plan(plan).count
    _check_places(ledger, plan, evidence, page, overwrite=overwrite)
    record, shown_rows = _standing(ledger, limit, talk)
    written = None if evidence is None else cleanup.evidence(ledger, to=evidence, overwrite=overwrite)
    if page is not None:
        cleanup.page(ledger, to=page, evidence=written, planned=planned, overwrite=overwrite)
    record["planned"] = planned
    record["lines"], record["head"] = (None, None) if written is None else (written.lines, written.head)
    made = [("planned", "" if planned is None else str(planned)), ("runs", str(record["runs"]))]
    if written is not None:
        made += [("evidence", f"{evidence}, {counted(written.lines, 'line')}"), ("head", written.head)]
    made.append(("page", "" if page is None else str(page)))
    talk.outcome(record, *columns([*shown_rows, *made]))
    return shown() if evidence is None and page is None else Exit.DONE


def _standing(ledger: Path, limit: int | None, talk: Talk) -> tuple[JSONObject, list[tuple[str, str]]]:
    """Return the state of a ledger as a record, and as rows for people.

    The items that are not done stand in what is printed only.
    """
    with cleanup.Ledger.read(ledger) as read:
        live = _live(read)
        counts = [(kind, state, outcome, number) for (kind, state, outcome), number in read.counts().items()]
        record = {
            "type": "report",
            "workspace": read.meta.get("workspace"),
            "region": read.meta.get("region"),
            "runs": len(read.runs()),
            "items": [dict(zip(("type", "state", "outcome", "count"), row, strict=True)) for row in counts],
            "live": live,
            "not_done": list(islice(not_done(read), limit and min(limit, maxsize))) if talk.json else [],
        }
        named = [] if talk.json else list(rows(not_done(read), limit))
    by_kind = [
        (f"{kind}, {outcome or state}".replace("_", " "), str(number)) for kind, state, outcome, number in counts
    ]
    return record, by_kind + _live_rows(live) + named


def _live(read: cleanup.Ledger) -> JSONObject | None:
    """Return what live redaction did; None: it is the ledger of a clean-up only."""
    if (live := read.live) is None:
        return None
    counts = read.counts()
    return {
        "notifications": live.notifications,
        "read": live.read,
        "found": sum(counts.values()),
        "redacted": sum(number for (_, _, outcome), number in counts.items() if outcome == "redacted"),
        "by_sweep": live.by_sweep,
        "median": live.median,
        "p99": live.p99,
    }


def _live_rows(live: JSONObject | None) -> list[tuple[str, str]]:
    if live is None:
        return []
    times = {name: "" if live[name] is None else f"{live[name]:.3f} s" for name in ("median", "p99")}
    return [
        ("notifications", str(live["notifications"])),
        ("conversations read", str(live["read"])),
        ("found", str(live["found"])),
        ("redacted", f"{live['redacted']}, {live['by_sweep']} of them after a sweep only"),
        ("median", times["median"] and f"{times['median']} from the notification"),
        ("p99", times["p99"]),
    ]


def _check_places(ledger: Path, plan: Path | None, *places: Path | None, overwrite: bool) -> None:
    """Refuse files that cannot be written, before the first one is written.

    Raises:
        UsageError: A file exists and may not be replaced, or a report would replace another file of this command.
        OSError: It is a symbolic link, or no file.
    """
    asked = [place for place in places if place is not None]
    if len({realpath(place) for place in asked}) < len(asked):
        raise UsageError("evidence and page must be two different files")
    for place in asked:
        if plan is not None and realpath(plan) == realpath(place):
            raise UsageError(f"{place} is the plan: name another file for the report")
        try:
            with arguments():  # of the ledger, or a part of it, as the place of a report
                cleanup.check_report_path(ledger, place, overwrite=overwrite)
        except FileExistsError:
            raise UsageError(f"{place} exists already: --overwrite replaces it") from None


def _verified(evidence: Path, head: str | None, talk: Talk) -> Exit:
    found = cleanup.verify(evidence, head=head)
    record = {"type": "verified", "whole": found.whole, "line": found.line, "why": found.why, "head": found.head}
    if not found.whole:
        talk.result(record, f"broken at line {found.line}: {found.why}")
        return Exit.FAILED
    against = "as it was noted" if head else "not compared with a noted one (--head)"
    talk.result(record, f"whole; head {found.head}, {against}")
    return shown()
