"""Clean-ups through late effects, lagging reads and the pages of proxies: no item is burnt, lost or told untruly.
Nobody waits for the clock.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import anyio
import pytest

from aiointercom import Intercom, LedgerError
from aiointercom._http.asgi import InProcessTransport
from aiointercom.cleanup import Convert, Item, Ledger, RedactPart, Result, run
from aiointercom.cleanup.running import scheduler
from aiointercom.events import OutcomeSettled, RequestSent
from aiointercom.sandbox import Fault, Sandbox
from tests.journeys.virtual import Virtual

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("virtual")]

PAGE = b"<html><body>Blocked by the proxy</body></html>"
OPERATIONS = ("redactConversation", "convertConversationToTicket")
PAGES = (400, 402, 403, 404, 405, 406, 407, 408, 413, 418, 431, 451)


@pytest.fixture
def box(virtual: Virtual) -> Sandbox:
    """An empty workspace without a rate limit to speak of."""
    return Sandbox(seed=False, limit=100_000, clock=virtual.now)


def items_in(box: Sandbox, redactions: int, conversions: int = 0) -> list[Item]:
    """Parts that can be redacted, and conversations that can be converted."""
    found: list[Item] = []
    for _ in range(redactions):
        conversation_id = box.add_conversation(parts=1)
        found.append(RedactPart(conversation_id, box.conversation(conversation_id)["parts"][0]["id"]))
    kind = box.add_ticket_type() if conversions else ""
    return found + [Convert(box.add_conversation(), kind, title="Refund") for _ in range(conversions)]


def effects(box: Sandbox) -> Counter[str]:
    """In which conversations something took effect, and how often."""
    return Counter(effect.conversation_id for effect in box.ledger)


async def results_of(box: Sandbox, items: list[Item], path: Path, **options: Any) -> tuple[list[Result], int]:
    """Run to the end; the results, and how many requests were sent."""
    sent: list[object] = []
    async with box.client(
        on_event=lambda event: sent.append(event) if isinstance(event, RequestSent) else None
    ) as intercom:
        async with run(intercom, items, ledger=path, **options) as results:
            return [result async for result in results], len(sent)


def states(path: Path) -> Counter[str]:
    """The states of the items in the ledger."""
    with Ledger.read(path) as ledger:
        return Counter(record.state for record in ledger.records())


@pytest.mark.parametrize("status", PAGES)
async def test_a_proxys_page_burns_nothing(box: Sandbox, path: Path, virtual: Virtual, status: int) -> None:
    """A proxy answers all writes with its own page: nothing is final, and one healthy run afterwards redacts
    everything.
    """
    items = items_in(box, 60)
    box.fault(*(Fault(operation=name, status=status, body=PAGE, times=None) for name in OPERATIONS))
    await results_of(box, items, path, concurrency=4)
    assert set(states(path)) <= {"failed", "unknown", "in_flight"}
    assert box.ledger == []
    box.clear_faults()
    virtual.ahead += 120
    results, _ = await results_of(box, items, path, concurrency=4)
    assert Counter(result.state for result in results) == {"done": 60}
    assert states(path) == {"done": 60}
    assert set(effects(box).values()) == {1}


async def test_a_proxys_page_for_a_while(box: Sandbox, path: Path, virtual: Virtual) -> None:
    """A proxy that answers a few writes itself fails those items alone; one more run ends with everything redacted."""
    items = items_in(box, 40, 10)
    box.fault(*(Fault(operation=name, status=403, body=PAGE, times=3) for name in OPERATIONS))
    results, _ = await results_of(box, items, path, concurrency=4)
    assert Counter(result.state for result in results) == {"done": 44, "failed": 6}
    results, _ = await results_of(box, items, path, concurrency=4)
    assert Counter(result.state for result in results) == {"done": 6}
    assert effects(box) == Counter({item.conversation_id: 1 for item in items})


@pytest.mark.parametrize("late", [3.0, 20.0, 50.0])
async def test_late_effects_are_found_at_the_horizon(box: Sandbox, path: Path, late: float) -> None:
    """Writes whose gateway gives up and that take effect much later end as done, once each, with one Result and few
    requests.
    """
    items = items_in(box, 40, 20)
    box.fault(*(Fault(operation=name, status=504, body=PAGE, late=late, times=3) for name in OPERATIONS))
    results, requests = await results_of(box, items, path)
    assert Counter(result.state for result in results) == {"done": 60}
    assert len({result.item.key for result in results}) == 60
    assert effects(box) == Counter({item.conversation_id: 1 for item in items})
    assert states(path) == {"done": 60}
    assert requests <= 1.6 * 60 + 1


async def test_writes_that_never_arrive_are_sent_again_after_the_horizon(
    box: Sandbox, path: Path, virtual: Virtual
) -> None:
    """A gateway that swallows each write again and again leaves items in doubt; at the horizon they are sent anew, in
    the same run.
    """
    items = items_in(box, 5, 5)
    box.fault(*(Fault(operation=name, status=504, body=PAGE, times=20) for name in OPERATIONS))
    results, _ = await results_of(box, items, path)
    assert Counter(result.state for result in results) == {"done": 10}
    assert effects(box) == Counter({item.conversation_id: 1 for item in items})


async def test_an_item_in_doubt_holds_no_place(
    box: Sandbox, path: Path, virtual: Virtual, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one place, the items behind one in doubt end while it waits for the horizon, which does not come before they
    have.
    """
    items = items_in(box, 6)
    box.fault(Fault(operation="redactConversation", status=504, body=PAGE, times=4))

    async def not_before_the_others(news: anyio.Event, seconds: float) -> None:
        with anyio.fail_after(60):
            while len(box.ledger) < 5:
                await anyio.sleep(0.005)  # what is waited for is in the sandbox, which has no events
                await anyio.sleep(0.005)
        await virtual.wait_for(news, seconds)

    monkeypatch.setattr(scheduler, "wait_for", not_before_the_others)
    results, _ = await results_of(box, items, path, concurrency=1)
    assert {result.state for result in results} == {"done"}
    assert box.ledger[-1].conversation_id == items[0].conversation_id
    assert set(effects(box).values()) == {1}


async def test_a_conversation_that_is_deleted_meanwhile_is_final(box: Sandbox, path: Path) -> None:
    """A write in doubt whose conversation is gone is sent after the horizon, and Intercom's 404 to that is its end: not
    found.
    """
    items = items_in(box, 1)
    box.fault(
        Fault(operation="redactConversation", status=504, body=PAGE, times=1),
        Fault(operation="redactConversation", status=404, code="not_found", times=None),
        Fault(operation="retrieveConversation", status=404, code="not_found", times=None),
    )
    [result], _ = await results_of(box, items, path)
    assert (result.state, result.outcome) == ("refused", "not_found")
    assert states(path) == {"refused": 1}


async def test_what_was_refused_is_tried_again_on_demand(box: Sandbox, path: Path) -> None:
    """A refusal of Intercom's is final, until somebody asks for another try."""
    items = items_in(box, 2)
    box.fault(Fault(operation="redactConversation", status=404, code="conversation_part_or_message_not_found", times=1))
    results, _ = await results_of(box, items, path, concurrency=1)
    assert [result.state for result in results] == ["refused", "done"]
    assert await results_of(box, items, path) == ([], 1)
    results, _ = await results_of(box, items, path, retry_refused=True)
    assert [(result.item.key, result.state) for result in results] == [(items[0].key, "done")]


async def test_a_stop_does_not_wait_for_the_horizon(box: Sandbox, path: Path, virtual: Virtual) -> None:
    """A run that is stopped leaves an item in doubt as unknown, with its times; the next run settles it."""
    items = items_in(box, 1)
    box.fault(Fault(operation="redactConversation", status=504, body=PAGE, late=40, times=4))
    began = virtual.now()

    def stop(event: object) -> None:
        if isinstance(event, OutcomeSettled) and event.outcome == "unknown":
            results.stop()

    async with box.client(on_event=stop) as intercom, run(intercom, items, ledger=path) as results:
        assert [result.state async for result in results] == ["unknown"]
    assert virtual.now() - began < 30
    with Ledger.read(path) as ledger:
        record = next(record for record in ledger.records() if record.state == "unknown")
    assert record.first_sent_at is not None
    assert record.last_doubt_at is not None
    assert record.first_sent_at <= record.last_doubt_at
    virtual.ahead += 100
    [settled], _ = await results_of(box, items, path)
    assert (settled.state, settled.by_reading) == ("done", True)
    assert set(effects(box).values()) == {1}


async def test_a_token_of_another_workspace_redacts_nothing_there(box: Sandbox, path: Path, virtual: Virtual) -> None:
    """A token callable that turns to another workspace in the middle of a run stops it, before any write leaves with
    the new token.
    """
    other = Sandbox("other-token", seed=False, limit=100_000, clock=virtual.now)
    items = items_in(box, 30)
    for item in items:
        other.add_conversation(item.conversation_id, parts=[{"id": item.key[2]}])
    given: list[str] = []

    async def token() -> str:
        given.append("asked")
        return "sandbox-token" if len(given) == 1 else "other-token"

    def moved(scope: Any) -> bool:
        return any(name == b"authorization" and b"other-token" in text for name, text in scope["headers"])

    async def door(scope: Any, receive: Any, send: Any) -> None:
        await (other if moved(scope) else box)(scope, receive, send)

    me = {"type": "admin", "id": "1", "app": {"type": "app", "id_code": "other9", "region": "US"}}
    other.fault(
        Fault(operation="identifyAdmin", body=json.dumps(me).encode(), content_type="application/json", times=None)
    )
    box.fault(Fault(operation="redactConversation", status=401, code="token_expired", skip=5, times=None))
    async with Intercom(token, base_url="http://localhost", transport=InProcessTransport(door)) as intercom:
        async with run(intercom, items, ledger=path, concurrency=2) as results:
            await results.finish()
    assert isinstance(results.error, LedgerError)
    assert "other9" in str(results.error)
    assert other.ledger == []
    assert "refused" not in states(path)
    box.clear_faults()
    await results_of(box, items, path)
    assert states(path) == {"done": 30}


async def test_a_second_run_after_the_lock_file_is_gone_takes_the_ledger_over(box: Sandbox, path: Path) -> None:
    """The lock file is removed in mid-run: a second run owns the ledger, and the first one stops before it sends
    anything more.
    """
    items = items_in(box, 40)
    gate = anyio.Event()

    async def slowly() -> Any:
        for n, item in enumerate(items):
            if n == 5:
                gate.set()
                await anyio.sleep(0.2)
            yield item

    async with box.client() as intercom:
        async with run(intercom, slowly(), ledger=path, concurrency=1) as first:
            async with anyio.create_task_group() as group:
                group.start_soon(first.finish)
                await gate.wait()
                await anyio.Path(f"{path}.lock").unlink()
                async with run(intercom, items, ledger=path, concurrency=1) as second:
                    await second.finish()
    assert isinstance(first.error, LedgerError)
    assert set(effects(box).values()) == {1}
    assert len(effects(box)) == 40
