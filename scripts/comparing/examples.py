"""Finds examples that break the schema they stand beside: keys that it does not declare, types that it does not allow.

Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from .description import JSON_TYPES, OPERATIONS, Description, Node
from .places import examples


def broken_examples(description: Description) -> dict[tuple[str, str, str], int]:
    """Count what is wrong, by object (or operation), place and complaint."""
    found: Counter[tuple[str, str, str]] = Counter()
    for operation in (name for name in OPERATIONS if name in description.operations):
        answers = description.answers(operation)
        holders = [("body", description.body(operation) or {}), *answers.items()]
        for place, holder in holders:
            for media in list((holder.get("content") or {}).values())[:1]:
                look = Look(description, f"{operation} {place}")
                for example in examples(holder):
                    found.update(look.into((media.get("schema") or {},), example, "", ""))
    return dict(sorted(found.items()))


class Look:
    """Holds one example against a schema."""

    def __init__(self, description: Description, where: str) -> None:
        self.description = description
        self.where = where

    def into(self, nodes: tuple[Node, ...], value: Any, owner: str, key: str) -> Iterator[tuple[str, str, str]]:
        """Give every complaint, the nested ones included."""
        shape = self.description.shape(nodes)
        if shape.names and shape.properties:
            owner, key = shape.names[0], ""
        sent = "object" if isinstance(value, dict) else "array" if isinstance(value, list) else JSON_TYPES[type(value)]
        if "(dangling)" in shape.types:
            return
        if shape.types and sent not in shape.types and not (sent == "integer" and "number" in shape.types):
            yield owner or self.where, key or "(itself)", f"sent as {sent}, declared {'|'.join(sorted(shape.types))}"
        elif isinstance(value, dict) and (shape.properties or shape.extra):
            yield from self._keys(shape.properties, shape.extra, value, owner, key)
        elif isinstance(value, list) and shape.items:
            for item in value:
                yield from self.into(shape.items, item, owner, f"{key}[]")

    def _keys(
        self, declared: dict[str, tuple[Node, ...]], extra: tuple[Node, ...], value: Node, owner: str, key: str
    ) -> Iterator[tuple[str, str, str]]:
        for name, inner in value.items():
            place = f"{key}.{name}" if key else str(name)
            if name in declared:
                yield from self.into(declared[name], inner, owner, place)
            elif extra:
                yield from self.into(extra, inner, owner, f"{key}.*" if key else "*")
            else:
                yield owner or self.where, place, "sent, not declared"
