"""Several workspaces behind one address, as Intercom has them: the bearer token says which one a request is for."""

from collections.abc import Iterable
from typing import Any, Literal

from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from .imitation import Sandbox
from .server import Server

DOORS = "/_sandbox/"


class Workspaces:
    """An ASGI app over several sandboxes, each with a token and an id of its own.

    The control endpoints of each are under `/_sandbox/{workspace}/`, as `GET /_sandbox/one1/ledger`. A request whose
    token belongs to none of them goes to the first one, which refuses it. sandboxes: at least one. Raises ValueError
    when two of them have the same token or the same id.
    """

    def __init__(self, sandboxes: Iterable[Sandbox]) -> None:
        self._all = list(sandboxes)
        self._by_token = {f"Bearer {box.token}".encode(): box for box in self._all}
        self._by_id = {box.workspace: box for box in self._all}
        if not self._all or len(self._by_token) < len(self._all) or len(self._by_id) < len(self._all):
            raise ValueError("each workspace needs a token and an id of its own, and there must be one at least")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on to its workspace."""
        path: str = scope.get("path", "")
        if not path.startswith(DOORS):
            await self._of(scope)(scope, receive, send)
            return
        name, _, door = path.removeprefix(DOORS).partition("/")
        if name not in self._by_id:
            await JSONResponse({"error": "no such workspace"}, status_code=404)(scope, receive, send)
            return
        inner: dict[str, Any] = {**scope, "path": DOORS + door, "raw_path": (DOORS + door).encode()}
        await self._by_id[name](inner, receive, send)

    def _of(self, scope: Scope) -> Sandbox:
        given = dict(scope.get("headers", ())).get(b"authorization", b"")
        return self._by_token.get(given, self._all[0])

    def serve(self, port: int = 0, *, host: str = "127.0.0.1", http: Literal["h11", "httptools"] = "h11") -> Server:
        """A real server for use with `with`, as `Sandbox.serve`."""
        return Server(self, host=host, port=port, http=http)
