"""What is spent on pacing and on a known outcome, of a call that meets no trouble.

Two senders over one carrier that answers at once, without a socket: that of a client, and one that builds the same
message and reads the answer the same way, but neither paces nor counts nor confirms. The difference is held against a
whole call over loopback.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable
from statistics import median
from typing import Any

import httpx
from crowds import calls
from payloads import CONVERSATION_ID, PART_ID, TOKEN, conversation

from aiointercom import Intercom
from aiointercom._delivery.sender import Sender
from aiointercom._http.base import RawResponse
from aiointercom._http.pool import SingleTransport
from aiointercom._http.request_builder import RequestBody
from aiointercom._protocol.request import prepare
from aiointercom._protocol.response import decode
from aiointercom._values.hidden import Hidden
from aiointercom.conversations import Conversations
from intercom_raw.api.conversations import redact_conversation
from intercom_raw.models import RedactConversationPartRequest

BODY = conversation(1)
ADDRESS = "http://127.0.0.1:1"
SECRET = Hidden(TOKEN)
SLICES = 11


class Nowhere(SingleTransport[httpx.Request]):
    """A transport that answers at once, without a network."""

    def __init__(self) -> None:
        super().__init__(httpx.MockTransport(lambda _: httpx.Response(200)))

    async def send(self, request: httpx.Request, to: str, most: int | None = None) -> RawResponse:  # noqa: ARG002
        """Let the other tasks go on, as a network would, and answer."""
        await asyncio.sleep(0)
        now = str(int(time.time()) + 10)
        told = {"x-ratelimit-limit": "1000000", "x-ratelimit-remaining": "999999", "x-ratelimit-reset": now}
        return RawResponse(
            200, {"content-type": "application/json", "x-request-id": "0002kg3lq5b6v7e8f9h0", **told}, BODY
        )


class Plain:
    """A sender that sends."""

    def __init__(self, sender: Sender) -> None:
        self._sender, self._transport = sender, Nowhere()

    async def send(
        self, method: str, path: str, *, values: Any = None, query: Any = None, json: Any = None
    ) -> dict[str, Any]:
        """Send one call of the raw layer; see `intercom_raw.Sender`."""
        request = prepare(method, path, values, query, json)
        body = RequestBody(request.content or b"")
        message = self._sender._requests.build(request, SECRET, body, self._sender._timeouts)  # the very same message
        arrived = await self._transport.send(message, ADDRESS, None)
        answer: dict[str, Any] = decode(arrived.status, arrived.headers, arrived.content)
        return answer


async def timed(call: Callable[[], Awaitable[object]], concurrency: int, each: int) -> float:
    """CPU time of one call in microseconds."""

    async def work() -> None:
        for _ in range(each):
            await call()

    started = time.process_time()
    await asyncio.gather(*(work() for _ in range(concurrency)))
    return 1e6 * (time.process_time() - started) / concurrency / each


async def spent(concurrency: int, each: int) -> float:
    """Microseconds of CPU time that pacing and outcome take of one call."""
    intercom = Intercom(TOKEN, base_url=ADDRESS)
    sender = Sender(Nowhere(), intercom._shared, intercom._token_state, intercom._options)  # as a client makes it
    conversations, plain = Conversations(sender), Plain(sender)

    async def bare() -> object:
        body = RedactConversationPartRequest(conversation_id=CONVERSATION_ID, conversation_part_id=PART_ID)
        return await redact_conversation(plain, body=body)

    async def whole() -> object:
        return await conversations.redact_part(CONVERSATION_ID, PART_ID)

    await timed(whole, concurrency, each)
    gc.collect()
    differences = []
    for _ in range(SLICES):
        without = await timed(bare, concurrency, each)
        differences.append(await timed(whole, concurrency, each) - without)
    return median(differences)


def machinery(name: str, *, url: str, concurrency: int, seconds: float) -> dict[str, float]:
    """The share of the machinery in a call, in per cent (`cpu`), and what it was made of, in microseconds."""
    taken = asyncio.run(spent(concurrency, max(1, int(500 * seconds / concurrency))))
    call = calls(name, url=url, connections=50, concurrency=concurrency, seconds=seconds)
    return {"cpu": 100 * taken / call["cpu"], "machinery": taken, "call": call["cpu"]}
