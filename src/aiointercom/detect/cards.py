"""Numbers of payment cards: the issuer's range, its length, and the check digit (Luhn). Pure.

Ranges: https://en.wikipedia.org/wiki/Payment_card_number, which follows the networks' published BIN tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import field, frozen

from .ibans import Ibans
from .spans import LETTERS, Span, in_windows

_16_TO_19 = range(16, 20)
# First and last prefix of a range, and the lengths of its numbers.
ISSUERS: tuple[tuple[int, int, range | frozenset[int]], ...] = (
    (4, 4, frozenset({13, 16, 19})),  # Visa
    (51, 55, frozenset({16})),  # Mastercard
    (2221, 2720, frozenset({16})),
    (34, 34, frozenset({15})),  # American Express
    (37, 37, frozenset({15})),
    (300, 305, range(14, 20)),  # Diners Club
    (36, 36, range(14, 20)),
    (38, 39, range(14, 20)),
    (6011, 6011, _16_TO_19),  # Discover
    (644, 659, _16_TO_19),  # with RuPay and Troy
    (3528, 3589, _16_TO_19),  # JCB
    (62, 62, _16_TO_19),  # UnionPay
    (8100, 8171, _16_TO_19),
    (5018, 5018, range(12, 20)),  # Maestro
    (5020, 5020, range(12, 20)),
    (5038, 5038, range(12, 20)),
    (5893, 5893, range(12, 20)),
    (6304, 6304, range(12, 20)),
    (6759, 6759, range(12, 20)),
    (6761, 6763, range(12, 20)),
    (2200, 2204, _16_TO_19),  # Mir
    (508, 508, frozenset({16})),  # RuPay
    (60, 60, frozenset({16})),
    (8172, 8199, frozenset({16})),
    (82, 82, frozenset({16})),
    (9792, 9792, frozenset({16})),  # Troy
)
LONGEST = 19
PREFIXES = {str(prefix): lengths for low, high, lengths in ISSUERS for prefix in range(low, high + 1)}
# Never a line break: see _OVER_LINES. Three signs at most, as in "4111 - 1111".
_RUN = re.compile(r"[0-9](?<![0-9][0-9])(?:(?:,|[ ._/·•-]{0,3})[0-9]){11,}")
_GROUP = re.compile("[0-9]+")
# 34 characters with up to three blanks or hyphens before each.
_IBANS, _LONGEST_IBAN = Ibans(), 136
# Part of a word, a path or a longer number. A # before the number, or a _ around it, is allowed.
_JOINED_BEFORE = re.compile(rf"(?:[{LETTERS}0-9+]|[{LETTERS}0-9][/_-]|[0-9]\.)\Z")
_JOINED_AFTER = re.compile(rf"[{LETTERS}0-9@]|[_-][{LETTERS}0-9]|\.[0-9]")
# Words that may stand before or behind it without a blank: they often do where each is in a tag of its own.
_KINDS = "visa|master ?card|amex|american ?express|maestro|diners|discover|jcb|unionpay"
_CARD = (
    rf"(?:[{LETTERS}]*(?:karten?|card|carte|carta|tarjeta|kaart)(?:[ _-]?(?:nummer|number|num|nr|no))?|{_KINDS}|cc|pan)"
)
_LABEL = re.compile(rf"(?<![{LETTERS}0-9])(?i:{_CARD}|number|nummer|no|nr)[#/_-]?\Z")
_LABEL_AFTER = re.compile(
    rf"[_-]?(?i:{_KINDS}|exp|cv[vc]|valid|g(?:\u00fc|ue)ltig)|[_-](?:0[1-9]|1[0-2])/(?:20)?[0-9]{{2}}(?![0-9/])"
)
# Order numbers contain capitals or one or two letters; a word of small letters is not part of one.
_SMALL = "[a-z\u00df-\u00f6\u00f8-\u00ff]"
_WORD_BEFORE = re.compile(rf"(?<![{LETTERS}0-9])[{LETTERS}]{_SMALL}{{2,}}\Z")
# Digits in one piece behind one of these words are what the word says, if no blank is between.
_CODE_BEFORE = re.compile(
    rf"(?<![{LETTERS}0-9])(?i:orders?|invoice|booking|tickets?|tracking|shipment|parcel|transaction|reference|ref"
    r"|bestellung|bestell|auftrags?|rechnungs?|buchungs?|sendungs?|vorgangs?|referenz)(?i:number|nummer|num|nr|no|id)?\Z"
)
_WORD_AFTER = re.compile(rf"{_SMALL}{{3,}}(?![{LETTERS}0-9])")
_URL_PIECE = re.compile(r"[/=]\Z")
_URL_FIELD = re.compile(rf"[?&](?:[{LETTERS}0-9]+[_.-])?(?i:{_CARD})=\Z")
_WITHIN_A_URL, _LONGEST_LABEL = 2000, 40
_USUAL = 15
"""Digits from which on a number counts that is glued to a word or in a URL: shorter ones are ids more often."""
_BARCODE = 13
"""The digits of a bar code. Over two lines a card number has more: two short numbers are one too easily."""
# One line break in the middle; what stands in more lines, cells or paragraphs is a list.
_DIGITS = r"[0-9](?:[ .-]{0,3}[0-9])"
_OVER_LINES = re.compile(
    rf"(?<![0-9] )(?<![0-9,.-])({_DIGITS}{{3,14}})(?: ?-)? ?\n ?({_DIGITS}{{2,14}})(?! ?[0-9]| ?\n ?[0-9])"
)
_NUMBER_ABOVE = re.compile(r"[0-9] ?\n[^\n]*\Z")
# A date stands apart from the number behind it.
_YEAR = "(?:19|20)[0-9]{2}"
_DATE = re.compile(
    rf"(?<![0-9])(?:[0-9]{{1,2}}([ ./-])[0-9]{{1,2}}\1{_YEAR}|{_YEAR}([ ./-])[0-9]{{1,2}}\2[0-9]{{1,2}}"
    rf"|(?:0?[1-9]|1[0-2])[./-]{_YEAR})(?![0-9])"
)
_WRITINGS = {(4, 6, 5), (4, 6, 4), (6, 13), (4, 4, 5), (8, 4, 4)}


@frozen
class CardNumbers:
    """Numbers of payment cards, with and without blanks, hyphens or dots: name "card_number".

    A number counts when it begins as those of an issuer do, is as long, and its check digit is right; and only whole:
    not within a longer number or a code of letters and digits. Beside a word and in the path or the query of a URL it
    has 15 digits or more; over two lines, broken once, 14 or more.
    """

    name: str = field(init=False, default="card_number")

    def find(self, text: str) -> Iterator[Span]:
        """Say where card numbers are."""
        return in_windows(text, self._in_window)

    def _in_window(self, text: str) -> Iterator[Span]:
        for run in _RUN.finditer(text):
            for groups in _rows(text, run.start(), run.end()):
                yield from self._in_row(text, groups)
        if "\n" in text:
            yield from self._over_lines(text)

    def _over_lines(self, text: str) -> Iterator[Span]:
        for both in _OVER_LINES.finditer(text):
            number = "".join(_GROUP.findall(both[0]))
            usual = len(number) > _BARCODE and _is_written(both[0], both[1] + both[2]) and is_card_number(number)
            listed = _NUMBER_ABOVE.search(text, max(0, both.start() - _LONGEST_LABEL), both.start())
            alone = usual and not listed and _stands_alone(text, both.start(), both.end())
            if alone and not _in_an_iban(text, both.start()):
                yield Span(both.start(), both.end(), self.name)

    def _in_row(self, text: str, groups: list[tuple[int, int]]) -> Iterator[Span]:
        first, free = 0, True
        while first < len(groups):
            last = _card(text, groups, first, free)
            if last is None:
                first, free = first + 1, False
                continue
            start, end = groups[first][0], groups[last][1]
            first, free = last + 1, True
            if not _in_an_iban(text, start):
                yield Span(start, end, self.name)


def _rows(text: str, start: int, end: int) -> Iterator[list[tuple[int, int]]]:
    """The groups of digits of a run, in rows: no number goes on across a date."""
    for date in _DATE.finditer(text, start, end):
        yield [group.span() for group in _GROUP.finditer(text, start, date.start())]
        start = date.end()
    yield [group.span() for group in _GROUP.finditer(text, start, end)]


def _card(text: str, groups: list[tuple[int, int]], first: int, free: bool) -> int | None:
    """Return the last group of the card number that begins with the group `first`. None: no card number does.

    free: no group stands before it that could be of the same number. In a row of groups of one size only the first can
    begin a card number, and the second, if the number ends with the row: a year or the number of a ticket stands before
    it. An IBAN, say, has many more.
    """
    start, digits = groups[first][0], ""
    sizes: tuple[int, ...] = ()
    alone = free or _size(groups, first - 1) != _size(groups, first)
    second = not alone and (first == 1 or _size(groups, first - 2) != _size(groups, first))
    for last in range(first, len(groups) if alone or second else first + 1):
        digits += text[slice(*groups[last])]
        if len(digits) > LONGEST:
            return None
        sizes = (*sizes, _size(groups, last))
        if second and last > first and last + 1 < len(groups) and _size(groups, last + 1) == sizes[0]:
            continue
        # In odd groups only where nothing else stands in the row, and no group is as short as those of dates.
        usual = _is_a_writing(sizes) or (len(sizes) == len(groups) and min(sizes) > 2)
        if usual and is_card_number(digits) and _stands_alone(text, start, groups[last][1]):
            return last
    return None


def _size(groups: list[tuple[int, int]], at: int) -> int:
    start, end = groups[at]
    return end - start


def _in_an_iban(text: str, start: int) -> bool:
    """Whether the place is in an IBAN, any few groups of which may look like a card number."""
    left = max(0, start - _LONGEST_IBAN)
    here = start - left
    return any(iban.start < here < iban.end for iban in _IBANS.find(text[left : start + _LONGEST_IBAN]))


def is_card_number(digits: str) -> bool:
    """Whether these digits can be the number of a card."""
    return (
        any(len(digits) in PREFIXES.get(digits[:size], ()) for size in range(1, 5))
        and _luhn(digits)
        and not (len(digits) <= _BARCODE and _is_barcode(digits))
    )


_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def _luhn(digits: str) -> bool:
    return (sum(map(int, digits[-1::-2])) + sum(_DOUBLED[int(digit)] for digit in digits[-2::-2])) % 10 == 0


def _is_barcode(digits: str) -> bool:
    """German articles (EAN) have 13 digits and begin with 4, as Visa's numbers of long ago."""
    return (sum(map(int, digits[-1::-2])) + 3 * sum(map(int, digits[-2::-2]))) % 10 == 0


def _is_a_writing(sizes: tuple[int, ...]) -> bool:
    """Whether people write card numbers in groups of these sizes: equal but for the last, or as on some cards."""
    *body, last = sizes
    return (len(set(body)) <= 1 and (not body or last <= body[0])) or sizes in _WRITINGS


def _is_written(*texts: str) -> bool:
    """Whether people write card numbers in the groups of one of these texts: a line may end within a group."""
    return any(_is_a_writing(tuple(map(len, _GROUP.findall(text)))) for text in texts)


def _stands_alone(text: str, start: int, end: int) -> bool:
    usual = sum(map(str.isdigit, text[start:end])) >= _USUAL
    if _JOINED_AFTER.match(text, end) and not (
        _LABEL_AFTER.match(text, end) or (usual and _WORD_AFTER.match(text, end))
    ):
        return False
    before = text[max(0, start - _LONGEST_LABEL) : start]
    if _is_in_a_url(text, start):
        return _URL_FIELD.search(before) is not None or (usual and _URL_PIECE.search(before) is not None)
    if usual and _WORD_BEFORE.search(before):
        return not (text[start:end].isdigit() and _CODE_BEFORE.search(before))
    return (
        not _JOINED_BEFORE.search(before) or _LABEL.search(before) is not None or _is_apart(before[-1], text[start:end])
    )


def _is_in_a_url(text: str, start: int) -> bool:
    word = text[max(0, start - _WITHIN_A_URL) : start].rsplit(maxsplit=1)
    return bool(word) and not text[start - 1].isspace() and ("://" in word[-1] or word[-1].startswith("www."))


def _is_apart(sign: str, number: str) -> bool:
    """Whether the sign before a number is not part of it: the groups are separated by blanks, and the sign is not."""
    return sign in "/_-" and " " in number and sign not in number
