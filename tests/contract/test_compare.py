"""scripts/compare: it finds every difference that an independent flattening finds, and no other, and tells it in each
form.
"""

from __future__ import annotations

import copy
import itertools
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.contract.fragment import PATH, ROOT, SPEC

PUBLISHED = ROOT.parent / "shared" / "reference" / "published"
VERSIONS = [*(f"2.{minor}" for minor in range(11, 17)), "preview"]
STEPS = list(itertools.pairwise(VERSIONS))
NINE = {(method, re.sub("{.*?}", "{}", path)) for path, item in SPEC["paths"].items() for method in item}


def compare(*arguments: object, code: int = 0) -> str:
    """Run the script; give what it prints."""
    command = [str(ROOT / "scripts" / "compare"), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr + done.stdout
    return done.stdout + done.stderr


# ---- The independent flattening: every branch on its own, put together by its path at the end.


def branches(spec: Any, node: Any, seen: tuple[str, ...] = ()) -> list[tuple[dict[str, Any], tuple[str, ...]]]:
    """All plain schemas that a node may stand for, each with the components that led to it."""
    nullable = bool(node.get("nullable"))
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        target = spec["components"]["schemas"].get(name)
        found = [({"type": "(dangling)"}, seen)] if target is None else branches(spec, target, (*seen, name))
    elif "anyOf" in node or "oneOf" in node:
        found = [b for part in node.get("anyOf", []) + node.get("oneOf", []) for b in branches(spec, part, seen)]
    elif "allOf" in node:
        merged: dict[str, Any] = {}
        path = seen
        for part in [*node["allOf"], {key: value for key, value in node.items() if key != "allOf"}]:
            ((plain, path),) = branches(spec, part, path)
            merged = {**merged, **plain, "properties": {**merged.get("properties", {}), **plain.get("properties", {})}}
        found = [(merged, path)]
    else:
        found = [(node, seen)]
    return [({**plain, "nullable": nullable or plain.get("nullable", False)}, path) for plain, path in found]


def lines(spec: Any, nodes: list[Any], path: str, above: tuple[str, ...] = ()) -> dict[str, tuple[Any, ...]]:
    """Path -> (types, may be null) of everything inside some schemas."""
    plain = [b for node in nodes for b in branches(spec, node)]
    types: set[str] = set()
    for schema, _ in plain:
        said = schema.get("type", "object" if {"properties", "additionalProperties"} & set(schema) else None)
        types |= set(said) if isinstance(said, list) else {said} if said else set()
        if said is None and "const" in schema:
            types.add("string")
        types |= {"null"} if schema["nullable"] else set()
    found: dict[str, tuple[Any, ...]] = {path: (frozenset(types - {"null"}), "null" in types)}
    names = {name for _, through in plain for name in through}
    if names & set(above):
        return found
    inner: dict[str, list[Any]] = {}
    for schema, _ in plain:
        for key, value in schema.get("properties", {}).items():
            inner.setdefault(f"{path.removesuffix('.')}.{key}", []).append(value)
        if "items" in schema:
            inner.setdefault(f"{path.removesuffix('.')}[]", []).append(schema["items"])
        if isinstance(schema.get("additionalProperties"), dict):
            inner.setdefault(f"{path.removesuffix('.')}.*", []).append(schema["additionalProperties"])
    for key, values in inner.items():
        found |= lines(spec, values, key, (*above, *names))
    return found


def flattened(path: Path) -> dict[str, tuple[Any, ...]]:
    """Every place of the nine operations, with its types and whether it may be null."""
    loader = type("Loader", (yaml.CSafeLoader,), {})
    loader.yaml_implicit_resolvers = {k: v for k, v in yaml.CSafeLoader.yaml_implicit_resolvers.items() if k != "="}
    spec = yaml.load(path.read_text(encoding="utf-8"), loader)
    found: dict[str, tuple[Any, ...]] = {}
    for address, item in spec["paths"].items():
        plain = re.sub("{.*?}", "{}", address)
        for method in item:
            if (method, plain) in NINE:
                start = f"{method.upper()} {plain}"
                found[start] = ()
                for side, place, holder in holders(item[method], address):
                    found[f"{start} {side} {place}"] = ()
                    schema = holder.get("schema") if side == "parameter" else media(holder)
                    if schema is not None:
                        found |= lines(spec, [schema], f"{start} {side} {place}{'' if side == 'parameter' else '.'}")
    return found


def holders(operation: dict[str, Any], address: str) -> list[tuple[str, str, Any]]:
    """What has a schema: parameters, the body, the answers."""
    order = re.findall("{(.*?)}", address)
    parameters = [
        ("parameter", f"{p['in']} {order.index(p['name']) if p['in'] == 'path' else p['name']}", p)
        for p in operation.get("parameters", [])
    ]
    body = [("body", "body", operation["requestBody"])] if "requestBody" in operation else []
    answers = [
        ("answer", str(status), answer) for status, answer in operation["responses"].items() if "$ref" not in answer
    ]
    return parameters + body + answers


def media(holder: dict[str, Any]) -> Any:
    """The schema of a body or an answer."""
    return next(iter(holder.get("content", {}).values()), {}).get("schema")


@pytest.mark.parametrize(("old", "new"), STEPS)
def test_no_difference_is_missed_or_invented(old: str, new: str) -> None:
    """The places that came, went, changed their types or may newly be null are those of a flattening that shares no
    code.
    """
    paths = [PUBLISHED / f"intercom-{version}.yaml" for version in (old, new)]
    if not all(path.exists() for path in paths):
        pytest.skip("the published descriptions are not beside the project")
    was, now = map(flattened, paths)
    told = json.loads(compare("--json", *paths))["differences"]

    def places(kind: str) -> set[str]:
        return {at + inner for d in told if d["kind"] == kind for at in d["at"] for inner in ["", *d["within"]]}

    assert places("new") == now.keys() - was.keys()
    assert places("gone") == was.keys() - now.keys()
    both = [place for place in was.keys() & now.keys() if was[place] and now[place]]
    assert places("type") == {place for place in both if was[place][0] != now[place][0]}
    assert places("nullable") == {place for place in both if was[place][1] != now[place][1]}


# ---- Each kind of change by itself, in the fragment, so that a clean clone tries them all.

TICKET = ("components", "schemas", "Ticket", "properties")


def put(*steps: str, value: Any) -> Callable[[Any], None]:
    """An edit that sets one key."""

    def edit(spec: Any) -> None:
        for step in steps[:-1]:
            spec = spec[step]
        spec[steps[-1]] = value

    return edit


def drop(*steps: str) -> Callable[[Any], None]:
    """An edit that takes one key out."""

    def edit(spec: Any) -> None:
        for step in steps[:-1]:
            spec = spec[step]
        del spec[steps[-1]]

    return edit


def rename_path_parameter(spec: Any) -> None:
    item = spec["paths"].pop("/tickets/{ticket_id}")
    item["get"]["parameters"][0]["name"] = "id"
    spec["paths"]["/tickets/{id}"] = item


SEARCH = ("components", "schemas", "SingleFilterSearchRequest")
REDACT = ("paths", "/conversations/redact", "post")
CHANGES: dict[str, tuple[Callable[[Any], None], set[tuple[str, str, str]]]] = {
    "new": (put(*TICKET, "channel", value={"type": "string"}), {("Ticket", "channel", "new")}),
    "gone": (drop(*TICKET, "open"), {("Ticket", "open", "gone")}),
    "type": (
        put(*TICKET, "category", "type", value=["integer", "null"]),
        {("Ticket", "category", "type")},
    ),
    "nullable": (
        put(*TICKET, "category", "type", value=["string"]),
        {("Ticket", "category", "nullable")},
    ),
    "values": (
        put("components", "schemas", "SearchOperator", "enum", value=["="]),
        {("SingleFilterSearchRequest", "operator", "values")},
    ),
    "required": (
        put(*SEARCH, "required", value=["field"]),
        {("SingleFilterSearchRequest", k, "required") for k in ("operator", "value")},
    ),
    "prose": (
        put(*TICKET, "category", "description", value="Other words."),
        {("Ticket", "category", "prose")},
    ),
    "default": (put(*TICKET, "open", "default", value=True), {("Ticket", "open", "default")}),
    "deprecated": (put(*REDACT, "deprecated", value=True), {("POST /conversations/redact", "", "deprecated")}),
    "body": (drop(*REDACT, "requestBody"), {("POST /conversations/redact", "body", "gone")}),
    "status": (drop(*REDACT, "responses", "409"), {("POST /conversations/redact", "409", "gone")}),
    "parameter": (
        drop("paths", "/conversations/{conversation_id}", "get", "parameters"),
        {("path 0", "", "gone"), ("query display_as", "", "gone")},
    ),
    "operation": (drop("paths", "/me"), {("GET /me", "", "gone")}),
    "renamed path parameter": (rename_path_parameter, {("GET /tickets/{}", "", "path")}),
}


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[Callable[[Any], None]], Path]:
    """A copy of the fragment with an edit."""

    def write(edit: Callable[[Any], None]) -> Path:
        spec = copy.deepcopy(SPEC)
        edit(spec)
        path = tmp_path / "edited.yaml"
        path.write_text(yaml.safe_dump(spec), encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize("change", CHANGES)
def test_each_kind_of_change_is_found_and_nothing_else(change: str, edited: Any) -> None:
    """One edit of the fragment gives its one difference, and back again."""
    edit, expected = CHANGES[change]
    told = json.loads(compare("--json", PATH, edited(edit)))["differences"]
    assert {(d["owner"], d["place"], d["kind"]) for d in told} == expected


def test_a_key_of_several_branches_is_read_from_all(edited: Any) -> None:
    """A key that changes in the second branch of a union is a difference."""
    edit = put(
        "components",
        "schemas",
        "RedactConversationSourceRequest",
        "properties",
        "conversation_id",
        "type",
        value="boolean",
    )
    told = json.loads(compare("--json", PATH, edited(edit)))["differences"]
    assert [(d["place"], d["kind"]) for d in told] == [("conversation_id", "type")]


def test_codes_examples_and_operations_nearby_are_told(edited: Any) -> None:
    """A new error code, an example that breaks its schema, and a new operation beside the nine have a line each."""

    def edit(spec: Any) -> None:
        answer = {
            "description": "Refused.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
        }
        answer["content"]["application/json"]["examples"] = {
            "one": {"value": {"errors": [{"code": "brand_new"}], "extra": 1}}
        }
        spec["paths"]["/me"]["get"]["responses"]["401"] = answer
        spec["paths"]["/jobs/status/{id}"] = {"get": {"operationId": "jobs", "responses": {}}}
        spec["paths"]["/articles"] = {"get": {"operationId": "articles", "responses": {}}}

    text = compare(PATH, edited(edit))
    assert re.search(r"codes 401: .*brand_new", text)
    assert "new: GET /jobs/status/{}" in text
    assert "articles" not in text
    assert "extra: sent, not declared (1 time)" in text


@pytest.mark.parametrize("form", [[], ["--markdown"], ["--json"], ["--changelog"]])
def test_every_form_names_the_place(form: list[str], edited: Any) -> None:
    """Text, Markdown, JSON and changelog lines all name what changed, and a description against itself has no
    difference.
    """
    path = edited(put(*TICKET, "channel", value={"type": "string"}))
    assert "channel" in compare(*form, PATH, path)
    assert "channel" not in compare(*form, path, path)


@pytest.mark.parametrize("content", ["", "a: [", "openapi: 3.1.0\n"])
def test_what_is_no_description_is_refused_by_name(content: str, tmp_path: Path) -> None:
    """A file that is missing, is no YAML or is no description gives an error that names it, without a traceback."""
    path = tmp_path / "other.yaml"
    if content:
        path.write_text(content, encoding="utf-8")
    told = compare(PATH, path, code=2)
    assert "other.yaml" in told
    assert "Traceback" not in told
