"""International bank account numbers: the country's length and the check digits (mod 97). Pure.

Source: ISO 13616, the registry that SWIFT keeps:
https://www.swift.com/standards/data-standards/iban-international-bank-account-number
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import field, frozen

from .spans import LETTERS, Span, in_windows

_LENGTHS = """AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20
EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28
LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24
RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30"""
LENGTHS = {entry[:2]: int(entry[2:]) for entry in _LENGTHS.split()}
# The check digits, behind the letters of the country: digits are rarer than letters, so they are what is looked for.
_CHECK_DIGITS = re.compile(r"[0-9]{2}(?:(?<=[A-Za-z]{2}[0-9]{2})|(?<=[A-Z]{2} [0-9]{2}))")
_GLUED_BEFORE = re.compile(rf"(?<!(?i:IBAN))(?<=[{LETTERS}0-9])")
_IN_A_WORD = re.compile("(?<=[a-z\u00df-\u00f6\u00f8-\u00ff])[A-Z]{2}")
_OF_LENGTH = {
    length: re.compile(rf"[A-Za-z0-9](?:[ .-]{{0,3}}[A-Za-z0-9]){{{length - 1}}}") for length in LENGTHS.values()
}
_GLUED_AFTER = re.compile(f"[{LETTERS}0-9]")


@frozen
class Ibans:
    """IBANs of all countries in the registry, in capitals or not, in groups or not: name "iban"."""

    name: str = field(init=False, default="iban")

    def find(self, text: str) -> Iterator[Span]:
        """Say where IBANs are."""
        return in_windows(text, self._in_window)

    def _in_window(self, text: str) -> Iterator[Span]:
        for check in _CHECK_DIGITS.finditer(text):
            start = check.start() - (3 if text[check.start() - 1] == " " else 2)
            length = LENGTHS.get(text[start : start + 2].upper())
            if length and (end := _end(text, start, length)) and _begins(text, start, end):
                yield Span(start, end, self.name)


def _begins(text: str, start: int, end: int) -> bool:
    """Whether the text before does not belong to the number.

    "KontoDE89..." is an IBAN: the letters before are small, and the number has no small letters.
    """
    if not _GLUED_BEFORE.match(text, start):
        return True
    return bool(_IN_A_WORD.match(text, start)) and text[start:end].isupper()


def _end(text: str, start: int, length: int) -> int | None:
    """Return the end of the IBAN of this length that begins at `start`. None: no IBAN begins there."""
    whole = _OF_LENGTH[length].match(text, start)
    if whole is None or _GLUED_AFTER.match(text, whole.end()):
        return None
    letters = "".join(filter(str.isalnum, whole[0])).upper()
    return whole.end() if int("".join(str(int(c, 36)) for c in letters[4:] + letters[:4])) % 97 == 1 else None
