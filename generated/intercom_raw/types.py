# Do not edit. Written by `scripts/regenerate` from openapi/; change the fragment or the templates there.
"""What all models share: a mark for "not sent", the way to plain JSON, and a repr without anybody's words."""

from __future__ import annotations

from collections.abc import Mapping, Set
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, Self, TypeAlias, cast

from attrs import AttrsInstance, fields


class _Unset(Enum):
    UNSET = "UNSET"

    def __bool__(self) -> Literal[False]:
        return False


Unset: TypeAlias = Literal[_Unset.UNSET]
UNSET: Final = _Unset.UNSET
"""Marks an optional field of a request that is not to be sent at all; None would be sent as null."""

new = object.__new__
"""Makes a model without `__init__`, which would cost more than all the rest: `from_dict` sets every field itself."""
OBJECT: Final[type[dict[str, Any]]] = dict
ARRAY: Final[type[list[Any]]] = list
"""What JSON's objects and arrays are read into: the same classes, with the types that type checkers need to know."""


def dump(value: Any) -> Any:
    """Turn request models, also inside lists, into plain JSON data; leave all else as it is."""
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if value.__class__ is list:
        return [dump(item) for item in value]
    return value


class Model:
    """The base of all models. An attribute that pydantic's models have is an AttributeError that says what to write."""

    __slots__ = ()

    if not TYPE_CHECKING:  # type checkers, `dir` and mocks with a spec must not know these names

        def __getattr__(self, name: str) -> Any:
            told = f"{type(self).__name__!r} object has no attribute {name!r}"
            hint = f": models are attrs classes, write {_OF_PYDANTIC[name]}" if name in _OF_PYDANTIC else ""
            raise AttributeError(told + hint, name=name, obj=self)


_OF_PYDANTIC: Final = {
    "dict": "to_dict()",
    "model_dump": "to_dict()",
    "json": "json.dumps(model.to_dict())",
    "model_dump_json": "json.dumps(model.to_dict())",
    "copy": "copy.deepcopy(model)",
    "model_copy": "copy.deepcopy(model)",
}


class Received(AttrsInstance, Protocol):
    """A model that is read from an answer."""

    raw: Mapping[str, Any]

    @classmethod
    def from_dict(cls, src: Mapping[str, Any]) -> Self: ...


def plain(model: Received, keys: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Write a model as JSON data: a deep copy of `raw`, with each field that is no longer what `raw` reads as.

    Args:
        model: The model.
        keys: By the name of a field, its key in JSON. None: all have the same.

    Raises:
        TypeError: A field was set to what JSON cannot hold. The message names the field, and no value.
    """
    received = model.from_dict(model.raw)
    out: dict[str, Any] = _json_of(model, "raw", model.raw)
    for field in fields(model.__class__):
        if field.name != "raw" and (value := getattr(model, field.name)) != getattr(received, field.name):
            out[field.name if keys is None else keys.get(field.name, field.name)] = _json_of(model, field.name, value)
    return out


def _json_of(model: Received, name: str, value: Any) -> Any:
    try:
        return _copy(value)
    except _NoJSONError as error:
        told = f"{type(model).__name__}.{name} holds {error}, which JSON cannot"
    raise TypeError(told)


class _NoJSONError(Exception):
    """A value is no JSON data. The message says what it is, and not its text."""


def _copy(value: Any) -> Any:
    """Copy JSON data to the last level: models in it as what they stand for, a moment in seconds, as Intercom has it."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, Mapping):
        return {_key(key): _copy(inner) for key, inner in cast("Mapping[object, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_copy(inner) for inner in cast("list[Any]", value)]
    if isinstance(value, Model):
        return cast("Any", value).to_dict()
    return _seconds(value)


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise _NoJSONError(f"a key of type {type(key).__name__}")
    return key


def _seconds(value: object) -> int:
    from datetime import datetime  # here, since few models hold one, and the import takes a few milliseconds

    if not isinstance(value, datetime):
        raise _NoJSONError(f"a value of type {type(value).__name__}")
    if value.utcoffset() is None:
        raise _NoJSONError("a datetime without a time zone")
    return int(value.timestamp())


def show(model: AttrsInstance, shown: Set[str]) -> str:
    """Write a model for people: numbers and the fields named in `shown` as they are, any other text as its length only.

    A field that is not in `shown` has `repr=False`: tools that print local variables go by that, and not by the repr of
    the class.
    """
    pairs = ((field.name, getattr(model, field.name)) for field in fields(model.__class__) if field.name != "raw")
    text = ", ".join(f"{name}={_show_value(value, name in shown)}" for name, value in pairs if value is not None)
    return f"{type(model).__name__}({text})"


def _show_value(value: Any, shown: bool) -> str:
    if (
        isinstance(value, bool | int | float | _Unset)
        or hasattr(value, "__attrs_attrs__")
        or (shown and isinstance(value, str))
    ):
        return repr(value)
    size = len(value) if hasattr(value, "__len__") else 1
    unit = "chars" if isinstance(value, str) else "keys" if isinstance(value, dict) else "items"
    return f"<{size} {unit}>"


__all__ = ["ARRAY", "OBJECT", "UNSET", "Model", "Received", "Unset", "dump", "new", "plain", "show"]
