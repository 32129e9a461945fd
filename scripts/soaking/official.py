"""A worker with Intercom's own SDK, python-intercom, in an environment of its own.

It can import nothing else of this project.

It takes the same order as `worker` and prints the same lines. `max_retries`: as for the SDK's request options; None: as
it comes.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

import httpx
from intercom import AsyncIntercom  # type: ignore[import-not-found, unused-ignore]
from intercom.types import (  # type: ignore[import-not-found, unused-ignore]
    RedactConversationRequest_ConversationPart as RedactPart,
)
from intercom.types import RedactConversationRequest_Source as RedactSource


async def send(client: AsyncIntercom, write: dict[str, str], options: dict[str, Any]) -> object:
    """Make one write."""
    id, target = write["conversation_id"], write["target"]
    if write["kind"] == "convert":
        return await client.conversations.convert_to_ticket(
            int(id),
            ticket_type_id="85",
            attributes={"_default_title_": "Kettle", "_default_description_": "Came broken"},
            request_options=options,  # type: ignore[arg-type, unused-ignore]  # a TypedDict of the SDK
        )
    request: Any = (
        RedactPart(conversation_id=id, conversation_part_id=target)
        if write["kind"] == "part"
        else RedactSource(conversation_id=id, source_id=target)
    )
    return await client.conversations.redact_conversation_part(request=request, request_options=options)  # type: ignore[arg-type, unused-ignore]


async def carry_out(order: dict[str, Any]) -> None:
    """Carry out an order. A pool without a limit keeps the SDK from losing connections to its own time-outs."""
    options: dict[str, Any] = {} if order["max_retries"] is None else {"max_retries": order["max_retries"]}
    until, writes = time.monotonic() + order["seconds"], enumerate(order["writes"])
    timeout = httpx.Timeout(5.0, read=order["read_within"])
    http = httpx.AsyncClient(timeout=timeout, limits=httpx.Limits(max_connections=None), trust_env=False)
    client: Any = AsyncIntercom(token=order["token"], base_url=order["url"], timeout=timeout, httpx_client=http)  # type: ignore[arg-type, unused-ignore]

    async def work() -> None:
        for number, write in writes:
            if time.monotonic() > until:
                return
            told = "done"
            try:
                await send(client, write, options)
            except Exception as error:  # noqa: BLE001  # whatever the SDK lets through is what its caller is told
                told = type(error).__name__
            print(json.dumps({"number": number, "told": told}))

    await asyncio.gather(*[work() for _ in range(order["at_once"])])
    await http.aclose()
    print(json.dumps({"counts": {}}))


if __name__ == "__main__":
    print("ready", flush=True)
    asyncio.run(carry_out(json.loads(sys.stdin.readline())))
