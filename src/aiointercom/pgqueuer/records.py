"""What the queue and our table say about one item, before it is carried out and after. Each is one round trip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from attrs import frozen

from aiointercom.cleanup import Item, Result, State
from aiointercom.cleanup.outcomes import FINAL, EventRecorder

from .schema import Tables

if TYPE_CHECKING:
    from pgqueuer.models import Job
    from pgqueuer.queries import Queries

KNOWN = """
SELECT o.state, o.first_sent_at, o.last_doubt_at, coalesce(o.failures, 0) AS failures, o.intended_at,
    extract(epoch FROM min(p.created) FILTER (WHERE p.created < $6))::float8 AS earlier_pick,
    coalesce(bool_or(p.created = $6), false) AS pick_is_logged,
    extract(epoch FROM clock_timestamp())::float8 AS now
FROM (SELECT 1) AS one
LEFT JOIN {outcomes} o ON o.workspace = $1 AND o.kind = $2 AND o.conversation_id = $3 AND o.target_id = $4
LEFT JOIN {log} p ON p.job_id = $5 AND p.status = 'picked'
    AND p.created > coalesce(CASE WHEN o.job_id = $5 THEN o.picked_at END, '-infinity')
GROUP BY o.state, o.first_sent_at, o.last_doubt_at, o.failures, o.intended_at
"""
"""What is known of an item, and since when another worker, which picked it and recorded no result, may have sent it."""
MINE = "SELECT 1 FROM {queue} WHERE id = $1 AND queue_manager_id = $2 AND updated = $3 AND status = 'picked'"
RECORD = """
WITH mine AS ({mine} FOR NO KEY UPDATE)
INSERT INTO {outcomes} AS o (job_id, picked_at, workspace, kind, conversation_id, target_id, state, outcome, error,
    code, status, reason, ticket_id, request_id, by_reading, intended_at, first_sent_at, last_doubt_at, ended_at,
    requests, refused, waited, failures, parked)
SELECT $1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25
FROM mine
ON CONFLICT (workspace, kind, conversation_id, target_id) DO UPDATE SET
    job_id = excluded.job_id, picked_at = excluded.picked_at, state = excluded.state,
    outcome = excluded.outcome, error = excluded.error,
    code = excluded.code, status = excluded.status, reason = excluded.reason, ticket_id = excluded.ticket_id,
    request_id = excluded.request_id, by_reading = excluded.by_reading, first_sent_at = excluded.first_sent_at,
    last_doubt_at = excluded.last_doubt_at, ended_at = excluded.ended_at, failures = excluded.failures,
    parked = excluded.parked, requests = o.requests + excluded.requests, refused = o.refused + excluded.refused,
    waited = o.waited + excluded.waited
WHERE o.state NOT IN ('done', 'refused')
RETURNING 1 AS written
"""
"""Records a result only while the item is this worker's, so that a stopped worker overwrites nothing later."""


@frozen
class Known:
    """What is known of an item that was handed out."""

    state: State | None
    """The latest result that was recorded. None: no result was recorded."""
    first_sent_at: float | None
    last_doubt_at: float | None
    failures: int
    """How many attempts in a row failed for a reason that may pass."""
    intended_at: float | None
    """When it was first handed out, by Intercom's clock; None: no result was recorded."""

    @property
    def finished(self) -> bool:
        """Whether the result is final."""
        return self.state in FINAL


async def read_known(queries: Queries, workspace: str, job: Job, item: Item, server_time: float) -> Known:
    """Read what is known of an item. Times of the database's clock are turned into Intercom's."""
    tables = Tables.of(queries)
    statement = KNOWN.format(outcomes=tables.outcomes, log=tables.log)
    [row] = cast(
        "list[dict[str, Any]]", await queries.driver.fetch(statement, workspace, *item.key, job.id, job.updated)
    )
    ahead = server_time - row["now"]
    first, last = row["first_sent_at"], row["last_doubt_at"]
    if (
        row["earlier_pick"] is not None or not row["pick_is_logged"]
    ):  # somebody emptied the log: then nothing is certain
        picked = job.created.timestamp() if row["earlier_pick"] is None else row["earlier_pick"]
        first, last = min(picked + ahead, server_time if first is None else first), None
    return Known(row["state"], first, last, row["failures"], row["intended_at"])


async def is_mine(queries: Queries, job: Job) -> bool:
    """Return whether an item is still handed out to this worker, and was not handed to another one since."""
    statement = MINE.format(queue=Tables.of(queries).queue)
    return bool(await queries.driver.fetch(statement, job.id, job.queue_manager_id, job.updated))


@frozen(kw_only=True)
class Entry:
    """What is recorded beside a result."""

    workspace: str
    intended_at: float
    ended_at: float
    failures: int
    parked: bool
    """Whether it waits for a person."""


async def record(queries: Queries, job: Job, result: Result, recorder: EventRecorder, entry: Entry) -> bool:
    """Record a result. Returns False if the item is no longer this worker's, or has a final result already."""
    tables = Tables.of(queries)
    statement = RECORD.format(outcomes=tables.outcomes, mine=MINE.format(queue=tables.queue))
    error = result.error
    rows = await queries.driver.fetch(
        statement,
        job.id,
        job.queue_manager_id,
        job.updated,
        entry.workspace,
        *result.item.key,
        result.state,
        result.outcome,
        None if error is None else type(error).__name__,
        getattr(error, "code", None),
        getattr(error, "status", None),
        result.reason,
        result.ticket_id,
        result.request_id,
        result.by_reading,
        entry.intended_at,
        result.first_sent_at,
        result.last_doubt_at,
        entry.ended_at,
        recorder.requests,
        recorder.refused,
        recorder.waited,
        entry.failures,
        entry.parked,
    )
    return bool(rows)
