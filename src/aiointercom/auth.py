"""The token of a call: a string, or an async callable that is asked for one. Nothing here prints a token.

Not an `httpx.Auth`: inside one, a token source that cannot be reached would look like an Intercom that cannot be
reached, and a write that was never sent like one whose answer was lost.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

import anyio

from ._values.hidden import Hidden, Secret
from .errors import ConfigurationError, NotSentError

ENVIRONMENT = "INTERCOM_ACCESS_TOKEN"
OTHER_ENVIRONMENTS = {
    "INTERCOM_API_KEY": ", which python-intercom reads",
    "INTERCOM_TOKEN": "",
    "INTERCOM_API_TOKEN": "",
}
"""Names under which a token may stand by mistake. They are named in the error, and never read."""

Token = str | Callable[[], Awaitable[str]]

token_check: ContextVar[Callable[[Secret], Awaitable[Secret]] | None] = ContextVar("token_check", default=None)
"""What the calls of this task ask before they use a token: it returns that one, or a newer one, or raises. None:
nothing is asked.

Of a task and not of a source, since others that share the source do not share the question.
"""


def make_token(token: Token | None) -> Hidden[Token]:
    """Return the token that was passed, or the environment's INTERCOM_ACCESS_TOKEN where it is None.

    Raises:
        ConfigurationError: There is no token.
    """
    if token is not None:
        return Hidden(token)
    if not os.environ.get(ENVIRONMENT):
        found = [f" (in place of {name}{why})" for name, why in OTHER_ENVIRONMENTS.items() if name in os.environ]
        raise ConfigurationError(f"no token: pass one to Intercom(), or set {ENVIRONMENT}{''.join(found[:1])}")
    return Hidden(os.environ[ENVIRONMENT])


class TokenSource:
    """Gives the current token, and a fresh one when Intercom has refused it.

    Args:
        token: The token, or an async callable that returns one; its answer is kept until Intercom refuses it.

    Raises:
        ConfigurationError: The token holds blanks, control or non-ASCII characters.
    """

    def __init__(self, token: Hidden[Token]) -> None:
        fixed: Hidden[Any] = token
        self._ask: Callable[[], Awaitable[str]] | None = fixed.reveal() if callable(fixed.reveal()) else None
        self._token = checked(token) if self._ask is None else None
        self._lock = anyio.Lock()

    async def current(self, seconds: float | None = None) -> Secret:
        """Return the token to use now, asking the callable if it was never asked.

        Args:
            seconds: How long to wait for it at most; None: no limit.

        Raises:
            NotSentError: The callable took longer, or another call that asks it did.
            ConfigurationError: The callable gave something that cannot be a token. What it raises itself passes
                through.
        """
        return await _passed(self._token if self._token is not None else await self._renewed(None, seconds))

    async def renewed(self, refused: Secret | None, seconds: float | None = None) -> Secret:
        """Return a token other than `refused`, if there is one; of all callers at once only one asks.

        A fixed token is returned as it is: a caller that compares sees that there is nothing new to try.

        Args:
            refused: The token that Intercom refused; None: no token was refused.
            seconds: As for `current`.

        Raises:
            NotSentError, ConfigurationError: As for `current`.
        """
        return await _passed(await self._renewed(refused, seconds))

    async def _renewed(self, refused: Secret | None, seconds: float | None) -> Secret:
        if self._ask is None:
            assert self._token is not None
            return self._token
        with anyio.move_on_after(seconds):
            async with self._lock:
                if self._token is None or self._token == refused:
                    asked = self._ask()
                    if not inspect.isawaitable(asked):
                        raise ConfigurationError("the token callable must be async: write it with `async def`")
                    self._token = checked(Hidden(await asked))
                return self._token
        raise NotSentError(f"the token callable gave no token within {seconds:g} s", attempts=0)

    def __repr__(self) -> str:
        return "TokenSource(<hidden>)"


async def _passed(token: Secret) -> Secret:
    check = token_check.get()
    return token if check is None else await check(token)


def checked(token: Hidden[Any]) -> Secret:
    """Return the token if it can stand in a header; the error says what is wrong and does not show it."""
    if wrong := _wrong(token.reveal()):
        raise ConfigurationError(wrong)
    return token


def _wrong(token: object) -> str | None:
    """Say what is wrong with a token. Nothing is raised here, where it is a local variable."""
    if not isinstance(token, str):
        return f"the token must be a string, not {type(token).__name__}"
    if not token:
        return "the token is empty"
    if not all("!" <= character <= "~" for character in token):
        return "the token holds blanks, newlines, control or non-ASCII characters"
    return None
