"""Ten thousand answers, made from the fragment's schemas, with nulls, unknown keys, missing keys and wrong types
mixed in.

Hypothesis draws a string of bytes, and each decision on the way through a schema uses one of them: that is cheap
enough for 10,000 examples, and shrinks to the smallest answer that fails.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intercom_raw import models
from tests.pure.declared import complaints

(PATH,) = (Path(__file__).parents[2] / "openapi").glob("intercom-*.yaml")
FRAGMENT = yaml.safe_load(PATH.read_text(encoding="utf-8"))
SCHEMAS: dict[str, Any] = FRAGMENT["components"]["schemas"]
ANSWERS = ("Conversation", "Ticket", "ConversationList", "TicketType", "TicketTypeList", "AdminWithApp", "Error")
WORD = "Rumpelstilzchen"
WRONG: tuple[Any, ...] = (
    None,
    WORD,
    0,
    -1,
    2**70,
    1.5,
    float("1e308"),
    True,
    [],
    [WORD],
    {},
    {WORD: WORD},
    [[{}]],
    "\ud800" + WORD,
)
SPOIL = 230  # a byte from here on spoils the value that it decides on


class Decisions:
    """Bytes that are used up one after the other; behind the last one every decision is the plainest."""

    def __init__(self, drawn: bytes) -> None:
        self._left = iter(drawn)

    def byte(self) -> int:
        """The next decision."""
        return next(self._left, 0)

    def one_of(self, choices: Any) -> Any:
        """One of several, the first where nothing is left."""
        return choices[self.byte() % len(choices)]


def value_of(schema: dict[str, Any], decide: Decisions, shown: bool = False) -> Any:
    """A value for a schema, or now and then something else. A text that may stand in a repr (`shown`) is no planted
    one.
    """
    spoil = decide.byte()
    if spoil >= SPOIL:
        wrong = decide.one_of(WRONG)
        return "text" if shown and isinstance(wrong, str) else wrong
    while "$ref" in schema:
        schema = SCHEMAS[schema["$ref"].rsplit("/", 1)[1]]
    if "anyOf" in schema:
        return value_of(decide.one_of(schema["anyOf"]), decide, shown)
    kinds = schema.get("type", "object" if "properties" in schema else "null")
    return of_kind(decide.one_of(kinds) if isinstance(kinds, list) else kinds, schema, decide, shown)


def of_kind(kind: str, schema: dict[str, Any], decide: Decisions, shown: bool) -> Any:
    """A value of one JSON type."""
    if kind == "string":
        return "text" if shown else f"{WORD} {decide.byte()}"
    if kind == "array":
        return [value_of(schema.get("items", {}), decide) for _ in range(decide.byte() % 4)]
    if kind == "object":
        return object_of(schema, decide)
    return {"integer": decide.byte() * 10**7, "number": decide.byte() / 8, "boolean": decide.byte() % 2 == 1}.get(kind)


def object_of(schema: dict[str, Any], decide: Decisions) -> dict[str, Any]:
    """An object: some of its keys, and now and then unknown ones."""
    made: dict[str, Any] = {}
    for name, inner in schema.get("properties", {}).items():
        if decide.byte() % 4 or name == "type":
            made[name] = value_of(inner, decide, name in schema.get("x-show", []))
    if decide.byte() % 8 == 7 or "properties" not in schema:
        made[f"{WORD} {decide.byte()}"] = decide.one_of(WRONG)
    return made


def answer(drawn: bytes) -> tuple[str, dict[str, Any]]:
    """The name of a schema, and an object for it."""
    decide = Decisions(drawn)
    name = decide.one_of(ANSWERS)
    return name, object_of(SCHEMAS[name], decide)


@settings(max_examples=10_000, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=250).map(answer))
def test_ten_thousand_answers(made: tuple[str, dict[str, Any]]) -> None:
    """No exception, nothing lost, every attribute of its declared type, nothing changed, and no planted text in the
    repr.
    """
    name, payload = made
    before = json.dumps(payload)
    model = getattr(models, name).from_dict(payload)
    assert complaints(model, payload) == []
    assert json.dumps(payload) == before
    assert WORD not in repr(model)


def test_the_answers_are_of_all_kinds() -> None:
    """What is made is worth something: right and wrong values, nulls, unknown keys, missing keys and nested objects all
    occur.
    """
    import random

    source = random.Random(7)
    made = [answer(source.randbytes(400)) for _ in range(600)]
    texts = [json.dumps(payload) for _, payload in made]
    assert {name for name, _ in made} == set(ANSWERS)
    assert sum("null" in text for text in texts) > 300
    assert sum("1.5" in text for text in texts) > 50
    assert sum(WORD in key for _, payload in made for key in payload) > 20
    assert sum("type" in payload and len(payload) < 5 for _, payload in made) > 20
    assert sum(isinstance(payload.get("conversation_parts"), dict) for _, payload in made) > 20
    assert max(len(text) for text in texts) > 1_500
