"""Items as JSON: every item comes back as it was, and nothing of what is refused stands in an error."""

from __future__ import annotations

import json
import traceback
from typing import Any

import pytest

from aiointercom.cleanup import Convert, Item, RedactPart, RedactSource, item_from_json, item_to_json

ITEMS: list[Item] = [
    RedactPart("471", "115"),
    RedactPart("471", 115, found=("email", "iban"), only_stored=("iban",)),
    RedactSource("471", "403918311", found=["email"]),
    Convert("474", "85"),
    Convert(
        "474",
        "85",
        title="",
        description="Tee & Kännchen\n\u2028",
        attributes={"priority": "1", "tags": [1, None, {"a": 2.5}]},
    ),
]
WORD = "lavender-secret"


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.kind)
def test_an_item_comes_back_as_it_was(item: Item) -> None:
    """Reading what was written gives an equal item with an equal key, from a string and from bytes."""
    text = item_to_json(item)
    assert text.isascii()
    assert "\n" not in text
    for form in (text, text.encode()):
        again = item_from_json(form)
        assert again == item
        assert again.key == item.key
        assert item_to_json(again) == text


def test_the_form_is_this_one() -> None:
    """The first version of the form, which later ones must go on reading."""
    assert json.loads(item_to_json(ITEMS[1])) == {
        "version": 1, "type": "redact_part", "conversation_id": "471", "part_id": "115", "found": ["email", "iban"], "only_stored": ["iban"],
    }  # fmt: skip
    assert item_from_json(
        '{"version":1,"type":"convert","conversation_id":"474","ticket_type_id":"85","title":"T"}'
    ) == Convert("474", "85", title="T")


def changed(**fields: Any) -> str:
    """A part's JSON with other fields; those that are None are left out."""
    plain = {"version": 1, "type": "redact_part", "conversation_id": "471", "part_id": "115"} | fields
    return json.dumps({name: value for name, value in plain.items() if value is not None})


BAD = {
    "no JSON": WORD,
    "cut off": changed()[:-4] + WORD,
    "a list": f'["{WORD}"]',
    "NaN": '{"version": NaN, "type": "' + WORD + '"}',
    "deep": "[" * 100_000,
    "half a character": b'{"version": 1, "type": "' + WORD.encode() + b'\xff"}',
    "no version": changed(version=None, conversation_id=WORD),
    "a version of another kind": changed(version=True),
    "another type": changed(type=WORD),
    "a type that is a list": changed(type=[WORD]),
    "another field": changed(**{WORD: 1}),
    "a field of another type": changed(title=WORD),
    "no part": changed(part_id=None, conversation_id=WORD),
    "an id that is none": changed(part_id=f"{WORD}/../x"),
    "an id of another kind": changed(conversation_id=[WORD]),
    "names that are a string": changed(found=WORD),
    "a name that is a number": changed(found=[WORD, 1]),
    "a name that was not found": changed(found=["email"], only_stored=[WORD]),
    "a title of another kind": changed(type="convert", part_id=None, ticket_type_id="85", title=[WORD]),
    "attributes of another kind": changed(type="convert", part_id=None, ticket_type_id="85", attributes=[WORD]),
    "a title twice": changed(
        type="convert", part_id=None, ticket_type_id="85", title=WORD, attributes={"_default_title_": WORD}
    ),
    "too long": changed(found=[WORD] * 100_000),
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_what_is_no_item_is_refused_without_a_word_of_it(text: str | bytes) -> None:
    """It is a ValueError, and neither its text, its chain nor its frames hold a word of what was read."""
    with pytest.raises(ValueError, match="not an item: ") as caught:
        item_from_json(text)
    told = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    ours = [frame for frame in told.stack if frame.filename.endswith("cleanup/item_json.py")]
    assert ours
    assert all(WORD not in value for frame in ours for value in (frame.locals or {}).values())
    assert caught.value.__context__ is None
    assert WORD not in str(caught.value)


def test_a_newer_version_is_told() -> None:
    """A worker of an older release says which version it met, instead of guessing what it means."""
    with pytest.raises(ValueError, match="it has version 2, and this aiointercom knows 1"):
        item_from_json(changed(version=2, new="field"))


def test_other_types_are_refused() -> None:
    """Neither function takes something else for an item or a text."""
    with pytest.raises(TypeError, match="not from dict"):
        item_from_json({"version": 1})  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="not str"):
        item_to_json("471")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="longer than"):
        item_to_json(Convert("474", "85", title="x" * (1 << 20)))
