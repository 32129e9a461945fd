"""msgspec Structs of the shape of our models.

They are made from the models themselves, so that neither side ever reads a field more.
"""

from __future__ import annotations

from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs
import msgspec


@cache
def struct_of(model: type) -> type:
    """Make the Struct: the same fields but for `raw`, all optional, without renaming, and drop unknown keys."""
    hints = get_type_hints(model)
    declared = [
        (field.name, of_id(hints[field.name]) if field.name.endswith("id") else shape(hints[field.name]), None)
        for field in attrs.fields(model)
        if field.name != "raw"
    ]
    return msgspec.defstruct(model.__name__, declared)


def of_id(hint: Any) -> Any:
    """Return the shape of an id: our models read an integer as its decimal string, and a Struct takes it as it is."""
    return Union[shape(hint), int]  # noqa: UP007  # the parts are known at run time only


def shape(hint: Any) -> Any:
    """Write a type hint of a model as one of Structs. A closed set of words beside any other word is just a word."""
    if attrs.has(hint):
        return struct_of(hint)
    kind, parts = get_origin(hint), get_args(hint)
    if kind in (Union, UnionType):
        return Union[tuple(shape(part) for part in parts)]  # noqa: UP007  # the parts are known at run time only
    if kind is list:
        return list[shape(parts[0])]
    return hint if hint is not NoneType else None
