"""What live redaction of a workspace has done so far, over all apps and workers."""

from __future__ import annotations

from typing import Any, cast

from attrs import asdict, frozen

from aiointercom.cleanup import LiveRecord
from aiointercom.cleanup.ledger.live_record import KEPT

from . import engine
from .live_tables import COUNTED, SECONDS, SUMMARY
from .requirements import checked_queries, entrypoint_of
from .schema import Tables, fitting_tables


@frozen(kw_only=True)
class LiveState:
    """The counts of a workspace since it was registered. It holds counts and times, and no ids."""

    notifications: int
    """Notifications that were handed over."""
    read: int
    """Conversations that were read, for a notification or by a sweep."""
    sweeps: int
    """Sweeps that came to their end."""
    found: int
    """Messages to redact, each counted once. In a dry run this is all that happens."""
    by_sweep: int
    """How many of these a sweep found first."""
    redacted: int
    """How many of these are redacted."""
    watermark: float
    """Until when all changes were looked at, in Unix seconds."""
    stopped: bool
    """Whether it has stopped at its limit, until `resume_live`."""
    median: float | None
    """The median of the seconds from notification to redaction, between the clocks of the database and of Intercom,
    which differ by up to a second; at least 0. None: there was no redaction."""
    p99: float | None
    """The same at the 99th percentile."""


async def live_summary(queries: engine.Queries, workspace: str, *, dry_run: bool = False) -> LiveState | None:
    """Return what live redaction of a workspace has done so far.

    Args:
        queries: PgQueuer's.
        workspace: The id of the workspace.
        dry_run: Whether to return what the dry run counted.

    Returns:
        The counts. None: the workspace was never registered with `register_live`.

    Raises:
        ValueError, TypeError, ConfigurationError: As for `enqueue`.
    """
    queries, _ = checked_queries(queries), entrypoint_of(workspace)
    with fitting_tables():
        statement = SUMMARY.format(**asdict(Tables.of(queries)))
        rows = cast("list[dict[str, Any]]", await queries.driver.fetch(statement, workspace, dry_run))
    return LiveState(**rows[0]) if rows else None


async def live_record(queries: engine.Queries, workspace: str) -> LiveRecord | None:
    """Return the same as a ledger keeps it, for reports; None: the workspace was never registered for it."""
    tables = asdict(Tables.of(queries))
    with fitting_tables():
        counted = cast("list[dict[str, int]]", await queries.driver.fetch(COUNTED.format(**tables), workspace))
        if not counted:
            return None
        latest = cast("list[dict[str, float]]", await queries.driver.fetch(SECONDS.format(**tables), workspace, KEPT))
    return LiveRecord(**counted[0], seconds=tuple(row["seconds"] for row in reversed(latest)))
