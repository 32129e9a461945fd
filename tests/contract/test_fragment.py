"""The fragment's own form: valid OpenAPI, described throughout, lenient answers, strict requests, nothing private to be
shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import validate

import intercom_raw.models
from tests.contract.fragment import (
    OPERATIONS,
    PATH,
    REQUEST_SCHEMAS,
    RESPONSE_SCHEMAS,
    SCHEMAS,
    SPEC,
    contents,
    names_in,
    resolve,
    walk,
)

NINE = {
    "identifyAdmin",
    "listConversations",
    "searchConversations",
    "retrieveConversation",
    "redactConversation",
    "convertConversationToTicket",
    "getTicket",
    "listTicketTypes",
    "getTicketType",
}
# A property with one of these in its name is someone's words or data, and must not stand in a repr.
PRIVATE = (
    *("body", "name", "email", "subject", "url", "title", "remark", "external", "description", "label", "message"),
    *("icon", "emoji", "field", "value", "after"),
)


def properties(names: set[str]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(schema, property, its schema) of all properties of some component schemas."""
    for name in sorted(names):
        for key, value in SCHEMAS[name].get("properties", {}).items():
            yield name, key, value


def described() -> Iterator[tuple[str, dict[str, Any]]]:
    """Everything that needs a description, with a name for the complaint."""
    components = SPEC["components"]
    yield "info", SPEC["info"]
    yield from ((f"{kind} {n}", thing) for kind in ("servers", "tags") for n, thing in enumerate(SPEC[kind]))
    yield from ((f"{kind}/{key}", thing) for kind in components for key, thing in components[kind].items())
    yield from ((f"{schema}.{key}", value) for schema, key, value in properties(set(SCHEMAS)))
    for name, operation in OPERATIONS.items():
        yield name, operation
        yield from ((f"{name} {parameter['name']}", parameter) for parameter in operation.get("parameters", []))
        yield from ((f"{name} {status}", resolve(response)) for status, response in operation["responses"].items())
        if "requestBody" in operation:
            yield f"{name} body", operation["requestBody"]


def test_it_is_valid_openapi() -> None:
    """The fragment is an OpenAPI 3.1 document."""
    validate(SPEC)
    assert SPEC["openapi"].startswith("3.1")
    assert PATH.name == f"intercom-{SPEC['info']['version']}.yaml"


def test_it_has_the_nine_operations_and_no_other() -> None:
    """Operation ids are Intercom's, and each operation has one of the four tags and a summary."""
    assert set(OPERATIONS) == NINE
    tags = {tag["name"] for tag in SPEC["tags"]}
    assert tags == {"Conversations", "Tickets", "Ticket types", "Admins"}
    assert all(set(operation["tags"]) < tags and operation["summary"] for operation in OPERATIONS.values())


def test_servers_and_security() -> None:
    """Three regional hosts, a bearer token on every call, and no version parameter, since the client sends that
    header.
    """
    hosts = [server["url"] for server in SPEC["servers"]]
    assert hosts == ["https://api.intercom.io", "https://api.eu.intercom.io", "https://api.au.intercom.io"]
    assert SPEC["security"] == [{"bearerAuth": []}]
    assert not [p for operation in OPERATIONS.values() for p in operation.get("parameters", []) if p["in"] == "header"]


def test_everything_is_described() -> None:
    """Every operation, parameter, body, answer, header, schema and property has a description which ends like a
    sentence.
    """
    assert [name for name, thing in described() if not thing.get("description", "").rstrip().endswith(".")] == []


def test_every_schema_is_used() -> None:
    """No component schema is left over."""
    assert set(SCHEMAS) == RESPONSE_SCHEMAS | REQUEST_SCHEMAS


def test_answers_promise_nothing() -> None:
    """Response schemas require nothing, close nothing, and carry no list of values, title, default or format."""
    for name in sorted(RESPONSE_SCHEMAS):
        for node in walk(SCHEMAS[name]):
            if isinstance(node.get("type"), (str, list)) or "anyOf" in node:
                assert not {"required", "enum", "const", "title", "default", "format"} & set(node), name
                assert node.get("additionalProperties", True) is True, name


def test_every_property_of_an_answer_may_be_null() -> None:
    """A response property is an id, another scalar or null, an array or null that says what it holds, or a reference or
    null.
    """
    forms = [{"type": [scalar, "null"]} for scalar in ("string", "integer", "number", "boolean")]
    forms.append({"type": ["string", "integer", "null"], "x-id": True})
    for schema, key, value in properties(RESPONSE_SCHEMAS):
        form = {k: v for k, v in value.items() if k not in ("description", "x-text", "x-relied-on")}
        if key.endswith("_ids"):
            assert form.pop("x-id") is True
            assert form["items"] == {"type": ["string", "integer"]}
        reference = form.get("anyOf", [{}])[0]
        array = {"type": ["array", "null"], "items": form.get("items")}
        beside = isinstance(form.get("type"), list) and form["type"][0] == "array" and set(form) == {"type", "items"}
        if beside:  # a list, or one value by itself
            assert set(form["type"]) <= {"array", "string", "integer", "number", "boolean", "null"}, f"{schema}.{key}"
            form = {**form, "type": ["array", "null"]} if form["type"][-1] == "null" else form
        assert form in [*forms, array, {"anyOf": [reference, {"type": "null"}]}], f"{schema}.{key}"


def test_answers_are_acyclic() -> None:
    """No response schema contains itself, so the generated modules can import one another."""
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " -> ".join((*above, name))
        if name not in done:
            for child in sorted(names_in(SCHEMAS[name])):
                visit(child, (*above, name))
            done.add(name)

    for name in sorted(RESPONSE_SCHEMAS):
        visit(name, ())


def test_requests_are_marked_and_answers_are_not() -> None:
    """x-request stands on all request schemas and no other, x-show on all response schemas; the free-form map alone
    serves both.
    """
    assert {"FreeForm"} == REQUEST_SCHEMAS & RESPONSE_SCHEMAS
    assert {name for name, schema in SCHEMAS.items() if schema.get("x-request") is True} == REQUEST_SCHEMAS - {
        "FreeForm"
    }
    assert {name for name, schema in SCHEMAS.items() if "x-show" in schema} >= RESPONSE_SCHEMAS


def test_requests_are_strict() -> None:
    """Bodies are required, ids in paths and bodies are strings or integers, and constants have themselves as
    default.
    """
    assert all(operation["requestBody"]["required"] for operation in OPERATIONS.values() if "requestBody" in operation)
    assert len(list(contents("request"))) == 3
    paths = [p for operation in OPERATIONS.values() for p in operation.get("parameters", []) if p["in"] == "path"]
    ids = [p["schema"] for p in paths] + [v for _, key, v in properties(REQUEST_SCHEMAS) if key.endswith("_id")]
    assert len(ids) >= 9
    assert all(schema["type"] == ["string", "integer"] for schema in ids)
    assert all(v["const"] == v["default"] for _, _, v in properties(REQUEST_SCHEMAS) if "const" in v)


def test_only_ids_and_codes_may_be_shown() -> None:
    """x-show names declared string properties only, and none whose name suggests text or a person's data."""
    for name in sorted(RESPONSE_SCHEMAS):
        declared = SCHEMAS[name].get("properties", {})
        for key in SCHEMAS[name]["x-show"]:
            assert "string" in declared[key]["type"], f"{name}.{key}"
            assert not any(word in key for word in PRIVATE), f"{name}.{key}"
    assert "ticket_type" not in SCHEMAS["ConversationTicket"]["x-show"], "there it is the type's name"


def test_every_operation_names_its_refusals() -> None:
    """Each operation answers 200 first, and has the refusals that any call can meet, with rate-limit headers on 200 and
    429.
    """
    for name, operation in OPERATIONS.items():
        statuses = list(operation["responses"])
        assert statuses[0] == "200"
        assert {"400", "401", "403", "429", "5XX"} <= set(statuses), name
        assert ("404" in statuses) == bool(operation.get("parameters", [{}])[0].get("in") == "path" or "redact" in name)
        for status in ("200", "429"):
            headers = resolve(operation["responses"][status])["headers"]
            assert set(headers) == {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"}
        assert all(
            names_in(media["schema"]) == {"Error"} for n, s, media in contents("response") if n == name and s != "200"
        )


@pytest.mark.parametrize("limit", ["500", "1,000"])
def test_documented_limits_are_told(limit: str) -> None:
    """The 500 parts and the 1,000 linked objects stand in the descriptions of conversations and of tickets."""
    key = {"500": "parts", "1,000": "linked_objects"}[limit]
    for name in ("Conversation", "Ticket"):
        texts = [v["description"] for schema, k, v in properties({name}) if k.endswith(key) and schema == name]
        assert texts
        assert all(limit in text for text in texts)


WHOSE = {"message", "person", "workspace", "api"}
RELIED_ON = {
    *(f"ConversationListItem.{key}" for key in ("ticket", "source")),
    *(f"Conversation.{key}" for key in ("ticket", "source", "conversation_parts")),
    *(f"ConversationPart.{key}" for key in ("id", "redacted", "part_type", "created_at")),
    *(f"ConversationSource.{key}" for key in ("id", "redacted")),
}
"""What the settling of writes reads: `_writes.conversion` and `_writes.ownership`."""


def test_every_free_text_says_whose_it_is() -> None:
    """A string, a list of strings or a map that a repr does not show is a message, a person's, the workspace's or the
    API's own.
    """
    for name, key, value in properties(RESPONSE_SCHEMAS):
        is_text = "string" in str(value.get("type", "")) or value.get("items") == {"type": "string"}
        is_map = any(names_in(part) == {"FreeForm"} for part in (*value.get("anyOf", ()), value.get("items", {})))
        if (is_text and key not in SCHEMAS[name]["x-show"] and not value.get("x-id")) or is_map:
            assert value.get("x-text") in WHOSE, (
                f"{name}.{key}: say whose words these are (x-text), and whether privacy must follow"
            )


def test_what_redactions_and_detectors_look_at_is_what_the_fragment_calls_a_message() -> None:
    """Bodies and subjects are what is redacted, planned and searched; another text of a message must not come
    unseen.
    """
    declared = {
        f"{name}.{key}" for name, key, value in properties(RESPONSE_SCHEMAS) if value.get("x-text") == "message"
    }
    assert declared == {
        "ConversationPart.body",
        "ConversationSource.body",
        "ConversationSource.subject",
        "TicketPart.body",
    }
    for name in ("ConversationPart", "ConversationSource", "TicketPart"):
        generated = getattr(intercom_raw.models, name).MESSAGE_TEXT
        assert {f"{name}.{key}" for key in generated} == {text for text in declared if text.startswith(f"{name}.")}


def test_what_settling_rests_on_is_marked() -> None:
    """The fragment says of each property that settling reads why it must not go; a bump that loses one fails here."""
    marked = {f"{name}.{key}" for name, key, value in properties(RESPONSE_SCHEMAS) if value.get("x-relied-on")}
    assert marked == RELIED_ON
