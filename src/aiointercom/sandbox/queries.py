"""Search: from a documented query to a yes or no for each conversation. Pure.

Assumption: the reference gives the operators and the shape of a query; which field takes which operator, that text is
compared without regard to case, and the bounds on nesting and size are the sandbox's choice.
"""

from collections.abc import Callable
from re import fullmatch
from typing import Any, Literal

from .refusals import Json, as_list, as_object, invalid

Matcher = Callable[[Json], bool]
Kind = Literal["number", "text", "boolean"]

MAX_DEPTH = 3
MAX_FILTERS = 15

FIELDS: dict[str, Kind] = {
    "id": "text",
    "created_at": "number",
    "updated_at": "number",
    "waiting_since": "number",
    "snoozed_until": "number",
    "admin_assignee_id": "number",
    "team_assignee_id": "number",
    "open": "boolean",
    "read": "boolean",
    "state": "text",
    "priority": "text",
    "title": "text",
    "source.id": "text",
    "source.type": "text",
    "source.delivered_as": "text",
    "source.subject": "text",
    "source.body": "text",
    "source.url": "text",
    "source.author.id": "text",
    "source.author.type": "text",
    "source.author.name": "text",
    "source.author.email": "text",
    "contact_ids": "text",
}

Comparison = Callable[[Any, Any], bool]
EQUALITY: dict[str, Comparison] = {
    "=": lambda seen, asked: bool(seen == asked),
    "!=": lambda seen, asked: bool(seen != asked),
}
MEMBERSHIP: dict[str, Comparison] = {
    "IN": lambda seen, asked: seen in asked,
    "NIN": lambda seen, asked: seen not in asked,
}
ORDER: dict[str, Comparison] = {
    "<": lambda seen, asked: bool(seen < asked),
    "<=": lambda seen, asked: bool(seen <= asked),
    ">": lambda seen, asked: bool(seen > asked),
    ">=": lambda seen, asked: bool(seen >= asked),
}
TEXT: dict[str, Comparison] = {
    "~": lambda seen, asked: asked in seen,
    "!~": lambda seen, asked: asked not in seen,
    "^": lambda seen, asked: bool(seen.startswith(asked)),
    "$": lambda seen, asked: bool(seen.endswith(asked)),
}
OPERATORS: dict[Kind, dict[str, Comparison]] = {
    "number": EQUALITY | ORDER,
    "text": EQUALITY | TEXT,
    "boolean": EQUALITY,
}


def matcher(asked: object, depth: int = 1) -> Matcher:
    """The test that a query stands for. A query that cannot be understood is refused with 400."""
    query = as_object(asked)
    if query is None:
        raise invalid("query must be an object")
    if query.get("operator") in ("AND", "OR") and "field" not in query:
        return _group(query, depth)
    return _single(query)


def _group(query: Json, depth: int) -> Matcher:
    members = as_list(query.get("value"))
    if members is None or not 0 < len(members) <= MAX_FILTERS:
        raise invalid(f"the value of AND and OR is a list of 1 to {MAX_FILTERS} filters")
    if depth == MAX_DEPTH:
        raise invalid(f"filters may be nested {MAX_DEPTH - 1} deep")
    tests = [matcher(member, depth + 1) for member in members]
    combine = all if query["operator"] == "AND" else any
    return lambda item: combine(test(item) for test in tests)


def _single(query: Json) -> Matcher:
    name, operator, value = query.get("field"), query.get("operator"), query.get("value")
    if not isinstance(name, str) or name not in FIELDS:
        raise invalid("field is not one that can be searched")
    if name == "contact_ids":
        return _contacts(operator, value)
    kind = FIELDS[name]
    path = name.split(".")
    if not isinstance(operator, str):
        raise invalid("operator must be a string")
    listed = as_list(value)
    if operator in MEMBERSHIP and listed is not None:
        choices = [_value(kind, member) for member in listed]
        return lambda item: MEMBERSHIP[operator](_at(item, path), choices)
    compare = OPERATORS[kind].get(operator)
    if compare is None:
        raise invalid(f"{name} does not take this operator with this value")
    if value is None and operator not in EQUALITY:
        raise invalid("null can only be compared with = and !=")
    asked = None if value is None else _value(kind, value)
    return lambda item: _compared(compare, _at(item, path), asked, operator in EQUALITY)


def _contacts(operator: object, value: object) -> Matcher:
    """The participants of a conversation: the one field that has several values."""
    listed = as_list(value) if operator == "IN" else [value] if operator == "=" else None
    if listed is None:
        raise invalid("contact_ids takes = with an id and IN with a list of ids")
    wanted = {_value("text", id) for id in listed}
    return lambda item: any(contact["id"].lower() in wanted for contact in item["contacts"]["contacts"])


def _compared(compare: Comparison, seen: object, asked: object, takes_null: bool) -> bool:
    return (seen is not None or takes_null) and compare(seen, asked)


def _value(kind: Kind, value: object) -> object:
    is_bool = isinstance(value, bool)
    text = str(value)
    # A number that is written as text is a number: the published example of a search compares created_at so.
    if kind == "number" and isinstance(value, int | str) and not is_bool and fullmatch("-?[0-9]{1,15}", text):
        return int(text)
    if kind == "boolean" and (is_bool or value in ("true", "false")):
        return value in (True, "true")
    if kind == "text" and isinstance(value, int | str) and not is_bool:
        return text.lower()
    raise invalid(f"a {kind} was expected as value")


def _at(item: Json, path: list[str]) -> object:
    value: object = item
    for name in path:
        value = (as_object(value) or {}).get(name)
    return value.lower() if isinstance(value, str) else value
