"""Pure: the runs of a clean-up, its live redaction, and the evidence of it."""

from __future__ import annotations

from .evidence import Evidence
from .formatting import NONE, moment, number, span
from .html import Child, Markup, element, joined
from .statistics import RunPeriod, Statistics
from .tables import row, section, table


def live(found: Statistics) -> Markup | None:
    """Build the section about live redaction. None: there was none with this ledger."""
    if (record := found.live) is None:
        return None
    redacted = sum(count for (_, outcome), count in found.outcomes.items() if outcome == "redacted")
    rows = [
        row("Notifications", number(record.notifications)),
        row("Conversations read", number(record.read)),
        row("Messages found", number(found.items)),
        row("Redacted", number(redacted)),
        row("Redacted after a sweep only: no notification told of them in time", number(record.by_sweep)),
        row("From notification to redacted, median", _seconds(record.median)),
        row("From notification to redacted, 99th percentile", _seconds(record.p99)),
    ]
    caption = "All processes together, as of the latest sweep or end; the times are those of the latest 10,000"
    return section("Live redaction", table(caption, ["What", "How many"], rows))


def _seconds(value: float | None) -> str:
    return NONE if value is None else f"{number(value, 3)} s"


def runs(found: Statistics) -> Markup | None:
    """Build the section with a row for each run. None: there was no run."""
    if not found.stretches:
        return None
    heads = ["Run", "Began (UTC)", "Took", "Items", "Requests", "429", "Ended", "aiointercom"]
    rows = [_run(index, stretch) for index, stretch in enumerate(found.stretches, 1)]
    return section("Runs", table("Every run on this ledger", heads, rows, words=(1, 6, 7)))


def _run(index: int, stretch: RunPeriod) -> Markup:
    run = stretch.run
    return row(
        number(index),
        moment(run.started_at),
        span(stretch.ended_at - run.started_at),
        number(stretch.items),
        number(run.requests),
        number(run.refused),
        _ended(stretch),
        run.version,
        words=(1, 6, 7),
    )


def _ended(stretch: RunPeriod) -> Child:
    if stretch.alive:
        return "in progress, or killed"
    if stretch.killed:
        return "killed"
    stopped_by = stretch.run.stopped_by
    return "complete" if stopped_by is None else joined("stopped: ", element("code", stopped_by))


def proof(evidence: Evidence | None) -> Markup:
    """Build the section that names the evidence and its head."""
    if evidence is None:
        return section("Evidence", element("p", "No evidence file was made with this page."))
    facts = [
        ("File", evidence.name),
        ("Lines", number(evidence.lines)),
        ("Head", element("code", evidence.head)),
    ]
    words = (
        "Each line of the evidence carries the hash of the line before, and the head is the hash of the last one. "
        "Note the head where nobody can change it: with it, a check shows whether any line was changed since, "
        "or all of them."
    )
    pairs = [joined(element("dt", name), element("dd", value)) for name, value in facts]
    return section("Evidence", element("p", words), element("dl", *pairs, class_="facts"))
