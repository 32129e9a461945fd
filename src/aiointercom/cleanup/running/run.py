"""Starts a clean-up: checks the options of a run before anything is opened or sent."""

from __future__ import annotations

import os
from collections.abc import AsyncIterable, Iterable

from aiointercom._values.validation import checked_seconds
from aiointercom.cleanup.items import Item
from aiointercom.client import Intercom
from aiointercom.types import Priority

from .active_run import Run

CONCURRENCY = 40
"""Items in progress at once. A client allows 50 requests at once, so some are left to the application around it."""
DRAIN = 30.0
"""Seconds that items in progress have to finish after a stop."""


def run(
    intercom: Intercom,
    items: Iterable[Item] | AsyncIterable[Item],
    *,
    ledger: str | os.PathLike[str],
    concurrency: int | None = None,
    priority: Priority = "batch",
    drain: float = DRAIN,
    stop_on_signals: bool = False,
    retry_refused: bool = False,
) -> Run:
    """Run a clean-up and record it in a ledger.

        async with run(intercom, items, ledger="cleanup.ledger") as results:
            async for result in results:
                print(result.item.conversation_id, result.outcome)

    After any interruption, kill -9 included, run it again with the same items and the same ledger. Finished items are
    not sent again, items that were in progress are read back first, and failed items are tried again.

    If the response to a write was lost and the call itself could not settle it, the item waits until the client's
    `horizon` has passed, while the others continue. Then a read tells whether the write took effect; if it did not, it
    is sent again in the same run.

    Args:
        intercom: The client.
        items: The items to process, pulled one by one as others finish, so they may be endless. An item that occurs
            twice is processed once.
        ledger: The path of the ledger, created if it does not exist. It serves one run at a time, of one workspace.
        concurrency: How many items are in progress at once. None: 40.
        priority: "batch" leaves a share of every rate-limit window to others.
        drain: Seconds that the items in progress have to finish after a stop before they are cancelled; 0: they are
            cancelled at once.
        stop_on_signals: Whether SIGINT and SIGTERM stop the run, and a second signal stops it at once. In the main
            thread only. An ignored SIGINT, as a shell gives it to a script's background jobs, stays ignored. Afterwards
            the earlier handlers are back; one that was set with asyncio's `add_signal_handler` has to be set again.
        retry_refused: Whether items that were refused in an earlier run are tried again.

    Returns:
        A Run: an async context manager and, inside the block, an async iterator of Results in the order in which the
        items end.

    Raises:
        ValueError, TypeError: An option is out of range.
        LedgerError: On entering: the ledger is used by another run, belongs to another workspace, has a newer version,
            is damaged, or is not a ledger.
        ConfigurationError: On entering: the client cannot be used, or the extra `cleanup` is not installed.
        IntercomError: On entering: reading `/me`, to know the workspace, failed.

    A failed item does not stop the run. It ends early (`Run.error`, `Summary.stopped_by`) and leaves the remaining
    items untouched after an error that would hit all of them: UnauthorizedError and ForbiddenError with one of
    Intercom's codes, ConfigurationError, LedgerError (for example after a new token of another workspace), an error
    raised by `items`, or too many consecutive writes whose errors say nothing about their item: no response, the error
    pages of a proxy, a refused app.
    """
    # Callers may be untyped.
    if not isinstance(items, Iterable | AsyncIterable):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"items must be an iterable or an async iterable, not {type(items).__name__}")
    return Run(
        intercom,
        items,
        ledger,
        checked_places(concurrency),
        priority,
        drain=checked_drain(drain),
        stop_on_signals=stop_on_signals,
        retry_refused=retry_refused,
    )


def checked_places(concurrency: int | None) -> int:
    """Return how many items are in progress at once.

    Raises:
        ValueError, TypeError: It is not an integer from 1 on.
    """
    places = CONCURRENCY if concurrency is None else concurrency
    if isinstance(places, bool) or not isinstance(places, int):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"concurrency must be an integer, not {type(places).__name__}")
    if places < 1:
        raise ValueError("concurrency must be at least 1")
    return places


def checked_drain(drain: float) -> float:
    """Return the seconds that items in progress have to finish.

    Raises:
        ValueError, TypeError: They are not 0 or more.
    """
    return 0.0 if drain == 0 else checked_seconds(drain, "drain")
