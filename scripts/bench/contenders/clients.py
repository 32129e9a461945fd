"""How each contender redacts one part.

All get the same number of connections, send the same body and read the whole answer.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

import floor
from payloads import CONVERSATION_ID, HEADERS, PART_ID, REDACTION, TOKEN

Call = Callable[[], Awaitable[object]]
Connect = Callable[[str, int], AbstractAsyncContextManager[Call]]
TIMEOUT = 600.0
"""Seconds. httpx's own five are too short for a call that queues behind a thousand others."""


@asynccontextmanager
async def bare_httpx(url: str, connections: int) -> AsyncIterator[Call]:
    """What one would write by hand with httpx. 0 connections: httpx's own limits, 100 of which 20 are kept."""
    import httpx

    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    limits = limits if connections else httpx.Limits(max_connections=100, max_keepalive_connections=20)
    async with httpx.AsyncClient(base_url=url, headers=HEADERS, limits=limits, timeout=TIMEOUT) as client:

        async def call() -> object:
            return (await client.post("/conversations/redact", json=REDACTION)).json()

        yield call


@asynccontextmanager
async def bare_aiohttp(url: str, connections: int) -> AsyncIterator[Call]:
    """What one would write by hand with aiohttp."""
    import aiohttp

    async with aiohttp.ClientSession(headers=HEADERS, connector=aiohttp.TCPConnector(limit=connections)) as session:

        async def call() -> object:
            async with session.post(url + "/conversations/redact", json=REDACTION) as response:
                return await response.json()

        yield call


@asynccontextmanager
async def ours(url: str, connections: int, transport: str = "httpx") -> AsyncIterator[Call]:
    """This project as it comes: pacing, proof of the outcome and typed models included.

    Its number of connections is its own.
    """
    from aiointercom import Intercom

    del connections
    async with Intercom(TOKEN, base_url=url, transport=transport) as intercom:
        yield lambda: intercom.conversations.redact_part(CONVERSATION_ID, PART_ID)


@asynccontextmanager
async def official(url: str, connections: int) -> AsyncIterator[Call]:
    """Intercom's own SDK, on an httpx client with the same number of connections."""
    import httpx
    from intercom import AsyncIntercom
    from intercom.types import RedactConversationRequest_ConversationPart as Request

    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    async with httpx.AsyncClient(limits=limits, timeout=TIMEOUT, follow_redirects=True) as http:
        client = AsyncIntercom(token=TOKEN, base_url=url, httpx_client=http)
        yield lambda: client.conversations.redact_conversation_part(
            request=Request(conversation_id=CONVERSATION_ID, conversation_part_id=PART_ID)
        )


CLIENTS: dict[str, Connect] = {
    "bare": bare_httpx,
    "bare_default": lambda url, _: bare_httpx(url, 0),
    "core": ours,
    "speed": ours,
    "aiohttp": partial(ours, transport="aiohttp"),
    "official": official,
    "bare_aiohttp": bare_aiohttp,
    "floor": floor.connect,
}
