"""A thousand tokens and more on one client: memory for each, what is forgotten, and that a slow one holds up no other.
`-s` prints it.
"""

from __future__ import annotations

import gc
import tracemalloc

import anyio
import httpx
import pytest

from aiointercom import Intercom
from aiointercom._delivery import shared
from aiointercom._delivery.shared import TOKENS

pytestmark = pytest.mark.anyio
FEW = 50
KILOBYTES = 24
"""The most that a token may cost while nothing is under way; it was 4 to 8."""
WINDOW = {"X-RateLimit-Limit": "1667", "X-RateLimit-Remaining": "1600", "X-RateLimit-Reset": "1700000000"}


def answer(request: httpx.Request) -> httpx.Response:
    """An admin for any token."""
    return httpx.Response(200, json={"type": "admin", "id": "1"}, headers=WINDOW)


async def use(client: Intercom, first: int, last: int) -> None:
    """One call with each of some tokens, whose clients are then dropped."""
    for number in range(first, last):
        await client.with_options(token=f"token-{number}").me()


def held() -> int:
    """Bytes that Python holds."""
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_memory_for_each_token_and_for_tokens_that_are_forgotten() -> None:
    """A remembered token costs some kilobytes; beyond the bound the least used are forgotten, so that memory no longer
    grows.
    """
    async with Intercom("token", transport=httpx.MockTransport(answer)) as client:
        await use(client, 0, 10)
        tracemalloc.start()
        try:
            before = held()
            await use(client, 10, TOKENS)
            full = held()
            await use(client, TOKENS, 2 * TOKENS)
            later = held()
        finally:
            tracemalloc.stop()
    each = (full - before) / (TOKENS - 10)
    print(f"\n{each / 1000:.1f} kB for each of {TOKENS} tokens; {(later - full) / 1000:+.1f} kB for {TOKENS} more")  # noqa: T201  # for the page, with `-s`
    assert 0 < each < KILOBYTES * 1000
    assert later - full < 0.1 * (full - before)


async def test_what_is_in_use_is_never_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as a client with a token is held, others with that token share its rate limit, however many tokens came
    since.
    """
    monkeypatch.setattr(shared, "TOKENS", FEW)
    async with Intercom("token", transport=httpx.MockTransport(answer)) as client:
        kept = client.with_options(token="kept")
        await kept.me()
        await use(client, 0, FEW + 1)
        assert client.with_options(token="kept").rate_limit == kept.rate_limit
        assert kept.rate_limit is not None
        assert client.with_options(token="token-0").rate_limit is None  # nobody held that one
        assert client.with_options(token=f"token-{FEW}").rate_limit is not None


async def test_a_slow_workspace_holds_up_no_other() -> None:
    """While a hundred calls of one token hang, calls of other tokens all end."""
    hang = anyio.Event()

    async def slowly(request: httpx.Request) -> httpx.Response:
        if request.headers["Authorization"] == "Bearer slow":
            await hang.wait()
        return answer(request)

    async with Intercom("token", transport=httpx.MockTransport(slowly), timeout=60) as client:
        slow = client.with_options(token="slow")
        async with anyio.create_task_group() as group:
            for _ in range(100):
                group.start_soon(slow.me)
            await anyio.wait_all_tasks_blocked()
            await use(client, 0, FEW)
            hang.set()
