"""PURE: what the caller passes -> what goes on the wire, or a clear error before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from attrs import field, frozen

from aiointercom._values.json_types import JSONMapping
from aiointercom._values.validation import encodable, encode

from .retry_policy import RequestEffect, effect_of

_TEMPLATE = re.compile(r"\{(\w+)\}")
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


@frozen(eq=False, repr=False)
class Request:
    """One request as it goes on the wire."""

    method: str
    target: str = field(repr=False)
    """Path and query, quoted."""
    content: bytes | None = field(repr=False)
    effect: RequestEffect
    operation: str
    """Method and path template, for people: it holds nothing of what the caller passed."""
    ids: Mapping[str, str | int]


def prepare(
    method: str, path: str, values: Mapping[str, str | int] | None, query: JSONMapping | None, body: Any
) -> Request:
    """Build a request from a path template and what stands in it.

    Raises:
        ValueError, TypeError: The path, a value, the query or the body cannot be sent.
    """
    try:
        target = path if values is None else _TEMPLATE.sub(lambda match: quote(str(values[match[1]]), safe=""), path)
        if query:
            target += _query(query)
        effect = effect_of(method, path)
        named: dict[str, str | int] = dict(values or {})
        if effect in (RequestEffect.REDACT, RequestEffect.CONVERT) and body.__class__ is dict:
            named |= {name: value for name, value in body.items() if name.endswith("_id")}
        return Request(method, target, None if body is None else encode(body), effect, f"{method} {path}", named)
    finally:
        del query, body  # a traceback shows what a frame still holds


def _query(query: Mapping[str, Any]) -> str:
    """Write query parameters, those that are None left out, with the question mark before them."""
    try:
        pairs = {name: _plain(value) for name, value in query.items() if value is not None}
        return "?" + encodable(partial(urlencode, pairs, doseq=True), "query") if pairs else ""
    finally:
        pairs = {}
        del query


def checked_path(path: object) -> str:
    """Return a path for `request` that stays on Intercom's host.

    Raises:
        TypeError: It is no string.
        ValueError: It does not begin with one slash, has a query, a fragment, dots for segments, blanks or control
            characters.
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


def _plain(value: Any) -> object:
    """Write booleans as JSON does, also inside lists."""
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]  # pyright: ignore[reportUnknownVariableType]  # JSON
    return str(value).lower() if isinstance(value, bool) else value
