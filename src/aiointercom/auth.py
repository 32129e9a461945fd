"""The token of a call: a string, or an async callable that is asked for one. Nothing here prints a token.

Not an `httpx.Auth`: inside one, a token source that cannot be reached would look like an Intercom that cannot be reached, and a
write that was never sent like one whose answer was lost.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Awaitable, Callable
from contextvars import ContextVar

import anyio

from .errors import ConfigurationError

ENVIRONMENT = "INTERCOM_ACCESS_TOKEN"

Token = str | Callable[[], Awaitable[str]]

token_check: ContextVar[Callable[[str], Awaitable[str]] | None] = ContextVar("token_check", default=None)
"""What the calls of this task ask before they use a token: it returns that one, or a newer one, or raises. None: nothing is asked.

Of a task and not of a source, since others that share the source do not share the question.
"""


def given(token: Token | None) -> Token:
    """Return the token that was passed, or the environment's INTERCOM_ACCESS_TOKEN where it is None.

    Raises:
        ConfigurationError: There is none.
    """
    token = (os.environ.get(ENVIRONMENT) or None) if token is None else token
    if token is None:
        raise ConfigurationError(f"no token: pass one to Intercom(), or set {ENVIRONMENT}")
    return token


class TokenSource:
    """Gives the current token, and a fresh one when Intercom has refused it.

    Args:
        token: The token, or an async callable that returns one; its answer is kept until Intercom refuses it.

    Raises:
        ConfigurationError: The token holds blanks, control or non-ASCII characters.
    """

    def __init__(self, token: Token) -> None:
        self._ask = token if callable(token) else None
        self._token = None if callable(token) else checked(token)
        self._lock = anyio.Lock()

    async def current(self) -> str:
        """Return the token to use now, asking the callable if it was never asked.

        Raises:
            ConfigurationError: The callable gave something that cannot be a token. What it raises itself passes through.
        """
        return await _passed(self._token if self._token is not None else await self._renewed(None))

    async def renewed(self, refused: str | None) -> str:
        """Return a token other than `refused`, if there is one; of all callers at once only one asks.

        A fixed token is returned as it is: who compares sees that there is nothing new to try.
        """
        return await _passed(await self._renewed(refused))

    async def _renewed(self, refused: str | None) -> str:
        async with self._lock:
            if self._token is None or (self._token == refused and self._ask is not None):
                assert self._ask is not None
                asked = self._ask()
                if not inspect.isawaitable(asked):
                    raise ConfigurationError("the token callable must be async: its answer cannot be awaited")
                self._token = checked(await asked)
            return self._token

    def __repr__(self) -> str:
        return "TokenSource(<hidden>)"


async def _passed(token: str) -> str:
    check = token_check.get()
    return token if check is None else await check(token)


def checked(token: object) -> str:
    """Return the token if it can stand in a header; the error says what is wrong and does not show it."""
    if not isinstance(token, str):
        raise ConfigurationError(f"the token must be a string, not {type(token).__name__}")
    if not token:
        raise ConfigurationError("the token is empty")
    if not all("!" <= character <= "~" for character in token):
        raise ConfigurationError("the token holds blanks, newlines, control or non-ASCII characters")
    return token
