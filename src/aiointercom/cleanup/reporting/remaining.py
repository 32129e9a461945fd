"""Pure: what remains of a clean-up, why, which items, and what to do about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .evidence import Evidence
from .formatting import ADVICE, NONE, OUTCOMES, STATES, number
from .html import Markup, element, joined
from .statistics import Cause, RemainingItems, RunPeriod, Statistics
from .tables import row, section, table

SINGULAR = {"redact_part": "part", "redact_source": "source"}


def remaining(found: Statistics, evidence: Evidence | None, planned: int | None) -> Markup | None:
    """The section that says what is still to be done, and why; None where nothing was begun."""
    if not found.items:
        return None
    parts = list(_standing(found.stretches))
    parts += [
        part for state in ("unknown", "in_flight", "failed", "refused") for part in _of_state(found, state, evidence)
    ]
    if (left := (planned or 0) - found.items) > 0:
        words = "They are in the plan and no run came to them. Run the same plan on the same ledger again."
        parts += [element("h3", f"Not begun: {number(left)}"), element("p", words)]
    return section("What remains", *(parts or [element("p", "Nothing: every item that was begun is done.")]))


def _standing(stretches: Sequence[RunPeriod]) -> Iterator[Markup]:
    """What the last run says of the whole."""
    for stretch in stretches[-1:]:
        if stretch.alive:
            yield element("p", "The last run has no end: it was going on when this page was made, or it was killed.")
        elif stretch.run.stopped_by is not None:
            yield element("p", "The last run stopped before its end: ", element("code", stretch.run.stopped_by), ".")


def _of_state(found: Statistics, state: str, evidence: Evidence | None) -> Iterator[Markup]:
    causes = sorted(((c, r) for c, r in found.remaining.items() if c.state == state), key=lambda pair: -pair[1].count)
    if causes:
        yield element("h3", f"{STATES[state]}: {number(found.states[state])}", class_=state)
        yield element("p", ADVICE[state])
        heads = ["Why", "Code", "Status", "Items", "Which"]
        rows = [_cause(*pair, evidence) for pair in causes]
        yield table(f"{STATES[state]}, by cause", heads, rows, words=(0, 1, 4), class_="causes")


def _cause(cause: Cause, remains: RemainingItems, evidence: Evidence | None) -> Markup:
    name, _ = OUTCOMES.get(cause.outcome or "in_flight", ("Other causes", ""))
    why = joined(name, *_notes(cause))
    code = element("code", cause.code) if cause.code is not None else NONE
    status = NONE if cause.status is None else str(cause.status)
    return row(why, code, status, number(remains.count), _which(cause, remains, evidence), words=(0, 1, 4))


def _notes(cause: Cause) -> Iterator[Markup]:
    for words in (cause.error, cause.reason):
        if words is not None:
            yield element("span", words, class_="note")


def _which(cause: Cause, remains: RemainingItems, evidence: Evidence | None) -> Markup:
    names = [element("li", _named(*key)) for key in remains.first]
    more = remains.count - len(names)
    if more and evidence is not None:
        names.append(
            element(
                "li",
                f"and {number(more)} more: in {evidence.name}, lines with ",
                element("code", f'"state":"{cause.state}"'),
            )
        )
    elif more:
        names.append(element("li", f"and {number(more)} more: in the evidence"))
    return element("ul", *names)


def _named(kind: str, conversation_id: str, target_id: str) -> str:
    return f"{conversation_id}, {SINGULAR[kind]} {target_id}" if kind in SINGULAR else conversation_id
