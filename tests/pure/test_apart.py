"""A request in a task of its own: its cleaning up is finished before a cancelled caller goes on, however often he is
cancelled.
"""

from __future__ import annotations

import asyncio

import anyio
import anyio.lowlevel
import pytest

from aiointercom._concurrency.cancellation import in_own_task


@pytest.mark.anyio
async def test_results_and_errors_come_through() -> None:
    """What the work returns or raises is what the caller gets."""

    async def give() -> int:
        await anyio.lowlevel.checkpoint()
        return 7

    async def fail() -> int:
        raise LookupError("down")

    assert await in_own_task(give) == 7
    with pytest.raises(LookupError, match="down"):
        await in_own_task(fail)


@pytest.mark.anyio
async def test_a_deadline_reaches_the_work() -> None:
    """A deadline around the call cancels the work, and its cleaning up runs to its end first."""
    done: list[str] = []

    async def work() -> None:
        try:
            scope.deadline = anyio.current_time()  # the deadline has come, and not before this began
            await anyio.sleep(60)
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.sleep(0.02)
            done.append("cleaned up")

    with pytest.raises(TimeoutError):
        with anyio.fail_after(60) as scope:
            await in_own_task(work)
    assert done == ["cleaned up"]


@pytest.mark.asyncio
@pytest.mark.parametrize("times", [1, 2, 5])
@pytest.mark.parametrize("fails", [False, True])
async def test_plain_cancellation_waits_for_the_cleaning_up(times: int, fails: bool) -> None:
    """`task.cancel()`, also several times, ends in CancelledError after the cleaning up, whose own error nobody
    misses.
    """
    done: list[str] = []

    async def work() -> None:
        try:
            await anyio.sleep(60)
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.sleep(0.05)
            done.append("cleaned up")
            if fails:
                raise LookupError("closing failed")

    task = asyncio.create_task(in_own_task(work))
    await asyncio.sleep(0.01)
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0.005)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert done == ["cleaned up"]


@pytest.mark.asyncio
async def test_work_that_outlives_its_cancellation_is_not_a_result() -> None:
    """When the caller was cancelled he gets CancelledError, also if the work ended well in the same moment."""

    async def work() -> int:
        with anyio.CancelScope(shield=True):
            await anyio.sleep(0.03)
        return 7

    task = asyncio.create_task(in_own_task(work))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
