r"""Texts with encoded characters: `ada%40example.com`, `ada&#64;example.com`, `ada\u0040example.com`.

Soft line breaks of quoted-printable mail too. Pure, and linear in time.
"""

from __future__ import annotations

import binascii
import html as entities
import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote

_HUGE_NUMBER = re.compile(r"&#[0-9]{8,};?")
_SCRIPT = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2}))")
_QUOTED = re.compile("=([2-7][0-9A-F])")
_AT_ONCE = 10_000  # characters: while they are decoded no other thread runs
# Where a code begins, and a text can be cut: not within the bytes of one character, as in `%C3%A9`.
_BEGINNING = re.compile(r"%[0-7C-Fc-f]|[&\\]")
_ANYWHERE = re.compile("")
EMBEDDED = re.compile(r"(?i:data:[^,\s]{0,100};base64,)\s*+([A-Za-z0-9+/_%=-]++(?:\s++[A-Za-z0-9+/_%=-]++)*+)?+")
"""An address that holds its file itself, in base64; with 1 as the file."""
_NO_BASE64 = re.compile("[^A-Za-z0-9+/]+")
# Bytes that no text has, but the first of nearly every picture, font and archive.
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a]")
_BEGINNING_OF_FILE = 4_000  # characters
_LAYERS = 3
"""How often a word is decoded: `%2540` is `%40`, and that is @."""


def in_pieces(text: str, change: Callable[[str], str], beginning: re.Pattern[str]) -> str:
    """Change a text in pieces of some thousand characters: until such a call returns, no other thread runs.

    Args:
        text: All of it.
        change: Changes one piece.
        beginning: Where a piece may begin; anywhere, where that is not found for long.
    """
    if len(text) <= _AT_ONCE:
        return change(text)
    return "".join(map(change, _pieces(text, beginning)))


def resolved(text: str) -> str:
    """Give a text with its entities resolved."""
    return in_pieces(text, _resolved, _BEGINNING) if "&" in text else text


def unquoted(text: str) -> str:
    """Give a text with its percent codes resolved."""
    return in_pieces(text, unquote, _BEGINNING) if "%" in text else text


def _resolved(text: str) -> str:
    try:
        return entities.unescape(text)
    except ValueError:  # Python refuses to make an integer of thousands of digits
        return entities.unescape(_HUGE_NUMBER.sub(" ", text))


def embedded_text(address: re.Match[str]) -> str:
    """Give the text of a `data:` address that EMBEDDED found; "": it holds no text, but a picture, say."""
    written = unquoted(address[1] or "").replace("-", "+").replace("_", "/")
    written = in_pieces(written, lambda piece: _NO_BASE64.sub("", piece), _ANYWHERE)
    if _BINARY.search(_from_base64(written[:_BEGINNING_OF_FILE])):
        return ""
    return _from_base64(written).decode("utf-8", "replace")


def _from_base64(written: str) -> bytes:
    whole = len(written) // 4 * 4
    rest = written[whole:]
    return binascii.a2b_base64(written[:whole] + (rest.ljust(4, "=") if len(rest) > 1 else ""))


def embedded_texts(text: str) -> list[str]:
    """Give the texts of the `data:` addresses in a text, as styles and scripts have them."""
    if ";base64," not in in_pieces(text, str.lower, _ANYWHERE):
        return []
    return [found for one in EMBEDDED.finditer(text) if (found := embedded_text(one))]


def decoded_words(text: str) -> list[str]:
    """Give the words of a text that hold characters by their codes, decoded. The others are left out."""
    if "%" not in text and "&" not in text and "\\" not in text:
        return []
    return [plain for word in text.split() if (plain := _decoded(word)) != word]


def _decoded(word: str) -> str:
    for _ in range(_LAYERS):
        before, word = word, in_pieces(word, _once_decoded, _BEGINNING)
        if word == before:
            break
    return word


def _once_decoded(piece: str) -> str:
    return _SCRIPT.sub(_character, _resolved(unquote(piece)))


def _pieces(text: str, beginning: re.Pattern[str]) -> Iterator[str]:
    """Split a long text into pieces that end where a code begins, so that no code is cut in two."""
    start = 0
    while (least := start + _AT_ONCE) < len(text):
        cut = beginning.search(text, least, least + _AT_ONCE)
        end = least + _AT_ONCE if cut is None else cut.start()
        yield text[start:end]
        start = end
    yield text[start:]


def _character(code: re.Match[str]) -> str:
    return chr(int(code[1] or code[2], 16))


def unfolded(text: str) -> str | None:
    """Return a text without quoted-printable soft line breaks and its codes decoded. None: it has no such breaks."""
    if "=\n" not in text and "=\r\n" not in text:
        return None
    whole = text.replace("=\r\n", "").replace("=\n", "")
    return _QUOTED.sub(lambda code: chr(int(code[1], 16)), whole)
