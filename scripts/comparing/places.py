"""Flattens a description: one record for each place of the nine operations. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .description import OPERATIONS, Description, Node, Shape


@dataclass(frozen=True)
class Place:
    """Where something stands, as a path from its operation.

    `GET /conversations`, `answer`, `200.conversations[].id`.
    """

    operation: str
    side: str
    """One of `operation`, `parameter`, `body`, `answer`."""
    path: str


@dataclass(frozen=True)
class Fact:
    """What is said of one place."""

    owner: str
    """The named object that the place belongs to, or the operation."""
    key: str
    """The place within its owner."""
    kind: str
    """The type for people, such as `array of reference`."""
    nodes: tuple[Node, ...] = ()
    """The schemas that stand there."""
    says: dict[str, Any] = field(default_factory=dict)
    """What can change, by its kind: type, nullable, values, required, prose, default, ..."""


def flatten(description: Description) -> dict[Place, Fact]:
    """Give all places of the nine operations."""
    found: dict[Place, Fact] = {}
    for operation in OPERATIONS:
        if operation in description.operations:
            found.update(_operation(description, operation))
    return found


def _operation(description: Description, operation: str) -> Iterator[tuple[Place, Fact]]:
    path, node = description.operations[operation]
    prose = " ".join(str(node.get(key, "")) for key in ("summary", "description", "x-prose")).split()
    says = {"path": path, "operationId": node.get("operationId"), "deprecated": node.get("deprecated", False)}
    yield Place(operation, "operation", ""), Fact(operation, "", "operation", says={**says, "prose": " ".join(prose)})
    for name, parameter in description.parameters(operation).items():
        required = bool(parameter.get("required"))
        walk = Walk(description, operation, "parameter")
        # What is said beside the schema holds for the parameter, as a property's own words do.
        beside = {key: parameter[key] for key in ("description", "x-prose", "deprecated") if key in parameter}
        # The parameter owns the place, so that one that all operations share is told once.
        yield from walk.place((parameter.get("schema", {}) | beside,), name, name, "", required=required)
    yield from _body(description, operation)
    for status, answer in description.answers(operation).items():
        says = {
            "codes": _codes(answer),
            "prose": " ".join(str(answer.get("description", answer.get("x-prose", ""))).split()),
        }
        yield Place(operation, "answer", status), Fact(operation, status, "answer", says=says)
        for schema in _schemas(answer):
            yield from Walk(description, operation, "answer").inside((schema,), status, operation, status)


def _body(description: Description, operation: str) -> Iterator[tuple[Place, Fact]]:
    body = description.body(operation)
    if body is None:
        return
    says = {"required": bool(body.get("required"))}
    yield Place(operation, "body", "body"), Fact(operation, "body", "body", says=says)
    for schema in _schemas(body):
        yield from Walk(description, operation, "body").inside((schema,), "body", operation, "body")


def _schemas(holder: Node) -> Iterator[Node]:
    for media in list((holder.get("content") or {}).values())[:1]:
        yield media.get("schema") or {}


def _codes(answer: Node) -> tuple[str, ...]:
    """Give the codes of refusals that an answer's examples show."""
    found: set[str] = set()
    for example in examples(answer):
        errors = example.get("errors") if isinstance(example, dict) else None
        found |= {str(e["code"]) for e in errors or () if isinstance(e, dict) and "code" in e}
    return tuple(sorted(found))


def examples(holder: Node) -> Iterator[Any]:
    """Give the examples of a body or an answer."""
    for media in (holder.get("content") or {}).values():
        for example in (media.get("examples") or {}).values():
            if "value" in example:
                yield example["value"]
        if "example" in media:
            yield media["example"]


@dataclass(frozen=True)
class Walk:
    """Goes through one schema of one operation."""

    description: Description
    operation: str
    side: str

    def place(
        self,
        nodes: tuple[Node, ...],
        path: str,
        owner: str,
        key: str,
        *,
        required: bool | None,
        above: frozenset[str] = frozenset(),
    ) -> Iterator[tuple[Place, Fact]]:
        """Give a place and all that it holds."""
        shape = self.description.shape(nodes)
        says = {**limits(shape), "type": tuple(sorted(shape.types - {"null"})), "nullable": "null" in shape.types}
        says |= {"values": shape.values, "required": required, "prose": shape.prose}
        yield Place(self.operation, self.side, path), Fact(owner, key, self.tell(shape), nodes, says)
        yield from self.within(shape, path, owner, key, above)

    def inside(self, nodes: tuple[Node, ...], path: str, owner: str, key: str) -> Iterator[tuple[Place, Fact]]:
        """Give what a whole body holds: it is a place of its own, and nothing requires it."""
        yield from self.place(nodes, f"{path}.", owner, f"{key} schema", required=None)

    def within(
        self, shape: Shape, path: str, owner: str, key: str, above: frozenset[str]
    ) -> Iterator[tuple[Place, Fact]]:
        """Give the places inside a shape; an object that holds itself is not entered again."""
        names = frozenset(shape.names)
        if names & above:
            return
        above |= names
        if shape.names and shape.properties:
            owner, key = shape.names[0], ""
        base = f"{key}." if key else ""
        start = path if path.endswith(".") else f"{path}."
        for name, nodes in shape.properties.items():
            holder = shape.owners[name] or owner
            yield from self.place(
                nodes, start + name, holder, base + name, required=name in shape.required, above=above
            )
        path = path.removesuffix(".")
        if shape.items:
            yield from self.place(shape.items, f"{path}[]", owner, f"{key}[]", required=None, above=above)
        if shape.extra:
            yield from self.place(shape.extra, f"{path}.*", owner, f"{base}*", required=None, above=above)

    def tell(self, shape: Shape, depth: int = 0) -> str:
        """Say a type for people."""
        kinds = sorted(shape.types - {"null"}) or ["any"]
        if "array" in kinds and shape.items and depth < 3:
            kinds[kinds.index("array")] = f"array of {self.tell(self.description.shape(shape.items), depth + 1)}"
        if "object" in kinds and shape.properties:
            fields = "object{" + ", ".join(shape.properties) + "}"
            kinds[kinds.index("object")] = "|".join(shape.names) or fields
        return "|".join(kinds)


def limits(shape: Shape) -> dict[str, Any]:
    """Give the bounds and marks of a shape, each under its own name; without the mark, a place is not deprecated."""
    return {"deprecated": False, **shape.limits}
