"""The fragment against bodies: its own examples, our samples and, where the folder of references is there, live and
published ones.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.contract.fragment import OPERATIONS, ROOT, SCHEMAS, SPEC, complaints, contents, resolve, schema_of
from tests.samples import Sample, load_samples

REFERENCE = ROOT.parent / "shared" / "reference"
DEVIATIONS = (ROOT / "openapi" / "deviations.md").read_text(encoding="utf-8")
LIVE_KINDS = {"conversation": "retrieveConversation", "ticket": "getTicket", "error": "identifyAdmin"}
SAMPLES = load_samples()

# What only other versions send. Such keys stay reachable in the raw object, and this fragment does not promise them.
OTHER_VERSIONS = {
    "Conversation.assignee",
    *(f"Conversation.{key}" for key in ("channel", "company", "company_id", "ai_topics", "monitor_evaluations")),
    *(f"Conversation.{key}" for key in ("scorecards", "external_references", "sales_agent")),
    *(f"ConversationStatistics.{key}" for key in ("last_closed_by", "handling_time", "adjusted_handling_time")),
    "ConversationStatistics.assigned_team_first_response_time",
    *(f"ConversationSource.{key}" for key in ("recipients", "reply_to", "email_message_metadata")),
    *(f"ConversationPartAuthor.{key}" for key in ("from_ai_agent", "is_ai_answer")),
    *(f"ConversationPart.{key}" for key in ("state", "tags", "event_details", "app_package_code", "metadata")),
    *(f"ConversationPart.{key}" for key in ("email_message_metadata", "translations")),
    *(f"ConversationPart.{key}" for key in ("admin_assignee_id", "team_assignee_id")),
    "ConversationTeammates.teammates",
    "TicketType.ticket_states",
}
# The published names of schemas that have another name, or no counterpart of their own, here.
RENAMED = {"paginated_conversation_response": "ConversationList"}
# Rows of the observations that no answer can show: this one is about a request of another operation.
NOT_AN_ANSWER = {"4 writes"}


def published() -> dict[str, Any]:
    """The published description's facts, or nothing where they are not at hand."""
    path = REFERENCE / f"intercom-{SPEC['info']['version']}-facts.yaml"
    return (
        yaml.safe_load(path.read_text(encoding="utf-8"))
        if path.exists()
        else {"paths": {}, "components": {"schemas": {}}}
    )


def live() -> Iterator[Sample]:
    """Live records, where they are at hand."""
    path = REFERENCE / "live-records.jsonl"
    for n, line in enumerate(path.read_text(encoding="utf-8").splitlines() if path.exists() else []):
        record = json.loads(line)
        operation, status = LIVE_KINDS[record["kind"]], int(record["status"] or 200)
        yield Sample(f"live {n} {record['kind']}", (), operation, status, record["payload"])


def published_answers() -> Iterator[Sample]:
    """The answers that Intercom publishes as examples, where they are at hand."""
    for item in published()["paths"].values():
        for operation in item.values():
            for status, response in operation["responses"].items():
                for name, example in response["content"]["application/json"].get("examples", {}).items():
                    yield Sample(
                        f"published {operation['operationId']} {name}",
                        (),
                        operation["operationId"],
                        int(status),
                        example["value"],
                    )


def undeclared(schema: dict[str, Any], value: Any, name: str = "") -> Iterator[str]:
    """Keys inside a body that the fragment does not declare, as Schema.key."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
    schema = resolve(schema)
    for branch in schema.get("anyOf", []):
        yield from undeclared(branch, value)
    if isinstance(value, list):
        for element in value:
            yield from undeclared(schema.get("items", {}), element)
    if isinstance(value, dict) and "properties" in schema:
        for key, inner in value.items():
            if key in schema["properties"]:
                yield from undeclared(schema["properties"][key], inner)
            else:
                yield f"{name}.{key}"


GOOD = [*(s for s in SAMPLES if s.valid), *live(), *published_answers()]


def own_examples() -> Iterator[Any]:
    """Every example that stands in the fragment, with the schema it belongs to."""
    for side in ("request", "response"):
        for name, status, media in contents(side):
            for key, example in media.get("examples", {}).items():
                yield pytest.param(media["schema"], example["value"], id=f"{name} {status or 'body'} {key}")


@pytest.mark.parametrize(("schema", "value"), list(own_examples()))
def test_own_examples_fit(schema: dict[str, Any], value: Any) -> None:
    """Each example of the fragment fits its own schema and has no key that the schema does not declare."""
    assert complaints(schema, value) == []
    assert list(undeclared(schema, value)) == []


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_operation_has_an_example(name: str) -> None:
    """Every 200 answer and every body that is sent has an example."""
    medias = [
        m for side in ("request", "response") for n, status, m in contents(side) if n == name and status in ("", "200")
    ]
    assert medias
    assert all(media["examples"] for media in medias)


@pytest.mark.parametrize("sample", GOOD, ids=lambda s: s.name)
def test_real_answers_fit(sample: Sample) -> None:
    """What Intercom sends fits the fragment, and no key of its version in it is undeclared."""
    schema = schema_of(sample.operation, sample.status)
    assert complaints(schema, sample.payload) == []
    found = {key.replace("ConversationListItem.", "Conversation.") for key in undeclared(schema, sample.payload)}
    assert found <= OTHER_VERSIONS


@pytest.mark.parametrize("sample", [s for s in SAMPLES if not s.valid and s.text is None], ids=lambda s: s.name)
def test_wrong_types_do_not_fit(sample: Sample) -> None:
    """A body with types that this version does not send breaks the fragment, so a sample marked so is marked
    rightly.
    """
    assert complaints(schema_of(sample.operation, sample.status), sample.payload)


@pytest.mark.parametrize("sample", [s for s in SAMPLES if s.text is not None], ids=lambda s: s.name)
def test_text_samples_hold_no_object(sample: Sample) -> None:
    """A sample given as text is no JSON object, and comes over the wire as it is written."""
    assert not sample.valid
    assert not sample.content.lstrip().startswith((b"{", b"["))
    assert sample.content == (sample.text or "").encode()


@pytest.mark.parametrize(
    ("name", "key"),
    [("Ticket", "company_id"), ("TicketType", "is_internal"), ("App", "secure"), ("Conversation", "ticket")],
)
def test_the_walker_finds_what_is_missing(name: str, key: str) -> None:
    """Taking a real but unpublished key out of the fragment would be noticed."""
    poorer = {**SCHEMAS[name], "properties": {k: v for k, v in SCHEMAS[name]["properties"].items() if k != key}}
    assert list(undeclared(poorer, {key: {}}, name)) == [f"{name}.{key}"]


def test_the_samples_show_every_observation() -> None:
    """Every row of the observed shapes, where that table is at hand, is shown by a sample."""
    shown = {row for sample in SAMPLES for row in sample.shows}
    path = REFERENCE / "observed-shapes.md"
    rows: set[str] = {"3 conversation.ticket", "7 /me"}
    section = "0"
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        heading = re.match(r"## (\d)\.", line)
        section = heading[1] if heading else section
        if line.startswith("| `") or (
            section != "0" and re.match(r"\| [a-zA-Z]", line) and not line.startswith("| field")
        ):
            rows.add(f"{section} {line.split('|')[1].strip().replace('`', '')}")
    rows = {row for row in rows if not row.startswith("0 ")} - NOT_AN_ANSWER
    assert rows - shown == set()
    assert not path.exists() or shown - rows == set()


def test_every_added_or_dropped_property_is_explained() -> None:
    """A property that stands in only one of the fragment and the published description is named in deviations.md."""
    for published_name, schema in published()["components"]["schemas"].items():
        name = RENAMED.get(published_name, "".join(word.capitalize() for word in published_name.split("_")))
        ours = set(SCHEMAS.get(name, {}).get("properties", {}))
        theirs = set(schema.get("properties", {}))
        if name in SCHEMAS:
            assert all(f"`{name}.{key}`" in DEVIATIONS for key in ours ^ theirs), (name, ours ^ theirs)
        else:
            assert f"`{published_name}`" in DEVIATIONS, published_name
