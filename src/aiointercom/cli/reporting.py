"""`aiointercom report`: what a ledger holds, as counts, as an evidence file and as a page; and whether an evidence file is whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from aiointercom import cleanup

from .exits import Exit, UsageError, arguments
from .talk import TALK, Talk, columns, counted


def report(
    ledger: Path | None = None,
    /,
    *,
    evidence: Path | None = None,
    page: Path | None = None,
    plan: Path | None = None,
    verify: Annotated[Path | None, Parameter(show_default=False)] = None,
    head: str | None = None,
    talk: Talk = TALK,
) -> Exit:
    """Show what became of a clean-up, also while it runs. Needs no token; nothing it writes holds a word of a conversation.

    Args:
        ledger: The ledger of `aiointercom run`.
        evidence: Write a file of JSON lines in which each carries the hash of the one before.
        page: Write a page for people, one HTML file.
        plan: The plan, so that the page tells what no run has come to.
        verify: In place of all that: check whether this evidence file is whole, and say where it is not.
        head: With --verify: the head that was noted when the file was made; without it, a file that was written anew passes.
    """
    if (ledger is None) is (verify is None):
        raise UsageError("report takes a ledger, or --verify and an evidence file")
    if verify is not None:
        return _verified(verify, head, talk)
    if head is not None:
        raise UsageError("--head goes with --verify")
    assert ledger is not None
    return _reported(ledger, evidence, page, plan, talk)


def _reported(ledger: Path, evidence: Path | None, page: Path | None, plan: Path | None, talk: Talk) -> Exit:
    planned = None if plan is None else cleanup.read_plan(plan).count
    with cleanup.Ledger.read(ledger) as read:
        counts = [(kind, state, outcome, number) for (kind, state, outcome), number in read.counts().items()]
        meta, runs = read.meta, len(read.runs())
    with arguments():  # of the ledger itself as the place of a report
        written = None if evidence is None else cleanup.evidence(ledger, to=evidence)
        if page is not None:
            cleanup.page(ledger, to=page, evidence=written, planned=planned)
    record = {
        "type": "report",
        "workspace": meta.get("workspace"),
        "region": meta.get("region"),
        "runs": runs,
        "items": [dict(zip(("type", "state", "outcome", "count"), row, strict=True)) for row in counts],
        "planned": planned,
        "lines": None if written is None else written.lines,
        "head": None if written is None else written.head,
    }
    rows = [(f"{kind}, {outcome or state}".replace("_", " "), str(number)) for kind, state, outcome, number in counts]
    rows += [("planned", "" if planned is None else str(planned)), ("runs", str(runs))]
    if written is not None:
        rows += [("evidence", f"{evidence}, {counted(written.lines, 'line')}"), ("head", written.head)]
    rows.append(("page", "" if page is None else str(page)))
    talk.result(record, columns(rows))
    return Exit.DONE


def _verified(evidence: Path, head: str | None, talk: Talk) -> Exit:
    found = cleanup.verify(evidence, head=head)
    record = {"type": "verified", "whole": found.whole, "line": found.line, "why": found.why, "head": found.head}
    if not found.whole:
        talk.result(record, f"broken at line {found.line}: {found.why}")
        return Exit.FAILED
    against = "as it was noted" if head else "not compared with a noted one (--head)"
    talk.result(record, f"whole; head {found.head}, {against}")
    return Exit.DONE
