"""Clean-ups through the histories of doubt: each item ends as it truly was, in endless runs too, and the ledger never
takes doubt for a no.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from aiointercom.cleanup import Convert, Item, Ledger, RedactPart, Result, run
from aiointercom.sandbox import Fault, Sandbox
from tests.journeys.histories import ELEVEN, OPERATIONS, PAGE, History
from tests.journeys.virtual import Virtual

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("virtual")]
REDACT, CONVERT = OPERATIONS


@pytest.fixture
def box(virtual: Virtual) -> Sandbox:
    """An empty workspace on that clock."""
    return Sandbox(seed=False, limit=100_000, window=0.5, clock=virtual.now)


def parts(box: Sandbox, count: int, *, each: int = 1) -> list[Item]:
    """Parts that can be redacted."""
    ids = [box.add_conversation(parts=each) for _ in range(count)]
    return [RedactPart(id, part["id"]) for id in ids for part in box.conversation(id)["parts"]]


def conversions(box: Sandbox, count: int) -> list[Item]:
    """Conversations that can be converted."""
    ticket_type_id = box.add_ticket_type()
    return [Convert(box.add_conversation(), ticket_type_id, title="Refund") for _ in range(count)]


def effects(box: Sandbox) -> Counter[str]:
    """What took effect, and how often."""
    return Counter(effect.conversation_id for effect in box.ledger)


async def results_of(box: Sandbox, items: object, path: Path, **options: object) -> list[Result]:
    """Run to the end, and give the results."""
    async with box.client() as intercom, run(intercom, items, ledger=path, **options) as results:  # type: ignore[arg-type]
        return [result async for result in results]


@pytest.mark.parametrize("history", ELEVEN, ids=lambda history: history.name)
async def test_every_history_ends_as_it_was(box: Sandbox, path: Path, virtual: Virtual, history: History) -> None:
    """Late effects, gateway pages and lagging reads: every item ends as done, with one effect, or its result says that
    nobody knows.
    """
    items = [*parts(box, 2), *conversions(box, 2)]
    for item in items:
        box.clear_faults()
        for fault in history.faults:
            if fault.operation in (None, CONVERT if isinstance(item, Convert) else REDACT):
                box.fault(fault)
        async with box.client(max_retries=history.retries) as intercom, run(intercom, [item], ledger=path) as results:
            told = [result.state async for result in results]
        virtual.ahead += 120
        assert told in (["done"], ["unknown"])
        assert "unknown" not in told or any(fault.times is None for fault in history.faults)
    box.clear_faults()
    assert {result.state for result in await results_of(box, items, path)} <= {"done"}
    assert effects(box) == Counter(item.conversation_id for item in items)
    with Ledger.read(path) as ledger:
        assert {record.state for record in ledger.records()} == {"done"}


async def test_an_endless_run_settles_while_items_come(box: Sandbox, path: Path, virtual: Virtual) -> None:
    """The result of an item in doubt comes although the stream of items never ends, and the same item again in the
    stream is skipped.
    """
    (lost,) = parts(box, 1)
    box.fault(Fault(operation=REDACT, status=504, body=PAGE, late=30))
    box.fault(Fault(operation="retrieveConversation", status=500, times=6))

    async def stream() -> AsyncIterator[Item]:
        yield lost
        while True:
            yield lost
            await virtual.sleep(1)
            await anyio.sleep(0.001)
            for item in parts(box, 1):
                yield item

    ended: list[Result] = []
    with anyio.fail_after(60):
        async with box.client(max_retries=0) as intercom, run(intercom, stream(), ledger=path, drain=5) as results:
            async for result in results:
                ended.append(result)
                if result.item == lost:
                    results.stop()
    assert [(result.state, result.by_reading) for result in ended if result.item == lost] == [("done", True)]
    assert len(ended) > 1
    assert set(effects(box).values()) == {1}


async def test_refused_after_a_doubt_is_no_refusal(box: Sandbox, path: Path) -> None:
    """Where no read shows a part, one that was lost and is then not redactable may be redacted already: unknown, and
    never refused.
    """
    conversation = box.add_conversation(parts=501)
    item = RedactPart(conversation, box.conversation(conversation)["parts"][0]["id"])
    box.fault(Fault(operation=REDACT, drop=True))
    box.fault(Fault(operation=REDACT, status=400, code="conversation_part_not_redactable", times=None))
    (result,) = await results_of(box, [item], path)
    assert (result.state, result.outcome) == ("unknown", "unknown")
    box.clear_faults()
    (result,) = await results_of(box, [item], path)
    assert result.state == "done"


async def test_reads_that_fail_end_as_unknown_in_time(box: Sandbox, path: Path, virtual: Virtual) -> None:
    """Where reading fails for good, unknown is the last word, half a minute after the horizon."""
    items = conversions(box, 1)
    box.fault(Fault(operation=CONVERT, drop=True))
    box.fault(Fault(operation="retrieveConversation", status=500, times=None))
    began = virtual.now()
    async with box.client(max_retries=0) as intercom, run(intercom, items, ledger=path) as results:
        (result,) = [result async for result in results]
    assert (result.state, result.attempts) == ("unknown", 1)
    assert 60 + 20 < virtual.now() - began < 15 + 60 + 35
