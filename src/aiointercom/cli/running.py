"""`aiointercom run`: carries out a plan and keeps its ledger.

Ctrl-C and SIGTERM stop it in order; the same command goes on.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Annotated

from attrs import asdict, evolve
from cyclopts import Parameter, validators

from aiointercom import LedgerError, cleanup
from aiointercom.cleanup import Result, Run, Summary
from aiointercom.types import JSONObject

from .account import OWN, Account
from .consent import CONSENT_ASKED, Consent
from .contents import contents_of, first_left, left_of
from .exits import Exit, preflight, shown, told
from .progress import Progress, ticking
from .single import record_of
from .streams import lost
from .talk import TALK, Talk, columns, complain, handles_signals, span

IN_DOUBT = frozenset({"unknown", "in_flight"})
"""The states of items that may have been applied."""


async def run(
    plan: Path,
    /,
    *,
    ledger: Path,
    concurrency: Annotated[int | None, Parameter(validator=validators.Number(gte=1), show_default=False)] = None,
    drain: Annotated[float, Parameter(validator=validators.Number(gte=0))] = 30.0,
    retry_refused: Annotated[bool, Parameter(negative="", show_default=False)] = False,
    limit: Annotated[int | None, Parameter(validator=validators.Number(gte=1), show_default=False)] = None,
    consent: Consent = CONSENT_ASKED,
    account: Account = OWN,
    talk: Talk = TALK,
) -> Exit:
    """Carry out a plan, at the lowest priority within the rate limit.

    Whatever happens, kill -9 included: run the same command again. What is finished is not sent again, and what was
    under way is read first. Ctrl-C or SIGTERM begins nothing new and lets what is under way end; a second one stops at
    once, and loses nothing either.

    Args:
        plan: The plan file.
        ledger: The file that records the outcome of each item; it is made if it does not exist.
        concurrency: Items under way at once. Default: 40.
        drain: Seconds that what is under way has to end in after Ctrl-C.
        retry_refused: Try again what an earlier run noted as refused.
        limit: Begin at most so many items that the ledger does not have as finished, and leave the rest: then the exit
            status is 3, and the same command goes on.
    """
    talk.listen()
    made = cleanup.read_plan(plan)
    what = contents_of(made)
    if consent.dry_run:
        left = left_of(made, ledger, retry_refused=retry_refused)
        record = {"type": "dry_run", "items": what.total, "by_kind": dict(what.kinds), "left": left}
        still = "" if left is None else f"; by the ledger {left} of {what.total} are left"
        talk.result(record, f"would {what}{still}; nothing was sent")
        return shown()
    async with account.client() as intercom:
        with preflight():
            await cleanup.preflight(intercom, made)
        await consent.given(intercom, str(what).capitalize())
        options: JSONObject = {"retry_refused": retry_refused}
        options |= {} if concurrency is None else {"concurrency": concurrency}
        left = what.total if limit is None else _left(made, what.total, ledger, retry_refused=retry_refused)
        items = made.items() if limit is None else first_left(made, ledger, limit, retry_refused=retry_refused)
        results = cleanup.run(intercom, items, ledger=ledger, drain=drain, stop_on_signals=handles_signals(), **options)
        async with results:
            await watched(results, "running", left if limit is None else min(limit, left), talk)
    summary = results.summary
    if limit is not None and summary.stopped_by is None and limit < left:
        summary = evolve(summary, stopped_by="limit")
    hint = f"this reads what became of it, and sends nothing: aiointercom settle {shlex.quote(str(ledger))}"
    return ended(results, summary, left, ledger, talk, in_doubt=" ".join(filter(None, (hint, account.typed()))))


def ended(results: Run, summary: Summary, total: int, ledger: Path, talk: Talk, *, in_doubt: str) -> Exit:
    """Print how a run or a settling ended, and return its exit status.

    Args:
        results: The run.
        summary: Its counts.
        total: How many items it had to do.
        ledger: Its ledger; the status is about all items in it.
        talk: How the command talks.
        in_doubt: What to do about items that are still in doubt.
    """
    if results.error is not None:
        complain(told(results.error))
    states = _states(ledger, summary)
    _summed_up(summary, total, ledger, talk)
    if summary.stopped_by is None and IN_DOUBT.intersection(states):
        talk.note(f"still in doubt: {in_doubt}")
    return status_of(summary, states)


def _left(plan: cleanup.Plan, total: int, ledger: Path, *, retry_refused: bool) -> int:
    left = left_of(plan, ledger, retry_refused=retry_refused)
    return total if left is None else left


def _states(ledger: Path, summary: Summary) -> Collection[str]:
    """Return the states of the items in the ledger; of this run alone where it cannot be read any more."""
    try:
        with cleanup.Ledger.read(ledger) as kept:
            return {state for _, state, _ in kept.counts()}
    except LedgerError as error:
        complain(told(error))
        return {*summary.states, *(["in_flight"] if summary.in_flight else [])}


async def watched(results: Run, doing: str, total: int, talk: Talk) -> None:
    """Show the results as they come.

    Where they are lost, the reader may have enough: nothing new is begun, and the rest may end.
    """
    with Progress(talk, doing, total) as progress:

        def show() -> Summary:
            summary = results.summary
            progress.show(
                summary.ended + summary.skipped,
                summary.outcomes.items(),
                waited=summary.waited,
                before=summary.skipped,
                apart=_apart(summary),
            )
            return summary

        async with ticking(show):
            await _results(results, show, talk)


async def _results(results: Run, show: Callable[[], Summary], talk: Talk) -> None:
    told_so = False
    async for result in results:
        summary = show()
        if results.stopping and not told_so:
            told_so = True
            talk.note(f"stopping: {summary.in_flight} under way may end; Ctrl-C again stops at once")
        if talk.json:
            talk.result(_record(result))
            if lost() is not None and not results.stopping:
                results.stop()


def _apart(summary: Summary) -> Iterable[tuple[str, int]]:
    """Return how many items are not finished, by what they wait for."""
    under_way = summary.in_flight - summary.in_doubt - summary.waiting
    yield "in flight", max(0, under_way)
    yield "waiting for the rate limit", summary.waiting
    yield "in doubt", summary.in_doubt


def _record(result: Result) -> JSONObject:
    error = result.error
    return {
        **record_of(result.item),
        "state": result.state,
        "outcome": result.outcome,
        "error": None if error is None else type(error).__name__,
        "code": getattr(error, "code", None),
        "status": getattr(error, "status", None),
        "reason": result.reason,
        "ticket_id": result.ticket_id,
        "request_id": result.request_id,
        "by_reading": result.by_reading,
        "attempts": result.attempts,
    }


def _summed_up(summary: Summary, total: int, ledger: Path, talk: Talk) -> None:
    rows = [(name.replace("_", " "), str(number)) for name, number in summary.outcomes.items()]
    left = total - summary.ended - summary.skipped
    rows += [
        ("finished before", str(summary.skipped) if summary.skipped else ""),
        ("left", str(left) if left else ""),
        ("requests", f"{summary.requests}, {summary.refused} of them answered with 429"),
        ("waited", f"{span(summary.waited)} in total, summed over parallel items"),
        ("took", span(summary.seconds)),
    ]
    talk.outcome({"type": "summary", **asdict(summary)}, *columns(rows))
    if summary.stopped_by is not None:
        talk.note(f"stopped early ({summary.stopped_by}): the same command goes on")
    talk.note(f"what became of each: aiointercom report {shlex.quote(str(ledger))}")


def status_of(summary: Summary, states: Collection[str]) -> Exit:
    """Return the exit status of a run.

    `states` are those in the ledger, so that refusals of earlier runs count too.
    """
    if summary.stopped_by is not None:
        return Exit.STOPPED
    return status_in_ledger(states)


def status_in_ledger(states: Collection[str]) -> Exit:
    """Return the exit status of what came to its end in order, by the states in the ledger."""
    if IN_DOUBT.intersection(states):
        return Exit.UNKNOWN
    return Exit.FAILED if "refused" in states or "failed" in states else Exit.DONE
