"""Published examples through the models: no declared field loses its value, and nothing that the description declares
stays in `raw` only.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
import yaml
from scripts.comparing.description import Description, Node
from scripts.comparing.deviations import class_name
from scripts.comparing.places import examples

import intercom_raw.models
from intercom_raw import API_VERSION
from tests.contract.fragment import OPERATIONS, ROOT, resolve

KEPT = ROOT / "openapi" / "published" / f"{API_VERSION}.yaml"
PUBLISHED = ROOT.parent / "shared" / "reference" / "published"


def lost(model: Any, description: Description, nodes: tuple[Node, ...]) -> Iterator[str]:
    """Fields that are None although a value came, and keys in `raw` only that the description declares; the nested ones
    included.
    """
    name = type(model).__name__
    declared = description.shape(nodes or named(description, name)).properties
    for key in model.additional_properties.keys() & declared.keys():
        if model.raw[key] is not None:
            yield f"{name}.{key} stays in raw only"
    for field in attrs.fields(type(model)):
        received, value = model.raw.get(field.name), getattr(model, field.name)
        if field.name != "raw" and received is not None:
            if value is None:
                yield f"{name}.{field.name} is None, a {type(received).__name__} came"
            yield from inside(value, received, field.name, description, declared.get(field.name, ()))


def named(description: Description, name: str) -> tuple[Node, ...]:
    """The description's object of a model's name: a list that the description puts under another key still holds known
    objects.
    """
    return tuple(s for key, s in description.content["components"]["schemas"].items() if class_name(key) == name)


def inside(value: Any, received: Any, key: str, description: Description, nodes: tuple[Node, ...]) -> Iterator[str]:
    """The same for what a field holds."""
    if hasattr(value, "raw"):
        yield from lost(value, description, nodes)
    elif isinstance(value, list):
        if len(value) != len(received):
            yield f"{key} has {len(value)} elements of {len(received)}"
        for element in value:
            yield from inside(element, None, key, description, description.shape(nodes).items)


def complaints(path: Path) -> list[str]:
    """What is lost of all examples of a description, read by the models of this project."""
    description, found, seen = Description(path), set[str](), 0
    ids = {node.get("operationId"): name for name, (_, node) in description.operations.items()}
    for operation, ours in OPERATIONS.items():
        schema = resolve(ours["responses"]["200"])["content"]["application/json"]["schema"]
        kind = getattr(intercom_raw.models, schema["$ref"].rsplit("/", 1)[1])
        answer = description.answers(ids[operation])["200"]
        nodes = (next(iter(answer["content"].values()))["schema"],)
        for example in examples(answer):
            seen += 1
            found |= set(lost(kind.from_dict(example), description, nodes))
    assert seen >= len(OPERATIONS)
    return sorted(found)


@pytest.mark.parametrize("path", [KEPT, PUBLISHED / f"intercom-{API_VERSION}.yaml"], ids=["kept", "published"])
def test_no_example_loses_anything(path: Path) -> None:
    """Every example of our version, of the kept shapes and of the description itself, is read whole."""
    if not path.exists():
        pytest.skip("the published descriptions are not beside the project")
    assert complaints(path) == []


def test_a_bump_of_the_number_only_is_seen(tmp_path: Path) -> None:
    """A description whose ticket state became an object, and that has a new key, is not read whole by these models."""
    spec = yaml.safe_load(KEPT.read_text(encoding="utf-8"))
    tickets = next(
        item["get"] for path, item in spec["paths"].items() if path.startswith("/tickets/{") and "get" in item
    )
    media = tickets["responses"]["200"]["content"]["application/json"]
    for example in media["examples"].values():
        example["value"]["is_shared"] = {"type": "shared"}
        example["value"]["brand_new"] = 7
    spec["components"]["schemas"]["ticket"]["properties"]["brand_new"] = {"type": "integer"}
    path = tmp_path / "next.yaml"
    path.write_text(yaml.safe_dump(spec), encoding="utf-8")
    assert complaints(path) == ["Ticket.brand_new stays in raw only", "Ticket.is_shared is None, a dict came"]


@pytest.mark.parametrize("version", ["2.12", "2.16"])
def test_examples_of_later_versions_need_another_fragment(version: str) -> None:
    """The published examples of a later version are not read whole by the models of ours: their ticket state is an
    object.
    """
    path = PUBLISHED / f"intercom-{version}.yaml"
    if not path.exists():
        pytest.skip("the published descriptions are not beside the project")
    if version == API_VERSION:
        pytest.skip("this is our version")
    assert any(line.startswith("Ticket.") for line in complaints(path)), "a bump of the number only would not be seen"
