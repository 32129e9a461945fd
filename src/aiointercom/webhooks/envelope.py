"""PURE: the JSON of a notification, within limits of size and depth, and its signature's header."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn, cast

from aiointercom._values.hidden import Hidden

from .signature import HEADER

MOST_BYTES = 1_048_576
"""The largest body that is read. A notification with one new message has some kilobytes; the sweep covers more."""
DEEPEST = 50
"""How deep objects and lists may be nested. Those of a conversation are nested less than ten deep."""

Headers = Mapping[str, str] | Mapping[bytes, bytes] | Iterable[tuple[str, str]] | Iterable[tuple[bytes, bytes]]


def signature_in(headers: Headers) -> str | bytes | None:
    """Return the signature; None: the header is missing, or comes twice with different values.

    Raises:
        TypeError: They are not headers.
    """
    try:
        pairs = cast("Iterable[tuple[Any, Any]]", headers.items() if isinstance(headers, Mapping) else headers)
        values = {_text(value) for name, value in pairs if (_text(name) or "").lower() == HEADER.lower()}
    except (TypeError, ValueError, AttributeError):  # what was given may be private, so it is not told
        problem = TypeError("headers must be a mapping, or pairs of a name and a value, each text or bytes")
    else:
        return values.pop() if len(values) == 1 else None
    raise problem


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if not isinstance(value, bytes):
        raise TypeError("a header is text or bytes")
    return value.decode("latin-1")


def envelope_in(body: Hidden[bytes]) -> tuple[Hidden[Mapping[str, Any]], str | None]:
    """Read the body of a notification.

    Returns:
        The object and None; or an empty object and what is wrong with the body. A raised error would show the body.
    """
    nothing: Hidden[Mapping[str, Any]] = Hidden({})
    if len(body.reveal()) > MOST_BYTES:
        return nothing, f"the body has more than {MOST_BYTES} bytes"
    try:
        value = Hidden(json.loads(body.reveal().decode(), parse_constant=_refused))
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
        return nothing, "the body is not JSON, or nested too deep to be read"
    if not isinstance(value.reveal(), dict):
        return nothing, "the body is not a JSON object"
    if _is_deep(value):
        return nothing, f"the body is nested more than {DEEPEST} deep"
    topic = value.reveal().get("topic")
    return (value, None) if isinstance(topic, str) and topic else (nothing, "the body names no topic")


def _refused(_constant: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")


def _is_deep(value: Hidden[Any]) -> bool:
    level: list[Any] = [value.reveal()]
    for _ in range(DEEPEST):
        level = [inner for outer in level for inner in _inside(outer) if isinstance(inner, dict | list)]
        if not level:
            return False
    return True


def _inside(value: Any) -> Iterable[Any]:
    return cast("dict[str, Any]", value).values() if isinstance(value, dict) else value
