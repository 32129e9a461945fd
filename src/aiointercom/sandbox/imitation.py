"""Sandbox: what users hold in their hands. It wires state, app and server, and knows nothing of HTTP itself."""

import json
import time
from collections.abc import Callable, Iterable
from typing import Any, Literal

from starlette.types import Receive, Scope, Send

from aiointercom._http.asgi import InProcessTransport
from aiointercom.client import Intercom

from .app import build
from .faults import Fault
from .limits import Windows
from .messages import Author, Written
from .records import Effect, Received
from .refusals import Json, JsonMapping
from .seed import sow
from .server import Server
from .shapes import WORKSPACE_ID
from .state import State
from .webhooks import RETRY_AFTER, Webhooks


class Sandbox:
    """A stateful imitation of Intercom's API: nine operations over a workspace in memory. It is an ASGI app.

    token: the bearer token it accepts. region: what `/me` names as the app's region; a live European workspace says
    "Europe". limit: requests in one window. window: its length in seconds. clock: gives Unix seconds; the windows, the
    `Date` header and all times in the workspace follow it. seed: True starts with the published examples, False with
    an empty workspace. workspace: what `/me` names as the app's id; one sandbox is one workspace.
    """

    def __init__(
        self,
        token: str = "sandbox-token",
        *,
        region: str = "US",
        limit: int = 1667,
        window: float = 10.0,
        clock: Callable[[], float] = time.time,
        seed: bool = True,
        workspace: str = WORKSPACE_ID,
    ) -> None:
        self._state = State(token, region, clock, Windows(limit, window, clock), workspace)
        self._app = build(self._state)
        if seed:
            sow(self._state.workspace)

    def __repr__(self) -> str:
        return f"<Sandbox with {len(self._state.workspace.conversations)} conversations>"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI door: mount it in an app, or hand it to any ASGI server or transport."""
        await self._app(scope, receive, send)

    @property
    def token(self) -> str:
        """The bearer token that is accepted."""
        return self._state.token

    @property
    def workspace(self) -> str:
        """The id of the workspace, as `/me` names it."""
        return self._state.workspace_id

    def client(self, **options: Any) -> Intercom:
        """An Intercom that talks to this sandbox in process, without a socket. options: as for Intercom."""
        # The one thing of the SDK that is used here, and only here: the answers must not come from the same code.
        settings: Json = {"base_url": "https://sandbox.localhost", "transport": InProcessTransport(self)}
        return Intercom(self.token, **(settings | options))

    def serve(self, port: int = 0, *, host: str = "127.0.0.1", http: Literal["h11", "httptools"] = "h11") -> Server:
        """A real server for use with `with`; its address is `server.url`.

        port: 0 takes a free one. host: the address to bind. http: as for Server. Raises OSError when the port is taken.
        """
        return Server(self, host=host, port=port, http=http)

    @property
    def ledger(self) -> list[Effect]:
        """Every write that took effect so far, in order, late ones included, whether its answer arrived or not."""
        return self._state.effects()

    @property
    def requests(self) -> list[Received]:
        """The last 10,000 requests, in the order of their answers."""
        return self._state.requests()

    def fault(self, *faults: Fault) -> None:
        """Arm faults. When several match a request, the one that was armed first strikes."""
        self._state.arm(*faults)

    def clear_faults(self) -> None:
        """Disarm all faults."""
        self._state.disarm()

    def webhooks(
        self,
        url: str,
        *,
        secret: str,
        topics: Iterable[str] | None = None,
        retry_after: float = RETRY_AFTER,
        snapshot: bool = False,
    ) -> Webhooks:
        """Register the address for notifications, in the place of an earlier one; use it with `with`.

        url: where they are sent. secret: signs them. topics: those to send; None: all. retry_after: seconds until one
        that was not accepted is sent again. snapshot: True sends a conversation with all its parts, False with the new
        one only. Raises ValueError for an invalid address, or an empty secret.
        """
        self._state.webhooks = Webhooks(
            url,
            secret,
            self._state.clock,
            topics=topics,
            retry_after=retry_after,
            snapshot=snapshot,
            app_id=self.workspace,
        )
        return self._state.webhooks

    def write(self, body: str, conversation_id: str | int | None = None, *, author: Author = "user") -> Written:
        """Let somebody write a message, of which the registered address is told.

        body: its text, HTML. conversation_id: where; None begins a conversation. author: "user", "lead", "admin" or
        "bot". Raises KeyError when there is no such conversation, or author.
        """
        return self._state.write(body, None if conversation_id is None else str(conversation_id), author)

    def add_conversation(
        self,
        id: str | int | None = None,
        *,
        source: JsonMapping | None = None,
        parts: int | Iterable[JsonMapping] = (),
        **fields: Any,
    ) -> str:
        """Add a conversation and return its id.

        id: a whole number; None takes a free one. source: what differs from a source with a body written by a contact.
        parts: how many comments by a contact, or for each part what differs from one. fields: what differs in the
        conversation itself. Raises ValueError when an id is taken or no whole number.
        """
        with self._state.lock:
            return self._state.workspace.add_conversation(
                id, self._state.now(), source=source or {}, parts=parts, fields=fields
            )

    def add_part(self, conversation_id: str | int, **fields: Any) -> str:
        """Add a part to a conversation and return its id. fields: what differs from a comment by a contact.

        Raises KeyError when there is no such conversation.
        """
        with self._state.lock:
            return self._state.workspace.add_part(str(conversation_id), self._state.now(), fields)

    def add_ticket_type(
        self, id: str | int | None = None, *, attributes: Iterable[JsonMapping] = (), **fields: Any
    ) -> str:
        """Add a ticket type and return its id.

        attributes: for each what differs from an optional text, as `{"name": "amount", "data_type": "decimal"}`.
        fields: what differs in the type itself, as `category="Tracker"`.
        """
        with self._state.lock:
            return self._state.workspace.add_ticket_type(id, self._state.now(), attributes, fields)

    def conversation(self, id: str | int) -> Json:
        """A copy of a conversation as it is now, all its parts under `parts`, past the 500 that the API shows.

        Raises KeyError when there is no such conversation.
        """
        with self._state.lock:
            self._state.catch_up()
            record = self._state.workspace.conversations[str(id)]
            copied: Json = json.loads(json.dumps(record.fields | {"parts": record.parts}))
            return copied
