"""Settles a ledger: reads what became of the items in doubt and records it, and sends no write."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Iterable

from anyio import to_thread

from aiointercom.cleanup.items import Convert, Item, Key, RedactPart, RedactSource, checked_item
from aiointercom.cleanup.ledger.reader import Ledger
from aiointercom.client import Intercom
from aiointercom.types import Priority

from .active_run import Run
from .item_reader import NO_TYPE, ItemReader
from .journal import Journal
from .run import DRAIN, checked_drain, checked_places


def settle(
    intercom: Intercom,
    *,
    ledger: str | os.PathLike[str],
    items: Iterable[Item] = (),
    concurrency: int | None = None,
    priority: Priority = "batch",
    drain: float = DRAIN,
    stop_on_signals: bool = False,
) -> Run:
    """Find out what became of the items in doubt of a ledger, by reads alone, and record it. No write is sent.

        async with settle(intercom, ledger="cleanup.ledger") as results:
            async for result in results:
                print(result.item.conversation_id, result.outcome)

    In doubt are the items in the state "unknown", and those in the state "in_flight", which a killed run left behind.
    Each is read at once, and what the read shows is recorded as a run does: "done", or "refused" where the conversation
    is another ticket. An item that does not show the effect is read again once the client's `horizon` has passed since
    its last request; for one that a killed run left in flight that is a minute from now. If it does not show it then,
    it is "failed" with the outcome "not_applied", and the next run sends it. What no read can show stays "unknown", for
    example if the conversation is gone.

    All other items stay as they are. The ledger counts it as a run.

    Args:
        intercom: The client.
        ledger: The path of an existing ledger, which no run uses meanwhile.
        items: The items of the plan, for conversions. A ledger does not hold the ticket type that was asked for, and
            without it nobody can tell whose ticket a conversation is: such an item stays unknown if it is a ticket.
            Only as many are kept in memory as are in doubt.
        concurrency: How many items are read at once. None: 40.
        priority: "batch" leaves a share of every rate-limit window to other work.
        drain: Seconds that reads under way have to finish after a stop; 0: they are cancelled at once.
        stop_on_signals: As for `run`.

    Returns:
        A Run: an async context manager and, inside the block, an async iterator of Results in the order in which the
        items end. The results have no `attempts`.

    Raises:
        ValueError, TypeError: An option is out of range.
        LedgerError: On entering: the ledger does not exist, or as for `run`. Nothing was read from Intercom but `/me`.
        ConfigurationError, IntercomError: On entering: as for `run`.

    It ends early as a run does, for example if Intercom refuses the token. It can be stopped and killed at any time;
    another one, or a run, goes on.

    Source: https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations/retrieveconversation
    """
    return SettlingRun(
        intercom,
        ledger,
        items,
        checked_places(concurrency),
        priority,
        drain=checked_drain(drain),
        stop_on_signals=stop_on_signals,
    )


class SettlingRun(Run):
    """A run over the items in doubt of its own ledger that reads and never sends. Made by `settle`."""

    _item_executor = ItemReader

    def __init__(
        self,
        intercom: Intercom,
        ledger: str | os.PathLike[str],
        planned: Iterable[Item],
        places: int,
        priority: Priority,
        *,
        drain: float,
        stop_on_signals: bool,
    ) -> None:
        self._planned = planned
        super().__init__(
            intercom,
            self._in_doubt(),
            ledger,
            places,
            priority,
            drain=drain,
            stop_on_signals=stop_on_signals,
            retry_refused=False,
        )

    async def _open_journal(self) -> Journal:
        # A ledger that does not exist would be created.
        await to_thread.run_sync(lambda: Ledger.read(self._path).close())
        return await super()._open_journal()

    async def _in_doubt(self) -> AsyncGenerator[Item]:
        keys = await self._journal.in_doubt()
        conversions = {key for key in keys if key[0] == Convert.kind}
        planned = self._conversions(conversions) if conversions else {}
        for key in keys:
            yield planned.get(key) or _item(key)

    def _conversions(self, wanted: set[Key]) -> dict[Key, Item]:
        return {item.key: item for item in map(checked_item, self._planned) if item.key in wanted}


def _item(key: Key) -> Item:
    kind, conversation_id, target_id = key
    if kind == RedactPart.kind:
        return RedactPart(conversation_id, target_id)
    if kind == RedactSource.kind:
        return RedactSource(conversation_id, target_id)
    return Convert(conversation_id, NO_TYPE)
