r"""Texts in which characters are written by their codes: `ada%40example.com`, `ada&#64;example.com`, `ada\u0040example.com`.

Soft line breaks of quoted-printable mail too. Pure, and linear in time.
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterator
from urllib.parse import unquote

_HUGE_NUMBER = re.compile(r"&#[0-9]{8,};?")
_SCRIPT = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2}))")
_SOFT_BREAK = re.compile("=\r?\n")
_QUOTED = re.compile("=([2-7][0-9A-F])")
_AT_ONCE = 10_000  # characters: while they are decoded no other thread runs
# Where a code begins, and a text can be cut: not within the bytes of one character, as in `%C3%A9`.
_BEGINNING = re.compile(r"%[0-7C-Fc-f]|[&\\]")
_LAYERS = 3
"""How often a word is decoded: `%2540` is `%40`, and that is @."""


def resolved(text: str) -> str:
    """Give a text with its entities resolved."""
    if "&" not in text:
        return text
    try:
        return entities.unescape(text)
    except ValueError:  # Python refuses to make an integer of thousands of digits
        return entities.unescape(_HUGE_NUMBER.sub(" ", text))


def decoded_words(text: str) -> list[str]:
    """Give the words of a text that hold characters by their codes, decoded. The others are left out."""
    if "%" not in text and "&" not in text and "\\" not in text:
        return []
    return [plain for word in text.split() if (plain := _decoded(word)) != word]


def _decoded(word: str) -> str:
    for _ in range(_LAYERS):
        before, word = word, "".join(_SCRIPT.sub(_character, resolved(unquote(piece))) for piece in _pieces(word))
        if word == before:
            break
    return word


def _pieces(word: str) -> Iterator[str]:
    """A long word in pieces that end where a code begins, so that none is cut in two."""
    start = 0
    while cut := _BEGINNING.search(word, start + _AT_ONCE):
        yield word[start : cut.start()]
        start = cut.start()
    yield word[start:]


def _character(code: re.Match[str]) -> str:
    return chr(int(code[1] or code[2], 16))


def unfolded(text: str) -> str | None:
    """Give a text without the soft line breaks of quoted-printable mail, its codes resolved; None: there are no such breaks."""
    if "=\n" not in text and "=\r\n" not in text:
        return None
    return _QUOTED.sub(lambda code: chr(int(code[1], 16)), "".join(_SOFT_BREAK.split(text)))
