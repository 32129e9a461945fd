"""What the environment says about the way to Intercom: proxies and certificates.

Each mistake in it is an error that names the variable.
"""

from __future__ import annotations

import ipaddress
import os
import re
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies

import httpx
from attrs import frozen

from aiointercom.errors import ConfigurationError

BASE_URL = "INTERCOM_BASE_URL"
CERTIFICATES = "SSL_CERT_FILE", "SSL_CERT_DIR"
KEY_LOG = "SSLKEYLOGFILE"
SOCKS = ("socks5", "socks5h")
_HASHED = re.compile(r"[0-9a-f]{8}\.[0-9]+")


@frozen(eq=False, repr=False)
class Proxies:
    """The proxy that the environment names for https, and the hosts that it keeps away from it."""

    url: str | None
    """None: there is no proxy."""
    variable: str
    """Where it was found, for errors."""
    _away: tuple[str, ...]
    """Hosts, with or without a port, and the ends of their names."""

    @classmethod
    def from_environment(cls) -> Proxies:
        """Read HTTPS_PROXY, ALL_PROXY and NO_PROXY, in upper or lower case.

        HTTP_PROXY is not for us: it would get the token in clear.

        Raises:
            ConfigurationError: One of them cannot be used.
        """
        found = getproxies()
        scheme = "https" if found.get("https") else "all"
        url, variable = found.get(scheme), _variable(scheme)
        away = _exceptions(found.get("no", ""))
        if url is None or "*" in away:
            return cls(None, variable, away)
        return cls(_checked(url if "://" in url else f"http://{url}", variable), variable, away)

    def leading_to(self, address: str) -> str | None:
        """Return the proxy for an address. None: there is no proxy for it.

        Plain http is kept away from all of them: they would get the token in clear.
        """
        parts = urlsplit(address)
        hosts = parts.netloc, parts.hostname or ""
        away = any(host == name or host.endswith(f".{name}") for host in hosts for name in self._away)
        return None if away or parts.scheme != "https" else self.url


def certificates_key() -> tuple[object, ...]:
    """Check where the environment says that the certificates of authorities are, and return what changes when they do.

    Raises:
        ConfigurationError: There is no such file or directory, or it holds no certificate.
    """
    check_key_log()
    for variable, check in zip(CERTIFICATES, (_check_file, _check_directory), strict=True):
        if name := os.environ.get(variable):
            check(Path(name), variable)
            told = Path(name).stat()
            return variable, name, told.st_mtime_ns, told.st_size
    return ()


def _check_file(path: Path, variable: str) -> None:
    try:
        text = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{variable} names a file that cannot be read: {error.strerror}") from None
    if b"-----BEGIN " not in text:
        raise ConfigurationError(f"{variable} names a file without a certificate in PEM form")


def _check_directory(path: Path, variable: str) -> None:
    try:
        names = os.listdir(path)  # noqa: PTH208  # names are all that is needed
    except OSError as error:
        raise ConfigurationError(f"{variable} names a directory that cannot be read: {error.strerror}") from None
    if not any(_HASHED.fullmatch(name) for name in names):
        raise ConfigurationError(
            f"{variable} names a directory without certificates under their hashes (openssl rehash)"
        )


def _variable(scheme: str) -> str:
    """Return the name under which a proxy was set; the lower-case one goes before, as everywhere."""
    name = f"{scheme}_proxy"
    return name if os.environ.get(name) else name.upper()


def _checked(url: str, variable: str) -> str:
    """Return the address of a proxy. It may hold a password, so no error shows it."""
    try:
        parts = urlsplit(url)
        usable = has_usable_host(url) and (parts.port is None or parts.port > 0)
    except ValueError:
        raise ConfigurationError(f"{variable} is not the address of a proxy") from None
    if parts.scheme not in ("http", "https", *SOCKS):
        raise ConfigurationError(f"{variable} names a proxy of an unknown kind: use http://, https:// or socks5://")
    if not usable:
        raise ConfigurationError(f"{variable} is not the address of a proxy")
    if parts.scheme in SOCKS and _is_missing("socksio"):
        raise ConfigurationError(f'{variable} names a SOCKS proxy, which needs: pip install "httpx[socks]"')
    return url


def has_usable_host(url: str) -> bool:
    """Say whether an address names a host that can be looked up.

    Otherwise the look-up of a name raises what no transport expects: a request would count as sent.
    """
    try:
        parsed = httpx.URL(url)
        parsed.raw_host.decode("ascii").encode("idna")  # as `getaddrinfo` does: no label may be empty or too long
        return bool(parsed.host) and (":" in parsed.host or "%" not in parsed.host)  # httpx writes a blank as %20
    except (httpx.InvalidURL, ValueError):  # what idna raises is a UnicodeError, and that a ValueError
        return False


def check_key_log() -> None:
    """Check the file into which Python writes the keys of TLS, which it opens for every context, aiohttp's own too.

    Raises:
        ConfigurationError: It cannot be written.
    """
    if name := os.environ.get(KEY_LOG):
        try:
            Path(name).open("a").close()
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "it is not a path"
            raise ConfigurationError(f"{KEY_LOG} names a file that cannot be written: {why}") from None


def _is_missing(module: str) -> bool:
    from importlib.util import find_spec

    return find_spec(module) is None


def _exceptions(text: str) -> tuple[str, ...]:
    """Read NO_PROXY.

    What would be passed over silently is refused: hosts are told by name, and no name lies in a range of IPv6
    addresses.
    """
    names = [entry.strip().rpartition("://")[2].lower() for entry in text.split(",")]
    for name in names:
        address, slash, _ = name.strip("[]").partition("/")
        if slash and ":" in address and _is_ip(address.strip("[]")):
            raise ConfigurationError(
                f"{_variable('no')} holds a range of IPv6 addresses, {name}: name hosts or domains"
            )
    return tuple(name.removeprefix("*.").lstrip(".") for name in names if name)


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
