"""One workspace of a worker: its client, checked once, and the pauses while each item would fail in the same way."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable

from attrs import define, field

from aiointercom.cleanup.running.token_guard import TokenGuard
from aiointercom.client import Intercom
from aiointercom.errors import ConfigurationError

logger = logging.getLogger("aiointercom.pgqueuer")

ClientFor = Callable[[str], Intercom | Awaitable[Intercom]]
"""Returns the client of a workspace, by its id. Each worker calls it once; the application closes the client."""
PAUSE = 30.0
"""Seconds between attempts while Intercom refuses the token, or the client cannot be used."""


@define(eq=False)
class WorkspaceClient:
    """The client of one workspace, made and checked when the first item comes."""

    workspace: str
    _client_for: ClientFor
    _stopping: asyncio.Event
    _guard: TokenGuard | None = None
    _alone: asyncio.Lock = field(factory=asyncio.Lock)

    async def guarded(self) -> TokenGuard:
        """Return the client, after it has shown once that its token belongs to this workspace.

        Raises:
            ConfigurationError: It belongs to another one.
            IntercomError: Reading `/me` failed.
        """
        async with self._alone:
            if self._guard is None:
                made = self._client_for(self.workspace)
                client = await made if inspect.isawaitable(made) else made
                guard = TokenGuard(client.with_options(priority="batch"))
                app = await guard.app()
                told = None if app is None else app.id_code
                if told != self.workspace:
                    raise ConfigurationError(f"client_for({self.workspace!r}) returned a client of workspace {told}")
                self._guard = guard
            return self._guard

    async def pause(self, error: Exception) -> None:
        """Wait, and let the workspace's other items wait: each of them would fail as this one did."""
        told = f"{type(error).__name__}: {error}" if isinstance(error, ConfigurationError) else type(error).__name__
        logger.warning("workspace %s: paused for %.0f s after %s", self.workspace, PAUSE, told)
        try:
            await asyncio.wait_for(self._stopping.wait(), PAUSE)
        except TimeoutError:
            return
