"""A plain httpx client that talks to a sandbox in process: one event loop per call, so that tests read top to
bottom.
"""

from __future__ import annotations

import anyio
import httpx

from aiointercom.sandbox import Sandbox


class _InProcess(httpx.BaseTransport):
    def __init__(self, sandbox: Sandbox) -> None:
        self._asgi = httpx.ASGITransport(sandbox)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return anyio.run(self._answer, request)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        answer = await self._asgi.handle_async_request(request)
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())


def client_of(sandbox: Sandbox, *, token: str | None = "sandbox-token") -> httpx.Client:
    """A client that sends the token; None sends none."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return httpx.Client(transport=_InProcess(sandbox), base_url="http://sandbox", headers=headers)
