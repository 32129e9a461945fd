"""A process that plans a clean-up, or runs one on its ledger, as its order in a line of JSON says.

It may be killed at any moment.

With `hold` it stands still, calls under way and all, once so many items have ended: it cannot be done before a busy
machine gets to killing it. It logs all that the SDK has to tell, if it is asked to, so that the log can be searched.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Iterator
from itertools import chain
from typing import Any

import anyio

from aiointercom import Intercom
from aiointercom.cleanup import ConvertTo, Item, plan, read_plan, run
from aiointercom.detect import CardNumbers

TELL_EVERY = 10
FOREVER = 3600.0  # seconds


async def make_plans(intercom: Intercom, order: dict[str, Any]) -> None:
    """Make a plan for the redactions and another one for the conversions."""
    await plan(intercom, order["redactable"], to=order["plans"][0], detectors=[CardNumbers()])
    ticket = ConvertTo("85", title="Kettle", description="Came broken", resolve=False)
    await plan(intercom, order["convertible"], to=order["plans"][1], convert=ticket)


def planned(order: dict[str, Any]) -> Iterator[Item]:
    """The items of all plans."""
    return chain.from_iterable(read_plan(path).items() for path in order["plans"])


async def carry_out(order: dict[str, Any]) -> None:
    """Plan, or run."""
    # On loopback nothing goes on for a minute behind a lost answer, and every kill would cost that minute.
    async with Intercom(order["token"], base_url=order["url"], horizon=5.0) as intercom:
        if order["what"] == "plan":
            await make_plans(intercom, order)
            return
        async with run(intercom, planned(order), ledger=order["ledger"]) as results:
            print(json.dumps({"ended": 0}), flush=True)
            count = 0
            async for _ in results:
                count += 1
                if count % TELL_EVERY == 0:
                    print(json.dumps({"ended": count}), flush=True)
                if count == order.get("hold"):
                    time.sleep(FOREVER)  # noqa: ASYNC251  # nothing of this process may go on
        summary = results.summary
        print(
            json.dumps({"states": dict(summary.states), "skipped": summary.skipped, "stopped_by": summary.stopped_by})
        )


if __name__ == "__main__":
    order = json.loads(sys.stdin.readline())
    if order["log"] is not None:
        logging.basicConfig(filename=order["log"], level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
        logging.getLogger("aiointercom").setLevel(logging.DEBUG)
    anyio.run(carry_out, order)
