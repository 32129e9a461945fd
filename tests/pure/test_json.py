"""The faster decoder gives what the standard library gives, to the last key, or leaves it to the standard library."""

from __future__ import annotations

import importlib.util
import json
import struct
import sys
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiointercom._protocol import json_decoder as _json
from aiointercom._protocol.json_decoder import loads
from tests.samples import load_samples

BODIES = {
    "empty": b"",
    "blank": b" \n",
    "html": b"<html></html>",
    "cut short": b'{"a": [1, 2',
    "something after it": b"[1] x",
    "two values": b"{}{}",
    "comma at the end": b'{"a": 1,}',
    "single quotes": b"{'a': 1}",
    "key that is no text": b"{1: 2}",
    "byte order mark": b'\xef\xbb\xbf{"a": 1}',
    "utf-16": '{"a": "\u00e9"}'.encode("utf-16"),
    "utf-32": '{"a": "\u00e9"}'.encode("utf-32"),
    "latin-1": b'{"a": "\xe9"}',
    "overlong utf-8": b'"\xc0\x80"',
    "surrogate in utf-8": b'"\xed\xa0\x80"',
    "lone surrogate": b'["\\ud800", "\\udc00", "\\ud800A"]',
    "surrogate pair": b'"\\ud83d\\ude00"',
    "escapes": b'"\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u0000"',
    "unknown escape": b'"\\x41"',
    "control character": b'"a\nb"',
    "delete": b'"\x7f"',
    "nul bytes": b"\x00" * 9,
    "line separators": '"\u2028\u2029\u0085"'.encode(),
    "blank of another kind": b"[\xc2\xa01]",
    "equal keys": b'{"a": 1, "b": 2, "a": 3}',
    "empty key": b'{"": {"": []}}',
    "nan": b'{"a": NaN}',
    "infinity": b"[Infinity, -Infinity]",
    "64 bits": b"[18446744073709551615, -9223372036854775808]",
    "beyond 64 bits": b"[18446744073709551616, -9223372036854775809]",
    "4,300 digits": b"9" * 4300,
    "too many digits": b"9" * 5000,
    "too large a float": b"[1e400, -1e400]",
    "largest float": b"[1.7976931348623157e308, 1.7976931348623159e308]",
    "smallest float": b"[5e-324, 2e-324, 1e-999]",
    "many digits": b"[0.1000000000000000055511151231257827, 123456789012345678901234567890.5]",
    "exponents": b"[1E5, 1e+5, 1.0e-5, 0e9, 1e00001]",
    "minus zero": b"[-0, -0.0]",
    "leading zero": b"01",
    "no digits": b"[-]",
    "bare point": b"1.",
    "plus": b"+1",
    "underscore": b"1_0",
    "deep": b"[" * 500 + b"]" * 500,
    "too deep": b"[" * 200_000 + b"]" * 200_000,
}


def told(decode: Any, body: bytes) -> str:
    """What comes out, types, order of keys and signs of zeros included; or that it is refused."""
    try:
        return repr(decode(body))
    except (ValueError, RecursionError) as error:
        return RecursionError.__name__ if isinstance(error, RecursionError) else ValueError.__name__


@pytest.mark.parametrize("name", BODIES)
def test_odd_bodies(name: str) -> None:
    """Each odd body is read, or refused, as the standard library does it."""
    assert told(loads, BODIES[name]) == told(json.loads, BODIES[name])


@pytest.mark.parametrize("sample", load_samples(), ids=lambda sample: sample.name)
def test_answers(sample: Any) -> None:
    """Each of our answers is read the same, as text of ASCII and of UTF-8."""
    for ascii_only in (True, False):
        body = json.dumps(sample.payload, ensure_ascii=ascii_only).encode()
        assert told(loads, body) == told(json.loads, body)


Json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(), max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(Json, st.booleans())
def test_any_json(value: Any, ascii_only: bool) -> None:
    """Any value that Python can write as JSON is read the same, lone surrogates and infinities included."""
    body = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    assert told(loads, body) == told(json.loads, body)


@given(Json, st.integers(0, 10_000), st.binary(max_size=3), st.integers(0, 2))
def test_any_json_with_a_fault(value: Any, place: int, patch: bytes, gone: int) -> None:
    """So is JSON in which bytes were changed, lost or put in."""
    body = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
    place %= len(body) + 1
    body = body[:place] + patch + body[place + gone :]
    assert told(loads, body) == told(json.loads, body)


@given(st.binary(max_size=60))
def test_any_bytes(body: bytes) -> None:
    """So are bytes that were never JSON."""
    assert told(loads, body) == told(json.loads, body)


@given(st.binary(min_size=8, max_size=8), st.sampled_from(["%r", "%.25g", "%.17f", "%.3e"]))
def test_floats_to_the_last_bit(bits: bytes, form: str) -> None:
    """Every float, however it is written, is the nearest one."""
    body = (form % struct.unpack("d", bits)[0]).encode()
    assert told(loads, body) == told(json.loads, body)


def test_what_is_kept_has_plain_types() -> None:
    """Objects, arrays and texts are Python's own classes, which the models test for."""
    read = loads(b'{"a": [1, 1.5, "x", true, null, {}]}')
    assert [type(item) for item in read["a"]] == [int, float, str, bool, type(None), dict]
    assert (type(read), type(read["a"])) == (dict, list)


def test_no_error_is_chained() -> None:
    """The standard library's error stands alone: one decoder's error is not the context of the other's."""
    with pytest.raises(ValueError, match="Expecting value") as caught:
        loads(b"<html>")
    assert not isinstance(caught.value.__context__, ValueError)


def test_the_faster_decoder_is_used_where_it_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """msgspec decodes where it can be imported; where it cannot, the standard library does, and nobody is told."""
    assert fresh().__dict__["_decode"] is (sys.modules["msgspec"].json.decode if _has_msgspec() else json.loads)
    monkeypatch.setitem(sys.modules, "msgspec", None)
    without = fresh()
    assert without.__dict__["_decode"] is json.loads
    assert without.loads(b'{"a": NaN}').keys() == {"a"}


def _has_msgspec() -> bool:
    return sys.modules.get("msgspec") is not None


def fresh() -> ModuleType:
    """The module, executed anew."""
    spec = importlib.util.spec_from_file_location("json_anew", _json.__file__)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
