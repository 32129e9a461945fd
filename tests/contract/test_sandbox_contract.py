"""The sandbox against the fragment: whatever it is sent, it answers as the fragment says, and never with a 500."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from aiointercom.sandbox import Sandbox
from tests.contract.fragment import OPERATIONS, SPEC, complaints, schema_of
from tests.journeys.sandbox_client import client_of

PATHS = {
    operation["operationId"]: (method, path)
    for path, item in SPEC["paths"].items()
    for method, operation in item.items()
}
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
QUICK = settings(max_examples=20, deadline=None, database=None, suppress_health_check=list(HealthCheck))

SEEDED = ["123", "474", "471", "480", "493", "79", "80", "95", "112", "115", "120", "122", "403918311", "403918320"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
IDS = st.sampled_from(SEEDED) | st.sampled_from(SEEDED).map(int) | JSON
BODIES: dict[str, st.SearchStrategy[Any]] = {
    "redactConversation": st.fixed_dictionaries(
        {"type": st.sampled_from(["conversation_part", "source"]) | JSON},
        optional={"conversation_id": IDS, "conversation_part_id": IDS, "source_id": IDS},
    ),
    "convertConversationToTicket": st.fixed_dictionaries(
        {"ticket_type_id": IDS},
        optional={
            "attributes": JSON
            | st.fixed_dictionaries(
                {"amount": JSON}, optional={"_default_title_": JSON, "priority": JSON | st.sampled_from(["High"])}
            )
        },
    ),
    "searchConversations": st.fixed_dictionaries(
        {
            "query": st.recursive(
                st.fixed_dictionaries(
                    {
                        "field": st.sampled_from(["id", "created_at", "open", "source.body", "contact"]) | JSON,
                        "operator": st.sampled_from(["=", "!=", "IN", "NIN", "<", ">=", "~", "^", "$"]) | JSON,
                        "value": JSON,
                    }
                ),
                lambda inner: st.fixed_dictionaries(
                    {"operator": st.sampled_from(["AND", "OR"]), "value": st.lists(inner, max_size=3)}
                ),
                max_leaves=4,
            )
        },
        optional={
            "pagination": JSON
            | st.fixed_dictionaries({"per_page": JSON | st.integers(1, 150)}, optional={"starting_after": JSON})
        },
    ),
}


@pytest.mark.parametrize("operation_id", sorted(OPERATIONS))
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_generated_requests_get_answers_that_fit_the_fragment(operation_id: str, mode: GenerationMode) -> None:
    """Requests made from the fragment, valid and broken, are answered with a documented status and a fitting body."""
    schema = schemathesis.openapi.from_dict(SPEC)
    sandbox = Sandbox(limit=10**6)
    schema.app = sandbox
    operation = schema.find_operation_by_id(operation_id)

    @QUICK
    @given(case=operation.as_strategy(generation_mode=mode))
    def drive(case: Any) -> None:
        answer = case.call(headers={"Authorization": f"Bearer {sandbox.token}"})
        case.validate_response(answer, checks=CHECKS)

    drive()
    assert {received.operation for received in sandbox.requests} <= {operation_id, None}


@settings(QUICK, max_examples=60)
@given(
    st.lists(
        st.sampled_from(sorted(OPERATIONS)).flatmap(
            lambda name: st.tuples(st.just(name), st.sampled_from(SEEDED), BODIES.get(name, st.none()))
        ),
        min_size=5,
        max_size=15,
    )
)
def test_any_sequence_on_seeded_ids_fits_the_fragment(steps: list[tuple[str, str, Any]]) -> None:
    """However writes and reads follow each other, each answer fits its schema, and the ledger holds the writes done."""
    sandbox = Sandbox()
    client = client_of(sandbox)
    writes = 0
    for name, id, body in steps:
        method, template = PATHS[name]
        path = template.replace("{conversation_id}", id).replace("{ticket_id}", id).replace("{ticket_type_id}", id)
        answer = client.request(method, path, json=body)
        assert answer.status_code < 500
        assert complaints(schema_of(name, answer.status_code), answer.json()) == []
        writes += answer.status_code == 200 and name in ("redactConversation", "convertConversationToTicket")
    assert len(sandbox.ledger) == writes


def test_published_examples_work_on_the_seed() -> None:
    """The requests that are published as examples of the two writes get the published statuses."""
    sandbox = Sandbox()
    client = client_of(sandbox)
    part = {"type": "conversation_part", "conversation_id": 471, "conversation_part_id": 115}
    unknown = {"type": "conversation_part", "conversation_id": "really_123_doesnt_exist", "conversation_part_id": "1"}
    assert client.post("/conversations/redact", json=part).status_code == 200
    assert client.post("/conversations/redact", json=unknown).status_code == 404
    assert client.post("/conversations/123/convert", json={"ticket_type_id": "79"}).status_code == 200
    assert client.post("/conversations/474/convert", json={"ticket_type_id": "80"}).status_code == 400
