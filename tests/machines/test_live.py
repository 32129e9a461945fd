"""Live redaction carried by PgQueuer, over a real Postgres: every card of a message once, whatever becomes of notifications and workers."""

from __future__ import annotations

import asyncio
import hmac
import importlib
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from pgqueuer import PgQueuer, Queries

from aiointercom import ConfigurationError
from aiointercom.cleanup import Ledger, RedactPart, page
from aiointercom.detect import CardNumbers
from aiointercom.live import LiveRules
from aiointercom.pgqueuer import (
    collect,
    enqueue,
    enqueue_notification,
    install,
    live_summary,
    register_live,
    resume_live,
    serve,
)
from aiointercom.sandbox import Fault, Sandbox
from aiointercom.webhooks import Notification
from tests.machines.fleet import clients, effects, until, worker, workspace
from tests.pages import ROOT, blocks
from tests.pure.signing import CARD, SECRET

pytestmark = pytest.mark.asyncio

RULES = LiveRules([CardNumbers()])


def over(connection: Any) -> Queries:
    """PgQueuer's queries over the application's connection."""
    return Queries.from_asyncpg_connection(connection)


def told(box: Sandbox, body: str, *, whole: bool = True) -> tuple[str, Notification]:
    """A contact writes into a new conversation: its id, and the notification, whole or without the part."""
    id, raw, headers = signed(box, body, whole=whole)
    return id, Notification.from_http(headers, raw, secret=SECRET)


def signed(box: Sandbox, body: str, *, whole: bool = True, begins: bool = False) -> tuple[str, bytes, dict[str, str]]:
    """A contact writes into a new conversation, or begins one with it: its id, and the request that tells of it."""
    written = box.write(body, None if begins else box.add_conversation(parts=[]))
    id, user = written.conversation_id, {"type": "user"}
    source = {"id": written.message_id if begins else "403918320", "body": body if begins else "Hello", "author": user}
    part = {"type": "conversation_part", "id": written.message_id, "body": body, "author": user}
    parts = {"conversation_parts": [part] if whole and not begins else [], "total_count": 0 if begins else 1}
    item = {"type": "conversation", "id": id, "source": source, "conversation_parts": parts}
    topic = "conversation.user.created" if begins else "conversation.user.replied"
    raw = json.dumps({"topic": topic, "id": f"n{id}", "app_id": box.workspace, "data": {"item": item}}).encode()
    signature = "sha1=" + hmac.new(SECRET.encode(), raw, "sha1").hexdigest()
    return id, raw, {"X-Hub-Signature": signature}


@asynccontextmanager
async def live_worker(
    dsn: str, *boxes: Sandbox, rules: LiveRules = RULES, every: float = 0.2, **options: Any
) -> AsyncIterator[PgQueuer]:
    """A worker that redacts and sweeps, until the block ends."""
    names = [box.workspace for box in boxes]
    async with worker(dsn, clients(*boxes), names) as pgq:
        await register_live(pgq, clients(*boxes), rules, workspaces=names, every=every, **options)
        yield pgq


async def known(connection: asyncpg.Connection, *names: str, rules: LiveRules = RULES) -> None:
    """Have workspaces registered, by a worker that does nothing more."""
    pgq = PgQueuer.from_asyncpg_connection(connection)
    await register_live(pgq, lambda _: None, rules, workspaces=names)  # type: ignore[arg-type, return-value]


def redacted(connection: asyncpg.Connection, count: int) -> Callable[[], Awaitable[bool]]:
    """Whether so many results are final."""

    async def enough() -> bool:
        return await connection.fetchval("SELECT count(*) FROM aiointercom_outcomes WHERE state = 'done'") >= count

    return enough


def swept(connection: asyncpg.Connection, name: str, more: int = 1) -> Callable[[], Awaitable[bool]]:
    """Whether so many further sweeps came to their end."""
    before: list[int] = []

    async def enough() -> bool:
        state = await live_summary(over(connection), name)
        assert state is not None
        before.append(state.sweeps)
        return state.sweeps >= before[0] + more

    return enough


async def queued(connection: asyncpg.Connection, name: str) -> int:
    """How many items of a workspace are in the queue."""
    return await connection.fetchval("SELECT count(*) FROM pgqueuer WHERE entrypoint = $1", f"aiointercom:{name}")


async def test_from_notification_to_redacted(dsn: str, connection: asyncpg.Connection, tmp_path: Path) -> None:
    """Two workspaces: told, told twice, out of order, not whole, and not told at all; each card is redacted once, and nothing else."""
    boxes = [workspace("one1"), workspace("two2")]
    async with live_worker(dsn, *boxes), live_worker(dsn, *boxes):
        expected: list[list[str]] = []
        for box in boxes:
            cards = [told(box, CARD, whole=n % 3 > 0) for n in range(9)]
            others = [told(box, "hello") for _ in range(3)]
            lost = told(box, CARD)
            for _, notification in [*reversed(cards), *others, *cards]:
                await enqueue_notification(over(connection), notification, RULES)
            expected.append([*(id for id, _ in cards), lost[0]])
        await until(redacted(connection, 20))
        for box in boxes:
            await until(swept(connection, box.workspace, 2))
    for box, ids in zip(boxes, expected, strict=True):
        assert effects(box) == dict.fromkeys(ids, 1)
        state = await live_summary(over(connection), box.workspace)
        assert state is not None
        assert (state.notifications, state.found, state.redacted, state.stopped) == (21, 10, 10, False)
        assert state.by_sweep >= 1
        collected = await collect(over(connection), box.workspace, tmp_path / box.workspace)
        assert (collected.results, collected.complete) == (10, True)
        with Ledger.read(tmp_path / box.workspace) as ledger:
            record = ledger.live
        page(tmp_path / box.workspace, to=tmp_path / f"{box.workspace}.html")
        shown = (tmp_path / f"{box.workspace}.html").read_text(encoding="utf-8")
        assert record is not None
        assert (record.notifications, record.by_sweep, len(record.seconds)) == (21, state.by_sweep, 10 - state.by_sweep)
        assert record.p99 == pytest.approx(state.p99, abs=0.001)
        assert "From notification to redacted, median" in shown
    assert await words_in(connection, "4111 1111", "hello") == []


async def words_in(connection: asyncpg.Connection, *words: str) -> list[str]:
    """The tables that hold a word."""
    names = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    found: list[str] = []
    for [name] in names:
        rows = await connection.fetch(f"SELECT t::text AS row FROM {name} t")
        found += [name for row in rows for word in words if word in row["row"] or word.encode().hex() in row["row"]]
    return found


async def test_a_rollback_enqueues_nothing(connection: asyncpg.Connection) -> None:
    """In the application's own transaction nothing is left of a notification, of its count included."""
    box = workspace("one1")
    await known(connection, "one1")
    _, notification = told(box, CARD)
    _, look = told(box, CARD, whole=False)
    before = await connection.fetchval("SELECT count(*) FROM pgqueuer")
    transaction = connection.transaction()
    await transaction.start()
    assert await enqueue_notification(over(connection), notification, RULES) == 1
    assert await enqueue_notification(over(connection), look, RULES) == 1
    await transaction.rollback()
    assert await connection.fetchval("SELECT count(*) FROM pgqueuer") == before
    state = await live_summary(over(connection), "one1")
    assert state is not None
    assert (state.notifications, state.found) == (0, 0)
    assert await enqueue_notification(over(connection), notification, RULES) == 1


async def test_a_workspace_that_is_not_registered(connection: asyncpg.Connection) -> None:
    """Its notifications are ignored, and nothing is enqueued."""
    _, notification = told(workspace("one1"), CARD)
    await known(connection, "two2")
    assert await enqueue_notification(over(connection), notification, RULES) == 0
    assert await queued(connection, "one1") == 0
    assert await live_summary(over(connection), "one1") is None


async def test_the_limit_over_several_connections(dsn: str, connection: asyncpg.Connection) -> None:
    """Eight apps at once enqueue at most as many as may begin; what is known counts once; a person lets it go on, and the sweep catches up."""
    rules, box = LiveRules([CardNumbers()], at_most=5), workspace("one1")
    await known(connection, "one1", rules=rules)
    clean_up = told(box, CARD)
    part = box.conversation(clean_up[0])["parts"][0]["id"]
    await enqueue(over(connection), "one1", [RedactPart(clean_up[0], part)])
    notifications = [told(box, CARD) for _ in range(12)]
    async with asyncpg.create_pool(dsn, min_size=8, max_size=8) as pool:

        async def app(n: int) -> None:
            async with pool.acquire() as mine:
                for _, notification in [clean_up, notifications[n % 5], *notifications[n:], *notifications]:
                    await enqueue_notification(over(mine), notification, rules)

        await asyncio.gather(*(app(n) for n in range(8)))
    assert await queued(connection, "one1") == 1 + 5
    state = await live_summary(over(connection), "one1")
    assert state is not None
    assert (state.stopped, state.found) == (True, 5)
    async with live_worker(dsn, box, rules=rules):
        await until(redacted(connection, 6))
        await asyncio.sleep(0.5)  # some sweeps, of which nothing may come
        assert len(box.ledger) == 6
        again = await live_summary(over(connection), "one1")
        assert again is not None
        assert (again.watermark, again.sweeps) == (state.watermark, state.sweeps)
        assert await resume_live(over(connection), "one1") is True
        await until(redacted(connection, 11))
        assert await live_stopped(connection)
        assert await resume_live(over(connection), "one1") is True
        await until(redacted(connection, 13))
    assert effects(box) == dict.fromkeys([clean_up[0], *(id for id, _ in notifications)], 1)
    assert await resume_live(over(connection), "one1") is False


async def live_stopped(connection: asyncpg.Connection) -> bool:
    """Whether the workspace has stopped."""
    await until(lambda: connection.fetchval("SELECT stopped FROM aiointercom_live"))
    return True


async def test_a_dry_run_only_counts(dsn: str, connection: asyncpg.Connection) -> None:
    """Nothing is enqueued or sent, not even beyond the limit, and the real watermark stays as it is."""
    rules, box = LiveRules([CardNumbers()], at_most=1, dry_run=True), workspace("one1")
    await known(connection, "one1")
    before = await live_summary(over(connection), "one1")
    async with live_worker(dsn, box, rules=rules):
        for _, notification in [told(box, CARD), told(box, CARD, whole=False)]:
            await enqueue_notification(over(connection), notification, rules)
        told(box, CARD)

        async def counted() -> bool:
            state = await live_summary(over(connection), "one1", dry_run=True)
            return state is not None and state.found == 3

        await until(counted)
    assert await queued(connection, "one1") == 0
    assert not box.ledger
    assert await live_summary(over(connection), "one1") == before


async def test_a_sweep_that_fails_does_not_move_the_watermark(dsn: str, connection: asyncpg.Connection) -> None:
    """Conversations cannot be read for a while: they are redacted afterwards, since the watermark stays before them."""
    box = workspace("one1")
    lost = [told(box, CARD)[0] for _ in range(3)]
    box.fault(Fault(operation="retrieveConversation", status=500, times=8))
    async with live_worker(dsn, box, since=int(time.time()) - 60):
        await until(redacted(connection, 3))
    assert effects(box) == dict.fromkeys(lost, 1)


WORKER = """
import asyncio, sys
from aiointercom import Intercom
from aiointercom.detect import CardNumbers
from aiointercom.live import LiveRules
from aiointercom.pgqueuer import serve
dsn, url, token = sys.argv[1:]
rules = LiveRules([CardNumbers()])
async def main():
    async with Intercom(token, base_url=url) as intercom:
        await serve(dsn, lambda _: intercom, workspaces=["one1"], heartbeat=1.0, live=rules, every=0.5)
asyncio.run(main())
"""


async def test_a_worker_that_is_killed_in_its_sweep(dsn: str, connection: asyncpg.Connection) -> None:
    """kill -9 in the middle of a sweep: another worker sweeps from the watermark on, and nothing is missing or twice."""
    box = workspace("one1")
    await known(connection, "one1")
    lost = [told(box, CARD)[0] for _ in range(30)]
    slow = Fault(operation="retrieveConversation", delay=0.05)
    box.fault(slow)
    with box.serve() as server:
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", WORKER, dsn, server.url, box.token)
        try:
            await until(lambda: connection.fetchval("SELECT read >= 5 FROM aiointercom_live"))
        finally:
            process.kill()
            await process.wait()
        state = await live_summary(over(connection), "one1")
        assert state is not None
        assert state.sweeps == 0
        async with live_worker(dsn, box):
            await until(redacted(connection, 30))
            await until(swept(connection, "one1"))
    assert effects(box) == dict.fromkeys(lost, 1)


async def test_the_example_app(
    dsn: str, connection: asyncpg.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """docs/live.md as it stands there: two workspaces, one address, a worker; cards are redacted, and a refund becomes one ticket."""
    for file in ("live_app.py", "live_worker.py"):
        [block] = [block for block in blocks(ROOT / "docs" / "live.md") if block.file == file]
        (tmp_path / file).write_text(block.code)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("AIOINTERCOM_DSN", dsn)
    monkeypatch.setenv("INTERCOM_CLIENT_SECRET", SECRET)
    app, work = importlib.import_module("live_app"), importlib.import_module("live_worker").work
    boxes = [workspace("ab12cd34"), workspace("ef56gh78")]
    await known(connection, *app.WORKSPACES)
    kinds = [box.add_ticket_type() for box in boxes]
    app.WORKSPACES.update(zip(app.WORKSPACES, kinds, strict=True))
    client_for = clients(*boxes)
    working = asyncio.create_task(work(dsn, {name: client_for(name) for name in app.WORKSPACES}))
    sent = [signed(box, CARD) for box in boxes]
    refund = signed(boxes[0], "I want a refund", begins=True)
    transport = httpx.ASGITransport(app.web)
    async with app.web.router.lifespan_context(app.web), httpx.AsyncClient(transport=transport) as caller:
        for _, raw, headers in [*sent, refund, refund]:

            async def accepted(raw: bytes = raw, headers: dict[str, str] = headers) -> bool:
                return (await caller.post("http://app/intercom", content=raw, headers=headers)).status_code == 200

            await until(accepted)
    await until(redacted(connection, 3))
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    for name in ("live_app", "live_worker"):
        del sys.modules[name]
    assert effects(boxes[0]) == {sent[0][0]: 1, refund[0]: 1}
    assert effects(boxes[1]) == {sent[1][0]: 1}


async def test_a_sweep_that_an_outage_ended(dsn: str, connection: asyncpg.Connection) -> None:
    """Its job is gone from the queue: a worker that serves enqueues it again."""
    box, stopping = workspace("one1"), asyncio.Event()
    options = {"workspaces": ["one1"], "live": RULES, "every": 3600.0, "stopping": stopping}
    serving = asyncio.create_task(serve(dsn, clients(box), **options))
    await until(lambda: connection.fetchval("SELECT coalesce(max(sweeps), 0) >= 1 FROM aiointercom_live"))
    await until(lambda: connection.fetchval("SELECT count(*) = 1 FROM pgqueuer WHERE status = 'queued'"))
    id, _ = told(box, CARD)
    await connection.execute("DELETE FROM pgqueuer")
    await until(redacted(connection, 1))
    stopping.set()
    await serving
    assert effects(box) == {id: 1}


async def test_serve_with_live_ends_when_the_items_are_done(dsn: str, connection: asyncpg.Connection) -> None:
    """The sweep that waits for its time is not an item: `until_empty` does not wait for it."""
    box = workspace("one1")
    await known(connection, "one1")
    id, notification = told(box, CARD)
    await enqueue_notification(over(connection), notification, RULES)
    assert await serve(dsn, clients(box), workspaces=["one1"], live=RULES, until_empty=True, heartbeat=2.0)
    assert effects(box) == {id: 1}


async def test_an_installation_of_an_earlier_version(connection: asyncpg.Connection, dsn: str) -> None:
    """It names what to do, and `install` adds what is missing."""
    await connection.execute(
        "DROP FUNCTION aiointercom_live_admit; DROP TABLE aiointercom_live, aiointercom_live_found"
    )
    with pytest.raises(ConfigurationError, match="aiointercom install"):
        await known(connection, "one1")
    with pytest.raises(ConfigurationError, match="aiointercom install"):
        await enqueue_notification(over(connection), told(workspace("one1"), CARD)[1], RULES)
    with pytest.raises(ConfigurationError, match="aiointercom install"):
        await serve(dsn, lambda _: None, workspaces=["one1"])  # type: ignore[arg-type, return-value]
    await install(over(connection))
    await install(over(connection))
    await known(connection, "one1")


async def test_the_first_watermark_is_of_the_database(
    connection: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker whose clock is an hour ahead begins now all the same: its sweeps would skip that hour."""
    now = time.time()
    with monkeypatch.context() as ahead:
        ahead.setattr(time, "time", lambda: now + 3_600)
        await known(connection, "one1")
    assert abs((await live_summary(over(connection), "one1")).watermark - now) < 600


async def test_what_cannot_be_used_is_refused(connection: asyncpg.Connection) -> None:
    """Rules and workspaces are checked before anything is written."""
    for arguments, error in (
        (([],), ValueError),
        (([CardNumbers()], {"authors": "user"}), TypeError),
        (([CardNumbers()], {"at_most": 0}), ValueError),
    ):
        with pytest.raises(error):
            LiveRules(arguments[0], **(arguments[1] if len(arguments) > 1 else {}))  # type: ignore[arg-type]
    pgq = PgQueuer.from_asyncpg_connection(connection)
    for rules, options, error in (
        (RULES, {"workspaces": "one1"}, TypeError),
        (RULES, {"workspaces": ["one1", "a/b"]}, ValueError),
        (RULES, {"workspaces": ["one1"], "every": -1}, ValueError),
        ([CardNumbers()], {"workspaces": ["one1"]}, TypeError),
    ):
        with pytest.raises(error):
            await register_live(pgq, lambda _: None, rules, **options)  # type: ignore[arg-type, return-value]
    assert await connection.fetchval("SELECT count(*) FROM aiointercom_live") == 0
    assert await connection.fetchval("SELECT count(*) FROM pgqueuer") == 0


async def test_new_messages_go_before_a_backlog(dsn: str, connection: asyncpg.Connection) -> None:
    """What a notification asks for is handed out before the items of a clean-up that were enqueued earlier."""
    box = workspace("one1")
    await known(connection, "one1")
    await enqueue(over(connection), "one1", [RedactPart("1", str(number)) for number in range(5)])
    id, notification = told(box, CARD)
    assert await enqueue_notification(over(connection), notification, RULES) == 1
    rows = await connection.fetch(
        "SELECT payload FROM pgqueuer WHERE entrypoint = 'aiointercom:one1' ORDER BY priority DESC, id"
    )
    assert len(rows) == 6
    assert f'"{id}"'.encode() in rows[0]["payload"]
