"""What TLS needs: made once per process, for reading the authorities takes some 20 ms."""

from __future__ import annotations

import ssl
from functools import lru_cache

import httpx

from aiointercom.errors import ConfigurationError

from .environment import certificates_key


def certificates(address: str) -> ssl.SSLContext:
    """Return what TLS to an address needs. It is made once per process, for reading the authorities takes some 20 ms.

    Raises:
        ConfigurationError: The environment names certificates that cannot be read.
    """
    return _authorities(certificates_key()) if address.startswith("https:") else _nobody()


@lru_cache(maxsize=4)
def _authorities(key: tuple[object, ...]) -> ssl.SSLContext:
    try:
        return httpx.create_ssl_context()
    except (OSError, ValueError):  # ssl.SSLError is an OSError
        where = key[0] if key else "certifi"
        raise ConfigurationError(f"{where} holds no certificates that can be read") from None


@lru_cache(maxsize=1)
def _nobody() -> ssl.SSLContext:
    """For plain http, which needs no certificates: it trusts no authority at all."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
