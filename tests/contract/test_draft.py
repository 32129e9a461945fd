"""scripts/compare --draft and scripts/bump on a description made from the kept facts, so that a clean clone tries
them.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.contract.copies import Copy
from tests.contract.fragment import SPEC

NEW: dict[str, Any] = {
    "brand_new": {"type": "string", "description": "Words of Intercom's own."},
    "brand_new_state": {"type": "string", "enum": ["on", "off"]},
    "brand_new_id": {"type": "integer"},
    "brand_new_ids": {"type": "array", "items": {"type": "integer"}},
    "brand_new_map": {"type": "object", "additionalProperties": {"type": "string"}},
    "brand_new_rate": {"type": "number"},
    "brand_new_choice": {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
    "brand_new_object": {"$ref": "#/components/schemas/brand_new_thing"},
    "brand_new_union": {
        "oneOf": [
            {"type": "object", "properties": {"one": {"type": "string"}, "both": {"type": "string"}}},
            {"type": "object", "properties": {"two": {"type": "boolean"}, "both": {"type": "integer"}}},
        ]
    },
}
THING = {"type": "object", "properties": {"id": {"type": "string"}, "label": {"type": "string"}}, "required": ["id"]}


@pytest.fixture
def copied(tmp_path: Path) -> Copy:
    return Copy(tmp_path / "repo")


@pytest.fixture
def later(copied: Copy, tmp_path: Path) -> Path:
    """A description of version 9.9: the present one, with new keys of all kinds in the ticket."""
    (facts,) = (copied.root / "openapi" / "published").glob("*.yaml")
    spec = yaml.safe_load(facts.read_text(encoding="utf-8"))
    spec["info"]["version"] = "9.9"
    spec["components"]["schemas"]["ticket"]["properties"] |= NEW
    spec["components"]["schemas"]["brand_new_thing"] = THING
    spec["components"]["schemas"]["convert_conversation_to_ticket_request"]["properties"]["hint"] = {"type": "string"}
    path = tmp_path / "later.yaml"
    path.write_text(yaml.safe_dump(spec), encoding="utf-8")
    return path


def drafted(copied: Copy, later: Path) -> dict[str, Any]:
    """The schemas of the draft."""
    output = copied.root / "draft.yaml"
    copied.compare("--draft", later, "--output", output)
    spec = yaml.safe_load(output.read_text(encoding="utf-8"))
    assert spec["info"]["version"] == "9.9"
    return dict(spec["components"]["schemas"])


def test_the_draft_has_the_fragments_form(copied: Copy, later: Path) -> None:
    """Everything may be null, lists of values are open, ids are marked, maps are free-form, a union of objects is one
    object.
    """
    ticket = drafted(copied, later)["Ticket"]["properties"]
    mark = {"x-draft": "9.9", "description": "To be worded."}
    null = {"type": "null"}
    assert ticket["brand_new"] == {**mark, "x-text": "undecided", "type": ["string", "null"]}
    assert ticket["brand_new_state"] == {**mark, "type": ["string", "null"]}
    assert ticket["brand_new_id"] == {**mark, "x-id": True, "type": ["string", "integer", "null"]}
    assert ticket["brand_new_ids"]["items"] == {"type": ["string", "integer"]}
    assert ticket["brand_new_map"]["anyOf"] == [{"$ref": "#/components/schemas/FreeForm"}, null]
    assert ticket["brand_new_rate"]["type"] == ["number", "null"]
    assert ticket["brand_new_choice"]["type"] == ["array", "string", "null"]
    assert ticket["brand_new_object"]["anyOf"] == [{"$ref": "#/components/schemas/BrandNewThing"}, null]
    assert ticket["brand_new_union"]["anyOf"] == [{"$ref": "#/components/schemas/TicketBrandNewUnion"}, null]


def test_the_draft_drafts_components_and_requests(copied: Copy, later: Path) -> None:
    """A new object is a component that requires nothing; a new key of a request stays a request's."""
    schemas = drafted(copied, later)
    assert set(schemas["TicketBrandNewUnion"]["properties"]) == {"one", "two", "both"}
    assert "required" not in schemas["BrandNewThing"]
    assert schemas["BrandNewThing"]["x-show"] == ["id"]
    assert schemas["ConvertConversationToTicketRequest"]["properties"]["hint"]["type"] == ["string"]


def test_the_draft_adds_nothing_else_and_no_wording(copied: Copy, later: Path) -> None:
    """What deviations took out stays out, all else is as it was, and Intercom's words stay theirs."""
    schemas = drafted(copied, later)
    assert "Words of Intercom" not in (copied.root / "draft.yaml").read_text(encoding="utf-8")
    assert set(schemas) - set(SPEC["components"]["schemas"]) == {"BrandNewThing", "TicketBrandNewUnion"}
    for name, schema in SPEC["components"]["schemas"].items():
        added = set(schemas[name].get("properties", {})) - set(schema.get("properties", {}))
        assert added == {"Ticket": set(NEW), "ConvertConversationToTicketRequest": {"hint"}}.get(name, set()), name


def test_a_bump_from_the_first_command_to_the_last(copied: Copy, later: Path) -> None:
    """It stops at the drafts, generates once they are worded, and the new keys are read."""
    first = copied.run(["scripts/bump", "9.9", str(later)], 1)
    assert re.search(r"word Ticket\.brand_new \(intercom-9\.9\.yaml:\d+\)", first)
    generated = copied.root / "generated" / "intercom_raw" / "__init__.py"
    assert 'API_VERSION = "9.9"' not in generated.read_text(encoding="utf-8")
    text = re.sub(r" +x-draft: .*\n", "", copied.fragment.read_text(encoding="utf-8")).replace("To be", "It is")
    copied.fragment.write_text(text, encoding="utf-8")
    assert "x-draft" not in text
    assert "word Ticket.brand_new" in copied.run(["scripts/bump", "9.9", str(later)], 1), (
        "whose text it is, is undecided"
    )
    copied.fragment.write_text(text.replace("x-text: undecided", "x-text: person"), encoding="utf-8")
    last = copied.run(["scripts/bump", "9.9", str(later)])
    assert "`Ticket.brand_new_rate` is new: number." in last
    read = (
        "from intercom_raw.models import Ticket as T\n"
        "t = T.from_dict({'brand_new_choice': ['a'], 'brand_new_rate': 1.5, 'brand_new_id': 7, 'brand_new_union': {'two': True}})\n"
        "assert (t.brand_new_choice, t.brand_new_rate, t.brand_new_id) == (['a'], 1.5, '7') and t.brand_new_union.two\n"
        "assert T.from_dict({'brand_new_choice': 'a'}).brand_new_choice == 'a'\n"
        "assert T.from_dict({'brand_new_choice': {'a': 1}}).brand_new_choice is None\n"
        "assert T.from_dict({'brand_new_rate': 1}).brand_new_rate == 1\n"
    )
    copied.run([str(copied.root / ".venv" / "bin" / "python"), "-c", read])
