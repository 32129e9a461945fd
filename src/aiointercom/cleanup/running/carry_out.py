"""Carries out one item for an engine that is not ours: a task queue, a workflow, or a web app's own table.

It keeps no state and never waits.
"""

from __future__ import annotations

from attrs import evolve

from aiointercom._values.validation import checked_seconds
from aiointercom.cleanup.items import Item, checked_item
from aiointercom.cleanup.outcomes import Doubt, Ended, EventRecorder
from aiointercom.client import Intercom
from aiointercom.errors import IntercomError, RateLimitedError

from .execute import INTERVALS, MARGIN, ItemExecutor, Job
from .results import Result, result_of

UNKNOWN_WAIT = 1.0
"""Seconds to wait where the rate limit refused a request without saying until when."""
SHORTEST_WAIT = 0.1
"""The least number of seconds between two attempts that the rate limit may ask for."""
UNREAD_WAIT = INTERVALS[-1]
"""Seconds until the next read where one failed after the horizon."""


async def carry_out(
    intercom: Intercom, item: Item, *, first_sent_at: float | None = None, last_doubt_at: float | None = None
) -> Result:
    """Carry out one item: send it, or read it back first if it may have been sent before.

    This is the whole contract with an engine that redelivers the work of a dead worker. Keep one record for each item,
    written before the item is handed to a worker, and call this again until the result has no `retry_after`.

        result = await carry_out(intercom, item, first_sent_at=kept.first_sent_at, last_doubt_at=kept.last_doubt_at)
        keep(result.state, result.first_sent_at, result.last_doubt_at)
        if result.retry_after is not None:
            deliver_again_in(result.retry_after)

    It never sleeps for the rate limit beyond the client's own `pace.max_wait`, and never for the horizon. Both come
    back as `retry_after`, so that an item in doubt occupies no worker. Nothing is recorded: record the result
    yourself before you count the item as finished.

    Args:
        intercom: A client of the item's workspace. Use `priority="batch"` where other work shares the token.
        item: The item.
        first_sent_at: When it may have been sent first, in Unix seconds by Intercom's clock: the time that the engine
            recorded before it first handed out the item, or that an earlier result names. None: it was never sent.
        last_doubt_at: The `last_doubt_at` of the latest result. None, with `first_sent_at`: a worker died, or its
            result was lost, so that it may have been sent until now. A redaction is then sent again at once if a read
            does not show it; a conversion waits for the client's `horizon`.

    Returns:
        The Result. "done" and "refused" are final. "failed": it was not applied. `retry_after` is set where the rate
        limit was the reason; otherwise the engine tries again after an error that may pass, or shows it to a person.
        "unknown" with `retry_after`: keep the times, and call again then. "unknown" without it: a read cannot tell
        whether it took effect, so show it to a person.

    Raises:
        TypeError: `item` is not an item, or a time is not a number.
        ValueError: A time is not above zero and finite, or there is a `last_doubt_at` without `first_sent_at`.

    Errors of the API and of the network are in the result. What a token callable or `on_event` raises is raised.
    """
    checked_item(item)
    job, recorder = _job(intercom, item, first_sent_at, last_doubt_at), EventRecorder()
    errors: list[IntercomError | None] = [None]

    def note(_: Item, error: IntercomError | None, __: EventRecorder) -> None:
        errors.append(error)

    executor = ItemExecutor(intercom.with_options(on_event=recorder.before(intercom.on_event)), on_outcome=note)
    ended = await executor.execute(job, recorder)
    job.note(ended, recorder)
    limited = _rate_limit_wait(errors[-1])
    result = result_of(job, ended, _horizon_wait(intercom, ended, recorder) if limited is None else limited)
    if limited is not None and result.state == "unknown":
        return evolve(result, last_doubt_at=last_doubt_at)  # a refused request leaves the doubt as it was
    return result


def _job(intercom: Intercom, item: Item, first_sent_at: float | None, last_doubt_at: float | None) -> Job:
    """Return the item with what is known of earlier attempts."""
    job = Job(item)
    if first_sent_at is None:
        if last_doubt_at is not None:
            raise ValueError("last_doubt_at says until when it may have been sent: first_sent_at must say since when")
        return job
    first = checked_seconds(first_sent_at, "first_sent_at")
    job.inherited = last_doubt_at is None
    last = intercom.server_time() if last_doubt_at is None else checked_seconds(last_doubt_at, "last_doubt_at")
    job.in_doubt_since(Doubt(min(first, last), last))
    return job


def _rate_limit_wait(error: IntercomError | None) -> float | None:
    """Return the seconds that the rate limit asks for; None: it was not what ended the write."""
    if not isinstance(error, RateLimitedError):
        return None
    return UNKNOWN_WAIT if error.retry_after is None else max(error.retry_after, SHORTEST_WAIT)


def _horizon_wait(intercom: Intercom, ended: Ended, recorder: EventRecorder) -> float | None:
    """Return seconds until a read can tell more. None: the outcome is known, or another read would show the same."""
    if ended.doubt is None:
        return None
    whole = intercom.horizon + MARGIN
    missing = ended.doubt.last_doubt_at + whole - intercom.server_time()
    if missing > 0:
        return min(missing, whole)
    return None if recorder.shown else UNREAD_WAIT
