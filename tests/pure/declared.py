"""Holds a model against the JSON that it was read from: nothing lost, every attribute of its declared type. Used by
several tests.
"""

from __future__ import annotations

import types
import typing
from functools import cache
from pathlib import Path
from typing import Any

import attrs
import yaml

import intercom_raw.models

(_FRAGMENT,) = (Path(__file__).parents[2] / "openapi").glob("intercom-*.yaml")
_SCHEMAS: dict[str, Any] = yaml.safe_load(_FRAGMENT.read_text(encoding="utf-8"))["components"]["schemas"]
IDS = {
    (schema, name)
    for schema, content in _SCHEMAS.items()
    for name, declared in content.get("properties", {}).items()
    if declared.get("x-id")
}
"""Class and name of every property that the fragment declares as an id."""


@cache
def hints(kind: type) -> dict[str, Any]:
    """The declared types of a model's fields, without `raw`."""
    declared = typing.get_type_hints(kind)
    return {field.name: declared[field.name] for field in attrs.fields(kind) if field.name != "raw"}


def response_models() -> list[type]:
    """Every model that is read from an answer."""
    kinds = [getattr(intercom_raw.models, name) for name in intercom_raw.models.__all__]
    return [kind for kind in kinds if hasattr(kind, "from_dict")]


def request_models() -> list[type]:
    """Every model that is sent."""
    kinds = [getattr(intercom_raw.models, name) for name in intercom_raw.models.__all__]
    return [kind for kind in kinds if attrs.has(kind) and not hasattr(kind, "from_dict")]


def complaints(model: Any, payload: Any, where: str = "") -> list[str]:
    """What is wrong with a model that was read from a payload: something lost, or of another type than declared; empty
    when it is right.
    """
    where = where or type(model).__name__
    found = [] if model.raw is payload else [f"{where}.raw is not what was received"]
    if model.to_dict() != payload or list(model.to_dict()) != list(payload):
        found.append(f"{where}.to_dict() is not what was received")
    known = hints(type(model))
    if model.additional_properties != {key: value for key, value in payload.items() if key not in known}:
        found.append(f"{where}.additional_properties are not the unknown keys")
    for name, declared in known.items():
        received = payload.get(name)
        expected = as_ids(received) if (type(model).__name__, name) in IDS else received
        found += _attribute(getattr(model, name), expected, declared, f"{where}.{name}")
    return found


def as_ids(received: Any) -> Any:
    """What an id, or a list of ids, is read as: an integer as its decimal digits, all else as it is."""
    if isinstance(received, list):
        return [as_ids(item) for item in received]
    return str(received) if type(received) is int else received


def _attribute(value: Any, received: Any, declared: Any, where: str) -> list[str]:
    if not fits(value, declared):
        return [f"{where} is a {type(value).__name__}, declared {declared}"]
    if value is None:
        return [f"{where} lost what was received"] if received is not None and readable(received, declared) else []
    if attrs.has(type(value)):
        return complaints(value, received, where)
    if isinstance(value, list):
        return _items(value, received, where)
    return [] if value is received or value == received else [f"{where} is not what was received"]


def _items(values: list[Any], received: list[Any], where: str) -> list[str]:
    """Elements that are no objects where objects are declared are left out, and in the order all others stand."""
    models = [attrs.has(type(value)) for value in values]
    if any(models):
        objects = [item for item in received if isinstance(item, dict)]
        if not all(models) or len(objects) != len(values):
            return [f"{where} has {len(values)} elements for {len(objects)} objects"]
        pairs = zip(values, objects, strict=True)
        return [line for n, (value, item) in enumerate(pairs) for line in complaints(value, item, f"{where}[{n}]")]
    return [] if all(value in received for value in values) else [f"{where} has elements that were not received"]


def fits(value: Any, declared: Any) -> bool:
    """Say whether a value is of a declared type; a bool is no number, and an integer is a float as typing has it."""
    origin, arguments = typing.get_origin(declared), typing.get_args(declared)
    if declared is Any:
        return True
    if declared is None or declared is type(None):
        return value is None
    if origin in (typing.Union, types.UnionType):
        return any(fits(value, argument) for argument in arguments)
    if origin is list:
        return isinstance(value, list) and all(fits(item, arguments[0]) for item in value)
    if origin is dict:
        return isinstance(value, dict) and all(isinstance(key, str) for key in value)
    if declared is float:
        return type(value) in (int, float)
    return type(value) is declared


def readable(received: Any, declared: Any) -> bool:
    """Say whether a received value is one that the declared type can carry."""
    origin, arguments = typing.get_origin(declared), typing.get_args(declared)
    if origin in (typing.Union, types.UnionType):
        return any(readable(received, argument) for argument in arguments)
    if origin is list:
        return isinstance(received, list)
    if isinstance(declared, type) and attrs.has(declared):
        return isinstance(received, dict)
    return declared is not type(None) and fits(received, declared)
