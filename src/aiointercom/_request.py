"""PURE: what the caller passes -> what goes on the wire, or a clear error before anything is sent."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from attrs import field, frozen

from ._policy import Effect, effect_of

LONGEST_ID = 255
T = TypeVar("T")
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
_TEMPLATE = re.compile(r"\{(\w+)\}")
_USUAL_ID = re.compile(rf"[0-9A-Za-z_-]{{1,{LONGEST_ID}}}")
_RESOURCE = re.compile(r"[a-z_]{1,40}")
_BELOW = frozenset(
    [
        "search",
        "redact",
        "convert",
        "reply",
        "parts",
        "tags",
        "notes",
        "companies",
        "contacts",
        "customers",
        "segments",
        "subscriptions",
        "list",
        "scroll",
        "merge",
        "archive",
        "unarchive",
        "run_assignment_rules",
        "find_by_external_id",
        "attributes",
        "summaries",
        "away",
    ]
)
"""Words that Intercom's paths have behind the first segment. Anything else there could be an id, a name or an email."""


@frozen
class Request:
    """One request as it goes on the wire."""

    method: str
    target: str = field(repr=False)
    """Path and query, quoted."""
    content: bytes | None = field(repr=False)
    effect: Effect
    operation: str
    """Method and path template, for people: it holds nothing of what the caller passed."""
    ids: Mapping[str, str | int]


def prepare(
    method: str, path: str, values: Mapping[str, str | int] | None, query: Mapping[str, Any] | None, body: Any
) -> Request:
    """Build a request from a path template and what stands in it.

    Raises:
        ValueError, TypeError: The path, a value, the query or the body cannot be sent.
    """
    target = path if values is None else _TEMPLATE.sub(lambda match: quote(str(values[match[1]]), safe=""), path)
    if query and (pairs := {name: _plain(value) for name, value in query.items() if value is not None}):
        target += "?" + _encodable(lambda: urlencode(pairs, doseq=True), "query")
    effect = effect_of(method, path)
    named: dict[str, str | int] = dict(values or {})
    if effect in (Effect.REDACT, Effect.CONVERT) and body.__class__ is dict:
        named |= {name: value for name, value in body.items() if name.endswith("_id")}
    return Request(method, target, None if body is None else encode(body), effect, f"{method} {path}", named)


def checked_id(value: object, name: str) -> str | int:
    """Return an id that can stand in a path, as it is.

    Raises:
        TypeError: It is neither a string nor an integer.
        ValueError: It is empty, longer than 255 characters, "." or "..", or holds a slash, blank or control character.
    """
    if isinstance(value, str) and _USUAL_ID.fullmatch(value):  # nearly all: the rest says what is wrong with the others
        return value
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise TypeError(f"{name} must be a string or an integer, not {type(value).__name__}")
    if isinstance(value, int):
        if not 0 <= value < 10**LONGEST_ID:
            raise ValueError(f"{name} must not be negative or longer than {LONGEST_ID} digits")
        return value
    if not value or value in (".", "..") or len(value) > LONGEST_ID:
        raise ValueError(f"{name} must not be empty, '.', '..' or longer than {LONGEST_ID} characters")
    if not value.isprintable() or any(character in "/\\ " or character.isspace() for character in value):
        raise ValueError(f"{name} must not hold slashes, blanks or control characters")
    return value


def id_like(value: object) -> str | None:
    """Return an id that an answer holds as its decimal string, or None for what a caller could not hand back as an id.

    The rules are those of `checked_id`: what passes can stand in a path, an error, the ledger and on a terminal.
    """
    try:
        return str(checked_id(value, "id"))
    except (TypeError, ValueError):
        return None


def checked_path(path: object) -> str:
    """Return a path for `request` that stays on Intercom's host.

    Raises:
        TypeError: It is no string.
        ValueError: It does not begin with one slash, has a query, a fragment, dots for segments, blanks or control characters.
    """
    if not isinstance(path, str):
        raise TypeError(f"the path must be a string, not {type(path).__name__}")
    if not path.startswith("/") or path.startswith("//"):
        raise ValueError("the path must begin with one slash: '/tags', not a whole address")
    if any(character in "?#\\" or not "!" <= character <= "~" for character in path):
        raise ValueError("the path must be plain ASCII without blanks, '?' or '#': pass query=, and quote the rest")
    if {".", ".."} & set(path.replace("%2e", ".").replace("%2E", ".").split("/")):
        raise ValueError("the path must not hold '.' or '..' as a segment")
    return path


def template_of(path: str) -> str:
    """Blank out the segments of a path that could be an id, a name or an email, so that the rest can be logged."""
    _, first, *further = path.split("/")
    told = [first if _RESOURCE.fullmatch(first) or not first else "{}"]
    return "/" + "/".join(told + [part if part in _BELOW else "{}" for part in further])


def checked_seconds(value: object, name: str) -> float:
    """Return a number of seconds above zero.

    Raises:
        TypeError: It is no number.
        ValueError: It is zero, negative or not finite.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} must be a number of seconds, not {type(value).__name__}")
    if not math.isfinite(value) or value <= 0:
        raise ValueError(f"{name} must be above zero and finite")
    return float(value)


def encode(body: Any) -> bytes:
    """Write a body as JSON, in UTF-8 and without blanks; NaN is no JSON and raises ValueError."""
    return _encodable(_write(body).encode, "body")


def _encodable(write: Callable[[], T], what: str) -> T:
    try:
        return write()
    except UnicodeEncodeError:
        pass  # not chained: the codec's error holds, and prints, the whole text
    raise ValueError(f"the {what} holds half of a surrogate pair, which no text in UTF-8 can")


def _plain(value: Any) -> Any:
    """Write booleans as JSON does, also inside lists."""
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]  # pyright: ignore[reportUnknownVariableType]  # a query is the JSON border
    return str(value).lower() if isinstance(value, bool) else value
