"""What an earlier run left in doubt is read back first: each state of the ledger, against each state of the
workspace.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from aiointercom import Intercom, LedgerError
from aiointercom.cleanup import Convert, Item, Ledger, RedactPart, RedactSource, Result, run
from aiointercom.cleanup.ledger import statements
from aiointercom.cleanup.ledger.writer import Writer
from aiointercom.sandbox import Fault, Sandbox
from tests.journeys.virtual import Virtual

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("virtual")]

PART: Item = RedactPart("480", "120")
SOURCE: Item = RedactSource("480", "403918320")
CONVERT: Item = Convert("474", "85", title="Kettle", description="Came broken")
OPERATIONS = {"redact_part": "redactConversation", "redact_source": "redactConversation"}


@pytest.fixture
def box(virtual: Virtual) -> Sandbox:
    """The published examples."""
    return Sandbox(limit=100_000, clock=virtual.now)


async def killed(path: Path, item: Item, at: float | None = None) -> None:
    """A ledger as a run leaves it that is killed with this item under way."""
    now = time.time() if at is None else at
    writer = await Writer.open(path)

    def write(connection: Any) -> None:
        turn = statements.RunContext(statements.bind(connection, "sandbox1", "US", now=now, requests=1), now)
        statements.intend(connection, item.key, turn, now)

    await writer.write(write)
    await writer.aclose()


async def sent(intercom: Intercom, item: Item) -> None:
    """The write itself, as if it were the killed run's."""
    conversations = intercom.conversations
    if isinstance(item, Convert):
        await conversations.convert_to_ticket(
            item.conversation_id, ticket_type_id=item.ticket_type_id, attributes=item.asked
        )
    elif isinstance(item, RedactPart):
        await conversations.redact_part(item.conversation_id, item.part_id)
    else:
        await conversations.redact_source(item.conversation_id, item.source_id)


async def result_of(box: Sandbox, item: Item, path: Path) -> Result:
    """The one result of a run with one item."""
    async with box.client() as intercom, run(intercom, [item], ledger=path) as results:
        (result,) = [result async for result in results]
        return result


def methods(box: Sandbox) -> list[str]:
    """The methods of the requests after the question whose workspace it is."""
    return [received.method for received in box.requests if not received.path.endswith("/me")]


@pytest.mark.parametrize("item", [PART, SOURCE, CONVERT], ids=lambda item: item.kind)
async def test_it_had_taken_effect(box: Sandbox, path: Path, item: Item) -> None:
    """A write that arrived before the kill is recorded as done by reading, and not sent."""
    await killed(path, item)
    async with box.client() as intercom:
        await sent(intercom, item)
    result = await result_of(box, item, path)
    assert (result.state, result.by_reading, result.attempts) == ("done", True, 0)
    assert result.ticket_id == ("474" if item is CONVERT else None)
    assert methods(box).count("POST") == 1
    with Ledger.read(path) as ledger:
        (record,) = ledger.records()
    assert (record.state, record.by_reading, record.run, record.ticket_id) == ("done", True, 2, result.ticket_id)
    assert record.outcome == ("converted" if item is CONVERT else "redacted")


@pytest.mark.parametrize("item", [PART, SOURCE, CONVERT], ids=lambda item: item.kind)
async def test_it_had_not_taken_effect(box: Sandbox, path: Path, item: Item, virtual: Virtual) -> None:
    """A redaction that never arrived is read and sent at once; a conversion is sent when its effect cannot come any
    more.

    The time of the first intent stays.
    """
    began = time.time()
    await killed(path, item, at=began - 600)
    result = await result_of(box, item, path)
    assert (result.state, result.by_reading, result.attempts) == ("done", False, 1)
    assert methods(box) == (["GET", "GET", "POST"] if item is CONVERT else ["GET", "POST"])
    assert virtual.now() - began > (60 if item is CONVERT else 0)
    with Ledger.read(path) as ledger:
        (record,) = ledger.records()
    assert (record.intended_at, record.first_sent_at) == (began - 600, began - 600)
    assert record.last_doubt_at == pytest.approx(began, abs=5)
    assert record.requests == len(methods(box))


async def test_somebody_else_had_converted_it(box: Sandbox, path: Path) -> None:
    """A ticket that was made before the intent is not this item's work."""
    async with box.client() as intercom:
        await sent(intercom, CONVERT)
    await killed(path, CONVERT, at=time.time() + 60)
    result = await result_of(box, CONVERT, path)
    assert (result.state, result.outcome, result.ticket_id, result.by_reading) == (
        "refused",
        "already_ticket",
        "474",
        True,
    )
    assert result.reason == "it is ticket 474"


async def test_a_conversion_with_other_attributes(box: Sandbox, path: Path) -> None:
    """A conversion whose texts were changed between two runs stays unknown where the ticket has others, and is never
    sent again.
    """
    await killed(path, CONVERT)
    async with box.client() as intercom:
        await sent(intercom, CONVERT)
    other = Convert("474", "85", title="Something else")
    for _ in range(2):
        result = await result_of(box, other, path)
        assert (result.state, result.outcome, type(result.error).__name__) == (
            "unknown",
            "unknown",
            "OutcomeUnknownError",
        )
        assert "other attributes" in (result.reason or "")
    assert methods(box).count("POST") == 1


@pytest.mark.parametrize("item", [PART, CONVERT], ids=lambda item: item.kind)
async def test_reading_back_fails(box: Sandbox, path: Path, item: Item) -> None:
    """Where it cannot be read, a redaction is sent, since twice is as good as once; a conversion stays unknown, half a
    minute later.
    """
    await killed(path, item)
    box.fault(Fault(operation="retrieveConversation", status=500, times=None))
    result = await result_of(box, item, path)
    if item is PART:
        assert (result.state, methods(box)) == ("done", ["GET", "POST"])
    else:
        assert (result.state, set(methods(box))) == ("unknown", {"GET"})
        box.clear_faults()
        assert (await result_of(box, item, path)).outcome == "converted"


class Stuck(httpx.AsyncBaseTransport):
    """Every read of a conversation takes its minute, and fails."""

    def __init__(self, box: Sandbox, virtual: Virtual) -> None:
        self.within, self.virtual, self.reads = httpx.ASGITransport(box), virtual, 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry one request."""
        if "/conversations/" not in request.url.path or request.method != "GET":
            return await self.within.handle_async_request(request)
        self.reads += 1
        self.virtual.ahead += 60
        raise httpx.ReadTimeout("stuck")


async def test_reads_that_take_their_whole_time(box: Sandbox, path: Path, virtual: Virtual) -> None:
    """An item of which no read ends is given up within the horizon and the time of few requests, not of dozens; the
    ledger keeps its doubt.
    """
    began = time.time()
    await killed(path, CONVERT, at=began)
    stuck = Stuck(box, virtual)
    async with Intercom("sandbox-token", transport=stuck) as intercom:
        async with run(intercom, [CONVERT], ledger=path) as results:
            (result,) = [result async for result in results]
    assert (result.state, stuck.reads) == ("unknown", 2)
    assert virtual.now() - began < 60 + 60 + 60


async def test_a_part_that_reading_cannot_show(path: Path) -> None:
    """A redaction beyond the 500 parts that Intercom shows is sent again; that it was done already is a success."""
    box = Sandbox(seed=False, limit=100_000)
    conversation_id = box.add_conversation(parts=501)
    item = RedactPart(conversation_id, box.conversation(conversation_id)["parts"][0]["id"])
    await killed(path, item)
    result = await result_of(box, item, path)
    assert (result.state, methods(box)) == ("done", ["GET", "POST"])


@pytest.mark.parametrize("shift", [-3600.0, 3600.0])
async def test_a_clock_that_is_set_between_two_runs(path: Path, shift: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Times are noted by Intercom's clock, so an hour more or less on this machine makes nobody else of the one who
    converted.
    """
    truth = time.time
    box = Sandbox(clock=truth, limit=100_000)
    items = [CONVERT]
    box.fault(Fault(operation="convertConversationToTicket", when="after", delay=60))
    monkeypatch.setattr(time, "time", lambda: truth() + shift)
    async with box.client() as intercom, run(intercom, items, ledger=path) as results:
        with anyio.fail_after(60):
            while not box.ledger:  # noqa: ASYNC110  # the sandbox has no events
                await anyio.sleep(0.005)
        results.stop(drain=0)
    monkeypatch.setattr(time, "time", truth)
    with Ledger.read(path) as ledger:
        (record,) = ledger.records()
    assert (record.state, abs(record.intended_at - truth()) < 600) == ("in_flight", True)
    result = await result_of(box, CONVERT, path)
    assert (result.state, result.outcome, result.by_reading) == ("done", "converted", True)
    assert len(box.ledger) == 1


async def test_what_is_written_together_fails_together(path: Path) -> None:
    """Where one write of a batch breaks, for whatever reason, every writer of the batch is told, and the next one goes
    through.
    """
    writer = await Writer.open(path)
    ended: dict[str, str] = {}

    async def one(name: str, text: str) -> None:
        try:
            await writer.write(lambda connection: connection.execute("INSERT INTO meta VALUES (?, ?)", (name, text)))
            ended[name] = "written"
        except LedgerError:
            ended[name] = "refused"

    async with anyio.create_task_group() as group:
        for name, text in (("first", "x"), ("good", "x"), ("broken", "\ud800"), ("another", "x")):
            group.start_soon(one, name, text)
    await one("last", "x")
    stands = {name for (name,) in writer.connection.execute("SELECT key FROM meta")}
    await writer.aclose()
    assert {name for name, how in ended.items() if how == "written"} == stands
    assert (ended["broken"], ended["last"]) == ("refused", "written")
