"""The generated layer: what it reads, keeps, sends and prints, and that it knows neither us nor any HTTP library."""

from __future__ import annotations

import ast
import copy
import inspect
import json
import pickle
import subprocess
import sys
import tomllib
import types
import typing
from datetime import datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any

import attrs
import pytest
import yaml

import aiointercom.models
import intercom_raw
import intercom_raw.models as models
from intercom_raw import API_VERSION
from intercom_raw.api import admins, conversations, ticket_types, tickets
from intercom_raw.types import UNSET, dump, plain
from tests.pure.declared import IDS, as_ids, complaints, fits, hints, readable, request_models, response_models
from tests.samples import Sample, load_samples

ROOT = Path(__file__).parents[2]
PACKAGE = Path(intercom_raw.__file__).parent
(PATH,) = (ROOT / "openapi").glob("intercom-*.yaml")
FRAGMENT = yaml.safe_load(PATH.read_text(encoding="utf-8"))
SCHEMAS: dict[str, Any] = FRAGMENT["components"]["schemas"]
WORD = "Rumpelstilzchen"
OF_OPERATION = {
    "identifyAdmin": models.AdminWithApp,
    "listConversations": models.ConversationList,
    "searchConversations": models.ConversationList,
    "retrieveConversation": models.Conversation,
    "redactConversation": models.Conversation,
    "convertConversationToTicket": models.Ticket,
    "getTicket": models.Ticket,
    "listTicketTypes": models.TicketTypeList,
    "getTicketType": models.TicketType,
}
OBJECTS = [sample for sample in load_samples() if isinstance(sample.payload, dict)]


def model_of(sample: Sample) -> Any:
    """The class that an answer is read with."""
    return OF_OPERATION[sample.operation] if sample.status == 200 else models.Error


# ---------------------------------------------------------------- reading


@pytest.mark.parametrize("sample", OBJECTS, ids=lambda sample: sample.name)
def test_samples_are_read_whole(sample: Sample) -> None:
    """Each of our answers is read without an exception, with nothing lost and every attribute of its declared type."""
    before = copy.deepcopy(sample.payload)
    model = model_of(sample).from_dict(sample.payload)
    assert complaints(model, sample.payload) == []
    assert sample.payload == before


@pytest.mark.parametrize("kind", response_models(), ids=lambda kind: kind.__name__)
def test_nulls_and_wrong_types_anywhere(kind: Any) -> None:
    """Every field of every model reads null, and each of the wrong types, as None, and keeps it in `raw`."""
    wrong: list[Any] = [None, "text", "", 0, 7, -1, 1.5, True, False, [], [None], ["x"], [{}], [[]], {}, {"a": 1}]
    for name in hints(kind):
        for value in wrong:
            payload = {name: value}
            model = kind.from_dict(payload)
            assert complaints(model, payload) == []
            expected = as_ids(value) if (kind.__name__, name) in IDS else value
            assert getattr(model, name) is not None or value is None or not readable(expected, hints(kind)[name])


@pytest.mark.parametrize(("model", "name"), sorted(IDS))
def test_ids_are_strings(model: str, name: str) -> None:
    """Every id reads as a string, an integer as its decimal digits; `raw` keeps what came. A bool and a float are no
    ids.
    """
    kind = getattr(models, model)
    several = kind.from_dict({name: []}).__getattribute__(name) == []
    for received in ("215468270034564", 215468270034564, 0, 2**70):
        payload = {name: [received] if several else received}
        read = kind.from_dict(payload)
        assert getattr(read, name) == ([str(received)] if several else str(received))
        assert read.raw[name] == payload[name]
    for no_id in (True, False, 471.0, None, {}):
        assert getattr(kind.from_dict({name: [no_id] if several else no_id}), name) == ([] if several else None)


def test_every_id_of_an_answer_is_marked() -> None:
    """A property that is called like an id is one, but for the request's, which nobody hands back to the API."""
    called_so = {
        (schema, name)
        for schema, content in SCHEMAS.items()
        if not content.get("x-request")
        for name, declared in content.get("properties", {}).items()
        if not ("array" in declared.get("type", ()) and name == "id")  # the ids of a choice, several or one
        if name in ("id", "id_code") or name.endswith(("_id", "_ids"))
    }
    assert called_so - IDS == {("Error", "request_id")}
    assert called_so >= IDS


@pytest.mark.parametrize("kind", response_models(), ids=lambda kind: kind.__name__)
def test_an_empty_object_and_no_object(kind: Any) -> None:
    """Nothing is required: an empty object reads as a model whose every field is None, and so does the constructor."""
    payload: dict[str, Any] = {}
    empty = kind.from_dict(payload)
    assert complaints(empty, payload) == []
    assert all(getattr(empty, name) is None for name in hints(kind))
    assert kind() == empty


@pytest.mark.parametrize("kind", response_models(), ids=lambda kind: kind.__name__)
def test_unknown_keys_stay_reachable(kind: Any) -> None:
    """A key that the description does not have is in `additional_properties` and in `raw`, whatever its name and
    value.
    """
    payload: dict[str, Any] = {"raw": 1, "from_dict": [2], "": 3, "a key": {"b": None}, "__class__": "x", "self": 0}
    model = kind.from_dict(payload)
    assert model.additional_properties == payload
    assert complaints(model, payload) == []


def test_elements_that_are_no_objects_are_skipped() -> None:
    """In a list of objects other things are left out of the typed list, never put into it, and stay in `raw`."""
    payload = {"conversation_parts": [None, "x", {"id": "1"}, [], 3, {"id": "2"}, True]}
    parts = models.ConversationParts.from_dict(payload)
    assert parts.conversation_parts is not None
    assert [part.id for part in parts.conversation_parts] == ["1", "2"]
    assert parts.raw is payload


@pytest.mark.parametrize(
    ("value", "read"),
    [("open", "open"), ("a state of next year", "a state of next year"), ("", ""), (3, None), (None, None)],
)
def test_unknown_values_of_enumerations(value: Any, read: Any) -> None:
    """A value that was not known when the description was written reads like any other: Intercom adds values without
    a new version.
    """
    assert models.Conversation.from_dict({"state": value}).state == read
    assert models.Ticket.from_dict({"category": value}).category == read


def test_a_bool_is_no_number() -> None:
    """True where a number is declared reads as None, not as 1."""
    assert models.Conversation.from_dict({"created_at": True}).created_at is None
    assert models.ConversationPart.from_dict({"redacted": 1}).redacted is None


def test_to_dict_shares_nothing() -> None:
    """Changing what `to_dict` returns, at any depth, changes neither the model nor what was received."""
    payload: dict[str, Any] = {
        "id": "1",
        "tags": {"tags": [{"id": "7"}]},
        "custom_attributes": {"a": {"b": [1]}},
        "new": [{"x": 1}],
    }
    before = json.dumps(payload)
    model = models.Conversation.from_dict(payload)
    out = model.to_dict()
    assert json.dumps(out) == before
    out["tags"]["tags"][0]["id"] = "8"
    out["custom_attributes"]["a"]["b"].append(2)
    out["new"][0]["x"] = 2
    assert json.dumps(payload) == json.dumps(model.to_dict()) == before
    assert model.tag_list[0].id == "7"


def test_to_dict_says_what_was_set_since() -> None:
    """A field that was set, also one of an object inside, is in the result in place of what was received, and all
    else is as it came.
    """
    model = models.Conversation.from_dict(
        {"id": 1, "title": "old", "state": 3, "tags": {"type": "tag.list", "tags": [{"id": 7, "name": "a", "hue": 1}]}}
    )
    assert model.tags is not None
    assert model.tags.tags is not None
    model.title = None
    model.tags.tags[0].name = "b"
    model.tags.tags.append(models.Tag(id="8"))
    tags = {"type": "tag.list", "tags": [{"id": 7, "name": "b", "hue": 1}, {"id": "8"}]}
    assert model.to_dict() == {"id": 1, "title": None, "state": 3, "tags": tags}


def test_to_dict_writes_a_moment_as_intercom_does() -> None:
    """A datetime that was set, at any depth, becomes whole seconds since 1970, whatever its time zone."""
    moment = datetime(2026, 11, 26, 15, 16, 8, 999, tzinfo=timezone(timedelta(hours=2)))
    model: Any = models.Conversation.from_dict({"created_at": 1, "tags": {"tags": [{"id": "7"}]}})
    model.created_at = moment
    model.tag_list[0].applied_at = moment
    model.custom_attributes = {"since": [moment]}
    out = json.loads(json.dumps(model.to_dict()))
    assert out["created_at"] == out["tags"]["tags"][0]["applied_at"] == 1795698968
    assert out["custom_attributes"] == {"since": [1795698968]}
    assert models.Conversation.from_dict(out).created_at == 1795698968


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (datetime(2026, 11, 26), "a datetime without a time zone"),  # noqa: DTZ001  # that is what is refused
        ({1: "lavender"}, "a key of type int"),
        ([{"lavender"}], "a value of type set"),
        (b"lavender", "a value of type bytes"),
        (time(15, 16), "a value of type time"),
    ],
)
def test_to_dict_refuses_what_json_cannot_hold(value: Any, told: str) -> None:
    """The error names the field and the type, also of an object inside and of what was read, and no value."""
    model: Any = models.Conversation.from_dict({"tags": {"tags": [{"id": "7"}]}})
    model.tag_list[0].name = value
    with pytest.raises(TypeError, match=f"Tag.name holds {told}, which JSON cannot") as caught:
        model.to_dict()
    assert "lavender" not in str(caught.value)
    assert caught.value.__context__ is None
    with pytest.raises(TypeError, match=f"Tag.raw holds {told}"):
        models.Tag.from_dict({"name": value}).to_dict()


@pytest.mark.parametrize("kind", response_models(), ids=lambda kind: kind.__name__)
def test_models_made_by_hand_have_a_dict(kind: Any) -> None:
    """Each class, with a value for every field, gives them as JSON data that reads as an equal model; without any it
    gives nothing.
    """
    assert kind().to_dict() == {}
    model = filled(kind)
    out = json.loads(json.dumps(model.to_dict()))
    assert out.keys() == hints(kind).keys()
    assert kind.from_dict(out) == model


def filled(kind: Any) -> Any:
    """A model with a value for every field, and for those of the objects in it."""
    return kind(**{name: value_of(declared) for name, declared in hints(kind).items()})


def value_of(declared: Any) -> Any:
    """A value of a declared type other than None."""
    declared = (
        next(one for one in [*typing.get_args(declared), declared] if one is not type(None))
        if is_union(declared)
        else declared
    )
    if attrs.has(declared):
        return filled(declared)
    if typing.get_origin(declared) is list:
        return [value_of(typing.get_args(declared)[0])]
    return {str: "x", int: 3, bool: True, float: 0.5}.get(declared, {"a": [{"b": None}]})


def is_union(declared: Any) -> bool:
    """Whether a type is one of several."""
    return typing.get_origin(declared) in (types.UnionType, typing.Union)


def test_keys_that_are_no_names_keep_their_spelling() -> None:
    """A field whose key in JSON is spelled otherwise is written under that key."""
    model = models.Tag.from_dict({"id": "1"})
    model.name = "b"
    assert plain(model, {"name": "theName"}) == {"id": "1", "theName": "b"}


def test_comparison_and_copies() -> None:
    """Models are equal by their fields, whatever else was received; they can be copied and pickled with all that they
    hold.
    """
    one = models.Conversation.from_dict({"id": "1", "source": {"id": "9"}, "unknown": 1})
    other = models.Conversation.from_dict({"id": "1", "source": {"id": "9"}})
    assert one == other
    assert one != models.Conversation.from_dict({"id": "2", "source": {"id": "9"}})
    for again in (copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
        assert again == one
        assert again.raw == one.raw


# ---------------------------------------------------------------- printing


def planted(schema: dict[str, Any], depth: int = 0) -> Any:
    """A value of a schema in which every text is the planted word."""
    while "$ref" in schema:
        schema = SCHEMAS[schema["$ref"].rsplit("/", 1)[1]]
    for branch in schema.get("anyOf", []):
        if branch.get("type") != "null":
            return planted(branch, depth)
    kinds = schema.get("type", "object")
    if "string" in (kinds if isinstance(kinds, list) else [kinds]):
        return f"{WORD} and more"
    if "array" in (kinds if isinstance(kinds, list) else [kinds]):
        return [planted(schema["items"], depth + 1)]
    if "properties" in schema:
        return {name: planted(inner, depth + 1) for name, inner in schema["properties"].items()}
    if "object" in (kinds if isinstance(kinds, list) else [kinds]):
        return {f"{WORD} key": f"{WORD} value"}
    return 5


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_repr_shows_only_what_the_fragment_allows(name: str) -> None:
    """Every text but ids, types, states and codes that the fragment marks prints as its length, in nested objects
    too.
    """
    kind = getattr(models, name, None)
    if kind is None or not hasattr(kind, "from_dict"):
        assert "properties" not in SCHEMAS[name] or SCHEMAS[name].get("x-request")
        return
    payload = planted(SCHEMAS[name])
    shown = set(SCHEMAS[name]["x-show"])
    for key in payload:
        alone = repr(kind.from_dict({key: payload[key]}))
        if isinstance(payload[key], str):
            assert (WORD in alone) is (key in shown)
            assert key in shown or f"<{len(payload[key])} chars>" in alone


PERSONAL = {
    "body", "name", "email", "subject", "title", "url", "external_id", "remark", "message", "description", "summary",
    "content", "rating_remark", "reply", "custom_attributes", "ticket_attributes", "job_title", "image_url", "phone",
}  # fmt: skip


def test_nothing_personal_is_allowed_in_a_repr() -> None:
    """No schema marks a field as printable that carries a message's text or a person's data."""
    marked = {(name, field) for name, schema in SCHEMAS.items() for field in schema.get("x-show", [])}
    assert {(name, field) for name, field in marked if field in PERSONAL} == set()


@pytest.mark.parametrize("kind", request_models(), ids=lambda kind: kind.__name__)
def test_requests_are_as_silent(kind: Any) -> None:
    """A request model prints no text of a query, a title or an attribute."""
    values: dict[str, Any] = {}
    for field in attrs.fields(kind):
        if field.name in ("type", "operator", "field"):
            continue
        values[field.name] = {WORD: WORD} if field.name in ("attributes", "additional_properties") else f"{WORD}!"
    values |= {name: "=" for name in ("operator", "field") if name in attrs.fields_dict(kind)}
    shown = {name for name in values if name.endswith("_id")}
    text = repr(
        kind(
            **{name: value for name, value in values.items() if name not in shown}
            | dict.fromkeys(shown & values.keys(), "1")
        )
    )
    assert WORD not in text


# ---------------------------------------------------------------- sending


@pytest.mark.parametrize(
    ("request_", "body"),
    [
        (
            models.RedactConversationPartRequest(conversation_id="1", conversation_part_id=2),
            {"type": "conversation_part", "conversation_id": "1", "conversation_part_id": 2},
        ),
        (
            models.RedactConversationSourceRequest(conversation_id=1, source_id="2"),
            {"type": "source", "conversation_id": 1, "source_id": "2"},
        ),
        (models.ConvertConversationToTicketRequest(ticket_type_id="79"), {"ticket_type_id": "79"}),
        (
            models.ConvertConversationToTicketRequest(ticket_type_id="79", attributes={"a": None}),
            {"ticket_type_id": "79", "attributes": {"a": None}},
        ),
        (
            models.SearchRequest(
                query=models.MultipleFilterSearchRequest(
                    operator="AND",
                    value=[models.SingleFilterSearchRequest(field="state", operator="=", value="open")],
                ),
                pagination=models.SearchPaginationRequest(per_page=3),
                additional_properties={"sort": "x"},
            ),
            {
                "sort": "x",
                "query": {"operator": "AND", "value": [{"field": "state", "operator": "=", "value": "open"}]},
                "pagination": {"per_page": 3},
            },
        ),
    ],
)
def test_bodies(request_: Any, body: dict[str, Any]) -> None:
    """A request model gives plain JSON: constants are filled in, what is UNSET is left out, None is sent as null,
    nested models are opened.
    """
    assert request_.to_dict() == body
    assert json.loads(json.dumps(request_.to_dict())) == body


def test_unset_is_false_and_prints_as_its_name() -> None:
    """UNSET is no value: it is false, and neither None nor equal to it."""
    assert not UNSET
    assert UNSET is not None
    assert "UNSET" in repr(UNSET)
    assert dump([UNSET, {"a": 1}, "x"]) == [UNSET, {"a": 1}, "x"]


class Recorder:
    """A sender that is no HTTP: it notes the call and answers with a given object."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.answer = answer
        self.calls: list[tuple[str, str, Any, Any, Any]] = []

    async def send(self, method: str, path: str, *, values: Any = None, query: Any = None, json: Any = None) -> Any:
        self.calls.append((method, path, values, query, json))
        return self.answer


CALLS: list[tuple[Any, tuple, dict[str, Any], tuple[Any, ...]]] = [
    (admins.identify_admin, (), {}, ("GET", "/me", None, None, None)),
    (
        conversations.retrieve_conversation,
        ("1",),
        {"display_as": "plaintext"},
        ("GET", "/conversations/{conversation_id}", {"conversation_id": "1"}, {"display_as": "plaintext"}, None),
    ),
    (
        conversations.list_conversations,
        (),
        {"per_page": 5, "starting_after": "A"},
        ("GET", "/conversations", None, {"per_page": 5, "starting_after": "A"}, None),
    ),
    (
        conversations.search_conversations,
        (),
        {"body": models.SearchRequest(query=models.SingleFilterSearchRequest(field="f", operator="=", value="v"))},
        ("POST", "/conversations/search", None, None, {"query": {"field": "f", "operator": "=", "value": "v"}}),
    ),
    (
        conversations.redact_conversation,
        (),
        {"body": models.RedactConversationPartRequest(conversation_id="1", conversation_part_id="2")},
        (
            "POST",
            "/conversations/redact",
            None,
            None,
            {"type": "conversation_part", "conversation_id": "1", "conversation_part_id": "2"},
        ),
    ),
    (
        conversations.convert_conversation_to_ticket,
        (7,),
        {"body": models.ConvertConversationToTicketRequest(ticket_type_id="79")},
        ("POST", "/conversations/{conversation_id}/convert", {"conversation_id": 7}, None, {"ticket_type_id": "79"}),
    ),
    (tickets.get_ticket, ("3",), {}, ("GET", "/tickets/{ticket_id}", {"ticket_id": "3"}, None, None)),
    (ticket_types.list_ticket_types, (), {}, ("GET", "/ticket_types", None, None, None)),
    (
        ticket_types.get_ticket_type,
        ("79",),
        {},
        ("GET", "/ticket_types/{ticket_type_id}", {"ticket_type_id": "79"}, None, None),
    ),
]


@pytest.mark.asyncio
@pytest.mark.parametrize(("function", "arguments", "named", "call"), CALLS, ids=[row[0].__name__ for row in CALLS])
async def test_what_each_function_hands_to_the_sender(
    function: Any, arguments: tuple, named: dict, call: tuple
) -> None:
    """Each operation hands method, path template, values, query and JSON to whatever sender it is given, and builds
    its model.
    """
    recorder = Recorder({"type": "anything", "id": "1"})
    answer = await function(recorder, *arguments, **named)
    method, path, values, query, body = recorder.calls[0]
    present = None if query is None else {key: value for key, value in query.items() if value is not None} or None
    assert (method, path, values, present, body) == call
    assert len(recorder.calls) == 1
    assert answer.raw is recorder.answer
    assert fits(answer, inspect.get_annotations(function, eval_str=True)["return"])


def test_there_are_nine_functions_and_each_is_called_here() -> None:
    """The package has one module per operation of the fragment, named after it, and the table above leaves none out."""
    operations = {operation["operationId"] for item in FRAGMENT["paths"].values() for operation in item.values()}
    modules = {path.stem for path in (PACKAGE / "api").glob("*/*.py")} - {"__init__"}
    assert {name.replace("_", "") for name in modules} == {name.lower() for name in operations}
    assert {row[0].__name__ for row in CALLS} == modules
    assert OF_OPERATION.keys() == operations


# ---------------------------------------------------------------- the package


def imports_of(path: Path) -> set[str]:
    """The top-level packages that a file imports from outside of its own package."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").partition(".")[0])
    return found


def test_it_imports_attrs_and_the_standard_library() -> None:
    """No HTTP library and nothing of ours is imported anywhere in the package: a sender is its only door."""
    files = sorted(PACKAGE.rglob("*.py"))
    assert len(files) > 60
    assert set().union(*(imports_of(path) for path in files)) <= {
        "__future__",
        "attrs",
        "collections",
        "datetime",
        "enum",
        "importlib",
        "typing",
    }


def test_every_file_says_not_to_edit_it() -> None:
    """Each file opens with "do not edit" and the command that writes it; the type marker is there."""
    for path in PACKAGE.rglob("*.py"):
        first = path.read_text(encoding="utf-8").split("\n", 1)[0]
        assert "Do not edit" in first
        assert "scripts/regenerate" in first
    assert (PACKAGE / "py.typed").is_file()


def test_the_version_is_the_fragments() -> None:
    """The version that every request names comes from the fragment, and the stamp says the same."""
    stamp = tomllib.loads((ROOT / "generated" / "STAMP.toml").read_text(encoding="utf-8"))
    assert API_VERSION == str(FRAGMENT["info"]["version"]) == stamp["api"]["version"]


@pytest.mark.parametrize("module", [intercom_raw, models, admins, conversations, tickets, ticket_types])
def test_lists_of_names_are_true(module: Any) -> None:
    """`__all__` is sorted, without doubles, and names what is there."""
    assert list(module.__all__) == sorted(set(module.__all__))
    assert all(hasattr(module, name) for name in module.__all__)


def loaded_by(code: str) -> set[str]:
    """The modules of models that are loaded in a new process after some code has run."""
    show = "import sys; print(*(name for name in sys.modules if name.startswith('intercom_raw.models.')))"
    run = subprocess.run([sys.executable, "-c", f"{code}\n{show}"], capture_output=True, text=True, check=True)
    return {name.rpartition(".")[2] for name in run.stdout.split()}


def test_models_are_imported_when_they_are_asked_for() -> None:
    """Importing the package, or the functions, imports no model; asking for one imports it and what it holds."""
    assert loaded_by("import intercom_raw.models, intercom_raw.api.conversations, aiointercom.models") == set()
    loaded = loaded_by("from intercom_raw.models import TicketTypeList")
    assert not loaded & {"conversation", "ticket", "admin_with_app"}
    assert loaded >= {
        "ticket_type_list", "ticket_type", "ticket_type_attribute", "ticket_type_attribute_list",
    }  # fmt: skip
    assert loaded_by("import aiointercom.models; aiointercom.models.Tag") == {"tag", "reference"}
    assert len(loaded_by("from aiointercom.models import *")) > 40


@pytest.mark.parametrize("module", [models, aiointercom.models])
def test_models_behave_like_any_module(module: Any) -> None:
    """Each listed name is the same class in both modules and in `dir`; another name is an AttributeError that says
    so.
    """
    for name in module.__all__:
        assert getattr(module, name) is getattr(models, name)
        assert name in dir(module)
    for unknown in ("Conversations", "import_module_", "_MODULES_"):
        with pytest.raises(AttributeError, match=unknown):
            getattr(module, unknown)


def test_every_schema_with_fields_has_its_model() -> None:
    """Each object schema of the fragment is a class of the same name, with the fields of the same names."""
    for name, schema in SCHEMAS.items():
        if "properties" in schema:
            declared = set(attrs.fields_dict(getattr(models, name))) - {"raw", "additional_properties"}
            assert declared == set(schema["properties"])
