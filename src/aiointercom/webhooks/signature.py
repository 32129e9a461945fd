"""PURE: the signature of a notification, an HMAC over the raw body with the app's client secret."""

from __future__ import annotations

import hmac
from collections.abc import Iterable

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
        ValueError: There is no secret, or an empty one, with which anybody could sign.

    Source: https://developers.intercom.com/docs/webhooks/webhook-notifications (signed notifications)
    """
    problem = problem_of(checked_body(body), signature, keys_of(secret))
    del body, secret  # so that the frames of an error do not show them
    if problem is not None:
        raise SignatureError(problem)


def checked_body(body: object) -> Hidden[bytes]:
    """Return the body, hidden from tracebacks.

    Raises:
        TypeError: It is not bytes.
    """
    if not isinstance(body, bytes):
        raise TypeError(f"body must be the bytes that were received, not {type(body).__name__}")
    return Hidden(body)


def keys_of(secret: str | bytes | Iterable[str | bytes]) -> Keys:
    """Return the secrets as bytes, hidden from tracebacks.

    Raises:
        TypeError, ValueError: They cannot be used.
    """
    several: tuple[object, ...] = (secret,) if isinstance(secret, str | bytes) else tuple(secret)
    texts = tuple(
        one
        for one in several
        if isinstance(one, str | bytes)  # pyright: ignore[reportUnnecessaryIsInstance]  # callers may be untyped
    )
    if len(texts) < len(several):
        raise TypeError("a secret must be text or bytes")
    keys = tuple(one.encode() if isinstance(one, str) else one for one in texts)
    if not keys or not all(keys):
        raise ValueError("secret is empty: it is the client secret of the app, from its page in the Developer Hub")
    return Hidden(keys)


def problem_of(body: Hidden[bytes], signature: str | bytes | None, keys: Keys) -> str | None:
    """Say why a signature is refused; None: it is accepted. Every key is tried, however early one fits."""
    if signature is None:
        return f"the header {HEADER} is missing"
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
