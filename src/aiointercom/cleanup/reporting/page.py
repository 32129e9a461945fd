"""Writes a report page: one HTML file that shows a ledger, without scripts or external resources.

It holds ids, codes, counts and times, and no personal data.
"""

from __future__ import annotations

import time
from importlib.resources import files
from os import PathLike

from aiointercom._version import __version__
from aiointercom.cleanup._atomic_write import atomic_write
from aiointercom.cleanup.ledger.reader import Ledger

from .chart import progress
from .evidence import Evidence, check_report_path
from .formatting import KINDS, NONE, OUTCOMES, STATES, counted, moment, number, share, span
from .history import live, proof, runs
from .html import Markup, element, joined
from .remaining import remaining
from .statistics import Statistics, collect_statistics
from .tables import row, section, table

NOTHING_FROM_ELSEWHERE = "default-src 'none'; style-src 'unsafe-inline'"


def page(
    ledger: str | PathLike[str],
    *,
    to: str | PathLike[str],
    evidence: Evidence | None = None,
    planned: int | None = None,
    overwrite: bool = True,
    now: float | None = None,
) -> None:
    """Write a page that shows the state of a ledger, also while a run goes on.

    The file is written completely or not at all. The call blocks for some seconds per 100,000 items: from an event
    loop, call it in a thread.

    Args:
        ledger: The path of the ledger, which is only read.
        to: The path of the page. A symbolic link is refused.
        evidence: The evidence of the same ledger, so that the page shows its name and head. None: the page does not
            mention evidence.
        planned: The number of items in the plan, e.g. `read_plan(path).count`, so that the page shows how many were not
            started. None: not shown.
        overwrite: Whether an existing file may be replaced.
        now: The time to state in the file, Unix seconds; None: the current time.

    Raises:
        ValueError: The page would replace the ledger.
        LedgerError, OSError: As for `evidence`.
    """
    check_report_path(ledger, to, overwrite=overwrite)  # before the ledger is read, which may take minutes
    with Ledger.read(ledger) as read:
        found = collect_statistics(read)
    shown = render(found, evidence, planned, time.time() if now is None else now)
    with atomic_write(to, overwrite=overwrite, through_links=False) as file:
        file.write(shown)


def render(found: Statistics, evidence: Evidence | None, planned: int | None, now: float) -> str:
    """The whole page as text."""
    sections = joined(
        _head(found, planned, now),
        _numbers(found, planned),
        live(found),
        _progress(found, planned),
        _outcomes(found),
        remaining(found, evidence, planned),
        runs(found),
        proof(evidence),
        _foot(found),
    )
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", http_equiv="Content-Security-Policy", content=NOTHING_FROM_ELSEWHERE),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"Clean-up of workspace {found.meta.get('workspace')}"),
        element(
            "style", Markup(files("aiointercom.cleanup.reporting").joinpath("page.css").read_text(encoding="utf-8"))
        ),
    )
    return "<!doctype html>\n" + element("html", head, element("body", element("main", sections)), lang="en") + "\n"


# ---------------------------------------------------------------- the head


def _head(found: Statistics, planned: int | None, now: float) -> Markup:
    where = f"Workspace {found.meta.get('workspace')}, region {found.meta.get('region')}. Made {moment(now)} UTC."
    return element("header", element("p", where, class_="where"), element("h1", "Clean-up"), _verdict(found, planned))


def _verdict(found: Statistics, planned: int | None) -> Markup:
    whole, done = max(planned or 0, found.items), found.states["done"]
    if not whole:
        return element("p", "No item was started yet.", class_="verdict")
    said = (
        f"All {counted(whole, 'item')} done." if done == whole else f"{number(done)} of {counted(whole, 'item')} done."
    )
    rest = {STATES[state].lower(): found.states[state] for state in STATES if state != "done"}
    rest["not started"] = whole - found.items
    left = ", ".join(f"{number(count)} {name}" for name, count in rest.items() if count)
    return element("p", element("strong", said), f" {left[0].upper()}{left[1:]}." if left else None, class_="verdict")


def _numbers(found: Statistics, planned: int | None) -> Markup | None:
    if not found.stretches:
        return None
    items = found.items
    facts = [
        ("Done", number(found.states["done"]), share(found.states["done"], max(planned or 0, items)) + " of all"),
        ("Requests", number(found.requests), f"{found.requests / items:.2f} per item" if items else "no items yet"),
        ("Answered with 429", share(found.limited, found.requests), f"{counted(found.limited, 'request')} refused"),
        ("Running time", span(found.seconds), f"in {counted(len(found.stretches), 'run')}"),
        (
            "Waiting",
            span(found.waited / items) if items else NONE,
            f"per item; {span(found.waited)} in total, summed over parallel items",
        ),
        ("Settled by a read", number(found.by_reading), "after a lost answer or a killed run"),
    ]
    boxes = [
        element("div", element("dt", name), element("dd", value, class_="value"), element("dd", words, class_="note"))
        for name, value, words in facts
    ]
    return element("dl", *boxes, class_="numbers")


def _progress(found: Statistics, planned: int | None) -> Markup | None:
    if not found.stretches:
        return None
    killed = any(stretch.killed for stretch in found.stretches)
    legend = [_key("curve", "items done, cumulative"), _key("run", "a run")]
    legend += [_key("killed", "killed, or ended without a record of its end")] if killed else []
    legend += [_key("limited", "answered with 429")] if found.limited else []
    caption = element("figcaption", *legend, element("span", "Times in UTC.", class_="key"))
    return section("Progress", element("figure", progress(found, planned), caption))


def _key(class_: str, words: str) -> Markup:
    mark = element(
        "svg", element("rect", width="14", height="10", class_=class_), viewBox="0 0 14 10", aria_hidden="true"
    )
    return element("span", mark, words, class_="key")


# ---------------------------------------------------------------- outcomes


def _outcomes(found: Statistics) -> Markup | None:
    if not found.items:
        return None
    kinds = [kind for kind in KINDS if any(key[0] == kind for key in found.outcomes)]
    rows: list[Markup] = []
    for outcome, (name, meaning) in OUTCOMES.items():
        counts = [found.outcomes[kind, outcome] for kind in kinds]
        if total := sum(counts):
            words = joined(name, element("span", meaning, class_="note"))
            rows.append(row(words, *map(number, counts), number(total), share(total, found.items)))
    totals = [sum(count for key, count in found.outcomes.items() if key[0] == kind) for kind in kinds]
    last = row("Together", *map(number, totals), number(found.items), share(1, 1))
    heads = ["Outcome", *(KINDS[kind] for kind in kinds), "Together", "Share"]
    return section("Outcomes", _bar(found), table("How the items ended, by kind", heads, rows, last))


def _bar(found: Statistics) -> Markup:
    left, parts = 0.0, list[Markup]()
    for state, name in STATES.items():
        if count := found.states[state]:
            width = 100 * count / found.items
            title = element("title", f"{name}: {number(count)}")
            parts.append(
                element("rect", title, x=f"{left:.3f}", width=f"{max(width, 0.3):.3f}", height="2", class_=state)
            )
            left += width
    words = ", ".join(f"{STATES[state].lower()} {number(count)}" for state, count in found.states.items())
    return element(
        "svg", *parts, viewBox="0 0 100 2", preserveAspectRatio="none", role="img", aria_label=words, class_="bar"
    )


def _foot(found: Statistics) -> Markup:
    begun = found.meta.get("aiointercom")
    words = (
        f"Ledger started with aiointercom {begun}, page made with aiointercom {__version__}. "
        "This page holds ids, codes, counts and times, and no text of a conversation."
    )
    return element("footer", element("p", words))
