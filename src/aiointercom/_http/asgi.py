"""A transport to an ASGI application in this process, the sandbox for example."""

from __future__ import annotations

from typing import Any

import anyio
import httpx


class InProcessTransport(httpx.ASGITransport):
    """Carries requests to an ASGI application in this process, without a socket.

    Unlike httpx's own ASGI transport it applies read time-outs.

    Args:
        app: The application, a Sandbox for example.
    """

    def __init__(self, app: Any) -> None:
        super().__init__(app=app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Hand one request to the application; see httpx.AsyncBaseTransport."""
        seconds = request.extensions.get("timeout", {}).get("read")
        try:
            with anyio.fail_after(seconds):
                return await super().handle_async_request(request)
        except TimeoutError:
            raise httpx.ReadTimeout("no answer in time", request=request) from None
        except anyio.get_cancelled_exc_class() as cancelled:
            raise cancelled.with_traceback(None)  # noqa: B904  # it is the same one, without the application's frames
