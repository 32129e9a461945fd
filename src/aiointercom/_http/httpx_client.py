"""An httpx client of the caller's own as a transport."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from traceback import walk_tb
from typing import Any

import httpx
from attrs import field, frozen

from aiointercom._concurrency.cancellation import in_own_task

from .base import AnswerTooLargeError, RawResponse, lowercase_headers, read_answer
from .failures import NETWORK, from_aiohttp

CARRYING = frozenset({"handle_async_request", "read_answer"})
"""Functions through which all errors of a transport come, of whatever kind."""


@frozen(eq=False, repr=False)
class CallersClient:
    """The caller's own httpx client as a transport, with its hooks, authentication, cookies and proxies.

    This package never closes it.
    """

    http: httpx.AsyncClient
    streams: bool = False
    certifies: bool = False
    _cookies: httpx.Cookies = field(init=False, repr=False)
    """Those that it came with. What answers set later is one tenant's, and goes along with no request."""

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_cookies", httpx.Cookies(self.http.cookies))

    def build(self, method: str, url: httpx.URL, **parts: Any) -> httpx.Request:
        """Build a request with the client's own headers and cookies."""
        request = self.http.build_request(method, url, **parts)
        if "cookie" not in self.http.headers:
            request.headers.pop("cookie", None)
            self._cookies.set_cookie_header(request)
        return request

    async def send(self, request: httpx.Request, to: str, most: int | None) -> RawResponse:  # noqa: ARG002  # protocol
        """Send one request."""
        return await in_own_task(lambda: self._send(request, most))

    async def _send(self, request: httpx.Request, most: int | None) -> RawResponse:
        try:
            response = await self.http.send(request, stream=True, follow_redirects=False)
        except httpx.HTTPStatusError as failure:  # raised by a hook, upon an answer
            return read_before(failure.response, most)
        try:
            if response.is_stream_consumed:  # a hook has read it
                return read_before(response, most)
            return await read_answer(response, most)
        finally:
            await response.aclose()

    def is_transport_error(self, failure: Exception) -> bool:
        """Say whether an error came from below the client, not from the caller's own hooks or authentication."""
        known = isinstance(failure, NETWORK) or from_aiohttp(failure)
        return known or (not isinstance(failure, AssertionError) and passed(failure, CARRYING))

    @property
    def is_closed(self) -> bool:
        """Whether the caller closed it."""
        return self.http.is_closed

    async def aclose(self) -> None:
        """Leave it open: the caller closes it."""

    async def abandon(self) -> None:
        """Leave it to the caller."""


def read_before(response: httpx.Response, most: int | None) -> RawResponse:
    """Return what a hook of the caller's own client has read of an answer; nothing where it stopped the reading."""
    try:
        content = response.content
    except httpx.ResponseNotRead:
        content = b""
    if most is not None and len(content) > most:
        raise AnswerTooLargeError(response.status_code, lowercase_headers(response.headers))
    return RawResponse(response.status_code, lowercase_headers(response.headers), content)


def passed(failure: Exception, functions: AbstractSet[str]) -> bool:
    """Say whether an error came up through a function of one of these names."""
    return any(frame.f_code.co_name in functions for frame, _ in walk_tb(failure.__traceback__))
