"""One contender in a process of its own: reads what to measure from standard input, one JSON object a line, and answers likewise.

    contender.py bare|ours|official

"parse" times reading a conversation from bytes; "calls" times whole redact calls over loopback. Both answer {"wall", "cpu"}, in
seconds for one conversation or one call. The garbage collector stays on, as it would in a service.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from payloads import CONVERSATION_ID, PART_ID, conversation

Parse = Callable[[bytes], object]
Call = Callable[[], Awaitable[object]]
Connect = Callable[[str], AbstractAsyncContextManager[Call]]
TOKEN = "token"
LARGE = {part_count: conversation(part_count) for part_count in (1, 500)}


def bare() -> tuple[Parse, Connect]:
    """What one would write by hand with httpx."""
    import httpx

    @asynccontextmanager
    async def connect(url: str) -> AsyncIterator[Call]:
        headers = {"Authorization": f"Bearer {TOKEN}", "Intercom-Version": "2.11"}
        async with httpx.AsyncClient(base_url=url, headers=headers) as client:

            async def call() -> object:
                body = {
                    "type": "conversation_part",
                    "conversation_id": CONVERSATION_ID,
                    "conversation_part_id": PART_ID,
                }
                return (await client.post("/conversations/redact", json=body)).json()

            yield call

    return json.loads, connect


def ours() -> tuple[Parse, Connect]:
    """This project, with its defaults: pacing, checks of the outcome and typed models included."""
    from aiointercom import Intercom
    from intercom_raw.models import Conversation

    @asynccontextmanager
    async def connect(url: str) -> AsyncIterator[Call]:
        async with Intercom(TOKEN, base_url=url) as intercom:
            yield lambda: intercom.conversations.redact_part(CONVERSATION_ID, PART_ID)

    return lambda data: Conversation.from_dict(json.loads(data)), connect


def official() -> tuple[Parse, Connect]:
    """Intercom's own SDK; parsing is what its methods do with an answer."""
    from intercom import AsyncIntercom
    from intercom.conversations.types.conversation import Conversation
    from intercom.core.unchecked_base_model import construct_type
    from intercom.types import RedactConversationRequest_ConversationPart as Request

    @asynccontextmanager
    async def connect(url: str) -> AsyncIterator[Call]:
        client = AsyncIntercom(token=TOKEN, base_url=url)
        yield lambda: client.conversations.redact_conversation_part(
            request=Request(conversation_id=CONVERSATION_ID, conversation_part_id=PART_ID)
        )

    return lambda data: construct_type(type_=Conversation, object_=json.loads(data)), connect


def time_parsing(parse: Parse, *, parts: int, loops: int) -> dict[str, float]:
    """Time one parse; the previous result dies inside the loop, as it would in a service."""
    data = LARGE[parts]
    parse(data)
    gc.collect()
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(loops):
        parse(data)
    return {"wall": (time.perf_counter() - wall) / loops, "cpu": (time.process_time() - cpu) / loops}


async def time_calls(connect: Connect, *, url: str, concurrency: int, count: int) -> dict[str, float]:
    """Time `count` calls by `concurrency` tasks, on connections that are open already."""
    async with connect(url) as call:

        async def work(calls: int) -> None:
            for _ in range(calls):
                await call()

        async def crowd(calls: int) -> None:
            async with asyncio.TaskGroup() as tasks:
                for _ in range(concurrency):
                    tasks.create_task(work(calls))

        each = max(1, count // concurrency)
        await crowd(2)
        gc.collect()
        cpu, wall = time.process_time(), time.perf_counter()
        await crowd(each)
        made = each * concurrency
        return {"wall": (time.perf_counter() - wall) / made, "cpu": (time.process_time() - cpu) / made}


def main() -> None:
    """Answer until standard input closes."""
    parse, connect = {"bare": bare, "ours": ours, "official": official}[sys.argv[1]]()
    for line in sys.stdin:
        order: dict[str, Any] = json.loads(line)
        kind = order.pop("kind")
        result = time_parsing(parse, **order) if kind == "parse" else asyncio.run(time_calls(connect, **order))
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
