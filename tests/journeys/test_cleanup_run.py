"""A clean-up as an application runs it: results as they come, one failure stops nothing, what would hit all stops
early, nothing is lost.
"""

from __future__ import annotations

import json
import pickle
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from aiointercom import (
    ClientClosedError,
    ConfigurationError,
    Intercom,
    NotSentError,
    UnauthorizedError,
    UnreadableResponseError,
)
from aiointercom._http.asgi import InProcessTransport
from aiointercom.cleanup import Convert, Item, Ledger, LedgerError, RedactPart, RedactSource, Result, run
from aiointercom.cleanup.running import run as run_module
from aiointercom.cleanup.running import scheduler
from aiointercom.events import Event, OutcomeSettled
from aiointercom.sandbox import Fault, Sandbox
from tests.journeys.canned import says
from tests.journeys.virtual import Virtual

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("virtual")]

WORD = "Rumpelstilzchen"
ME = {"type": "admin", "id": "1", "app": {"type": "app", "id_code": "w1", "region": "US"}}


@pytest.fixture
def box(virtual: Virtual) -> Sandbox:
    """An empty workspace without a rate limit to speak of."""
    return Sandbox(seed=False, limit=100_000, window=0.5, clock=virtual.now)


def parts(box: Sandbox, count: int, *, each: int = 1) -> list[Item]:
    """Parts that can be redacted, in as many conversations; `each` of them in one."""
    found: list[Item] = []
    for _ in range(count):
        conversation_id = box.add_conversation(parts=each)
        found += [RedactPart(conversation_id, part["id"]) for part in box.conversation(conversation_id)["parts"]]
    return found


def conversions(box: Sandbox, count: int) -> list[Item]:
    """Conversations that can be converted."""
    ticket_type_id = box.add_ticket_type()
    return [Convert(box.add_conversation(), ticket_type_id, title="Refund") for _ in range(count)]


def effects(box: Sandbox) -> Counter[tuple[str, str]]:
    """What took effect, and how often."""
    return Counter((effect.conversation_id, effect.target_id) for effect in box.ledger)


def writes(box: Sandbox) -> int:
    """How many writes the sandbox got."""
    return sum(received.method == "POST" for received in box.requests)


async def results_of(box: Sandbox, items: Any, path: Path, **options: Any) -> list[Result]:
    """Run to the end, and give the results."""
    async with box.client() as intercom, run(intercom, items, ledger=path, **options) as results:
        return [result async for result in results]


async def until(come: Callable[[], bool]) -> None:
    """Let the others run until something has come."""
    with anyio.fail_after(60):
        while not come():
            await anyio.sleep(0.005)  # what is waited for is in the sandbox, which has no events
            await anyio.sleep(0.005)


# ---------------------------------------------------------------- the way it goes


async def test_every_item_has_its_result(box: Sandbox, path: Path) -> None:
    """Redactions and conversions end in results that name item, outcome and request, and the ledger says the same."""
    source = box.add_conversation(source={"id": "77"})
    items = [*parts(box, 20, each=3), *conversions(box, 5), RedactSource(source, "77")]
    async with box.client() as intercom, run(intercom, items, ledger=path) as results:
        seen = [result async for result in results]
        summary = results.summary
    assert {result.item.key for result in seen} == {item.key for item in items}
    assert Counter(result.outcome for result in seen) == {"redacted": 61, "converted": 5} == summary.outcomes
    assert all(r.state == "done" and r.error is None and r.request_id and r.attempts == 1 for r in seen)
    assert {r.ticket_id for r in seen if isinstance(r.item, Convert)} == {i.conversation_id for i in items[60:65]}
    assert (summary.ended, summary.complete, summary.stopped_by, summary.in_flight) == (66, True, None, 0)
    assert summary.requests == 67 == len(box.requests)  # one each, and /me
    assert set(effects(box).values()) == {1}
    with Ledger.read(path) as ledger:
        records = list(ledger.records())
        (only,) = ledger.runs()
    assert {(r.kind, r.conversation_id, r.target_id) for r in records} == {item.key for item in items}
    assert {(r.state, r.requests, r.run, r.by_reading) for r in records} == {("done", 1, only.id, False)}
    assert all(r.ended_at is not None and r.intended_at <= r.ended_at and r.request_id for r in records)
    assert (only.requests, only.refused, only.stopped_by, only.ended_at is not None) == (67, 0, None, True)


async def test_what_is_finished_is_not_sent_again(box: Sandbox, path: Path) -> None:
    """A second run on the same ledger sends nothing but its question whose workspace it is."""
    items = [*parts(box, 10), *conversions(box, 2)]
    await results_of(box, items, path)
    before = len(box.requests)
    async with box.client() as intercom, run(intercom, items, ledger=path) as results:
        summary = await results.finish()
    assert (summary.skipped, summary.ended, summary.requests, len(box.requests) - before) == (12, 0, 1, 1)
    assert summary.complete


async def test_the_same_item_twice_is_done_once(box: Sandbox, path: Path) -> None:
    """An item that comes twice in a stream is sent once, failed or not, and whether its ids came as numbers or as
    texts.
    """
    items = parts(box, 3)
    twins = [RedactPart(int(item.conversation_id), int(item.key[2])) for item in items]
    missing: Item = RedactPart("1", "2")
    seen = await results_of(box, [*items, *twins, missing, missing], path, concurrency=1)
    assert [result.outcome for result in seen] == ["redacted"] * 3 + ["refused"]
    assert writes(box) == 4


async def test_async_items(box: Sandbox, path: Path) -> None:
    """Items may come from an async generator, which is closed in the task that it ran in."""
    closed: list[bool] = []

    async def stream() -> AsyncIterator[Item]:
        try:
            for item in parts(box, 5):
                await anyio.lowlevel.checkpoint()
                yield item
        finally:
            await anyio.lowlevel.checkpoint()
            closed.append(True)

    assert len(await results_of(box, stream(), path)) == 5
    assert closed == [True]


async def test_no_items(box: Sandbox, path: Path) -> None:
    """An empty clean-up is complete."""
    async with box.client() as intercom, run(intercom, [], ledger=path) as results:
        assert (await results.finish()).complete


async def test_results_and_summary_can_be_pickled(box: Sandbox, path: Path) -> None:
    """A result, with its error, and a summary travel between processes."""
    async with box.client() as intercom, run(intercom, [RedactPart("1", "2")], ledger=path) as results:
        (result,) = [result async for result in results]
    again = pickle.loads(pickle.dumps(result))
    assert (again.item, again.outcome, type(again.error), again.error.code) == (
        result.item,
        "refused",
        type(result.error),
        "conversation_part_or_message_not_found",
    )
    assert pickle.loads(pickle.dumps(results.summary)) == results.summary
    assert "refused" in repr(results)


async def test_the_clients_own_observer_goes_on(box: Sandbox, path: Path) -> None:
    """Who watches the client sees the run's calls as well."""
    seen: list[Event] = []
    async with box.client(on_event=seen.append) as intercom, run(intercom, parts(box, 2), ledger=path) as results:
        await results.finish()
    assert [event.outcome for event in seen if isinstance(event, OutcomeSettled)] == ["redacted", "redacted"]


# ---------------------------------------------------------------- how much at once


class Watched(InProcessTransport):
    """A sandbox that notes how many writes are under way, in all and in one conversation."""

    def __init__(self, box: Sandbox) -> None:
        super().__init__(box)
        self.now: Counter[str] = Counter()
        self.most = self.most_of_one = 0
        self.ended: list[str] = []
        self.met = anyio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return await super().handle_async_request(request)
        conversation = str(json.loads(await request.aread())["conversation_id"])
        self.now[conversation] += 1
        self.most, self.most_of_one = max(self.most, self.now.total()), max(self.most_of_one, *self.now.values())
        if self.most >= 3:
            self.met.set()
        try:
            with anyio.move_on_after(
                30
            ):  # the first ones wait for each other, however long a busy machine takes to begin them
                await self.met.wait()
            await anyio.sleep(0.002)
            return await super().handle_async_request(request)
        finally:
            self.now[conversation] -= 1
            self.ended.append(conversation)


async def test_one_conversation_after_the_other_and_others_beside(box: Sandbox, path: Path) -> None:
    """Items of one conversation never meet, a long one does not hold up the others, and no more than asked for are
    under way.
    """
    long, short = parts(box, 1, each=30), parts(box, 20)
    transport = Watched(box)
    async with box.client(transport=transport, pace=None) as intercom:
        async with run(intercom, [*long, *short], ledger=path, concurrency=5) as results:
            assert (await results.finish()).complete
    assert transport.most_of_one == 1
    assert 3 <= transport.most <= 5
    last = max(transport.ended.index(item.conversation_id) for item in short)
    assert last < len(transport.ended) - 5


async def test_a_conversation_without_end_is_not_swallowed(
    box: Sandbox, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a conversation that is under way only so many items are pulled ahead."""
    monkeypatch.setattr(scheduler, "PARKED", 4)
    pulled: list[Item] = []

    def stream() -> Iterator[Item]:
        for item in parts(box, 1, each=40):
            pulled.append(item)
            yield item

    async with box.client() as intercom, run(intercom, stream(), ledger=path) as results:
        ended = 0
        async for _ in results:
            ended += 1
            assert len(pulled) <= ended + run_module.CONCURRENCY + 7
    assert ended == 40


async def test_a_slow_listener_holds_up_the_work(box: Sandbox, path: Path) -> None:
    """Who does not take the results gets no more of them made: items are pulled lazily, and nothing heaps up."""
    pulled = 0

    def stream() -> Iterator[Item]:
        nonlocal pulled
        for item in parts(box, 60):
            pulled += 1
            yield item

    async with box.client() as intercom, run(intercom, stream(), ledger=path, concurrency=3) as results:
        await anext(results)
        await anyio.wait_all_tasks_blocked()
        with anyio.move_on_after(0.3):
            await anyio.sleep_forever()
        assert pulled <= 1 + 3 + 3 + 1  # taken, waiting to be taken, at work, and the one that looks for a place
        assert (await results.finish()).complete
    assert pulled == 60


# ---------------------------------------------------------------- items that fail


async def test_one_failure_stops_nothing(path: Path) -> None:
    """Parts that cannot be redacted, that are not there, tickets and wrong types have their own outcomes; the rest is
    done.
    """
    box = Sandbox(limit=100_000)  # with the published examples
    items: list[Item] = [
        RedactPart("480", "122"),
        RedactPart("480", "999"),
        RedactPart("480", "120"),
        RedactSource("471", "403918311"),
        Convert("493", "79"),
        Convert("474", "80"),
        Convert("123", "79"),
    ]
    async with box.client() as intercom, run(intercom, items, ledger=path) as results:
        ended = {result.item.key: result async for result in results}
    assert {key[1:]: (result.state, result.outcome) for key, result in ended.items()} == {
        ("480", "122"): ("refused", "not_redactable"),
        ("480", "999"): ("refused", "refused"),
        ("480", "120"): ("done", "redacted"),
        ("471", "403918311"): ("refused", "not_redactable"),
        ("493", ""): ("refused", "already_ticket"),
        ("474", ""): ("failed", "refused"),
        ("123", ""): ("done", "converted"),
    }
    assert ended["convert", "493", ""].ticket_id == "493"
    assert ended["redact_part", "480", "122"].reason == "the part has no body"
    summary = results.summary
    assert (summary.stopped_by, summary.complete, summary.states) == (
        None,
        False,
        {"refused": 4, "done": 2, "failed": 1},
    )
    with Ledger.read(path) as ledger:
        told = {record.target_id or record.conversation_id: record for record in ledger.records()}
    assert (told["122"].error, told["122"].code) == ("PartNotRedactableError", "conversation_part_not_redactable")
    assert (told["122"].status, told["122"].reason) == (400, "the part has no body")
    assert (told["493"].ticket_id, told["474"].code) == ("493", "parameter_invalid")


async def test_a_conversion_that_was_refused_may_be_corrected(path: Path) -> None:
    """A conversion refused for what the operator wrote into it is tried again by the next run, with what stands in it
    then.
    """
    box = Sandbox(limit=100_000)
    assert [r.outcome for r in await results_of(box, [Convert("474", "80")], path)] == ["refused"]
    assert [r.outcome for r in await results_of(box, [Convert("474", "79", attributes={})], path)] == ["converted"]
    assert await results_of(box, [Convert("474", "85", title="Another")], path) == []


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ({"drop": True, "when": "after"}, ("done", True)),
        ({"drop": True}, ("done", False)),
        ({"status": 502}, ("done", False)),
        ({"status": 502, "when": "after"}, ("done", True)),
        ({"rate_limited": True}, ("done", False)),
        ({"body": b"<html></html>", "when": "after"}, ("done", True)),
    ],
)
async def test_faults_of_single_requests(
    box: Sandbox, path: Path, fault: dict[str, Any], outcome: tuple[str, bool]
) -> None:
    """Lost answers, gateways and 429s delay an item and do not change how it ends, nor how often it takes effect."""
    (part,), (convert,) = parts(box, 1), conversions(box, 1)
    for operation in ("redactConversation", "convertConversationToTicket"):
        box.fault(Fault(operation=operation, **fault))
    seen = await results_of(box, [part, convert], path, concurrency=1)
    assert [(result.state, result.by_reading) for result in seen] == [outcome, outcome]
    assert set(effects(box).values()) == {1}
    with Ledger.read(path) as ledger:
        assert [record.refused for record in ledger.records()] == [int("rate_limited" in fault)] * 2
        assert [record.requests >= 2 for record in ledger.records()] == [True, True]
        assert ledger.runs()[0].refused == 2 * int("rate_limited" in fault)


async def test_an_unknown_outcome_stays_so_until_the_next_run(box: Sandbox, path: Path) -> None:
    """Where even reading back fails the outcome is unknown; the next run reads first, and sends nothing that was
    done.
    """
    items = [*parts(box, 1), *conversions(box, 1)]
    for operation in ("redactConversation", "convertConversationToTicket"):
        box.fault(Fault(operation=operation, drop=True, when="after"))
    box.fault(Fault(operation="retrieveConversation", status=500, times=None))
    seen = await results_of(box, items, path)
    assert [(r.state, type(r.error).__name__) for r in seen] == [("unknown", "OutcomeUnknownError")] * 2
    box.clear_faults()
    before = writes(box)
    seen = await results_of(box, items, path)
    assert {(r.state, r.outcome, r.by_reading, r.attempts) for r in seen} == {
        ("done", "redacted", True, 0),
        ("done", "converted", True, 0),
    }
    assert writes(box) == before
    assert set(effects(box).values()) == {1}


async def test_the_rate_limit_fails_no_item(path: Path) -> None:
    """A clean-up has all the time there is: where a call would give up waiting, the item waits on."""
    box = Sandbox(seed=False, limit=4, window=0.2)
    box.fault(Fault(operation="redactConversation", rate_limited=True))  # once at least, however slow the machine is
    items = parts(box, 12)
    async with box.client(pace=None, max_retries=0) as intercom, run(intercom, items, ledger=path) as results:
        summary = await results.finish()
    assert (summary.outcomes, summary.stopped_by) == ({"redacted": 12}, None)
    assert summary.refused > 0
    assert summary.waited > 0


async def test_a_stop_ends_the_waiting_for_the_rate_limit(box: Sandbox, path: Path) -> None:
    """An item that waits for the rate limit when the run stops is told as not applied, and the next run does it."""
    items = parts(box, 1)
    box.fault(Fault(operation="redactConversation", rate_limited=True, times=None))
    async with box.client(max_retries=0) as intercom, run(intercom, items, ledger=path) as results:
        await until(lambda: len(box.requests) > 1)
        results.stop()
        (result,) = [result async for result in results]
    assert (result.state, result.outcome) == ("failed", "not_applied")
    box.clear_faults()
    assert [r.outcome for r in await results_of(box, items, path)] == ["redacted"]


# ---------------------------------------------------------------- what hits all


@pytest.mark.parametrize(("status", "name"), [(401, "UnauthorizedError"), (403, "ForbiddenError")])
async def test_a_refusal_that_will_hit_all_stops_early(box: Sandbox, path: Path, status: int, name: str) -> None:
    """A token that is revoked, or a plan that forbids it, ends the run; what was not begun is untouched, and can be
    done later.
    """
    items = parts(box, 30)
    box.fault(Fault(operation="redactConversation", status=status, code="x", times=None, skip=10))
    async with box.client() as intercom, run(intercom, items, ledger=path, concurrency=2) as results:
        summary = await results.finish()
    assert (summary.stopped_by, type(results.error).__name__) == (name, name)
    assert summary.states["done"] == 10
    assert 1 <= summary.states["failed"] <= 2
    with Ledger.read(path) as ledger:
        assert len(list(ledger.records())) == summary.ended
        assert ledger.runs()[0].stopped_by == name
    box.clear_faults()
    await results_of(box, items, path)
    assert set(effects(box).values()) == {1}
    assert len(effects(box)) == 30


async def test_no_network_stops_early(box: Sandbox, path: Path) -> None:
    """Where one item after the other finds no connection the run stops, instead of failing all that there is."""

    class Unplugged(InProcessTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if request.method == "GET":
                return await super().handle_async_request(request)
            raise httpx.ConnectError("no route to host")

    items = parts(box, 100)
    async with box.client(transport=Unplugged(box)) as intercom:
        async with run(intercom, items, ledger=path, concurrency=2) as results:
            summary = await results.finish()
    assert (summary.stopped_by, type(results.error)) == ("NotSentError", NotSentError)
    assert 10 <= summary.states["failed"] <= 12
    assert effects(box) == {}


@pytest.mark.parametrize("fault", [{"status": 503}, {"body": b"<html>log in</html>"}, {"drop": True}])
async def test_a_service_that_is_down_stops_early(box: Sandbox, path: Path, fault: dict[str, Any]) -> None:
    """Where no write gets an answer any more the run stops, though reading works; a single one that gets none stops
    nothing.
    """
    items = parts(box, 60)
    box.fault(
        Fault(operation="redactConversation", times=4, skip=8, **fault)
    )  # one item, with all that is tried for it
    box.fault(Fault(operation="redactConversation", times=None, skip=20, **fault))
    async with box.client() as intercom, run(intercom, items, ledger=path, concurrency=2) as results:
        summary = await results.finish()
    assert summary.stopped_by in ("OutcomeUnknownError", "ServerError")
    assert summary.states["done"] >= 18
    assert 5 <= summary.ended - summary.states["done"] <= 14  # some of them more than once: in doubt, and sent again
    box.clear_faults()
    await results_of(box, items, path)
    assert (len(effects(box)), set(effects(box).values())) == (60, {1})


async def test_a_client_that_is_closed_stops_early(box: Sandbox, path: Path) -> None:
    """Closing the client under a run ends it."""
    intercom = box.client()
    async with run(intercom, parts(box, 50), ledger=path, concurrency=1) as results:
        await anext(results)
        await intercom.aclose()
        summary = await results.finish()
    assert (summary.stopped_by, type(results.error)) == ("ClientClosedError", ClientClosedError)


async def test_a_full_disk(box: Sandbox, path: Path) -> None:
    """When the ledger takes no more the run stops: what it could not note was not sent; the next run, with room, does
    the rest.
    """
    items = parts(box, 300)
    async with box.client() as intercom, run(intercom, items, ledger=path, concurrency=4) as results:
        await anext(results)
        disk = results._journal.writer.connection
        disk.execute(f"PRAGMA max_page_count = {disk.execute('PRAGMA page_count').fetchone()[0] + 1}")
        summary = await results.finish()
    assert (summary.stopped_by, type(results.error)) == ("LedgerError", LedgerError)
    assert "is full" in str(results.error)
    with Ledger.read(path) as ledger:
        noted = {record.target_id for record in ledger.records()}
    assert {target for _, target in effects(box)} <= noted
    assert 0 < len(effects(box)) < 300
    await results_of(box, items, path)
    assert (len(effects(box)), set(effects(box).values())) == (300, {1})


@pytest.mark.parametrize("lazily", [False, True])
async def test_items_that_raise(box: Sandbox, path: Path, lazily: bool) -> None:
    """An error of the items' iterator ends the run after what it gave before; `error` is that error."""

    def stream() -> Iterator[Item]:
        yield from parts(box, 3)
        raise KeyError("row 4")

    async def slowly() -> AsyncIterator[Item]:
        for item in stream():
            yield item

    async with box.client() as intercom:
        async with run(intercom, slowly() if lazily else stream(), ledger=path) as results:
            summary = await results.finish()
    assert (summary.stopped_by, summary.states, repr(results.error)) == ("KeyError", {"done": 3}, "KeyError('row 4')")


async def test_something_that_is_no_item(box: Sandbox, path: Path) -> None:
    """Anything else among the items ends the run, and is named by its type only."""
    items: list[Any] = [*parts(box, 1), (WORD, WORD)]
    async with box.client() as intercom, run(intercom, items, ledger=path) as results:
        summary = await results.finish()
    assert (summary.stopped_by, summary.states) == ("TypeError", {"done": 1})
    assert "tuple" in str(results.error)
    assert WORD not in str(results.error)


async def test_a_token_source_that_fails(box: Sandbox, path: Path) -> None:
    """What the application's own code raises inside of a call ends the run; the item stays in flight, to be read
    back.
    """
    asked = 0

    async def token() -> str:
        nonlocal asked
        asked += 1
        if asked > 3:
            raise LookupError("vault sealed")
        return box.token

    items = parts(box, 10)
    transport = InProcessTransport(box)
    intercom = Intercom(token, base_url="https://sandbox.localhost", transport=transport)
    box.fault(Fault(operation="redactConversation", status=401, code="token_expired", times=None, skip=2))
    async with intercom, run(intercom, items, ledger=path, concurrency=1) as results:
        summary = await results.finish()
    assert summary.stopped_by in ("LookupError", "UnauthorizedError")
    box.clear_faults()
    await results_of(box, items, path)
    assert set(effects(box).values()) == {1}
    assert len(effects(box)) == 10


# ---------------------------------------------------------------- stopping, leaving, cancelling


async def test_stop_drains(box: Sandbox, path: Path) -> None:
    """After a stop nothing new is begun, what is under way ends and tells how, and an endless stream is no obstacle."""

    def endless() -> Iterator[Item]:
        while True:
            yield from parts(box, 1)

    async with box.client() as intercom, run(intercom, endless(), ledger=path, concurrency=4) as results:
        ended = 0
        async for _ in results:
            ended += 1
            if ended == 20:
                results.stop()
                assert results.stopping
    summary = results.summary
    assert (summary.stopped_by, summary.in_flight, results.error) == ("asked", 0, None)
    assert summary.ended == ended == len(effects(box))
    assert 20 <= ended <= 30


async def test_stop_when_all_is_begun(box: Sandbox, path: Path) -> None:
    """A stop that comes when nothing is left to begin, or later still, changes nothing: the run came to its end."""
    items = parts(box, 2)
    async with box.client() as intercom, run(intercom, items, ledger=path) as results:
        await anext(results)
        results.stop()
        await results.finish()
        results.stop()
    assert (results.summary.stopped_by, results.summary.complete) == (None, True)


class Slow(InProcessTransport):
    """A sandbox whose writes take effect at once, and answer never."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await super().handle_async_request(request)
        if request.method == "POST":
            await anyio.sleep_forever()
        return answer


@pytest.mark.parametrize("drain", [0.05, 0])
async def test_the_drain_has_a_deadline(box: Sandbox, path: Path, drain: float) -> None:
    """What does not end in time is cancelled, stays in flight, and is settled by reading in the next run."""
    items = [*parts(box, 3), *conversions(box, 2)]
    async with box.client(transport=Slow(box)) as intercom, run(intercom, items, ledger=path) as results:
        await until(lambda: len(box.ledger) == 5)
        results.stop(drain=drain)
        summary = await results.finish()
    assert (results.summary.stopped_by, summary.ended, results.summary.in_flight) == ("asked", 0, 5)
    with Ledger.read(path) as ledger:
        assert {record.state for record in ledger.records()} == {"in_flight"}
    before = writes(box)
    seen = await results_of(box, items, path)
    assert {(result.state, result.by_reading) for result in seen} == {("done", True)}
    assert writes(box) == before


async def test_leaving_early(box: Sandbox, path: Path) -> None:
    """Breaking out of the loop lets what is under way end, and loses nothing."""
    items = parts(box, 40)
    async with box.client() as intercom:
        async with run(intercom, items, ledger=path, concurrency=4) as results:
            async for _ in results:
                break
        assert (results.summary.stopped_by, results.summary.in_flight) == ("asked", 0)
        assert len(effects(box)) == results.summary.ended < 40
        assert [result async for result in results] == []  # a run that is over has no more
    await results_of(box, items, path)
    assert (len(effects(box)), set(effects(box).values())) == (40, {1})


async def test_an_error_in_the_block(box: Sandbox, path: Path) -> None:
    """An error of the application's own ends the run at once, and comes out as it is, not inside of a group."""
    items = parts(box, 40)
    with pytest.raises(ZeroDivisionError):  # noqa: PT012  # the block is what is tested
        async with box.client() as intercom, run(intercom, items, ledger=path, concurrency=4) as results:
            async for _ in results:
                _ = 1 / 0
    assert results.summary.stopped_by == "cancelled"
    await results_of(box, items, path)
    assert (len(effects(box)), set(effects(box).values())) == (40, {1})


async def test_a_cancelled_run(box: Sandbox, path: Path) -> None:
    """A run inside of a scope that is cancelled, in the middle of anything, gives the ledger free and loses nothing."""
    items = parts(box, 200)
    for _ in range(10):
        async with box.client() as intercom:
            with anyio.move_on_after(0.03):
                async with run(intercom, items, ledger=path, concurrency=10) as results:
                    await results.finish()
    await results_of(box, items, path)
    assert (len(effects(box)), set(effects(box).values())) == (200, {1})


async def test_use_outside_of_the_block(box: Sandbox, path: Path) -> None:
    """A run works between entering and leaving, and is entered once."""
    async with box.client() as intercom:
        idle = run(intercom, [], ledger=path)
        with pytest.raises(RuntimeError, match="async with"):
            await anext(idle)
        with pytest.raises(RuntimeError, match="async with"):
            idle.stop()
        async with idle:
            await idle.finish()
        with pytest.raises(RuntimeError, match="once"):
            async with idle:
                pass


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"items": None}, TypeError),
        ({"concurrency": 0}, ValueError),
        ({"concurrency": "4"}, TypeError),
        ({"concurrency": True}, TypeError),
        ({"drain": -1}, ValueError),
        ({"drain": None}, TypeError),
        ({"priority": "urgent"}, ValueError),
    ],
)
async def test_options_out_of_range(box: Sandbox, path: Path, options: dict[str, Any], kind: type[Exception]) -> None:
    """An option that makes no sense is refused before there is a file."""
    async with box.client() as intercom:
        with pytest.raises(kind):
            run(intercom, **{"items": [], "ledger": path, **options})
    assert files(path.parent) == []


# ---------------------------------------------------------------- whose workspace


async def test_a_ledger_of_another_workspace(box: Sandbox, path: Path) -> None:
    """A ledger belongs to one workspace: with the token of another one nothing is sent."""
    items = parts(box, 1)
    await results_of(box, items, path)
    other = InProcessTransport(box)

    async def elsewhere(request: httpx.Request) -> httpx.Response:
        return says(ME)

    other.handle_async_request = elsewhere  # type: ignore[method-assign]
    async with box.client(transport=other) as intercom:
        with pytest.raises(LedgerError, match=r"workspace sandbox1.*workspace w1"):
            async with run(intercom, items, ledger=path):
                pass
    with Ledger.read(path) as ledger:
        assert len(ledger.runs()) == 1


async def test_an_answer_that_names_no_workspace(box: Sandbox, path: Path) -> None:
    """Where Intercom does not say whose token it is the run does not begin."""
    transport = InProcessTransport(box)

    async def nobody(request: httpx.Request) -> httpx.Response:
        return says({"type": "admin", "id": "1", "app": None})

    transport.handle_async_request = nobody  # type: ignore[method-assign]
    async with box.client(transport=transport) as intercom:
        with pytest.raises(UnreadableResponseError, match="workspace"):
            async with run(intercom, [], ledger=path):
                pass


async def test_a_token_that_is_refused_at_the_start(box: Sandbox, path: Path) -> None:
    """A wrong token is told on entering, and the ledger is free again."""
    async with box.client().with_options(token="wrong") as intercom:
        with pytest.raises(UnauthorizedError):
            async with run(intercom, [], ledger=path):
                pass
    assert await results_of(box, [], path) == []


async def test_two_runs_on_one_ledger(box: Sandbox, path: Path) -> None:
    """The second run on a ledger is refused, whatever name it uses for the file; afterwards the ledger is free."""
    link = path.with_name("link")
    link.symlink_to(path)
    async with box.client() as intercom, run(intercom, parts(box, 3), ledger=path) as results:
        for name in (path, str(path), link):
            with pytest.raises(LedgerError, match="in use by another run"):
                async with run(intercom, [], ledger=name):
                    pass
        assert (await results.finish()).complete
    assert await results_of(box, [], link) == []


async def test_signals_in_another_thread(box: Sandbox, path: Path) -> None:
    """Signals reach the main thread only; elsewhere the run says so before there is a file."""

    async def job() -> None:
        async with box.client() as intercom, run(intercom, [], ledger=path, stop_on_signals=True):
            pass

    with pytest.raises(ConfigurationError, match="main thread"):
        await anyio.to_thread.run_sync(anyio.run, job)
    assert files(path.parent) == []


async def test_an_event_loop_without_signals(box: Sandbox, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the event loop knows no signals, as on Windows, that error comes out as it is, and the ledger is free
    again.
    """

    def none(*_: object) -> None:
        raise NotImplementedError

    monkeypatch.setattr(anyio, "open_signal_receiver", none)
    async with box.client() as intercom:
        with pytest.raises(NotImplementedError):
            async with run(intercom, [], ledger=path, stop_on_signals=True):
                pass
    assert await results_of(box, [], path) == []


async def test_without_the_extra(box: Sandbox, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where filelock is not installed the error names the extra."""
    monkeypatch.setitem(sys.modules, "filelock", None)
    async with box.client() as intercom:
        with pytest.raises(ConfigurationError, match=r"aiointercom\[cleanup\]"):
            async with run(intercom, [], ledger=path):
                pass


# ---------------------------------------------------------------- what it tells nobody


async def test_no_text_gets_anywhere(box: Sandbox, path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A word in bodies, titles and attributes is in no ledger, result, summary or log."""
    caplog.set_level("DEBUG")
    conversation_id = box.add_conversation(source={"body": WORD}, parts=[{"body": WORD}])
    part = box.conversation(conversation_id)["parts"][0]["id"]
    name = box.add_ticket_type(attributes=[{"name": "kind"}])
    items: list[Item] = [
        RedactPart(conversation_id, part, ("card_number",)),
        Convert(conversation_id, name, title=WORD, description=WORD, attributes={"kind": WORD}),
        Convert(conversation_id, name, title=WORD),
        Convert(box.add_conversation(), name, attributes={"unheard of": WORD}),
    ]
    async with box.client() as intercom, run(intercom, items, ledger=path) as results:
        told = [f"{result!r} {result.error}" async for result in results]
        held = content(path.parent)
    assert len(told) == 3
    assert WORD not in "".join(told) + repr(results) + caplog.text
    assert WORD.encode() not in held + content(path.parent)
    assert sorted(file.name for file in files(path.parent)) == ["cleanup.ledger", "cleanup.ledger.lock"]


def files(folder: Path) -> list[Path]:
    """All files of a folder."""
    return list(folder.iterdir())


def content(folder: Path) -> bytes:
    """All that the files of a folder hold."""
    return b"".join(file.read_bytes() for file in files(folder))
