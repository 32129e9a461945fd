"""What the engine of a clean-up costs beside the bare calls that it makes: with its ledger, its plan file, and all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from payloads import PART_ID, TOKEN
from timing import Stopwatch

from aiointercom import Intercom

AT_ONCE = 40
"""As many as the engine has under way by itself."""


async def crowd(call: Callable[[str], Awaitable[object]], ids: list[str]) -> dict[str, float]:
    """Time one call while as many tasks call as the engine would use."""
    waiting = iter(ids)

    async def work() -> None:
        for conversation_id in waiting:
            await call(conversation_id)

    watch = Stopwatch()
    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return watch.per(len(ids))


async def run_items(name: str, *, url: str, count: int) -> dict[str, float]:
    """Time one item of a run ("run"), or one bare redact_part ("core")."""
    from aiointercom.cleanup import RedactPart, run

    ids = [str(200_000 + number) for number in range(count)]
    async with Intercom(TOKEN, base_url=url) as intercom:
        await crowd(intercom.conversations.retrieve, list(islice(ids, AT_ONCE)))
        if name == "core":
            return await crowd(lambda one: intercom.conversations.redact_part(one, PART_ID), ids)
        with TemporaryDirectory() as folder:
            watch = Stopwatch()
            items = (RedactPart(one, PART_ID) for one in ids)
            async with run(intercom, items, ledger=Path(folder) / "cleanup.ledger") as results:
                summary = await results.finish()
            assert sum(summary.outcomes.values()) == count
            return watch.per(count)


async def plan_conversations(name: str, *, url: str, count: int) -> dict[str, float]:
    """Time one conversation of a plan with all detectors ("plan"), or one bare retrieve ("core")."""
    from aiointercom.cleanup import plan
    from aiointercom.detect import CardNumbers, EmailAddresses, Ibans, PhoneNumbers

    ids = [str(200_000 + number) for number in range(count)]
    async with Intercom(TOKEN, base_url=url) as intercom:
        await crowd(intercom.conversations.retrieve, list(islice(ids, AT_ONCE)))
        if name == "core":
            return await crowd(intercom.conversations.retrieve, ids)
        detectors = (CardNumbers(), Ibans(), EmailAddresses(), PhoneNumbers("US"))
        with TemporaryDirectory() as folder:
            watch = Stopwatch()
            await plan(intercom, ids, to=Path(folder) / "plan.jsonl", detectors=detectors, concurrency=AT_ONCE)
            return watch.per(count)
