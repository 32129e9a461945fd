"""The characters of a text in those of ASCII, as far as detectors need them, and without those that show nothing.

Pure.
"""

from __future__ import annotations

import re
import unicodedata

_BEYOND_LATIN = re.compile("[\u0250-\U0010ffff]")
_AT_ONCE = 20_000  # characters: while they are translated no other thread runs
# Marks and fillers that take no room of their own, beside those of category Cf.
_WITHOUT_WIDTH = {
    0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x20E3, 0x3164, 0xFFA0, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0),
}  # fmt: skip
# Ways in which Unicode writes the same character: full width, another typeface, smaller. Not raised, lowered or
# circled: those are footnotes.
_SAME = ("<wide>", "<font>", "<small>")


def plain(text: str) -> str:
    """Return a text with digits, letters, blanks and dashes of any script in ASCII, without zero-width characters."""
    if text.isascii():
        return text
    text = text.replace("\xa0", " ").replace("\xad", "")  # the usual ones, by the quickest way
    if not _BEYOND_LATIN.search(text):
        return text
    return "".join(text[at : at + _AT_ONCE].translate(_TO_ASCII) for at in range(0, len(text), _AT_ONCE))


class _ToAscii(dict[int, int | None]):
    """What becomes of a character, found out when it is first met: there are over a million."""

    def __missing__(self, code: int) -> int | None:
        self[code] = new = _ascii(code)
        return new


def _ascii(code: int) -> int | None:
    char = chr(code)
    kind = unicodedata.category(char)
    if kind == "Nd":
        return ord("0") + unicodedata.decimal(char)
    if kind == "Cf" or code in _WITHOUT_WIDTH:
        return None
    if kind == "Zs":
        return ord(" ")
    if kind in {"Zl", "Zp"}:
        return ord("\n")
    if kind == "Pd" or code == 0x2212:
        return ord("-")
    if unicodedata.decomposition(char).startswith(_SAME) and (same := unicodedata.normalize("NFKC", char)).isascii():
        return ord(same) if len(same) == 1 else code
    return code


_TO_ASCII = _ToAscii()
