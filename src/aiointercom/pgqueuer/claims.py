"""The claim of a worker on an item. It ends when PgQueuer hands the item of a stopped worker to another one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from attrs import define, field

from aiointercom._values.hidden import Secret
from aiointercom.auth import token_check

from .records import is_mine

if TYPE_CHECKING:
    from pgqueuer.models import Job
    from pgqueuer.queries import Queries

VALID = 10.0
"""Seconds for which a claim counts without asking. PgQueuer hands an item on 30 seconds after the last sign of life."""


class ClaimLostError(Exception):
    """The item is another worker's now."""


class LeaveRow(BaseException):
    """Ends a job so that PgQueuer leaves its row as it is, and hands it out again after the heartbeat is late.

    Every exception that PgQueuer knows, a cancellation included, makes it delete, requeue or hold the row, which may by
    now be another worker's.
    """


@define(eq=False)
class Claim:
    """Asks the database before a request leaves whether the item is still this worker's, if the last answer is old."""

    queries: Queries
    job: Job
    _until: float = field(factory=lambda: time.monotonic() + VALID)

    def watch(self) -> None:
        """Check the claim before all requests that this task makes from now on, beside what is checked already."""
        before = token_check.get()

        async def check(token: Secret) -> Secret:
            await self.hold()
            return token if before is None else await before(token)

        token_check.set(check)

    async def hold(self) -> None:
        """Raise ClaimLostError if the item is another worker's."""
        if time.monotonic() < self._until:
            return
        asked = time.monotonic()
        if not await is_mine(self.queries, self.job):
            raise ClaimLostError
        self._until = asked + VALID
