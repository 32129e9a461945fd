"""A plain `task.cancel()` of asyncio, which goes through every shield, in the middle of a clean-up."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from aiointercom.cleanup import Item, Ledger, RedactPart, run
from aiointercom.sandbox import Sandbox


@pytest.mark.asyncio
async def test_a_plain_cancel(tmp_path: Path) -> None:
    """The ledger is free at once, the next run finishes what is left, and nothing takes effect twice."""
    box, path = Sandbox(seed=False, limit=100_000), tmp_path / "cleanup.ledger"
    items: list[Item] = [RedactPart(box.add_conversation(i, parts=[{"id": "7"}]), "7") for i in range(1, 101)]

    async def job() -> None:
        async with box.client() as intercom, run(intercom, items, ledger=path, concurrency=10) as results:
            await results.finish()

    for effects in (0, 0, 1, 10, 30, 60):
        task = asyncio.create_task(job())
        while len(box.ledger) < effects:  # noqa: ASYNC110  # the sandbox has no events
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.sleep(0)
        task.cancel()  # once more, into its cleaning up
        with pytest.raises(asyncio.CancelledError):
            await task
    await job()
    done = Counter(effect.conversation_id for effect in box.ledger)
    assert (len(done), set(done.values())) == (100, {1})
    with Ledger.read(path) as ledger:
        assert ledger.counts() == {("redact_part", "done", "redacted"): 100}
        assert {told.stopped_by for told in ledger.runs()} == {"cancelled", None}
