"""Words that are written in codes, of any length: decoded piece by piece, since no other thread runs while one is
decoded.
"""

from __future__ import annotations

import pytest

from aiointercom.detect import encodings
from aiointercom.detect.encodings import decoded_words

CODES = [
    ("%40", "@"),
    ("%C3%A9", "\u00e9"),
    ("%F0%9F%98%80", "\U0001f600"),
    ("&#64;", "@"),
    (r"\u0040", "@"),
    (r"\x40", "@"),
    ("%2540", "@"),
]


@pytest.mark.parametrize(("code", "plain"), CODES)
@pytest.mark.parametrize("before", range(13))
def test_no_code_is_cut_in_two(code: str, plain: str, before: int) -> None:
    """Wherever a long word is cut, it is decoded as a whole would be."""
    word = "x" * before + code * 9_000
    assert decoded_words(word) == ["x" * before + plain * 9_000]


def test_long_words_are_decoded_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """No call of the standard library gets more than some ten thousand characters of codes; a text without codes takes
    it no time.
    """
    sizes: list[int] = []
    unquote = encodings.unquote

    def counted(text: str) -> str:
        sizes.append(len(text) if "%" in text else 0)
        return unquote(text)

    monkeypatch.setattr(encodings, "unquote", counted)
    assert decoded_words("%2540" * 50_000) == ["@" * 50_000]
    assert 0 < max(sizes) < 11_000
