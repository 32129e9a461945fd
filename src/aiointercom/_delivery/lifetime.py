"""The life of a client: `async with`, closing, and what must end before that."""

from __future__ import annotations

from collections.abc import Coroutine, Hashable
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar

from aiointercom._http.base import HTTPTransport
from aiointercom._values.validation import checked_seconds

from .shared import SharedState
from .token_state import TokenState

T = TypeVar("T")


class Lifetime:
    """What opens, closes and outlasts callers; the client inherits it."""

    def _live(self, transport: HTTPTransport, shared: SharedState, token_state: TokenState, *, owner: bool) -> None:
        """Take what the client lives on. `owner`: it closes the connections."""
        self._transport, self._shared, self._token_state, self._owner = transport, shared, token_state, owner

    async def finish(self, work: Coroutine[Any, Any, T], *, key: Hashable = None) -> T:
        """Await a coroutine to its end, even if the caller is cancelled meanwhile. The cancellation is raised after it.

        For handlers that a web server cancels when its client goes away or when it stops: a write that has begun ends
        in an outcome. `on_event` and the logger tell it, and `aclose(drain=)` waits for it. How long that takes is
        bounded by the calls inside: give them a `timeout=`. A cancellation that comes before it begins is raised at
        once, and nothing is sent.

            await intercom.finish(intercom.conversations.redact_part("471", "115", timeout=20))

        Args:
            work: A coroutine: a call of this client, or your own with several calls and what belongs to them.
            key: The name of the work, such as `("convert", conversation_id)`. While it is under way, another call
                with the same key, for the same token, gets its outcome, and the later coroutine is not begun. None:
                it is not shared.

        Returns:
            What the coroutine returned.

        Raises:
            TypeError: `work` is no coroutine.
            ClientClosedError: The client is closed, or is being closed; the coroutine was not begun.
            Exception: What the coroutine raised. If the caller is cancelled, the class of that exception is logged, and
                the cancellation is raised.
        """
        if not isinstance(work, Coroutine):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers may be untyped
            raise TypeError(f"finish takes a coroutine, not {type(work).__name__}")
        from .finish import finish  # it is for web apps

        return await finish(self._shared, self._token_state, work, key)

    async def aclose(self, *, drain: float = 0.0) -> None:
        """Close the connections. Calls after this raise ClientClosedError; closing twice does nothing.

        Args:
            drain: Seconds to wait for the calls under way, while new ones are refused already. Calls that have not
                ended by then lose their connections, at once with 0: a write among them ends as unknown.

        Raises:
            ValueError, TypeError: `drain` is negative or no number of seconds.
        """
        seconds = checked_seconds(drain, "drain") if drain != 0 else 0.0
        if self._owner:
            await self._shared.aclose(self._transport, seconds)

    if not TYPE_CHECKING:  # type checkers are to refuse `with`, as they do of any other async context manager

        def __enter__(self) -> NoReturn:
            raise TypeError("the client is async: write `async with Intercom() as intercom: ...` in an async function")

        def __exit__(self, *_: object) -> None: ...

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()
