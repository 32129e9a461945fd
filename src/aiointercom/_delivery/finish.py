"""Sees a write through to its end though its caller is cancelled. Callers with the same key share its outcome."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Hashable
from typing import Any, TypeVar

from anyio import get_cancelled_exc_class
from anyio.lowlevel import checkpoint_if_cancelled

from aiointercom._concurrency.cancellation import run_to_the_end

from .shared import FINISHING, SharedState
from .token_state import Finishing, TokenState

logger = logging.getLogger("aiointercom")
T = TypeVar("T")


async def finish(shared: SharedState, token_state: TokenState, work: Coroutine[Any, Any, T], key: Hashable) -> T:
    """Await `work` to its end, or the work of the same key that is under way. See `Intercom.finish`."""
    try:
        await checkpoint_if_cancelled()
        while key is not None and (other := token_state.finishing.get(key)) is not None:
            await other.ended.wait()
            if other.outcome is not None:  # else it was cancelled itself, and this one takes its place
                return _given(other)  # type: ignore[no-any-return]  # the same work's, says its key
        shared.enter()
        shared.begin()
        finishing = Finishing()
        if key is not None:
            token_state.finishing[key] = finishing
        try:
            return await _seen_through(shared, finishing, work)
        finally:
            if key is not None:
                del token_state.finishing[key]
            finishing.ended.set()
            shared.end()
    finally:
        work.close()  # does nothing to what has ended; what was never begun would be warned of


async def _seen_through(shared: SharedState, finishing: Finishing, work: Coroutine[Any, Any, T]) -> T:
    cancelled = await run_to_the_end(lambda: _record(shared, finishing, work))
    try:
        await checkpoint_if_cancelled()
        if cancelled is None and finishing.outcome is not None:
            return _given(finishing)  # type: ignore[no-any-return]  # the work's own
    except get_cancelled_exc_class():
        _log_unseen(finishing)
        raise
    _log_unseen(finishing)
    raise cancelled or asyncio.CancelledError


def _log_unseen(finishing: Finishing) -> None:
    """Name the error that nobody gets, since the caller was cancelled."""
    if finishing.outcome is not None and finishing.outcome[1] is not None:
        logger.warning("work that outlasted its caller ended in %s", type(finishing.outcome[1]).__name__)


async def _record(shared: SharedState, finishing: Finishing, work: Coroutine[Any, Any, object]) -> None:
    within = FINISHING.set(shared)
    try:
        finishing.outcome = await work, None
    except Exception as error:  # noqa: BLE001  # it is raised to all that asked
        finishing.outcome = None, error
    finally:
        FINISHING.reset(within)


def _given(finishing: Finishing) -> Any:
    assert finishing.outcome is not None
    result, error = finishing.outcome
    if error is not None:
        raise error
    return result
