"""Keeps the facts of a published description.

Names, types, lists of values and shapes of examples of the nine operations, and no wording.

What is written is an OpenAPI description again, so that everything that reads one reads it. In place of each text
stands `x-prose`, its digest: whether words changed can be told without keeping them.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from .description import LIMITS, OPERATIONS, RELATED, Description, Node

KEPT = {*LIMITS, "type", "enum", "const", "required", "nullable", "$ref", "name", "in"}
NESTED = {"items", "additionalProperties", "schema"}
UNIONS = {"allOf", "oneOf", "anyOf"}
HEADER = """\
# Facts of Intercom's published description: names, types, lists of values; no wording. The values of examples are ours.
# Written by `scripts/compare --renew`; do not edit. STAMP.toml says where it is from.
"""


def facts(description: Description) -> Node:
    """Give the nine operations with all that they refer to, and the bare names of the related ones."""
    paths: dict[str, Node] = {}
    for operation, (path, node) in description.operations.items():
        method = operation.split(" ")[0].lower()
        if operation in OPERATIONS:
            paths.setdefault(path, {})[method] = _operation(description, operation, node)
        elif RELATED.match(operation):
            paths.setdefault(path, {})[method] = {"operationId": node.get("operationId"), "responses": {}}
    schemas = description.content.get("components", {}).get("schemas", {})
    used: dict[str, Node] = {}
    todo = _references(paths)
    while todo:
        name = todo.pop()
        if name in schemas and name not in used:
            used[name] = _schema(schemas[name])
            todo |= _references(used[name])
    told = {
        "openapi": description.content.get("openapi", "3.0.1"),
        "info": {"title": "facts", "version": description.version},
    }
    return {
        **told,
        "paths": _renamed(paths, known_values([*used.values(), paths])),
        "components": {"schemas": {name: used[name] for name in sorted(used)}},
    }


def _operation(description: Description, operation: str, node: Node) -> Node:
    prose = " ".join(str(node.get(key, "")) for key in ("summary", "description", "x-prose"))
    kept: Node = {"operationId": node.get("operationId"), **digest(prose)}
    if node.get("deprecated"):
        kept["deprecated"] = True
    kept["parameters"] = [_schema(description.resolve(p)[0]) for p in node["parameters"]]
    body = description.body(operation)
    if body is not None:
        kept["requestBody"] = {"required": bool(body.get("required")), **_content(body)}
    answers = description.answers(operation)
    kept["responses"] = {
        s: {**digest(str(a.get("description", a.get("x-prose", "")))), **_content(a)} for s, a in answers.items()
    }
    return kept


def _content(holder: Node) -> Node:
    kept: dict[str, Node] = {}
    for form, media in list((holder.get("content") or {}).items())[:1]:
        kept[form] = {"schema": _schema(media.get("schema") or {})}
        found = [e["value"] for e in (media.get("examples") or {}).values() if "value" in e]
        found += [media["example"]] if "example" in media else []
        kept[form]["examples"] = {f"example{n}": {"value": value} for n, value in enumerate(found, 1)}
    return {"content": kept} if kept else {}


def _schema(node: Node) -> Node:
    kept: Node = {key: node[key] for key in node if key in KEPT}
    kept |= {key: _schema(node[key]) for key in NESTED if isinstance(node.get(key), dict)}
    kept |= {key: [_schema(branch) for branch in node[key]] for key in UNIONS if node.get(key)}
    if "properties" in node:
        kept["properties"] = {str(key): _schema(value or {}) for key, value in (node["properties"] or {}).items()}
    return {**kept, **digest(str(node.get("description") or node.get("x-prose") or ""))}


def digest(prose: str) -> Node:
    """Give the mark that stands for a text; nothing for no text."""
    plain = " ".join(prose.split())
    return {"x-prose": fingerprint(plain)} if plain else {}


def fingerprint(prose: str) -> str:
    """Give a text's digest, and a digest as it is."""
    if not prose or re.fullmatch(r"prose:[0-9a-f]{12}", prose):
        return prose
    return f"prose:{hashlib.sha256(prose.encode()).hexdigest()[:12]}"


def _references(node: Any) -> set[str]:
    if isinstance(node, list):
        return set[str]().union(*map(_references, node))
    if not isinstance(node, dict):
        return set()
    own = {str(node["$ref"]).rsplit("/", 1)[1]} if isinstance(node.get("$ref"), str) else set[str]()
    return own.union(*(_references(value) for key, value in node.items() if key != "examples"))


def known_values(node: Any) -> frozenset[str]:
    """Give every value that a description lists: those are facts, and stay in examples."""
    if isinstance(node, list):
        return frozenset().union(*map(known_values, node))
    if not isinstance(node, dict):
        return frozenset()
    listed = node.get("enum")
    own = frozenset(map(str, listed)) if isinstance(listed, list) else frozenset[str]()
    return own.union(*map(known_values, node.values()))


def _renamed(node: Any, values: frozenset[str]) -> Any:
    if isinstance(node, dict):
        return {k: _value("", v, values) if k == "value" else _renamed(v, values) for k, v in node.items()}
    return [_renamed(item, values) for item in node] if isinstance(node, list) else node


def _value(key: str, value: Any, values: frozenset[str]) -> Any:
    """Give a value of our own of the same type and form: `type` and `code` stay, being names of the API."""
    if isinstance(value, dict):
        return {(k if re.fullmatch(r"[a-z_]+", k) else "key"): _value(k, v, values) for k, v in value.items()}
    if isinstance(value, list):
        return [_value(key, item, values) for item in value]
    if isinstance(value, str):
        return value if value in values or key in ("type", "code") or not value else "7" if value.isdigit() else "text"
    return value if value is None or isinstance(value, bool) else type(value)(7)


class _Plain(yaml.SafeDumper):
    """Writes everything out: an alias would make a difference of two files unreadable."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 (the signature is PyYAML's)
        """Use no aliases."""
        return True


def write(description: Description) -> str:
    """Give the facts as the text of a file."""
    return HEADER + yaml.dump(facts(description), Dumper=_Plain, sort_keys=False, width=140, allow_unicode=True)


def stamped(stamp: Path, description: Description, commit: str) -> str:
    """Give the stamp's text with this description's origin put in."""
    known = tomllib.loads(stamp.read_text(encoding="utf-8")) if stamp.exists() else {}
    source = hashlib.sha256(description.path.read_bytes()).hexdigest()
    known[description.version] = {"commit": commit, "sha256": source, "renewed": datetime.now(UTC).date().isoformat()}
    lines = ["# Written by `scripts/compare --renew`: the upstream commit and the file of the facts of each version."]
    for version, entry in sorted(known.items()):
        lines += ["", f'["{version}"]', *(f'{key} = "{value}"' for key, value in entry.items())]
    return "\n".join(lines) + "\n"


def commit_of(path: Path) -> str:
    """Find the upstream commit: of the file's own checkout, or as a README beside it names it; else `unknown`."""
    command = ["git", "-C", str(path.parent), "log", "-1", "--format=%H", "--", path.name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0 and done.stdout.strip():
        return done.stdout.strip()
    readme = path.parent / "README.md"
    found = re.search(r"\b[0-9a-f]{40}\b", readme.read_text(encoding="utf-8")) if readme.exists() else None
    return found[0] if found else "unknown"
