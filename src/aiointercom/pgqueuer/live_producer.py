"""Enqueues what is to be redacted after a notification, or in a conversation that was read, within the hourly limit."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, cast

import anyio.to_thread
from attrs import asdict

from aiointercom.cleanup import Item
from aiointercom.live import LiveRules
from aiointercom.webhooks import Notification

from . import engine
from .live_tables import ADMIT, DUE, RESUME, TOLD
from .producer import dedupe_key, enqueue
from .requirements import PREFIX, checked_queries, entrypoint_of
from .schema import Tables, fitting_tables

logger = logging.getLogger("aiointercom.pgqueuer")

LOOK, SWEEP = "look", "sweep"
NEW_FIRST = 100
"""The priority of what is new: a clean-up has 0 unless it says otherwise, so its backlog holds up no new message."""


async def enqueue_notification(queries: engine.Queries, notification: Notification, rules: LiveRules) -> int:
    """Put into the queue what a notification asks for. Call it from the `handle` of an `Endpoint`.

        async def handle(notification: Notification) -> None:
            await enqueue_notification(queries, notification, rules)

    Messages in which the detectors find something become items in the queue of the workspace that the notification
    names as `app_id`. If not all may have come, a job that reads the conversation is enqueued instead. Notifications of
    workspaces that no worker has registered with `register_live` are ignored, and so are those of one that has stopped
    at its limit: there the sweep catches up.

    Args:
        queries: PgQueuer's. In a transaction of yours it takes effect with its commit; keep that short, since it holds
            the lock of the workspace.
        notification: The notification.
        rules: What may be redacted; the same as in the workers.

    Returns:
        How many jobs are new in the queue.

    Raises:
        DetectorError: A detector raised an error.
        ConfigurationError: As for `enqueue`.

    What the database's driver raises is raised as it is.
    """
    queries = checked_queries(queries)
    if notification.app_id is None:
        return 0
    found = await anyio.to_thread.run_sync(rules.in_notification, notification)
    with fitting_tables():
        statement = TOLD.format(**asdict(Tables.of(queries)))
        rows = await queries.driver.fetch(statement, notification.app_id, rules.dry_run)
    if not rows or rows[0]["stopped"]:
        return 0
    if found != "look":
        return (await admit(queries, notification.app_id, found, rules, by_sweep=False))[0]
    if notification.conversation_id is None:
        return 0
    return await _enqueue_look(queries, notification.app_id, notification, notification.conversation_id)


async def _enqueue_look(
    queries: engine.Queries, workspace: str, notification: Notification, conversation_id: str
) -> int:
    # By the notification: a look that has begun may have read the conversation before this message was in it.
    name = conversation_id if notification.id is None else notification.id
    with fitting_tables():
        [id] = await queries.enqueue(
            entrypoint_for(LOOK, workspace),
            conversation_id.encode(),
            NEW_FIRST,
            dedupe_key=f"{entrypoint_for(LOOK, workspace)}/{name}",
            on_conflict="skip",
        )
    return int(id is not None)


async def admit(
    queries: engine.Queries, workspace: str, items: Sequence[Item], rules: LiveRules, *, by_sweep: bool
) -> tuple[int, bool]:
    """Enqueue items as far as the limit allows. A crash between the two statements is mended by the next sweep.

    Returns:
        How many are new in the queue, and whether all were admitted; if not, the workspace has stopped.
    """
    if not items:
        return 0, True
    columns = [list(column) for column in zip(*(item.key for item in items), strict=True)]
    keys = [dedupe_key(workspace, item) for item in items]
    with fitting_tables():
        statement = ADMIT.format(**asdict(Tables.of(queries)))
        answer = await queries.driver.fetch(
            statement, workspace, rules.dry_run, *columns, keys, rules.at_most, by_sweep
        )
    admitted: list[Item] = [items[row["n"] - 1] for row in cast("list[dict[str, Any]]", answer)]
    if len(admitted) < len(items):
        logger.error("live redaction of workspace %s has stopped: at_most", workspace)
    added = 0 if rules.dry_run else await enqueue(queries, workspace, admitted, priority=NEW_FIRST)
    return added, len(admitted) == len(items)


async def resume_live(queries: engine.Queries, workspace: str) -> bool:
    """Let live redaction of a workspace go on after it stopped at its limit. It is a person's decision.

    The limit counts from now on, and the next sweep, which begins at once, catches up with what was not enqueued.

    Args:
        queries: PgQueuer's.
        workspace: The id of the workspace.

    Returns:
        Whether it had stopped.

    Raises:
        ValueError, TypeError, ConfigurationError: As for `enqueue`.
    """
    queries, _ = checked_queries(queries), entrypoint_of(workspace)
    tables = asdict(Tables.of(queries))
    with fitting_tables():
        resumed = await queries.driver.fetch(RESUME.format(**tables), workspace)
        await queries.driver.execute(DUE.format(**tables), entrypoint_for(SWEEP, workspace))
    return bool(resumed)


async def enqueue_sweep(queries: engine.Queries, workspace: str) -> None:
    """Have a workspace swept, unless its sweep is in the queue: there is one, which is requeued again and again."""
    name = entrypoint_for(SWEEP, workspace)
    await queries.enqueue(name, None, dedupe_key=name, on_conflict="skip")


def entrypoint_for(work: str, workspace: str) -> str:
    """Return the name of the queue of looks or sweeps. It is never that of a workspace's items."""
    return f"{PREFIX.removesuffix(':')}-{work}:{entrypoint_of(workspace).removeprefix(PREFIX)}"
