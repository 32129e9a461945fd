"""The address for Intercom's webhooks, as an ASGI app: what it answers, and when."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable, Iterable

import anyio

from aiointercom._values.hidden import Hidden
from aiointercom._values.validation import checked_seconds
from aiointercom.errors import NotificationError, SignatureError

from .answers import BodyTooLargeError, DisconnectedError, Receive, Scope, Send, answer, read_body, serve_lifespan
from .envelope import MOST_BYTES
from .notification import Notification
from .signature import keys_of

logger = logging.getLogger("aiointercom")

WITHIN = 0.45
"""Seconds until the answer. Intercom asks for an answer within 500 ms, and the network takes some of these."""

LOGGED = 100
"""Characters of a topic that are logged: a topic is as long as its sender likes."""

OK, BAD_REQUEST, UNAUTHORIZED, WRONG_METHOD, TOO_LARGE, TRY_AGAIN = 200, 400, 401, 405, 413, 503


class Endpoint:
    """An ASGI app that checks and reads Intercom's notifications, and answers when `handle` has returned.

        routes=[Route("/intercom", Endpoint(handle, secret=client_secret))]  # of Starlette and FastAPI

    Statuses: 200 for HEAD, with which Intercom checks an address, and for `ping`; 401 for a wrong signature; 413 for a
    body that is too large; 400 for one that is not a notification; 503 if `handle` raised an error, or did not return
    in time. After a 503 Intercom sends once more, a minute later. It never answers 429, which slows the delivery
    down, or 410, which ends it. No answer has a body.

    A notification that comes again, twice, or out of order is handed to `handle` each time. An item of a clean-up has a
    key, and is carried out once.

    Args:
        handle: An async function that is called with each notification. Return when what you took over is durable:
            after a 200 it does not come again. When the time is up, it is cancelled. Only the class of its error is
            logged, since the text may quote a message.
        secret: The app's client secret, or several while it is exchanged.
        topics: The topics that `handle` is called with; others are answered with 200. None: all but `ping`.
        within: Seconds from the beginning of the request until it is answered.
        most_bytes: The largest body that is read, in bytes, at most 1 MiB.

    Raises:
        TypeError, ValueError: An argument is invalid.

    Source: https://developers.intercom.com/docs/webhooks/webhook-notifications
    """

    def __init__(
        self,
        handle: Callable[[Notification], Awaitable[object]],
        *,
        secret: str | bytes | Iterable[str | bytes],
        topics: Iterable[str] | None = None,
        within: float = WITHIN,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        kept_secret = Hidden[object](secret)
        del secret  # so that the frames of an error do not show it
        self._topics: frozenset[str] | None = None  # so that the repr in a traceback of what follows can be made
        if not callable(handle):
            raise TypeError(f"handle must be an async function, not {type(handle).__name__}")
        if isinstance(topics, str):
            raise TypeError("topics must be several topics, not one string")
        if not 0 < most_bytes <= MOST_BYTES:
            raise ValueError(f"most_bytes must be from 1 to {MOST_BYTES}")
        self._handle = handle
        self._keys = keys_of(kept_secret)
        if topics is not None:
            self._topics = frozenset(topics)
        self._within = checked_seconds(within, "within")
        self._most_bytes = most_bytes

    def __repr__(self) -> str:
        return f"<Endpoint for {'all topics' if self._topics is None else ', '.join(sorted(self._topics))}>"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, at whatever path."""
        match scope["type"], scope.get("method"):
            case "lifespan", _:
                await serve_lifespan(receive, send)
            case "websocket", _:
                await send({"type": "websocket.close", "code": 1000})
            case "http", "HEAD":
                await answer(send, OK)
            case "http", "POST":
                await self._post(scope, receive, send)
            case "http", _:
                await answer(send, WRONG_METHOD, [(b"allow", b"HEAD, POST")])
            case kind, _:
                raise ValueError(f"an endpoint cannot serve the ASGI scope {kind!r}")

    async def _post(self, scope: Scope, receive: Receive, send: Send) -> None:
        statuses: list[int] = []
        late = False

        async def work() -> None:
            statuses.append(await self._status(scope, receive))
            group.cancel_scope.cancel()

        # In a task of its own: a handler that is slow to be cancelled must not delay the answer.
        async with anyio.create_task_group() as group:
            group.start_soon(work)
            await anyio.sleep(self._within)
            late = True
            logger.warning("a notification was not handled within %s s, so it is not accepted", self._within)
            with anyio.CancelScope(shield=True):  # the task may end just now, and the answer must go out whole
                await answer(send, TRY_AGAIN)
            group.cancel_scope.cancel()
        if not late:
            if not statuses:
                logger.error("handle cancelled itself, so a notification is not accepted")
            await answer(send, statuses[0] if statuses else TRY_AGAIN)

    async def _status(self, scope: Scope, receive: Receive) -> int:
        try:
            body = await read_body(scope, receive, self._most_bytes)
            notification = Hidden(Notification.from_http(scope["headers"], body.reveal(), secret=self._keys.reveal()))
        except BodyTooLargeError:
            return TOO_LARGE
        except DisconnectedError:
            return BAD_REQUEST  # nobody reads it
        except SignatureError:
            return UNAUTHORIZED
        except NotificationError as error:
            logger.warning("a signed notification cannot be read: %s", error)
            return BAD_REQUEST
        topic = notification.reveal().topic
        if (topic == "ping") if self._topics is None else (topic not in self._topics):
            return OK
        return OK if await self._handled(notification) else TRY_AGAIN

    async def _handled(self, notification: Hidden[Notification]) -> bool:
        try:
            handling: object = self._handle(notification.reveal())
            if not inspect.isawaitable(handling):
                logger.error("handle is not an async function: what it takes over cannot be waited for")
                return False
            await handling
        except Exception as error:  # noqa: BLE001  # whatever the user's code raises
            told = notification.reveal()
            topic = told.topic[:LOGGED]
            logger.error("handle raised %s on notification %s, topic %r", type(error).__name__, told.id, topic)
            return False
        return True
