"""Registers workspaces with a PgQueuer: one queue and one cap for each, so that a slow workspace holds up no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from aiointercom._values.validation import checked_callback
from aiointercom.cleanup import Result

from . import engine
from .handler import ItemHandler
from .requirements import checked_queries, entrypoint_of, is_integer
from .workspaces import ClientFor, WorkspaceClient

__all__ = ["ClientFor", "register"]


def register(
    pgq: engine.PgQueuer,
    client_for: ClientFor,
    *,
    workspaces: Iterable[str],
    at_once: int = 4,
    on_result: Callable[[str, Result], object] | None = None,
) -> None:
    """Let a worker carry out the items of some workspaces. Call it again to add others, also while `pgq.run()` goes on.

        pgq = PgQueuer.from_asyncpg_pool(pool)
        register(pgq, lambda workspace: intercom.with_options(token=tokens[workspace]), workspaces=tokens)
        await pgq.run()

    Each item is carried out with `carry_out`. The intent is the engine's own record that it handed out the item, which
    Postgres has before the worker does. The result is recorded only while the item is this worker's. PgQueuer hands the
    items of a dead worker to others after its `heartbeat_timeout` (30 seconds), with the next look into the queue
    (`dequeue_timeout`, 30 seconds; less while there is other work).

    What comes back with `retry_after` (the rate limit, a doubt before the horizon) is requeued for then. An error that
    may pass is tried again at growing intervals, for about half an hour. What is unknown for good, or refused for a
    reason that a person has to mend, is held by PgQueuer as "failed": `pgq` and its dashboard show and requeue it.
    While Intercom refuses a workspace's token, its items wait, and no item is lost.

    Args:
        pgq: The worker's PgQueuer, over a connection pool if it can.
        client_for: Returns the client of a workspace, or awaits to one. It is called once for each workspace, when the
            first item comes; calls are made with priority "batch". You close the clients.
        workspaces: The ids of the workspaces (`app.id_code` of `intercom.me()`). Those that are registered already are
            left as they are.
        at_once: How many items of one workspace are in progress at once, over all workers. All workers must say the
            same.
        on_result: A function, not an async one, that gets the workspace and each Result after it is recorded, also
            those that are tried again. None: nothing is called.

    Raises:
        ValueError, TypeError: A workspace, `at_once` or `on_result` cannot be used.
        ConfigurationError: The extra is not installed, another event loop than asyncio runs, or `pgq` has no Postgres.
    """
    queries = checked_queries(getattr(pgq, "queries", None))
    if not is_integer(at_once):
        raise TypeError(f"at_once must be an integer, not {type(at_once).__name__}")
    if at_once < 1:
        raise ValueError("at_once must be at least 1")
    checked_callback(on_result, "on_result")
    if isinstance(workspaces, str):
        raise TypeError("workspaces must be several ids, not one string")
    names = {workspace: entrypoint_of(workspace) for workspace in workspaces}
    for workspace, entrypoint in names.items():
        if entrypoint in pgq.qm.entrypoint_registry:
            continue
        client = WorkspaceClient(workspace, client_for, pgq.shutdown)
        handler = ItemHandler(workspace, queries, client, on_result)
        pgq.entrypoint(entrypoint, concurrency_limit=at_once, accepts_context=False, on_failure="hold")(handler)
