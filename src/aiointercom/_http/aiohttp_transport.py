"""aiohttp as the transport. It keeps no cookies, sends no request twice, and uses the proxies of the environment.

Imported only when it is asked for, since aiohttp is an extra.
"""

from __future__ import annotations

from typing import Any

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from aiointercom.errors import ConfigurationError

from .certificates import certificates
from .environment import SOCKS, Proxies
from .pool import KEEP


class _Answer(aiohttp.ClientResponse):
    """An answer without its reason phrase: it says nothing, and httpx-aiohttp stumbles over one that is not UTF-8."""

    async def start(self, connection: Any) -> aiohttp.ClientResponse:
        """Read the status and the headers."""
        answer = await super().start(connection)
        self.reason = None
        return answer


class Aiohttp(httpx.AsyncBaseTransport):
    """Carries requests with one session of aiohttp for each proxy that there is, and one without.

    Args:
        proxies: What the environment says.

    Raises:
        ConfigurationError: It names a SOCKS proxy, or this version of aiohttp cannot be kept from sending requests
            twice.
    """

    def __init__(self, proxies: Proxies) -> None:
        if proxies.url is not None and proxies.url.partition(":")[0] in SOCKS:
            raise ConfigurationError(
                f'{proxies.variable} names a SOCKS proxy: aiohttp does not support SOCKS, use transport="httpx"'
            )
        if "_retry_connection" not in aiohttp.ClientSession.ATTRS:
            raise ConfigurationError("this version of aiohttp cannot be kept from sending requests twice")
        self._proxies = proxies
        self._to: dict[str, AiohttpTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; see httpx.AsyncBaseTransport."""
        host = f"{request.url.scheme}://{request.url.netloc.decode('ascii')}"
        transport = self._to.get(host)
        if transport is None:
            transport = self._to[host] = self._transport(host)
        return await transport.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the sessions."""
        for transport in self._to.values():
            await transport.aclose()

    def _transport(self, host: str) -> AiohttpTransport:
        proxy, verify = self._proxies.leading_to(host), certificates(host)
        return AiohttpTransport(
            verify=verify,
            proxy=None if proxy is None else httpx.Proxy(proxy),
            client=lambda: _session(aiohttp.TCPConnector(ssl=verify, keepalive_timeout=KEEP, limit=0)),
        )


def _session(connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
    """Make a session without cookies, which belong to one tenant, and without aiohttp's own second attempts.

    aiohttp would send PUT and DELETE again on a dropped connection.

    Its connector has no limit of its own, since each token has its places: slow answers of one would use up another's.
    """
    session = aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar(), response_class=_Answer, trust_env=False
    )
    session._retry_connection = False  # pyright: ignore[reportPrivateUsage]  # the only switch that there is
    return session
