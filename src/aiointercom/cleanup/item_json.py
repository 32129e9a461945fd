"""Items as JSON, for a queue's payload or a row of a table. Errors never quote the text that they refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NoReturn, cast

from aiointercom._values.hidden import Hidden

from .items import Convert, Item, RedactPart, RedactSource, checked_item

VERSION = 1
"""The version of the form. It grows when an earlier aiointercom could read a later form wrongly."""
LONGEST = 1 << 20
"""Characters of the longest text that is read or written. A redaction has some hundred; a conversion also its texts."""
NAMES = ("found", "only_stored")
FIELDS = {
    "redact_part": frozenset({"conversation_id", "part_id", *NAMES}),
    "redact_source": frozenset({"conversation_id", "source_id", *NAMES}),
    "convert": frozenset({"conversation_id", "ticket_type_id", "title", "description", "attributes"}),
}
KINDS: dict[str, Callable[..., Item]] = {"redact_part": RedactPart, "redact_source": RedactSource, "convert": Convert}


def item_to_json(item: Item) -> str:
    """Write an item as one line of JSON in ASCII. This and later versions of aiointercom read it with `item_from_json`.

    A redaction holds ids and names of detectors. A conversion holds the texts that the operator passed for the ticket:
    keep it where such texts may be kept.

    Args:
        item: The item.

    Raises:
        TypeError: It is not an item.
        ValueError: It is longer than a million characters.
    """
    checked_item(item)
    told = {name: getattr(item, name) for name in sorted(FIELDS[item.kind])}
    plain = {"version": VERSION, "type": item.kind, **{name: value for name, value in told.items() if _is_told(value)}}
    text = Hidden(json.dumps(plain, separators=(",", ":"), allow_nan=False))
    if len(text.reveal()) > LONGEST:
        raise ValueError(f"an item must not be longer than {LONGEST} characters as JSON")
    return text.reveal()


def _is_told(value: Any) -> bool:
    return value is not None and value not in ((), {})


def item_from_json(text: str | bytes) -> Item:
    """Read an item that `item_to_json` wrote.

    Args:
        text: The JSON; bytes are UTF-8.

    Raises:
        TypeError: `text` is neither a string nor bytes.
        ValueError: It is not such JSON, or it has a newer version, a field that this version does not know, or an id
            that Intercom cannot take. The message names the field, and never its value.
    """
    if not isinstance(text, str | bytes):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers may be untyped
        raise TypeError(f"an item is read from a string or bytes, not from {type(text).__name__}")
    hidden, text = Hidden(text), ""
    item = _read(hidden)
    if isinstance(item, str):
        raise ValueError(f"not an item: {item}")
    return item


def _read(text: Hidden[str | bytes]) -> Item | str:
    """Return the item, or what is wrong with it. It raises nothing: the values are local variables here."""
    data = _object_in(text)
    if data is None:
        return "it is not a JSON object"
    version, kind = data.pop("version", None), data.pop("type", None)
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        return "it names no version"
    if version > VERSION:
        return f"it has version {version}, and this aiointercom knows {VERSION}: use a newer one"
    if not isinstance(kind, str) or kind not in FIELDS:
        return "its type is not one of " + ", ".join(FIELDS)
    if data.keys() - FIELDS[kind]:
        return "it has a field that this version does not know"
    return _item(kind, data)


def _item(kind: str, data: dict[str, Any]) -> Item | str:
    for name in FIELDS[kind] & {"title", "description"}:
        if not isinstance(data.get(name), str | None):
            return f"{name} is not a string"
    for name in FIELDS[kind] & set(NAMES):
        if not _is_names(data.get(name, [])):
            return f"{name} is not a list of strings"
    if not isinstance(data.get("attributes", {}), dict):
        return "attributes is not an object"
    if missing := [name for name in sorted(FIELDS[kind]) if name.endswith("_id") and name not in data]:
        return f"{missing[0]} is missing"
    try:
        return KINDS[kind](**data)
    except (ValueError, TypeError) as error:
        return str(error)


def _is_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in cast("list[object]", value))


def _object_in(text: Hidden[str | bytes]) -> dict[str, Any] | None:
    if len(text.reveal()) > LONGEST:
        return None
    try:
        data = json.loads(text.reveal(), parse_constant=_not_json)
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, Any]", data) if isinstance(data, dict) else None


def _not_json(_: str) -> NoReturn:
    raise ValueError("not JSON")  # NaN and Infinity, which the json module accepts although they are not JSON
