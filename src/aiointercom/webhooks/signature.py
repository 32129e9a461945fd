"""PURE: the signature of a notification, an HMAC over the raw body with the app's client secret."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from typing import cast

from aiointercom._values.hidden import Hidden
from aiointercom.errors import SignatureError

HEADER = "X-Hub-Signature"
"""The header that carries the signature."""
SCHEME = b"sha1="
LENGTH = len(SCHEME) + 40

Keys = Hidden[tuple[bytes, ...]]


def verify(body: bytes, signature: str | bytes | None, secret: str | bytes | Iterable[str | bytes]) -> None:
    """Check that Intercom signed a body. It raises if not, so that nobody can forget to look at an answer.

    Args:
        body: The body as it was received, byte by byte. JSON that was read and written again has other bytes.
        signature: The header `X-Hub-Signature`, "sha1=" and 40 hexadecimal digits. None: the header is missing.
        secret: The app's client secret. While it is exchanged for another, both: the signature of either is accepted.

    Raises:
        SignatureError: The signature is missing, malformed (with characters outside of ASCII, for example), or does not
            fit the body.
        TypeError: The body is not bytes, or a secret is neither text nor bytes.
        ValueError: There is no secret, or one that is empty or white space, with which anybody could sign.

    Source: https://developers.intercom.com/docs/webhooks/webhook-notifications (signed notifications)
    """
    kept, kept_secret = Hidden[object](body), Hidden[object](secret)
    del body, secret  # so that the frames of an error do not show them
    problem = problem_of(checked_body(kept), signature, keys_of(kept_secret))
    if problem is not None:
        raise SignatureError(problem)


def checked_body(body: Hidden[object]) -> Hidden[bytes]:
    """Return the body, which stays hidden from tracebacks.

    Raises:
        TypeError: It is not bytes.
    """
    if not isinstance(body.reveal(), bytes):
        raise TypeError(f"body must be the bytes that were received, not {type(body.reveal()).__name__}")
    return cast("Hidden[bytes]", body)


def keys_of(secret: Hidden[object]) -> Keys:
    """Return the secrets as bytes, which stay hidden from tracebacks.

    Raises:
        TypeError, ValueError: They cannot be used.
    """
    keys, problem = _keys_in(secret)
    if problem is not None:
        raise problem
    return keys


def _keys_in(secret: Hidden[object]) -> tuple[Keys, Exception | None]:
    """Return the keys and the problem with them. It does not raise, so that no frame of an error shows a secret."""
    given, nothing = secret.reveal(), Hidden[tuple[bytes, ...]](())
    if not isinstance(given, Iterable) or isinstance(given, Mapping | bytearray):
        return nothing, TypeError(
            f"secret must be text, bytes, or several of them, not {type(secret.reveal()).__name__}"
        )
    several: tuple[object, ...] = (given,) if isinstance(given, str | bytes) else tuple(cast("Iterable[object]", given))
    texts = tuple(one for one in several if isinstance(one, str | bytes))
    if len(texts) < len(several):
        return nothing, TypeError("a secret must be text or bytes")
    try:
        keys = tuple(one.encode() if isinstance(one, str) else one for one in texts)
    except UnicodeEncodeError:
        return nothing, ValueError("a secret holds half of a surrogate pair, which cannot be written as UTF-8")
    if not keys or not all(key.strip() for key in keys):
        told = "secret is empty: it is the client secret of the app, from its page in the Developer Hub"
        return nothing, ValueError(told)
    return Hidden(keys), None


def problem_of(body: Hidden[bytes], signature: str | bytes | None, keys: Keys) -> str | None:
    """Say why a signature is refused; None: it is accepted. Every key is tried, however early one fits."""
    if signature is None:
        return f"the header {HEADER} is missing"
    if not isinstance(signature, str | bytes):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers may be untyped
        raise TypeError(f"signature must be the text of the header {HEADER}, not {type(signature).__name__}")
    # What is not ASCII becomes "?", which no signature has: compare_digest refuses such text with a TypeError.
    given = signature.encode("ascii", "replace") if isinstance(signature, str) else signature
    if len(given) != LENGTH or not given.startswith(SCHEME):
        return f'the header {HEADER} is not "sha1=" and 40 hexadecimal digits'
    given = given.lower()
    fits = [hmac.compare_digest(given, SCHEME + _digest(key, body)) for key in keys.reveal()]
    return None if any(fits) else "the signature does not fit the body: another secret, or another body"


def _digest(key: bytes, body: Hidden[bytes]) -> bytes:
    # Intercom signs with SHA-1. As an HMAC it is not known to be forgeable.
    return hmac.new(key, body.reveal(), "sha1").hexdigest().encode()
