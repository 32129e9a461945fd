"""Clean-ups carried by PgQueuer, over a real Postgres: every item once, whatever becomes of workers, transactions and
clocks.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from pgqueuer import PgQueuer, Queries

from aiointercom import ConfigurationError
from aiointercom.cleanup import Convert, Ledger, RedactPart, evidence, page, verify
from aiointercom.pgqueuer import collect, enqueue, handler, install, register, serve, serving, workspaces
from aiointercom.sandbox import Fault
from tests.machines.fleet import (
    clients,
    effects,
    is_empty,
    items_in,
    once,
    picked_by_another,
    until,
    worker,
    workspace,
)

pytestmark = pytest.mark.asyncio

PAGE = b"<html>gateway</html>"


def over(connection: asyncpg.Connection) -> Queries:
    """PgQueuer's queries over the application's connection."""
    return Queries.from_asyncpg_connection(connection)


@pytest.fixture
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A workspace that has to pause goes on at once."""
    for module in (workspaces, handler):
        monkeypatch.setattr(module, "PAUSE", 0.05)


async def test_two_workers_and_two_workspaces(dsn: str, connection: asyncpg.Connection, tmp_path: Path) -> None:
    """Every item of both workspaces is carried out once, and each ledger is one as a run writes it: report, evidence
    and page work.
    """
    boxes = [workspace("one1"), workspace("two2")]
    items = [items_in(box, parts=20, sources=5, conversions=5) for box in boxes]
    client_for = clients(*boxes)
    async with worker(dsn, client_for, ["one1", "two2"]), worker(dsn, client_for, ["one1", "two2"]):
        for name, some in zip(["one1", "two2"], items, strict=True):
            assert await enqueue(over(connection), name, some) == 30
        await until(is_empty(connection))
    for box, some in zip(boxes, items, strict=True):
        assert effects(box) == once(some)
    for name in ("one1", "two2"):
        path = tmp_path / f"{name}.ledger"
        collected = await collect(over(connection), name, path)
        assert (collected.results, collected.complete) == (30, True)
        with Ledger.read(path) as ledger:
            assert ledger.meta["workspace"] == name
            assert {record.state for record in ledger.records()} == {"done"}
            assert sum(record.requests for record in ledger.records()) == 30
            [run] = ledger.runs()
            assert (run.requests, run.stopped_by) == (30, None)
        evidence(path, to=tmp_path / f"{name}.evidence")
        assert verify(tmp_path / f"{name}.evidence").whole
        page(path, to=tmp_path / f"{name}.html")


async def test_what_is_rolled_back_is_not_enqueued(dsn: str, connection: asyncpg.Connection) -> None:
    """In the application's own transaction: a rollback leaves nothing behind, a commit everything."""
    items = items_in(workspace("one1"), parts=3)
    transaction = connection.transaction()
    await transaction.start()
    assert await enqueue(over(connection), "one1", items) == 3
    await transaction.rollback()
    assert await connection.fetchval("SELECT count(*) FROM pgqueuer") == 0
    async with connection.transaction():
        await enqueue(over(connection), "one1", items)
    assert await connection.fetchval("SELECT count(*) FROM pgqueuer") == 3


async def test_an_item_is_in_the_queue_once(dsn: str, connection: asyncpg.Connection) -> None:
    """What is in the queue, or finished, is left out without an error that would end the transaction; other workspaces
    are apart.
    """
    box = workspace("one1")
    items = items_in(box, parts=3)

    async def stream() -> Any:
        for item in items:
            yield item
            yield item

    async with connection.transaction():
        assert await enqueue(over(connection), "one1", items[:1]) == 1
        assert await enqueue(over(connection), "one1", stream()) == 2
        assert await enqueue(over(connection), "two2", items[:1], priority=3) == 1
    await connection.execute("DELETE FROM pgqueuer WHERE priority = 3")
    async with worker(dsn, clients(box), ["one1"]):
        await until(is_empty(connection))
    assert await enqueue(over(connection), "one1", items) == 0
    assert effects(box) == once(items)


@pytest.mark.parametrize("sent", [True, False])
async def test_the_items_of_a_dead_worker(dsn: str, connection: asyncpg.Connection, sent: bool) -> None:
    """A worker dies with items in its hands: another one reads them back, and sends what had not taken effect."""
    box = workspace("one1")
    items = items_in(box, parts=4)
    await enqueue(over(connection), "one1", items)
    await picked_by_another(connection, "one1")
    if sent:
        for item in items:
            assert isinstance(item, RedactPart)
            await box.client().conversations.redact_part(item.conversation_id, item.part_id)
    async with worker(dsn, clients(box), ["one1"]):
        await until(is_empty(connection))
    assert effects(box) == once(items)
    told = await connection.fetch("SELECT state, by_reading FROM aiointercom_outcomes")
    assert {tuple(row) for row in told} == {("done", sent)}
    assert [received.method for received in box.requests].count("GET") >= 5


PICKS = """
SELECT extract(epoch FROM max(created) - min(created))::float8 FROM pgqueuer_log WHERE status = 'picked'
GROUP BY job_id HAVING count(*) = 2
"""


async def test_when_the_items_of_a_dead_worker_are_taken_over(
    dsn: str, connection: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not before the heartbeat has run out, and with the next look into the queue: by the database's clock, and with a
    tenfold margin.
    """
    heartbeat, look_again = 2.0, 0.5
    monkeypatch.setattr(serving, "LOOK_AGAIN", look_again)
    box, stopping = workspace("one1"), asyncio.Event()
    items = items_in(box, parts=3)
    async with asyncio.timeout(120):
        await enqueue(over(connection), "one1", items)
        await picked_by_another(connection, "one1")
        working = asyncio.create_task(
            serve(dsn, clients(box), workspaces=["one1"], heartbeat=heartbeat, stopping=stopping)
        )
        await until(is_empty(connection))
        stopping.set()
        assert await working
    waited = [row[0] for row in await connection.fetch(PICKS)]
    assert len(waited) == len(items)
    assert heartbeat <= min(waited)
    assert max(waited) <= 10 * (heartbeat + look_again)
    assert effects(box) == once(items)


async def test_a_conversion_of_a_dead_worker_waits_for_the_horizon(dsn: str, connection: asyncpg.Connection) -> None:
    """It holds no place meanwhile, keeps its times in the table, and is sent when its effect cannot come any more."""
    box = workspace("one1")
    [convert] = items_in(box, conversions=1)
    await enqueue(over(connection), "one1", [convert])
    await picked_by_another(connection, "one1")

    async def in_doubt() -> bool:
        return await connection.fetchval("SELECT state FROM aiointercom_outcomes") == "unknown"

    async with worker(dsn, clients(box, horizon=1.5), ["one1"], at_once=1):
        await until(in_doubt)
        row = await connection.fetchrow("SELECT first_sent_at, last_doubt_at, parked FROM aiointercom_outcomes")
        assert row["first_sent_at"] <= row["last_doubt_at"]
        assert row["parked"] is False
        others = items_in(box, parts=2)
        await enqueue(over(connection), "one1", others)
        await until(is_empty(connection))
    assert box.ledger[-1].conversation_id == convert.conversation_id
    assert effects(box) == once([convert, *others])
    assert await connection.fetchval("SELECT outcome FROM aiointercom_outcomes WHERE kind = 'convert'") == "converted"


async def handled(pgq: PgQueuer, job: Any) -> BaseException | None:
    """What the handler of a job raises; None: it returns."""
    try:
        await pgq.qm.entrypoint_registry[job.entrypoint].parameters.func(job)
    except BaseException as error:  # noqa: BLE001  # that is what is asked
        return error
    return None


async def test_a_worker_that_was_stopped_writes_nothing(dsn: str, connection: asyncpg.Connection) -> None:
    """A worker stands still with an item in its hands, another one does it: the first one's result goes nowhere, and
    the row stays.
    """
    box = workspace("one1")
    [convert] = items_in(box, conversions=1)
    await enqueue(over(connection), "one1", [convert])
    pgq = PgQueuer.from_asyncpg_connection(connection)
    register(pgq, clients(box), workspaces=["one1"])
    [job] = [job async for job in pgq.qm.fetch_jobs(1, None, handler.timedelta(seconds=30))]
    await connection.execute("UPDATE pgqueuer SET heartbeat = now() - interval '1 hour'")
    await picked_by_another(connection, "one1")
    ended = await handled(pgq, job)
    assert type(ended).__name__ == "LeaveRow"
    assert not isinstance(ended, Exception)
    assert await connection.fetchval("SELECT count(*) FROM aiointercom_outcomes") == 0
    assert await connection.fetchval("SELECT status FROM pgqueuer") == "picked"


async def test_a_claim_is_checked_before_a_late_request(
    dsn: str, connection: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that stood still before it sent asks first whether the item is still its own, and then sends nothing."""
    from aiointercom.pgqueuer import claims

    monkeypatch.setattr(claims, "VALID", -1.0)
    box = workspace("one1")
    [convert] = items_in(box, conversions=1)
    await enqueue(over(connection), "one1", [convert])
    pgq = PgQueuer.from_asyncpg_connection(connection)
    register(pgq, clients(box), workspaces=["one1"])
    [job] = [job async for job in pgq.qm.fetch_jobs(1, None, handler.timedelta(seconds=30))]
    await connection.execute("UPDATE pgqueuer SET heartbeat = now() - interval '1 hour'")
    await picked_by_another(connection, "one1")
    assert type(await handled(pgq, job)).__name__ == "LeaveRow"
    assert [received.path for received in box.requests if received.method == "POST"] == []


async def test_a_cancelled_worker_leaves_its_items(dsn: str, connection: asyncpg.Connection) -> None:
    """A cancellation in the middle of a request must not make PgQueuer delete the item: another worker does it."""
    box = workspace("one1")
    items = items_in(box, parts=1)
    box.fault(Fault(operation="redactConversation", delay=60, times=1))
    await enqueue(over(connection), "one1", items)
    pgq = PgQueuer.from_asyncpg_connection(connection)
    register(pgq, clients(box), workspaces=["one1"])
    [job] = [job async for job in pgq.qm.fetch_jobs(1, None, handler.timedelta(seconds=30))]
    task = asyncio.create_task(handled(pgq, job))
    await asyncio.sleep(0.3)
    task.cancel()
    assert type(await task).__name__ == "LeaveRow"
    async with worker(dsn, clients(box), ["one1"]):
        await until(is_empty(connection))
    assert effects(box) == once(items)


@pytest.mark.usefixtures("short_pauses")
async def test_a_refused_token_loses_nothing(
    dsn: str, connection: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While Intercom refuses a token, the workspace pauses and every item stays; afterwards all are done."""
    monkeypatch.setattr(handler, "FIRST_DELAY", 0.05)
    box, other = workspace("one1"), workspace("two2")
    items, others = items_in(box, parts=6), items_in(other, parts=6)
    box.fault(Fault(operation="redactConversation", status=401, code="unauthorized", times=30))
    await enqueue(over(connection), "one1", items)
    await enqueue(over(connection), "two2", others)
    async with worker(dsn, clients(box, other), ["one1", "two2"]):
        await until(is_empty(connection))
    assert await connection.fetchval("SELECT count(*) FROM pgqueuer") == 0
    assert effects(box) == once(items)
    assert effects(other) == once(others)


@pytest.mark.usefixtures("short_pauses")
async def test_a_client_of_another_workspace_sends_nothing(
    dsn: str, connection: asyncpg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    """`client_for` returns a client of another workspace: no item is sent there, none is lost, and the log says which
    it is.
    """
    box, other = workspace("one1"), workspace("two2")
    items = items_in(box, parts=2)
    await enqueue(over(connection), "one1", items)

    async def asked_often() -> bool:
        return len(other.requests) >= 3

    wrong = other.client()
    async with worker(dsn, lambda _: wrong, ["one1"]):
        await until(asked_often)
    assert {received.path for received in other.requests} == {"/me"}
    assert "returned a client of workspace two2" in caplog.text
    assert await connection.fetchval("SELECT count(*) FROM pgqueuer WHERE status <> 'failed'") == 2


HELD = """
INSERT INTO aiointercom_outcomes (workspace, kind, conversation_id, target_id, job_id, picked_at, state, outcome,
    by_reading, intended_at, ended_at, requests, refused, waited)
SELECT 'one1', $1, $2, $3, id, now(), 'failed', 'failed', false, 0, 0, 0, 0, 0 FROM pgqueuer
"""


async def test_what_needs_a_person_is_held(
    dsn: str, connection: asyncpg.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An item that Intercom refuses for a reason that a person has to mend, one that fails on and on, and one that is
    no item: held, and told.
    """
    monkeypatch.setattr(handler, "FIRST_DELAY", 0.001)
    box = workspace("one1")
    [convert] = items_in(box, conversions=1)
    wrong = Convert(convert.conversation_id, "999999")
    [part] = items_in(box, parts=1)
    box.fault(Fault(operation="redactConversation", status=403, body=PAGE, times=None))
    await enqueue(over(connection), "one1", [wrong, part])
    await over(connection).enqueue("aiointercom:one1", b'{"version": 99}')
    async with worker(dsn, clients(box, max_retries=0), ["one1"]):
        await until(is_empty(connection))
    collected = await collect(over(connection), "one1", tmp_path / "one1.ledger")
    assert (collected.parked, collected.complete) == (3, False)
    assert {tuple(row) for row in await connection.fetch("SELECT state, parked FROM aiointercom_outcomes")} == {
        ("failed", True)
    }
    assert box.ledger == []
    box.clear_faults()
    held = await connection.fetch("SELECT id FROM pgqueuer WHERE attempts > 1")
    await over(connection).requeue_jobs([row["id"] for row in held])
    async with worker(dsn, clients(box), ["one1"]):
        await until(is_empty(connection))
    assert effects(box) == once([part])


async def test_an_item_that_an_outage_held_and_that_was_enqueued_again(
    dsn: str, connection: asyncpg.Connection
) -> None:
    """The held row has a twin in the queue: the worker leaves it alone, and goes on."""
    box = workspace("one1")
    [item, other] = items_in(box, parts=2)
    await enqueue(over(connection), "one1", [item])
    await connection.execute("UPDATE pgqueuer SET status = 'failed'")
    await connection.execute(HELD, *item.key)
    assert await enqueue(over(connection), "one1", [item, other]) == 2
    async with asyncio.timeout(60):
        await serve(dsn, clients(box), workspaces=["one1"], until_empty=True)
    assert effects(box) == once([item, other])


async def test_while_work_ends_the_database_is_asked_no_more_often(
    dsn: str, connection: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After `stopping`, while an item still ends, the look at the database keeps its interval, and then it ends too."""
    monkeypatch.setattr(serving, "WELL_EVERY", 3600.0)
    box, stopping, looks = workspace("one1"), asyncio.Event(), list[str]()
    box.fault(Fault(operation="redactConversation", delay=0.5))
    fetch = asyncpg.Pool.fetch

    async def watched(pool: asyncpg.Pool, query: str, *values: object) -> object:
        looks.extend([query] if "NOT o.parked" in query else [])
        return await fetch(pool, query, *values)

    async def has_looked() -> bool:
        picked = "SELECT count(*) FROM pgqueuer WHERE status = 'picked'"
        return bool(looks) and bool(await connection.fetchval(picked))

    monkeypatch.setattr(asyncpg.Pool, "fetch", watched)
    items = items_in(box, parts=1)
    await enqueue(over(connection), "one1", items)
    async with asyncio.timeout(60):
        working = asyncio.create_task(serve(dsn, clients(box), workspaces=["one1"], stopping=stopping))
        await until(has_looked)
        stopping.set()
        assert await working
    assert len(looks) == 1
    assert effects(box) == once(items)


async def test_the_rate_limit_and_faults_in_between(dsn: str, connection: asyncpg.Connection) -> None:
    """Lost answers, refusals for the rate limit, late effects: each item once, nothing untrue."""
    box = workspace("one1")
    items = items_in(box, parts=20, conversions=10)
    for operation in ("redactConversation", "convertConversationToTicket"):
        box.fault(
            Fault(operation=operation, rate_limited=True, times=2),
            Fault(operation=operation, drop=True, when="after", times=2, skip=1),
            Fault(operation=operation, status=504, body=PAGE, late=0.5, times=2, skip=2),
            Fault(operation=operation, status=502, body=PAGE, times=2, skip=3),
        )
    await enqueue(over(connection), "one1", items)
    async with worker(dsn, clients(box, horizon=2, settle_for=0.2, max_retries=1), ["one1"], at_once=8):
        await until(is_empty(connection))
    assert effects(box) == once(items)
    assert {row["state"] for row in await connection.fetch("SELECT state FROM aiointercom_outcomes")} == {"done"}


async def test_workspaces_are_added_at_run_time(dsn: str, connection: asyncpg.Connection) -> None:
    """`register` again, while the worker runs: what waited for the new workspace is done."""
    boxes = [workspace("one1"), workspace("two2")]
    items = items_in(boxes[1], parts=3)
    client_for = clients(*boxes)
    await enqueue(over(connection), "two2", items)
    async with worker(dsn, client_for, ["one1"]) as pgq:
        register(pgq, client_for, workspaces=["one1", "two2"])
        await until(is_empty(connection))
    assert effects(boxes[1]) == once(items)


async def test_no_word_of_a_message_is_written(
    dsn: str, connection: asyncpg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither a table nor a log holds a word of what customers wrote, a token, or the text of an error."""
    caplog.set_level("DEBUG")
    box = workspace("one1")
    items = items_in(box, parts=3, sources=2, body="lavender-message")
    box.fault(Fault(operation="redactConversation", status=400, code="parameter_invalid", message="lavender-error"))
    box.fault(Fault(operation="redactConversation", status=500, body=b"lavender-body"))
    await enqueue(over(connection), "one1", items)
    async with worker(dsn, clients(box), ["one1"]):
        await until(is_empty(connection))
    rows: list[str] = []
    for table in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
        rows += [str(tuple(row)) for row in await connection.fetch(f"SELECT * FROM {table['tablename']}")]
    assert len(rows) > 15
    for told in (*rows, caplog.text):
        assert "lavender" not in told
        assert "token-of" not in told


async def test_installing_again_changes_nothing(empty_database: str) -> None:
    """It may be done at every start; and tables that a crash would empty are refused, since the intent stands in
    them.
    """
    connection = await asyncpg.connect(empty_database)
    try:
        await install(over(connection))
        await install(over(connection))
        await enqueue(over(connection), "one1", [RedactPart("1", "2")])
        await install(over(connection))
        assert await connection.fetchval("SELECT count(*) FROM pgqueuer") == 1
        await connection.execute("ALTER TABLE pgqueuer_log SET UNLOGGED")
        with pytest.raises(ConfigurationError, match="pgqueuer_log"):
            await install(over(connection))
    finally:
        await connection.close()


@pytest.mark.parametrize(
    "older",
    [
        "SELECT 1",
        "CREATE TABLE pgqueuer (id int)",
        "ALTER TABLE pgqueuer DROP COLUMN slot",
        "DROP TABLE pgqueuer_log",
        "DROP TABLE pgqueuer_schedules",
        "DROP TABLE aiointercom_outcomes",
        "ALTER TABLE aiointercom_outcomes DROP COLUMN failures",
    ],
)
async def test_tables_that_do_not_fit(empty_database: str, older: str, tmp_path: Path) -> None:
    """No tables, or those of an older version: a worker ends, and says what to do; nothing is written anywhere."""
    connection = await asyncpg.connect(empty_database)
    try:
        if older.startswith(("ALTER", "DROP")):
            await install(over(connection))
        await connection.execute(older)
        health = tmp_path / "health"
        with pytest.raises(ConfigurationError, match="run `aiointercom install`"):
            await serve(
                empty_database, clients(workspace("one1")), workspaces=["one1"], until_empty=True, health=health
            )
        assert not health.exists()
        if "outcomes" in older or older == "SELECT 1":
            with pytest.raises(ConfigurationError, match="run `aiointercom install`"):
                await collect(over(connection), "one1", tmp_path / "ledger")
            assert not (tmp_path / "ledger").exists()
        if older == "SELECT 1":
            with pytest.raises(ConfigurationError, match="run `aiointercom install`"):
                await enqueue(over(connection), "one1", [RedactPart("1", "2")])
    finally:
        await connection.close()


async def test_a_user_who_may_not_create_tables(dsn: str, empty_database: str, connection: asyncpg.Connection) -> None:
    """The error says that it is the user's rights."""
    await connection.execute("CREATE ROLE machines_guest; SET ROLE machines_guest")
    try:
        for asked in (install(over(connection)), enqueue(over(connection), "one1", [RedactPart("1", "2")])):
            with pytest.raises(ConfigurationError, match="may not use or create"):
                await asked
    finally:
        await connection.execute("RESET ROLE; DROP ROLE machines_guest")


async def test_an_address_that_cannot_be_right(dsn: str) -> None:
    """A worker does not wait for a database that the server does not know, or behind an address that is none; no word
    of it is told.
    """
    for wrong in (f"{dsn}lavender", "mysql://app:lavender@db/app", "lavender"):
        with pytest.raises(ConfigurationError, match="cannot be reached") as caught:
            await serve(wrong, clients(workspace("one1")), workspaces=["one1"])
        assert "lavender" not in str(caught.value)


async def test_a_log_that_was_emptied_makes_nobody_sure(dsn: str, connection: asyncpg.Connection) -> None:
    """Where the log of the picks is gone, an item counts as one that may have been sent, and is read first."""
    box = workspace("one1")
    items = items_in(box, parts=1)
    await enqueue(over(connection), "one1", items)
    pgq = PgQueuer.from_asyncpg_connection(connection)
    register(pgq, clients(box), workspaces=["one1"])
    [job] = [job async for job in pgq.qm.fetch_jobs(1, None, handler.timedelta(seconds=30))]
    await connection.execute("TRUNCATE pgqueuer_log")
    assert await handled(pgq, job) is None
    assert [received.method for received in box.requests] == ["GET", "GET", "POST"]


async def test_what_is_in_progress_is_in_the_ledger(connection: asyncpg.Connection, tmp_path: Path) -> None:
    """An item in a worker's hands is in flight in the ledger, so that a run that goes on with the ledger reads it
    first.
    """
    items = items_in(workspace("one1"), parts=2)
    await enqueue(over(connection), "one1", items)
    await picked_by_another(connection, "one1")
    for _ in range(2):
        collected = await collect(over(connection), "one1", tmp_path / "one1.ledger")
        assert (collected.results, collected.in_progress, collected.queued) == (0, 2, 0)
    with Ledger.read(tmp_path / "one1.ledger") as ledger:
        assert {record.state for record in ledger.records()} == {"in_flight"}


async def test_what_cannot_be_used_is_refused(connection: asyncpg.Connection) -> None:
    """PgQueuer in memory, names that are none, caps that are none."""
    with pytest.raises(ConfigurationError, match="over Postgres"):
        register(PgQueuer.in_memory(), lambda _: None, workspaces=["one1"])  # type: ignore[arg-type, return-value]
    pgq = PgQueuer.from_asyncpg_connection(connection)
    for options, error in (
        ({"workspaces": "one1"}, TypeError),
        ({"workspaces": ["a/b"]}, ValueError),
        ({"workspaces": [1]}, TypeError),
        ({"workspaces": ["one1"], "at_once": 0}, ValueError),
        ({"workspaces": ["one1"], "at_once": True}, TypeError),
        ({"workspaces": ["one1"], "on_result": asyncio.sleep}, TypeError),
    ):
        with pytest.raises(error):
            register(pgq, lambda _: None, **options)  # type: ignore[arg-type, return-value]
    with pytest.raises(TypeError, match="priority"):
        await enqueue(over(connection), "one1", [], priority="high")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="not str"):
        await enqueue(over(connection), "one1", ["471"])  # type: ignore[list-item]
