"""Which attributes a ticket type accepts when a conversation is converted. Pure.

Assumption: everything here. How the API checks attributes on conversion was not found; `parameter_invalid` is what
later versions answer elsewhere.
"""

from collections.abc import Callable

from .refusals import Json, as_object, invalid

BUILT_IN = frozenset({"_default_title_", "_default_description_"})


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return _is_integer(value) or isinstance(value, float)


KINDS: dict[str, Callable[[object], bool]] = {
    "string": lambda value: isinstance(value, str),
    "list": lambda value: isinstance(value, str),
    "integer": _is_integer,
    "decimal": _is_number,
    "boolean": lambda value: isinstance(value, bool),
    "datetime": lambda value: isinstance(value, str) or _is_integer(value),
    "files": lambda value: isinstance(value, list),
}


def accepted(ticket_type: Json, given: object) -> Json:
    """The ticket's attributes: the values given, null (or no files) for the others. Refuses what does not fit."""
    asked = {} if given is None else as_object(given)
    if asked is None:
        raise invalid("attributes must be an object")
    known = {item["name"]: item for item in ticket_type["ticket_type_attributes"]["data"] if not item["archived"]}
    values: Json = {name: [] if item["data_type"] == "files" else None for name, item in known.items()}
    for name, value in asked.items():
        _check(known.get(name), name, value)
        if value is not None:
            values[name] = value
    if any(item["required_to_create"] and values[name] in (None, "", []) for name, item in known.items()):
        raise invalid("Missing required ticket attributes")
    return values


def _check(attribute: Json | None, name: str, value: object) -> None:
    if attribute is None and name not in BUILT_IN:
        raise invalid(f"{name} is not an attribute of the ticket type")
    if value is None:
        return
    kind = "string" if attribute is None else attribute["data_type"]
    if not KINDS[kind](value):
        raise invalid(f"{name} must be of type {kind}")
    if kind == "list" and attribute is not None and value not in _item_ids(attribute):
        raise invalid(f"{name} must be the id of one of its list items")


def _item_ids(attribute: Json) -> list[str]:
    # Assumption: where a list attribute keeps its items; no example of one exists in any source.
    options: Json = attribute["input_options"] or {}
    items: list[Json] = options.get("items", [])
    return [item["id"] for item in items if not item.get("archived")]
