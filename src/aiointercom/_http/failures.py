"""PURE: what the errors of the HTTP libraries mean: which of them prove that nothing reached Intercom."""

from __future__ import annotations

import httpx

NEVER_LEFT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)
"""Errors after which certainly nothing reached Intercom. After every other one something may have."""
NETWORK = (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError)
TELLING = (httpx.ConnectError, httpx.ConnectTimeout)
"""Errors whose text says something about the network; that of others may quote headers or an answer."""


def never_left(failure: Exception) -> bool:
    """Say whether certainly nothing reached Intercom.

    httpx-aiohttp makes a ConnectTimeout of every broken connection, that of a request whose answer was lost too. There
    only what aiohttp itself calls a failure to connect is one.
    """
    cause = failure.__cause__
    if isinstance(failure, httpx.ConnectTimeout) and cause is not None and from_aiohttp(cause):
        return any(kind.__name__ in ("ClientConnectorError", "ConnectionTimeoutError") for kind in type(cause).__mro__)
    return isinstance(failure, NEVER_LEFT)


def from_aiohttp(failure: BaseException) -> bool:
    """Say whether an error is aiohttp's own: httpx-aiohttp lets some through as they are.

    It is optional, so not imported to ask.
    """
    return type(failure).__module__.partition(".")[0] == "aiohttp"
