"""The fragment against the kept facts of the published description: each difference has a reason, and a drift of either
is seen.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.contract.copies import ROOT, Copy
from tests.contract.fragment import SPEC

VERSION = SPEC["info"]["version"]
FACTS = ROOT / "openapi" / "published" / f"{VERSION}.yaml"
STAMP = ROOT / "openapi" / "published" / "STAMP.toml"
PUBLISHED = ROOT.parent / "shared" / "reference" / "published" / f"intercom-{VERSION}.yaml"
DATA: dict[str, Any] = tomllib.loads((ROOT / "openapi" / "deviations.toml").read_text(encoding="utf-8"))
ROWS = [row for section in DATA["section"] for row in section["row"]]


@pytest.fixture
def copied(tmp_path: Path) -> Copy:
    return Copy(tmp_path / "repo")


def test_every_difference_from_the_facts_is_explained(copied: Copy) -> None:
    """A clean clone can hold the fragment against the published description: no difference without a reason, no row
    that is idle.
    """
    told = copied.compare("--fragment")
    assert "\n0 unexplained" in told
    assert "no longer so" not in told


def test_every_difference_from_the_published_description_is_explained(copied: Copy) -> None:
    """The same against the description itself, where it is beside the project."""
    if not PUBLISHED.exists():
        pytest.skip("the published descriptions are not beside the project")
    assert "\n0 unexplained" in copied.compare("--fragment", PUBLISHED)


FRAGMENT_EDITS = {
    "type": (
        "        is_shared:\n          type: [boolean, 'null']",
        "        is_shared:\n          type: [string, 'null']",
        "answer Ticket.is_shared: type",
    ),
    "key": ("        is_shared:\n", "        is_shares:\n", "answer Ticket.is_shared: gone"),
    "required": (
        "      required: [ticket_type_id]\n",
        "",
        "body ConvertConversationToTicketRequest.ticket_type_id: required",
    ),
    "values": ("enum: [AND, OR]", "enum: [AND]", "operator: values, gone OR"),
    "nullable": (
        "starting_after:\n          type: [string, 'null']",
        "starting_after:\n          type: string",
        "nullable",
    ),
}


@pytest.mark.parametrize("edit", FRAGMENT_EDITS)
def test_a_change_of_the_fragment_without_a_reason_fails_with_its_place(edit: str, copied: Copy) -> None:
    """Exit 1, and the place: a type, a key, what a request requires, a list of values."""
    old, new, told = FRAGMENT_EDITS[edit]
    copied.edit(copied.fragment, old, new)
    assert told in copied.compare("--fragment", code=1)


def test_a_drift_of_the_published_description_fails_with_its_place(copied: Copy, tmp_path: Path) -> None:
    """What Intercom changes within a version is unexplained until a person has looked at it; `--renew` tells it and
    keeps it.
    """
    spec = yaml.safe_load(FACTS.read_text(encoding="utf-8"))
    ticket = spec["components"]["schemas"]["ticket"]["properties"]
    ticket["brand_new"] = {"type": "string", "description": "Words of Intercom that must not be kept."}
    del ticket["is_shared"]
    drifted = tmp_path / "drifted.yaml"
    drifted.write_text(yaml.safe_dump(spec), encoding="utf-8")
    told = copied.compare("--fragment", drifted, code=1)
    assert "answer Ticket.brand_new: gone" in told
    assert "answer Ticket.is_shared: new" in told
    told = copied.compare("--renew", drifted, "--commit", "a" * 40)
    assert re.search("new brand_new: string", told)
    kept = copied.root / "openapi" / "published"
    assert "brand_new" in (kept / FACTS.name).read_text(encoding="utf-8")
    assert "Words of Intercom" not in (kept / FACTS.name).read_text(encoding="utf-8")
    assert tomllib.loads((kept / "STAMP.toml").read_text(encoding="utf-8"))[VERSION]["commit"] == "a" * 40
    assert "answer Ticket.brand_new" in copied.compare("--fragment", code=1)


def test_a_row_that_holds_no_longer_is_listed(copied: Copy) -> None:
    """A row of which nothing is left is named, and is no error: a person takes it out."""
    copied.edit(
        copied.root / "openapi" / "deviations.toml",
        '"answer TicketType.is_internal"',
        '"answer TicketType.is_internal", "answer App.gone"',
    )
    assert "explains nothing at `answer App.gone`" in copied.compare("--fragment")


def test_renewing_what_has_not_changed_changes_nothing(copied: Copy) -> None:
    """Renewing from the kept facts themselves gives them again, with no difference told."""
    before = (copied.root / "openapi" / "published" / FACTS.name).read_bytes()
    assert "\n0 differences" in copied.compare("--renew", copied.root / "openapi" / "published" / FACTS.name)
    assert (copied.root / "openapi" / "published" / FACTS.name).read_bytes() == before


def test_the_facts_hold_no_wording() -> None:
    """No description, summary, title or example text of Intercom stands in the facts; texts are digests, and values are
    ours.
    """
    words = yaml.safe_load(FACTS.read_text(encoding="utf-8"))
    found: list[str] = []

    def look(node: Any, key: str) -> None:
        if isinstance(node, dict):
            for name, value in node.items():
                if name in ("description", "summary", "title", "example") and isinstance(value, str):
                    assert value in ("text", "", "facts"), value
                look(value, name)
        elif isinstance(node, list):
            for item in node:
                look(item, key)
        elif isinstance(node, str):
            found.append(node)

    look(words, "")
    assert [text for text in found if " " in text and not text.startswith(("#", "prose:"))] == []


def test_the_stamp_names_the_upstream_commit() -> None:
    """The facts say which commit of the published descriptions they are from."""
    entry = tomllib.loads(STAMP.read_text(encoding="utf-8"))[VERSION]
    assert re.fullmatch("[0-9a-f]{40}", entry["commit"])
    assert re.fullmatch("[0-9a-f]{64}", entry["sha256"])


def test_the_page_is_rendered_from_the_data(copied: Copy) -> None:
    """deviations.md is what deviations.toml gives."""
    page = copied.root / "openapi" / "deviations.md"
    before = page.read_bytes()
    copied.compare("--render")
    assert page.read_bytes() == before


def test_every_row_has_a_reason_and_a_grade() -> None:
    """Each deviation says why, with evidence and its grade."""
    for row in ROWS:
        assert row["why"], row
        assert row["grade"] in ("A", "B", "C", "D", "self", "choice"), row
        assert row["grade"] in row["evidence"], row
