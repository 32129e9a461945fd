"""aiohttp as the transport. It keeps no cookies, sends no request twice, and uses the proxies of the environment.

Imported only when it is asked for, since aiohttp is an extra.
"""

from __future__ import annotations

from typing import Any

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from aiointercom.errors import ConfigurationError

from .base import RawResponse, fetch
from .certificates import certificates
from .environment import SOCKS, Proxies
from .pool import KEEP


class _Answer(aiohttp.ClientResponse):
    """An answer without its reason phrase: it says nothing, and httpx-aiohttp stumbles over one that is not UTF-8."""

    reason: Any = property(lambda _: None, lambda _, __: None)


class Aiohttp:
    """Carries requests with one session of aiohttp for each host, since proxies and certificates depend on it.

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

    async def send(self, request: httpx.Request, to: str, most: int | None = None) -> RawResponse:
        """Send one request and read its answer whole. `to`: the host's address. `most`: see `fetch`."""
        transport = self._to.get(to)
        if transport is None:
            transport = self._to[to] = self._transport(to)
        return await fetch(transport, request, most)

    async def aclose(self) -> None:
        """Close the sessions."""
        for transport in self._to.values():
            await transport.aclose()

    async def abandon(self) -> None:
        """Close the sessions even if their event loop is gone: aiohttp warns about those that are left open."""
        await self.aclose()

    def is_transport_error(self, failure: Exception) -> bool:  # noqa: ARG002  # a protocol
        """Say whether an error came from what carries the request: here nothing else runs."""
        return True

    @property
    def is_closed(self) -> bool:
        """Whether the caller closed it: what closes it here is the client."""
        return False

    @property
    def streams(self) -> bool:
        """Whether the body of a request is taken from its stream after the headers were sent: not known of aiohttp."""
        return False

    @property
    def certifies(self) -> bool:
        """Whether the authorities that the environment names are trusted."""
        return True

    def _transport(self, to: str) -> AiohttpTransport:
        proxy, verify = self._proxies.leading_to(to), certificates(to)
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
