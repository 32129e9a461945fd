"""Never run: what mypy and pyright, both strict, must say about webhooks, live redaction, many machines, and the
sandbox that tells of messages.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any, Literal, assert_type

from pgqueuer import PgQueuer
from pgqueuer.queries import Queries

from aiointercom import Intercom, InvalidInputError, NotificationError, SignatureError, WebhookError
from aiointercom.cleanup import Item, RedactPart, Result, carry_out, item_from_json, item_to_json
from aiointercom.detect import CardNumbers
from aiointercom.live import Live, LiveRules, LiveSummary
from aiointercom.models import Conversation
from aiointercom.pgqueuer import (
    ClientFor,
    Collected,
    LiveState,
    collect,
    connect,
    enqueue,
    enqueue_notification,
    install,
    live_summary,
    register,
    register_live,
    resume_live,
    serve,
)
from aiointercom.sandbox import Delivery, Sandbox, Server, Webhooks, Workspaces, Written
from aiointercom.webhooks import Endpoint, Notification, verify, wanted

# Webhooks


def notified(headers: Mapping[str, str], body: bytes) -> Notification:
    """Read a notification in an application's own endpoint."""
    verify(body, headers.get("X-Hub-Signature"), ["secret", b"next secret"])
    notification = Notification.from_http(headers, body, secret="secret")
    assert_type(notification, Notification)
    assert_type(notification.topic, str)
    assert_type((notification.id, notification.app_id), tuple[str | None, str | None])
    assert_type(notification.conversation, Conversation | None)
    assert_type(notification.conversation_id, str | None)
    assert_type(notification.raw, Mapping[str, Any])
    return notification


async def handle(notification: Notification) -> None:
    """Decide what is to be redacted."""
    match wanted(notification, [CardNumbers()], authors={"user"}, channels={"email"}):
        case "look":
            pass
        case items:
            for item in items:
                with_its_type: Item = item
                assert_type(with_its_type.conversation_id, str)


ENDPOINT = Endpoint(handle, secret=["secret"], topics={"conversation.user.replied"}, within=4.0, most_bytes=1 << 20)
REFUSED: tuple[type[WebhookError], ...] = (WebhookError, SignatureError, NotificationError)
PLAIN: tuple[type[ValueError], ...] = (*REFUSED, InvalidInputError)


def statuses(error: WebhookError) -> int:
    """Each error says what a web app answers with."""
    assert_type(error.http_status, int)
    return error.http_status


# Live redaction


async def live(intercom: Intercom) -> LiveSummary:
    """Notifications and sweeps, until it stops."""
    async with Live(intercom, [CardNumbers()], ledger="live.ledger", at_most=100, on_result=print) as redaction:
        assert_type(redaction, Live)
        Endpoint(redaction.handle, secret="secret")
        await redaction.sweep()
        assert_type(redaction.workspace, str)
        assert_type(await redaction.stopped(), str)
    assert_type(redaction.summary, LiveSummary)
    assert_type(redaction.summary.stopped_by, str | None)
    return redaction.summary


# Many machines


def client_for(workspace: str) -> Intercom:
    """The client of a workspace, as an application makes it."""
    return Intercom(workspace)


async def client_from_afar(workspace: str) -> Intercom:
    """The same, where the token has to be fetched first."""
    return Intercom(workspace)


async def one_item(intercom: Intercom) -> Result:
    """One item, for any engine."""
    item = item_from_json(item_to_json(RedactPart("471", "115")).encode())
    assert_type(item, Item)
    result = await carry_out(intercom, item, first_sent_at=1_800_000_000.0, last_doubt_at=None)
    assert_type(result, Result)
    assert_type((result.first_sent_at, result.last_doubt_at), tuple[float | None, float | None])
    assert_type(result.retry_after, float | None)
    return result


async def live_machines(pgq: PgQueuer, queries: Queries, notification: Notification) -> None:
    """New messages, by the web app and by the workers."""
    rules = LiveRules([CardNumbers()], authors={"user"}, channels={"email"}, at_most=100, dry_run=False)
    assert_type(await enqueue_notification(queries, notification, rules), int)
    await register_live(pgq, client_for, rules, workspaces=["ab12cd34"], every=60.0, since=None)
    assert_type(await serve(None, client_for, workspaces=["ab12cd34"], live=rules, every=60.0), bool)
    state = await live_summary(queries, "ab12cd34", dry_run=False)
    assert_type(state, LiveState | None)
    if state is not None:
        assert_type((state.found, state.stopped, state.median), tuple[int, bool, float | None])
    assert_type(await resume_live(queries, "ab12cd34"), bool)


async def machines(pgq: PgQueuer, stream: AsyncIterator[Item]) -> None:
    """The producer, the worker, and what is collected."""
    async with connect("postgresql://127.0.0.1/app") as queries:
        assert_type(queries, Queries)
        await install(queries)
        assert_type(await enqueue(queries, "ab12cd34", [RedactPart("471", "115")], priority=1), int)
        await enqueue(queries, "ab12cd34", stream)
        collected = await collect(queries, "ab12cd34", "ab12cd34.ledger")
        assert_type(collected, Collected)
        assert_type((collected.results, collected.queued), tuple[int, int])
        assert_type((collected.in_progress, collected.parked, collected.complete), tuple[int, int, bool])
    for clients in (client_for, client_from_afar):
        given: ClientFor = clients
        register(pgq, given, workspaces=["ab12cd34"], at_once=4, on_result=print)
    stopping = asyncio.Event()
    assert_type(await serve(None, client_for, workspaces=["ab12cd34"], stopping=stopping, drain=5.0), bool)
    register(pgq, {"ab12cd34": Intercom()}, workspaces=["ab12cd34"])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


# The sandbox


def sandboxes(author: Literal["user", "lead"]) -> Server:
    """The sandbox tells an address of what is written in it, and several share one address."""
    box = Sandbox("token")
    with box.webhooks("http://127.0.0.1:8080/", secret="secret", topics={"ping"}, retry_after=1.0) as webhooks:
        assert_type(webhooks, Webhooks)
        written = box.write("<p>Hello</p>", 471, author=author)
        assert_type(written, Written)
        assert_type((written.conversation_id, written.message_id, written.topic), tuple[str, str, str])
        webhooks.ask(drop=1, double=1, disorder=2, paused=False)
        webhooks.ping()
        assert_type(webhooks.check(), int | None)
        assert_type(webhooks.wait(1.0), bool)
        assert_type(webhooks.deliveries, list[Delivery])
        assert_type(webhooks.deliveries[0].status, int | None)
    return Workspaces([box, Sandbox("other", workspace="other1")]).serve(0)
