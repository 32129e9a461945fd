"""A process that runs a clean-up by the order on its standard input, and prints what it sees as lines of JSON; made to
be killed.
"""

from __future__ import annotations

import json
import resource
import sys
from typing import Any

import anyio
from attrs import asdict

from aiointercom import Intercom, LedgerError
from aiointercom.cleanup import Convert, Item, RedactPart, RedactSource, run


def say(**told: Any) -> None:
    """Print one line."""
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def item_of(kind: str, conversation_id: str, target: str) -> Item:
    """One item of the order."""
    if kind == "convert":
        return Convert(conversation_id, target, title="Kettle", description="Came broken")
    return RedactPart(conversation_id, target) if kind == "redact_part" else RedactSource(conversation_id, target)


async def carry_out(order: dict[str, Any]) -> None:
    """Run to the end, or until somebody ends it."""
    items = [item_of(*named) for named in order["items"]]
    # What a killed process left in doubt is settled after two seconds, not after a minute.
    async with Intercom("sandbox-token", base_url=order["url"], settle_for=2.0, horizon=2.0) as intercom:
        options = {"concurrency": 20, "drain": 10.0, **order.get("options", {})}
        try:
            async with run(intercom, items, ledger=order["ledger"], **options) as results:
                if (most := order.get("largest_file")) is not None:  # as if the disk were full, from now on
                    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
                say(begun=True)
                async for result in results:
                    say(key=result.item.key, state=result.state, by_reading=result.by_reading)
        except LedgerError as error:
            say(refused=str(error))
        else:
            say(summary=asdict(results.summary), error=str(results.error))


if __name__ == "__main__":
    asked = json.loads(sys.stdin.readline())
    anyio.run(carry_out, asked, backend=asked.get("backend", "asyncio"))
