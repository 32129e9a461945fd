"""Makes the transport of a client that was given no httpx client: httpx, aiohttp, or the caller's own transport."""

from __future__ import annotations

from typing import Literal

import httpx

from aiointercom.errors import ConfigurationError

from .base import HTTPTransport
from .certificates import certificates
from .environment import Proxies, check_key_log
from .httpx_client import CallersClient
from .pool import ConnectionPool, SingleTransport


def make_transport(choice: object, http_client: httpx.AsyncClient | None = None) -> HTTPTransport:
    """Make the transport for a `transport=` or an `http_client=`.

    Raises:
        ConfigurationError: Both are given, its name is not known, its extra is missing, or the environment's
            proxies cannot be used.
    """
    if http_client is not None:
        if choice != "httpx":
            raise ConfigurationError("pass transport or http_client, not both: the client has a transport of its own")
        return CallersClient(http_client)
    if choice == "httpx":
        proxies = Proxies.from_environment()
        return ConnectionPool(lambda to: _lane(to, proxies))
    if choice == "aiohttp":
        return _aiohttp(Proxies.from_environment())
    if isinstance(choice, httpx.AsyncBaseTransport):
        return SingleTransport(choice)
    raise ConfigurationError('transport must be "httpx", "aiohttp" or an httpx.AsyncBaseTransport')


def _lane(to: str, proxies: Proxies) -> httpx.AsyncHTTPTransport:
    proxy = proxies.leading_to(to)
    return httpx.AsyncHTTPTransport(verify=certificates(to), proxy=None if proxy is None else httpx.Proxy(proxy))


def _aiohttp(proxies: Proxies) -> HTTPTransport:
    check_key_log()  # aiohttp makes a context of its own when it is imported
    try:
        from .aiohttp_transport import Aiohttp
    except ImportError:
        raise ConfigurationError('transport="aiohttp" needs: pip install "aiointercom[aiohttp]"') from None
    return Aiohttp(proxies)


Transport = Literal["httpx", "aiohttp"] | httpx.AsyncBaseTransport


def is_aiohttp(transport: object) -> bool:
    """Asked of the name, since aiohttp is optional."""
    return type(transport).__module__.partition(".")[0] == "httpx_aiohttp"
