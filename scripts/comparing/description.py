"""Reads an OpenAPI description: its nine operations, and every schema as a union of plain variants.

Pure after one read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

Node = dict[str, Any]

OPERATIONS = (
    "GET /me",
    "GET /conversations",
    "POST /conversations/search",
    "GET /conversations/{}",
    "POST /conversations/redact",
    "POST /conversations/{}/convert",
    "GET /tickets/{}",
    "GET /ticket_types",
    "GET /ticket_types/{}",
)
"""The operations of the fragment. A path parameter has no name here, since published descriptions rename them."""
RELATED = re.compile(r"^\w+ /(conversations|tickets|ticket_types|ticket_states|jobs)(/|$)")
METHODS = ("get", "put", "post", "delete", "patch")
JSON_TYPES = {str: "string", int: "integer", bool: "boolean", float: "number", type(None): "null"}


class DescriptionError(Exception):
    """A file is not a description that can be read; the message names it."""


@dataclass(frozen=True)
class Shape:
    """What a schema allows: all variants of its unions put together."""

    types: frozenset[str] = frozenset()
    values: tuple[str, ...] | None = None
    properties: dict[str, tuple[Node, ...]] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    """The named object that a key belongs to; the first one, where several have it."""
    required: frozenset[str] = frozenset()
    """Keys that every variant which has them requires."""
    items: tuple[Node, ...] = ()
    extra: tuple[Node, ...] = ()
    names: tuple[str, ...] = ()
    limits: dict[str, Any] = field(default_factory=dict)
    prose: str = ""
    """The words about this place, with each run of blanks as one blank."""


LIMITS = ("deprecated", "format", "default", "minimum", "maximum", "minItems", "maxItems", "maxLength", "pattern")


class Description:
    """One description, published or a fragment.

    Args:
        path: A YAML or JSON file.

    Raises:
        DescriptionError: The file cannot be read, or has no paths and no version.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.content = read(path)
        self.version = str(self.content["info"]["version"])
        self.operations: dict[str, tuple[str, Node]] = dict(self._operations())

    def _operations(self) -> Iterator[tuple[str, tuple[str, Node]]]:
        for path, item in self.content["paths"].items():
            for method in METHODS:
                if method in item:
                    shared = {"parameters": [*item.get("parameters", []), *item[method].get("parameters", [])]}
                    yield f"{method.upper()} {re.sub(r'{[^}]*}', '{}', path)}", (path, {**item[method], **shared})

    def resolve(self, node: Node) -> tuple[Node, str]:
        """Follow references; give the object and the name of its last component, or ''.

        A dangling one has the type `(dangling)`.
        """
        name, seen = "", set[str]()
        while "$ref" in node:
            reference = str(node["$ref"])
            name, beside = reference.rsplit("/", 1)[1], {k: v for k, v in node.items() if k != "$ref"}
            target = None if reference in seen else self._target(reference)
            seen.add(reference)
            node = {"type": "(dangling)"} if target is None else {**target, **beside}
        return node, name

    def _target(self, reference: str) -> Node | None:
        found: Any = self.content
        for step in reference.removeprefix("#/").split("/"):
            found = found.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else None

    def shape(self, nodes: tuple[Node, ...]) -> Shape:
        """Put the variants of all these schemas together, which are the alternatives for one place."""
        variants = [variant for node in nodes for variant in self._variants(node, frozenset())]
        objects = [v for v in variants if "properties" in v]
        return Shape(
            types=frozenset(t for variant in variants for t in types_of(variant)),
            values=values_of(variants),
            properties=merge(objects),
            owners=owners(objects),
            required=frozenset(
                k for k in merge(objects) if all(k in v.get("required", ()) for v in having(objects, k))
            ),
            items=tuple(v["items"] for v in variants if isinstance(v.get("items"), dict)),
            extra=tuple(v["additionalProperties"] for v in variants if isinstance(v.get("additionalProperties"), dict)),
            names=tuple(dict.fromkeys(v["(name)"] for v in variants if v.get("(name)"))),
            limits={key: variant[key] for key in LIMITS for variant in variants if key in variant},
            prose=words([*nodes, *(self.resolve(node)[0] for node in nodes)]),
        )

    def _variants(self, node: Node, above: frozenset[str]) -> Iterator[Node]:
        """Give the plain schemas that a schema is a union of.

        `allOf` is merged, `oneOf` and `anyOf` are taken apart.
        """
        node, name = self.resolve(node)
        if name and name in above:
            return
        above = above | {name} if name else above
        own = {k: v for k, v in node.items() if k not in ("allOf", "oneOf", "anyOf")}
        if name:
            own["(name)"] = name
        branches = [b for key in ("oneOf", "anyOf") for b in node.get(key) or ()]
        bases = [own]
        for part in node.get("allOf") or ():
            bases = [join(base, variant) for base in bases for variant in self._variants(part, above)]
        if not branches:
            yield from bases
            return
        outer = {k: v for k, v in own.items() if k not in ("description", "(name)")}
        for branch in branches:
            for variant in self._variants(branch, above):
                yield join(outer, {"(name)": name, **variant} if name else variant)

    def parameters(self, operation: str) -> dict[str, Node]:
        """Give an operation's parameters by place and name; those of the path by their position, since names change."""
        path, node = self.operations[operation]
        order = re.findall(r"{([^}]*)}", path)
        found: dict[str, Node] = {}
        for parameter in (self.resolve(p)[0] for p in node["parameters"]):
            name = parameter["name"]
            position = str(order.index(name)) if parameter["in"] == "path" and name in order else name
            found[f"{parameter['in']} {position}"] = parameter
        return found

    def body(self, operation: str) -> Node | None:
        """Give the request's body, or None where nothing is sent."""
        node = self.operations[operation][1].get("requestBody")
        return None if node is None else self.resolve(node)[0]

    def answers(self, operation: str) -> dict[str, Node]:
        """Give an operation's answers by status."""
        return {str(s): self.resolve(r)[0] for s, r in self.operations[operation][1].get("responses", {}).items()}


def read(path: Path) -> Node:
    """Read a description, or say why the file is not one."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), LOADER)
    except (OSError, UnicodeDecodeError) as error:
        raise DescriptionError(f"{path} cannot be read: {type(error).__name__}") from None
    except yaml.YAMLError as error:
        raise DescriptionError(f"{path} is not YAML: {error}") from None
    if (
        not isinstance(content, dict)
        or not isinstance(content.get("paths"), dict)
        or "version" not in content.get("info", {})
    ):
        raise DescriptionError(f"{path} is not an OpenAPI description: it has no paths, or no version")
    return content


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """YAML as OpenAPI means it: dates and `=`, which YAML 1.1 reads as something else, stay strings."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if tag.rsplit(":", 1)[1] not in ("timestamp", "value")]
    for first, rules in _Loader.yaml_implicit_resolvers.items()
}
LOADER = _Loader


def types_of(variant: Node) -> set[str]:
    """Give the JSON types of a plain schema, said or meant."""
    said = variant.get("type")
    types = set(said) if isinstance(said, list) else {said} if said else set()
    if not types and ("properties" in variant or "additionalProperties" in variant):
        types.add("object")
    for value in () if types else (*(variant.get("enum") or ()), *([variant["const"]] if "const" in variant else ())):
        types.add(JSON_TYPES.get(type(value), "object"))
    return types | ({"null"} if variant.get("nullable") is True else set())


def values_of(variants: list[Node]) -> tuple[str, ...] | None:
    """Give the values that are listed; None when none are, or when a variant of the same type takes any."""
    lists = [v["enum"] if "enum" in v else [v["const"]] for v in variants if "enum" in v or "const" in v]
    listed = {t for v in variants if "enum" in v or "const" in v for t in types_of(v) - {"null"}}
    if not lists or any(types_of(v) & listed for v in variants if "enum" not in v and "const" not in v):
        return None
    return tuple(sorted({str(value) for values in lists for value in values if value is not None}))


def merge(objects: list[Node]) -> dict[str, tuple[Node, ...]]:
    """Give each key with its schemas in all the variants that have it, not in the first only."""
    found: dict[str, list[Node]] = {}
    for variant in objects:
        for key, node in (variant["properties"] or {}).items():
            if node not in found.setdefault(str(key), []):
                found[str(key)].append(node or {})
    return {key: tuple(nodes) for key, nodes in found.items()}


def having(objects: list[Node], key: str) -> list[Node]:
    """Give the variants that have a key."""
    return [variant for variant in objects if key in variant["properties"]]


def owners(objects: list[Node]) -> dict[str, str]:
    """Give the name of the object that each key belongs to."""
    return {key: next((v["(name)"] for v in having(objects, key) if v.get("(name)")), "") for key in merge(objects)}


def join(one: Node, two: Node) -> Node:
    """Merge two schemas that hold at once."""
    joined = {**one, **two, **({"(name)": one["(name)"]} if "(name)" in one else {})}
    for key in ("properties", "required"):
        if key in one and key in two:
            joined[key] = {**one[key], **two[key]} if key == "properties" else [*one[key], *two[key]]
    return joined


def words(nodes: list[Node]) -> str:
    """Give the first description of some, its blanks made one each."""
    said = (str(node[key]) for node in nodes for key in ("description", "x-prose") if node.get(key))
    return " ".join(next(said, "").split())
