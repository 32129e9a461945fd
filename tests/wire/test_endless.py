"""Servers that never come to an end, over real sockets: every call ends in a named error, in its time and in its
memory.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

from aiointercom import Intercom
from aiointercom.errors import IntercomError, NotFoundError, OutcomeUnknownError, ResponseLostError
from tests.wire import hostile
from tests.wire.hostile import Answer, Hostile

pytestmark = pytest.mark.anyio

WAYS = [("httpx", "asyncio"), ("httpx", "trio"), ("aiohttp", "asyncio")]
IDS = ["-".join(way) for way in WAYS]
SCRIPT = Path(__file__).with_name("endless_process.py")
ENOUGH = 12
"""Seconds within which a call with a time-out of two has ended, on a machine that is busy with other things too."""
MEMORY = 400_000_000
SLOW = [
    hostile.dripping_body,
    hostile.dripping_chunks,
    hostile.dripping_headers,
    hostile.dripping_status,
    hostile.early_hints,
]
LARGE = [
    hostile.bomb,
    hostile.bomb_in_a_bomb,
    hostile.deflated_bomb,
    hostile.endless_body,
    hostile.endless_chunks,
    hostile.endless_headers,
    hostile.endless_trailers,
    hostile.flood_of_early_hints,
]


@pytest.fixture(params=WAYS, ids=IDS)
def way(request: pytest.FixtureRequest) -> tuple[str, str]:
    """What carries the requests, and on which kind of event loop."""
    carrier, loop = request.param
    return carrier, loop


@pytest.fixture
def anyio_backend(way: tuple[str, str]) -> str:
    """The kind of event loop."""
    return way[1]


async def end_of(intercom: Intercom, kind: str) -> IntercomError:
    """Read or write once, and return the error."""
    calls = intercom.conversations
    with anyio.fail_after(ENOUGH):
        with pytest.raises(IntercomError) as ended:
            await (calls.retrieve("471") if kind == "read" else calls.redact_part("471", "115"))
    return ended.value


async def test_answers_that_trickle_in(way: tuple[str, str]) -> None:
    """A steady trickle keeps no call beyond its time: a read is lost, a write is unknown, and it was sent once."""
    transport: Any = way[0]
    ended: dict[str, type] = {}

    async def trickle(answer: Callable[[], Answer], kind: str) -> None:
        with Hostile(answer) as server:
            async with Intercom(
                "token", base_url=server.url, transport=transport, timeout=2, settle_for=1, max_retries=0
            ) as intercom:
                ended[f"{answer.__name__} {kind}"] = type(await end_of(intercom, kind))
            writes = [target for target in server.targets if target.startswith("POST")]
            assert writes == (["POST /conversations/redact"] if kind == "write" else [])

    async with anyio.create_task_group() as tasks:
        for answer in SLOW:
            tasks.start_soon(trickle, answer, "read")
            tasks.start_soon(trickle, answer, "write")
    expected = {"read": ResponseLostError, "write": OutcomeUnknownError}
    assert ended == {f"{answer.__name__} {kind}": expected[kind] for answer in SLOW for kind in expected}


@pytest.mark.parametrize("kind", ["read", "write"])
async def test_a_reason_phrase_in_latin_1(way: tuple[str, str], kind: str) -> None:
    """A reason phrase that is not UTF-8 says nothing, and harms nothing: the refusal is the one that the answer
    tells.
    """
    transport: Any = way[0]
    with Hostile(hostile.latin_1_reason) as server:
        async with Intercom("token", base_url=server.url, transport=transport, timeout=2, max_retries=0) as intercom:
            ended = await end_of(intercom, kind)
    assert type(ended) is NotFoundError


@pytest.mark.parametrize("answer", LARGE)
async def test_an_answer_that_grows(answer: Callable[[], Answer], way: tuple[str, str]) -> None:
    """An answer without end, or that unpacks to 600 MB, ends in a named error, long before it fills the memory."""
    if way == ("httpx", "trio") and answer not in (hostile.bomb, hostile.endless_body):
        pytest.skip("what is read, and by whom, is the same as on asyncio")
    next(answer())  # a bomb is made once, before the time of a call begins
    with Hostile(answer) as server:
        done = await anyio.run_process([sys.executable, str(SCRIPT), server.url, *way], stderr=None)
    told = json.loads(done.stdout)
    assert told["read"] in ("ResponseLostError", "UnreadableResponseError")
    assert told["write"] == "OutcomeUnknownError"
    assert told["seconds"] < ENOUGH
    assert told["peak"] <= max(MEMORY, told["before"])  # a child may begin with the peak of its parent
