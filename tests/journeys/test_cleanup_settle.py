"""`cleanup.settle`: what became of the items in doubt of a ledger, by reads alone, on a clock that nobody waits for."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from aiointercom import ForbiddenError, LedgerError, OutcomeUnknownError, UnauthorizedError
from aiointercom.cleanup import Convert, Item, Ledger, RedactPart, Result, Run, run, settle
from aiointercom.cleanup.running import active_run
from aiointercom.sandbox import Fault, Sandbox
from tests.journeys.test_cleanup_run_settled import CONVERT, PART, SOURCE, killed, methods, sent
from tests.journeys.virtual import Virtual

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("virtual")]
EACH = pytest.mark.parametrize("item", [PART, SOURCE, CONVERT], ids=lambda item: item.kind)


@pytest.fixture
def box(virtual: Virtual) -> Sandbox:
    """The published examples."""
    return Sandbox(limit=100_000, clock=virtual.now)


async def settled(box: Sandbox, path: Path, *items: Item) -> tuple[list[Result], Run]:
    """The results of settling a ledger, with the plan's items."""
    async with box.client() as intercom, settle(intercom, ledger=path, items=items) as results:
        return [result async for result in results], results


def posts(box: Sandbox) -> int:
    """How many writes were sent."""
    return methods(box).count("POST")


@EACH
async def test_it_had_taken_effect(box: Sandbox, path: Path, item: Item) -> None:
    """A write that arrived before the kill is done at the first read, and the ledger has it."""
    await killed(path, item)
    async with box.client() as intercom:
        await sent(intercom, item)
    [result], results = await settled(box, path, item)
    assert (result.state, result.by_reading, result.attempts, results.summary.complete) == ("done", True, 0, True)
    assert posts(box) == 1
    with Ledger.read(path) as ledger:
        (record,) = ledger.records()
        assert [one.stopped_by for one in ledger.runs()] == [None, None]
    assert (record.state, record.by_reading, record.run) == ("done", True, 2)
    assert record.outcome == ("converted" if item is CONVERT else "redacted")


@EACH
async def test_it_had_not_taken_effect(box: Sandbox, path: Path, item: Item, virtual: Virtual) -> None:
    """A write that never arrived is not applied once the horizon is over; nothing is sent, and the next run sends it."""
    began = virtual.now()
    await killed(path, item)
    [result], _ = await settled(box, path)
    assert (result.state, result.outcome, result.error, result.by_reading) == ("failed", "not_applied", None, True)
    assert (posts(box), virtual.now() - began > 60) == (0, True)
    assert result.reason == ("no ticket" if item is CONVERT else "not redacted")
    async with box.client() as intercom, run(intercom, [item], ledger=path) as results:
        assert [result.state async for result in results] == ["done"]
    assert posts(box) == 1


async def test_an_effect_that_comes_late(box: Sandbox, path: Path) -> None:
    """A write whose gateway gave up, and that takes effect half a minute later, is done: before the horizon nothing counts as not applied."""
    await killed(path, PART)
    box.fault(Fault(operation="redactConversation", status=504, late=30))
    async with box.client(settle_for=0, max_retries=0) as intercom:
        with pytest.raises(OutcomeUnknownError):
            await sent(intercom, PART)
    [result], _ = await settled(box, path)
    assert (result.state, result.outcome, posts(box)) == ("done", "redacted", 1)


async def test_other_items_stay_as_they_are(box: Sandbox, path: Path) -> None:
    """Only what is in doubt is read; a refused and a finished item keep their entries, and a second settling reads nothing."""
    missing = RedactPart("480", "9999")
    async with box.client() as intercom, run(intercom, [SOURCE, missing], ledger=path) as results:
        await results.finish()
    await killed(path, PART)
    with Ledger.read(path) as ledger:
        before = {record.target_id: record for record in ledger.records()}
    results, _ = await settled(box, path)
    assert [result.item for result in results] == [PART]
    with Ledger.read(path) as ledger:
        after = {record.target_id: record for record in ledger.records()}
    assert {target for target in after if after[target] != before[target]} == {PART.key[2]}
    reads = len(methods(box))
    again, _ = await settled(box, path)
    assert (again, len(methods(box))) == ([], reads)


async def test_a_conversion_needs_its_plan(box: Sandbox, path: Path) -> None:
    """A ledger does not hold the ticket type: a ticket stays unknown, and the reason names the plan; with the plan it is done."""
    await killed(path, CONVERT)
    async with box.client() as intercom:
        await sent(intercom, CONVERT)
    [result], _ = await settled(box, path)
    assert (result.state, result.ticket_id) == ("unknown", None)
    assert "the plan" in (result.reason or "")
    [result], _ = await settled(box, path, PART, CONVERT)
    assert (result.state, result.outcome, result.ticket_id, posts(box)) == ("done", "converted", "474", 1)


async def test_somebody_else_had_converted_it(box: Sandbox, path: Path) -> None:
    """A ticket that was made before the intent, or of another type, is another's."""
    async with box.client() as intercom:
        await sent(intercom, CONVERT)
    await killed(path, CONVERT, at=time.time() + 60)
    [result], _ = await settled(box, path, Convert("474", "85"))
    assert (result.state, result.outcome, result.ticket_id) == ("refused", "already_ticket", "474")


async def test_a_conversation_that_is_gone(box: Sandbox, path: Path) -> None:
    """No read can tell any more: it stays unknown, and is read no more often than it takes to know that."""
    await killed(path, RedactPart("99999", "1"))
    [result], _ = await settled(box, path)
    assert (result.state, methods(box)) == ("unknown", ["GET", "GET"])
    assert "gone" in (result.reason or "")


@pytest.mark.parametrize("status", [401, 403])
async def test_a_token_that_may_not_read(box: Sandbox, path: Path, status: int) -> None:
    """Where Intercom refuses the token, settling ends with that error, and the ledger keeps the doubt."""
    await killed(path, PART)
    box.fault(Fault(operation="retrieveConversation", status=status, code="token_revoked", times=None))
    results, stopped = await settled(box, path)
    assert [result.state for result in results] == ["unknown"]
    assert isinstance(stopped.error, UnauthorizedError | ForbiddenError)
    assert methods(box) == ["GET"]
    with Ledger.read(path) as ledger:
        assert [record.state for record in ledger.records()] == ["unknown"]


async def test_the_rate_limit_is_waited_for(box: Sandbox, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reads that the rate limit refuses are made again, however long that takes."""
    monkeypatch.setattr(active_run, "LONGEST_WAIT", 0.01)
    await killed(path, PART)
    async with box.client() as intercom:
        await sent(intercom, PART)
    box.fault(Fault(operation="retrieveConversation", rate_limited=True, times=9))
    async with box.client(pace=None) as intercom, settle(intercom, ledger=path) as results:
        [result] = [result async for result in results]
    assert (result.state, results.summary.refused > 3) == ("done", True)


async def test_reads_that_fail(box: Sandbox, path: Path) -> None:
    """An outage of the reads leaves the item unknown, and the next settling settles it."""
    await killed(path, PART)
    box.fault(Fault(operation="retrieveConversation", status=500, times=None))
    [result], _ = await settled(box, path)
    assert (result.state, posts(box)) == ("unknown", 0)
    box.clear_faults()
    [result], _ = await settled(box, path)
    assert result.outcome == "not_applied"


async def test_a_ledger_that_is_not_there(box: Sandbox, path: Path) -> None:
    """A missing ledger is refused before anything is sent, and no file is made."""
    with pytest.raises(LedgerError, match="No such file"):
        await settled(box, path)
    assert (list(path.parent.iterdir()), box.requests) == ([], [])


async def test_a_ledger_of_another_workspace(box: Sandbox, path: Path) -> None:
    """A ledger of another workspace is refused before a conversation is read, and is left as it is."""
    await killed(path, PART)
    other = Sandbox(workspace="other")
    with pytest.raises(LedgerError, match="workspace sandbox1"):
        await settled(other, path)
    assert methods(other) == []
    with Ledger.read(path) as ledger:
        assert Counter(record.state for record in ledger.records()) == {"in_flight": 1}


@pytest.mark.parametrize("options", [{"concurrency": 0}, {"drain": -1}, {"priority": "high"}])
async def test_options_out_of_range(box: Sandbox, path: Path, options: dict[str, Any]) -> None:
    """An option out of range is refused at once."""
    async with box.client() as intercom:
        with pytest.raises(ValueError, match=r"concurrency|drain|priority"):
            settle(intercom, ledger=path, **options)
