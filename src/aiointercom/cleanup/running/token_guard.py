"""Checks that every token that a run uses belongs to the workspace of its ledger, before a request is sent with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager

import anyio
from attrs import define, field

from aiointercom._values.hidden import Secret
from aiointercom.auth import token_check
from aiointercom.cleanup.errors import LedgerError
from aiointercom.client import Intercom
from aiointercom.models import App


@define(eq=False)
class TokenGuard:
    """Keeps the token that was checked last.

    A token callable may return a new one at any time, even of another workspace.
    """

    intercom: Intercom
    problem: Exception | None = None
    """Why no token is accepted any more: the new one belongs to another workspace, or its workspace could not be read.
    None: no problem."""
    _checked: Secret | None = field(default=None, repr=False)
    _workspace: str | None = None
    _alone: anyio.Lock = field(factory=anyio.Lock, repr=False)

    async def app(self) -> App | None:
        """Read which workspace the token belongs to. From then on only tokens of this workspace are accepted."""
        app, token = await self._read()
        self._workspace, self._checked = None if app is None else app.id_code, token
        return app

    async def _read(self) -> tuple[App | None, Secret]:
        used: list[Secret] = []

        async def note(token: Secret) -> Secret:
            used.append(token)
            return token

        with _checked_by(note):
            app = (await self.intercom.me()).app
        return app, used[-1]

    def watch(self) -> None:
        """Check the tokens of all calls that this task makes from now on."""
        token_check.set(self._passed)

    def check(self) -> None:
        """Raise the problem with the current token, if there is one."""
        if self.problem is not None:
            raise self.problem

    async def _passed(self, token: Secret) -> Secret:
        """Return a token of the workspace: this one, or one that replaced it in the meantime."""
        if token == self._checked:
            return token
        async with self._alone:
            self.check()
            if token != self._checked:
                try:
                    await self._renew()
                except Exception as problem:
                    self.problem = problem
                    raise
        assert self._checked is not None  # `app` was read first
        return self._checked

    async def _renew(self) -> None:
        app, token = await self._read()
        if app is None or app.id_code != self._workspace:
            told = "a workspace that is not named" if app is None else f"workspace {app.id_code}"
            raise LedgerError(f"the ledger is of workspace {self._workspace}, and the new token belongs to {told}")
        self._checked = token


@contextmanager
def _checked_by(check: Callable[[Secret], Awaitable[Secret]]) -> Generator[None]:
    before = token_check.set(check)
    try:
        yield
    finally:
        token_check.reset(before)
