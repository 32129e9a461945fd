"""Reads the OpenAPI fragment for the contract tests: references, operations, reachable schemas, validation. Pure after
one read.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

ROOT = Path(__file__).parents[2]
(PATH,) = (ROOT / "openapi").glob("intercom-*.yaml")
SPEC: dict[str, Any] = yaml.safe_load(PATH.read_text(encoding="utf-8"))
SCHEMAS: dict[str, dict[str, Any]] = SPEC["components"]["schemas"]
OPERATIONS: dict[str, dict[str, Any]] = {
    operation["operationId"]: operation for item in SPEC["paths"].values() for operation in item.values()
}

# Validating against "urn:fragment#/components/..." keeps the fragment's own references resolvable.
_REGISTRY: Any = Registry().with_resource("urn:fragment", Resource(contents=SPEC, specification=DRAFT202012))


def resolve(node: dict[str, Any]) -> dict[str, Any]:
    """The object that a reference stands for, or the node itself."""
    while "$ref" in node:
        target: Any = SPEC
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = target
    return node


def names_in(node: Any) -> set[str]:
    """Component schemas which a node refers to directly."""
    found: set[str] = set()
    for part in walk(node):
        reference = part.get("$ref", "")
        if reference.startswith("#/components/schemas/"):
            found.add(reference.rsplit("/", 1)[1])
    return found


def walk(node: Any) -> Iterator[dict[str, Any]]:
    """Every object inside a piece of the fragment, the piece included."""
    if isinstance(node, dict):
        yield node
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        yield from walk(child)


def reachable(start: set[str]) -> set[str]:
    """Component schemas that can be reached from some, those included."""
    seen: set[str] = set()
    todo = set(start)
    while todo:
        name = todo.pop()
        seen.add(name)
        todo |= names_in(SCHEMAS[name]) - seen
    return seen


def contents(side: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(operation id, status, JSON media object) of every response, or of every request (status is then empty)."""
    for name, operation in OPERATIONS.items():
        if side == "request" and "requestBody" in operation:
            yield name, "", operation["requestBody"]["content"]["application/json"]
        if side == "response":
            for status, response in operation["responses"].items():
                yield name, status, resolve(response)["content"]["application/json"]


def schema_of(operation: str, status: int) -> dict[str, Any]:
    """The schema of an answer with this status."""
    responses = OPERATIONS[operation]["responses"]
    response = responses.get(str(status)) or responses[f"{status // 100}XX"]
    return resolve(response)["content"]["application/json"]["schema"]


def complaints(schema: dict[str, Any], value: Any) -> list[str]:
    """Where a value breaks a schema of the fragment; empty when it fits."""
    return [f"{error.json_path}: {error.message}" for error in validator(schema).iter_errors(value)]


def validator(schema: dict[str, Any]) -> Any:
    """A validator for a schema of the fragment, inline or referenced."""
    return Draft202012Validator(_absolute(schema), registry=_REGISTRY)


def _absolute(node: Any) -> Any:
    if isinstance(node, dict):
        return {k: f"urn:fragment{v}" if k == "$ref" else _absolute(v) for k, v in node.items() if k != "discriminator"}
    return [_absolute(child) for child in node] if isinstance(node, list) else node


RESPONSE_SCHEMAS = reachable(set[str]().union(*(names_in(media["schema"]) for _, _, media in contents("response"))))
REQUEST_SCHEMAS = reachable(set[str]().union(*(names_in(media["schema"]) for _, _, media in contents("request"))))
