"""`aiointercom settle`: finds out what became of the writes in doubt of a ledger, by reads alone."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter, validators

from aiointercom import LedgerError, cleanup
from aiointercom.cleanup import Item, Ledger, Plan
from aiointercom.types import JSONObject

from .account import OWN, Account
from .exits import Exit, preflight
from .running import IN_DOUBT, ended, watched
from .talk import TALK, Talk, handles_signals


async def settle(
    ledger: Path,
    /,
    *,
    plan: Path | None = None,
    concurrency: Annotated[int | None, Parameter(validator=validators.Number(gte=1), show_default=False)] = None,
    drain: Annotated[float, Parameter(validator=validators.Number(gte=0))] = 30.0,
    account: Account = OWN,
    talk: Talk = TALK,
) -> Exit:
    """Find out what became of the items in doubt of a ledger, and record it there. It only reads, and sends no write.

    What does not show its effect is read again a minute after its last request; only then is it known that it was not
    applied, and the next run sends it. Ctrl-C or SIGTERM stops it, and the same command goes on.

    Args:
        ledger: The ledger of `aiointercom run`.
        plan: The plan, for conversions: a ledger does not hold the ticket type by which their tickets are known.
        concurrency: Items read at once. Default: 40.
        drain: Seconds that what is under way has to end in after Ctrl-C.
    """
    talk.listen()
    made = None if plan is None else cleanup.read_plan(plan)
    total = _in_doubt(ledger, made)
    options: JSONObject = {"stop_on_signals": handles_signals()}
    options |= {} if concurrency is None else {"concurrency": concurrency}
    async with account.client() as intercom:
        items: Iterable[Item] = () if made is None else made.items()
        results = cleanup.settle(intercom, ledger=ledger, items=items, drain=drain, **options)
        async with AsyncExitStack() as stack:
            with preflight():
                await stack.enter_async_context(results)
            await watched(results, "settling", total, talk)
    hint = "the report says why; a run sends it once more where that does no harm"
    return ended(results, results.summary, total, ledger, talk, in_doubt=hint)


def _in_doubt(ledger: Path, plan: Plan | None) -> int:
    """Count the items in doubt.

    Raises:
        LedgerError: It cannot be read, or is of another workspace than the plan.
    """
    with Ledger.read(ledger) as kept:
        workspace = kept.meta.get("workspace")
        if plan is not None and plan.header.workspace != workspace:
            raise LedgerError(
                f"the ledger is of workspace {workspace}, and the plan of workspace {plan.header.workspace}"
            )
        return sum(number for (_, state, _), number in kept.counts().items() if state in IN_DOUBT)
