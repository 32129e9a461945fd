"""A labelled set of bodies, made from seeds, and how the detectors do on it. Shares nothing with them: its numbers
are made here.

python -m tests.pure.labelled            print the tables
python -m tests.pure.labelled --write    put them into docs/detectors.md
"""

from __future__ import annotations

import base64
import random
import sys
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from aiointercom.detect import CardNumbers, Detector, EmailAddresses, Ibans, PhoneNumbers, Texts, texts_in, where_in

PAGE = Path(__file__).parent.parent.parent / "docs" / "detectors.md"
EACH, SELDOM = 100, 5

DETECTORS: Mapping[str, Detector] = {
    "CardNumbers()": CardNumbers(),
    "Ibans()": Ibans(),
    "EmailAddresses()": EmailAddresses(),
    "PhoneNumbers()": PhoneNumbers(),
    'PhoneNumbers("DE")': PhoneNumbers("DE"),
    'PhoneNumbers("US")': PhoneNumbers("US"),
}
Maker = Callable[[random.Random], str]


class Row(NamedTuple):
    """One way of writing, EACH bodies of it. kind: what is in them; "" is nothing that any detector should find."""

    kind: str
    writing: str
    bodies: Sequence[str]


# ---------------------------------------------------------------- numbers


def digits(dice: random.Random, count: int) -> str:
    """That many digits."""
    return "".join(dice.choice("0123456789") for _ in range(count))


def with_luhn(start: str, dice: random.Random, length: int) -> str:
    """A number of that length with a right check digit (ISO/IEC 7812-1, annex B)."""
    number = start + digits(dice, length - len(start) - 1)
    doubled = [int(d) * (2 - i % 2) for i, d in enumerate(reversed(number))]
    return number + str(-sum(d - 9 if d > 9 else d for d in doubled) % 10)


CARDS = {
    16: [
        "4",
        "4",
        "4",
        "51",
        "52",
        "53",
        "54",
        "55",
        "2221",
        "2450",
        "2720",
        "6011",
        "65",
        "3530",
        "62",
        "6759",
        "2201",
    ],
    15: ["34", "37"],
    14: ["36", "38", "301"],
    19: ["4", "62", "6304"],
}
PRINTED = {16: (4, 4, 4, 4), 15: (4, 6, 5), 14: (4, 6, 4), 19: (4, 4, 4, 4, 3)}


def card(dice: random.Random) -> str:
    """The digits of a card; as many of each length as there are in the wild, roughly."""
    length = dice.choice([16] * 12 + [15, 15, 14, 19])
    return with_luhn(dice.choice(CARDS[length]), dice, length)


def grouped(number: str, sizes: Iterable[int], mark: str = " ") -> str:
    """The number in groups."""
    cut, parts = 0, list[str]()
    for size in sizes:
        parts.append(number[cut : cut + size])
        cut += size
    return mark.join(parts)


def fours(text: str, mark: str = " ") -> str:
    """In groups of four."""
    return mark.join(text[i : i + 4] for i in range(0, len(text), 4))


def printed(number: str, mark: str = " ") -> str:
    """As it stands on the card."""
    return grouped(number, PRINTED[len(number)], mark)


# Country and form of the account number: n digits, a letters.
ACCOUNTS = [
    "DE18n",
    "AT16n",
    "FR23n",
    "ES20n",
    "NL4a10n",
    "GB4a14n",
    "IT1a22n",
    "BE12n",
    "PL24n",
    "NO11n",
    "CH17n",
    "MT4a23n",
]


def iban(dice: random.Random) -> str:
    """An IBAN with right check digits (ISO 13616: mod 97)."""
    form = dice.choice(ACCOUNTS)
    country, rest, account = form[:2], form[2:], ""
    while rest:
        at = next(i for i, c in enumerate(rest) if c in "na")
        count = int(rest[:at])
        account += (
            digits(dice, count) if rest[at] == "n" else "".join(dice.choice("ABCDEFGHKLMNRST") for _ in range(count))
        )
        rest = rest[at + 1 :]
    value = int("".join(str(int(c, 36)) for c in account + country + "00"))
    return f"{country}{98 - value % 97:02d}{account}"


def person(dice: random.Random) -> str:
    """What stands before the @."""
    first, last = (
        dice.choice(["ada", "grace", "alan", "edsger", "barbara"]),
        dice.choice(["l", "hopper", "t84", "dijkstra", "x"]),
    )
    return first + dice.choice(["", ".", "_", "-"]) + last


def domain(dice: random.Random) -> str:
    """What stands behind the @."""
    return dice.choice(["example", "mail.example", "post-amt", "4you", "a"]) + dice.choice(
        [".com", ".de", ".co.uk", ".info", ".museum"]
    )


def email(dice: random.Random) -> str:
    """An address."""
    return f"{person(dice)}@{domain(dice)}"


# Beginnings that are given out: country code, the rest of it, digits to follow.
GERMAN = [("30", 7), ("89", 7), ("171", 7), ("160", 7), ("1511", 7), ("221", 6)]
AMERICAN = ["212", "415", "650", "312", "617"]
ABROAD = [
    ("44", "20 7946", 4),
    ("33", "6 12", 6),
    ("43", "664", 7),
    ("34", "612", 6),
    ("61", "412", 6),
    ("91", "98765", 5),
    ("31", "6 12", 6),
]


def german(dice: random.Random, mark: str = " ") -> str:
    """A number in Germany without the leading 0."""
    start, count = dice.choice(GERMAN)
    return f"{start}{mark}{dice.choice('23456789')}{digits(dice, count - 1)}"


def american(dice: random.Random, form: str = "({}) {}-{}") -> str:
    """A number in the United States."""
    return form.format(
        dice.choice(AMERICAN),
        f"{dice.choice('23456789')}{dice.choice('02345678')}{dice.choice('02345678')}",
        digits(dice, 4),
    )


def abroad(dice: random.Random) -> str:
    """A number with its country code."""
    country, start, count = dice.choice(ABROAD)
    return f"+{country} {start} {digits(dice, count)}"


def ean(dice: random.Random, start: str, length: int = 13) -> str:
    """The number under a bar code (GS1: weights 3 and 1)."""
    number = start + digits(dice, length - 1 - len(start))
    return number + str(-sum(int(d) * (3 - 2 * (i % 2)) for i, d in enumerate(reversed(number))) % 10)


def date(dice: random.Random, form: str = "{d:02d}.{m:02d}.{y}") -> str:
    """A date."""
    return form.format(d=dice.randrange(1, 29), m=dice.randrange(1, 13), y=dice.randrange(2019, 2027))


def time(dice: random.Random) -> str:
    """A time of day."""
    return f"{dice.randrange(24):02d}:{dice.randrange(60):02d}:{dice.randrange(60):02d}"


def wide(text: str, zero: int = 0xFF10) -> str:
    """With other digits than those of ASCII."""
    return text.translate({ord("0") + i: zero + i for i in range(10)})


# ---------------------------------------------------------------- writings

FOUND: dict[str, dict[str, Maker]] = {
    "card": {
        "digits only": card,
        "as printed, with blanks": lambda d: printed(card(d)),
        "with hyphens": lambda d: printed(card(d), "-"),
        "with dots": lambda d: printed(card(d), "."),
        "blank, hyphen, blank": lambda d: printed(card(d), " - "),
        "no-break blanks": lambda d: printed(card(d), "&nbsp;"),
        "narrow blanks": lambda d: printed(card(d), "\u202f"),
        "zero-width blanks": lambda d: printed(card(d), "\u200b"),
        "soft hyphens": lambda d: printed(card(d), "&shy;"),
        "a group in bold": lambda d: "<b>{}</b>{}".format(*card_in_two(d)),
        "a tag per group": lambda d: "<span>" + printed(card(d), '</span> <span style="color:red">') + "</span>",
        "entities for digits": lambda d: "".join(f"&#{ord(c)};" for c in card(d)),
        "full-width digits": lambda d: wide(printed(card(d))),
        "Arabic digits": lambda d: wide(card(d), 0x660),
        "digit by digit": lambda d: " ".join(card(d)),
        "with expiry and code": lambda d: (
            f"{printed(card(d))} {d.randrange(1, 13):02d}/{d.randrange(26, 31)} {digits(d, 3)}"
        ),
        "with code, all in blanks": lambda d: f"{printed(card(d))} {digits(d, 3)}",
        "after a colon or bracket": lambda d: d.choice(["card:{}", "({})", "CC={}", "[{}]."]).format(card(d)),
        "after an order number": lambda d: f"{digits(d, 5)} {printed(card(d))}",
        "in a table cell": lambda d: f"<table><tr><td>{digits(d, 4)}</td><td>{printed(card(d))}</td></tr></table>",
        "among Chinese letters": lambda d: f"我的卡号是{card(d)}谢谢",
        "in the wrong groups": lambda d: grouped(card(d), (5, 3, 4, 4, 3)),
        "with commas": lambda d: printed(card(d), ","),
        "glued to its kind": lambda d: f"<b>{d.choice(['Visa', 'VISA', 'Karte', 'card'])}</b>{printed(card(d))}",
        "glued to another word": lambda d: f"here{long_card(d)}",
        "over two lines": lambda d: "{}<br>{}".format(*card_in_two(d)),
        "in a URL": lambda d: f"https://pay.example/?n={long_card(d)}",
        "in a URL's path": lambda d: f"see https://shop.example/pay/{long_card(d)}?page=2",
        "behind an @": lambda d: f"{d.choice(['', 'me'])}@{d.choice([card, lambda d: printed(card(d))])(d)}",
        "glued to the next word": lambda d: f"{long_card(d)}{d.choice(['thanks', 'bitte'])}",
        "over two lines, plain": lambda d: "<pre>{}\n{}</pre>".format(*grouped(long_card(d, 16), (8, 8)).split()),
        "in two lines by a hyphen": lambda d: "{}-<br />\n{}".format(*grouped(long_card(d, 16), (8, 8)).split()),
        "in base64 in a data: address": lambda d: (
            f'<a href="{data_address(f"<p>{printed(card(d))}</p>", "text/html")}">x</a>'
        ),
        "in a comment": lambda d: f"<!-- {printed(card(d))} -->",
        "in a template": lambda d: f"<template><p>{printed(card(d))}</p></template>",
        "in a script": lambda d: f"<script>x = '{printed(card(d))}'</script>",
        "in an attribute": lambda d: f'<p {d.choice(["title", "data-x", "placeholder"])}="{printed(card(d))}">',
        "in a field": lambda d: f'<input value="{printed(card(d))}">',
        "behind a comment ended by --!>": lambda d: f"<!-- a --!>{printed(card(d))}<!-- b -->",
        "with a footnote": lambda d: f"{printed(card(d))}<sup>{d.randrange(1, 10)}</sup>",
        "in underscores": lambda d: f"_{printed(card(d))}_",
        "behind a #": lambda d: f"#{printed(card(d))}",
        "percent-encoded": lambda d: f"{printed(card(d))}".replace(" ", "%20").replace("@", "%40").replace("+", "%2B"),
        "after a date": lambda d: f"{date(d)} {printed(card(d))}",
        "after a date, digits only": lambda d: f"{date(d, '{y}-{m:02d}-{d:02d}')} {card(d)}",
        "after a ticket number of 4 digits": lambda d: f"Ticket {digits(d, 4)} {printed(card(d))}",
        "after Kreditkarte and a hyphen": lambda d: f"Kreditkarte-{card(d)}",
        "in a URL, field card": lambda d: f"https://pay.example/?card={card(d)}",
    },
    "iban": {
        "as printed, in fours": lambda d: fours(iban(d)),
        "digits and letters only": iban,
        "small letters": lambda d: iban(d).lower(),
        "after IBAN and a colon": lambda d: f"IBAN:{iban(d)}",
        "words behind": lambda d: f"{fours(iban(d))} Danke",
        "hyphens": lambda d: fours(iban(d), "-"),
        "no-break blanks": lambda d: fours(iban(d), "&nbsp;"),
        "a tag per group": lambda d: "<b>" + fours(iban(d), "</b> <b>") + "</b>",
        "zero-width blanks": lambda d: fours(iban(d), "&#8203;"),
        "country apart": lambda d: country_apart(iban(d)),
        "bank and account apart": lambda d: bank_apart(iban(d)),
        "glued to IBAN": lambda d: f"IBAN{iban(d)}",
        "glued to a word": lambda d: f"Konto{iban(d)}",
        "in a comment": lambda d: f"<!-- {fours(iban(d))} -->",
        "in a template": lambda d: f"<template><p>{fours(iban(d))}</p></template>",
        "in a script": lambda d: f"<script>x = '{fours(iban(d))}'</script>",
        "in an attribute": lambda d: f'<p {d.choice(["title", "data-x", "placeholder"])}="{fours(iban(d))}">',
        "in a field": lambda d: f'<input value="{fours(iban(d))}">',
        "behind a comment ended by --!>": lambda d: f"<!-- a --!>{fours(iban(d))}<!-- b -->",
        "with a footnote": lambda d: f"{fours(iban(d))}<sup>{d.randrange(1, 10)}</sup>",
        "in underscores": lambda d: f"_{fours(iban(d))}_",
        "behind a #": lambda d: f"#{fours(iban(d))}",
        "percent-encoded": lambda d: f"{fours(iban(d))}".replace(" ", "%20").replace("@", "%40").replace("+", "%2B"),
    },
    "email": {
        "bare": email,
        "end of a sentence": lambda d: f"write to {email(d)}.",
        "in angle brackets, plain": lambda d: f"Ada Lovelace <{email(d)}>",
        "in angle brackets, HTML": lambda d: f"Ada Lovelace &lt;{email(d)}&gt;",
        "a mailto: link alone": lambda d: f'<a href="mailto:{email(d)}?subject=Hi">mail me</a>',
        "a mailto: link with %40": lambda d: f"<a href='mailto:{email(d).replace('@', '%40')}'>mail me</a>",
        "with a tag in it": lambda d: f"{person(d)}<wbr>@<b>{domain(d)}</b>",
        "capitals and a plus": lambda d: f"{person(d).upper()}+shop@{domain(d).upper()}",
        "an entity for @": lambda d: email(d).replace("@", "&#64;"),
        "full-width @": lambda d: email(d).replace("@", "\uff20"),
        "letters of other scripts": lambda d: f"jürgen.{person(d)}@{d.choice(['bücher', 'почта'])}.example",
        "after a colon": lambda d: f"Mail:{email(d)},",
        "among Chinese letters": lambda d: f"邮箱{email(d)}，谢谢",
        "(at) for @": lambda d: email(d).replace("@", " (at) "),
        "blanks around @": lambda d: email(d).replace("@", " @ "),
        "in a comment": lambda d: f"<!-- {email(d)} -->",
        "in a template": lambda d: f"<template><p>{email(d)}</p></template>",
        "in a script": lambda d: f"<script>x = '{email(d)}'</script>",
        "in an attribute": lambda d: f'<p {d.choice(["title", "data-x", "placeholder"])}="{email(d)}">',
        "in a field": lambda d: f'<input value="{email(d)}">',
        "behind a comment ended by --!>": lambda d: f"<!-- a --!>{email(d)}<!-- b -->",
        "with a footnote": lambda d: f"{email(d)}<sup>{d.randrange(1, 10)}</sup>",
        "in underscores": lambda d: f"_{email(d)}_",
        "behind a #": lambda d: f"#{email(d)}",
        "percent-encoded": lambda d: f"{email(d)}".replace(" ", "%20").replace("@", "%40").replace("+", "%2B"),
        "behind 70 underscores": lambda d: "_" * 70 + email(d),
        "in a long address": lambda d: f"https://shop.example/{'page/' * 15}?user={email(d)}&x=1",
        "in a link's query": lambda d: f'<a href="https://shop.example/?user={email(d).replace("@", "%40")}">x</a>',
        "an entity, twice": lambda d: email(d).replace("@", "&amp;#64;"),
        "in base64 in a data: address": lambda d: (
            f'<a download href="{data_address(email(d), d.choice(["text/plain", "message/rfc822"]))}">x</a>'
        ),
        "in base64 in an SVG picture": lambda d: (
            f'<img src="{data_address(f"<svg><text>{email(d)}</text></svg>", "image/svg+xml")}">'
        ),
        "in base64 in a style": lambda d: f"<p style='background:url({data_address(email(d), 'text/plain')})'>x</p>",
        "a soft line break": lambda d: email(d).replace("@", "=\n@"),
    },
    "phone": {
        "abroad, with +": abroad,
        "German, with +49": lambda d: f"+49 {german(d)}",
        "German, +49 and (0)": lambda d: f"+49 (0) {german(d)}",
        "American, with +1": lambda d: f"+1 {american(d)}",
        "all digits after +": lambda d: abroad(d).replace(" ", ""),
        "+ and hyphens": lambda d: abroad(d).replace(" ", "-"),
        "+ and no-break blanks": lambda d: abroad(d).replace(" ", "&nbsp;"),
        "+ and tags": lambda d: abroad(d).replace(" ", "</b> <b>", 1) + "</b>",
        "a tel: link alone": lambda d: f'<a href="tel:{abroad(d).replace(" ", "")}">call me</a>',
        "German, 0 and a blank": lambda d: f"0{german(d)}",
        "German, 0 and a slash": lambda d: f"0{german(d, '/')}",
        "German, in pairs": lambda d: f"0171 {grouped(d.choice('3456') + digits(d, 6), (2, 2, 3))}",
        "German, an hour behind": lambda d: f"0{german(d)} 18 Uhr",
        "German, digits only": lambda d: f"0{german(d, '')}",
        "German, 0049": lambda d: f"0049 {german(d)}",
        "American, (212) 555-0100": american,
        "American, dots": lambda d: american(d, "{}.{}.{}"),
        "American, digits only": lambda d: american(d, "{}{}{}"),
        "in a comment": lambda d: f"<!-- {abroad(d)} -->",
        "in a template": lambda d: f"<template><p>{abroad(d)}</p></template>",
        "in a script": lambda d: f"<script>x = '{abroad(d)}'</script>",
        "in an attribute": lambda d: f'<p {d.choice(["title", "data-x", "placeholder"])}="{abroad(d)}">',
        "in a field": lambda d: f'<input value="{abroad(d)}">',
        "behind a comment ended by --!>": lambda d: f"<!-- a --!>{abroad(d)}<!-- b -->",
        "with a footnote": lambda d: f"{abroad(d)}<sup>{d.randrange(1, 10)}</sup>",
        "in underscores": lambda d: f"_{abroad(d)}_",
        "behind a #": lambda d: f"#{abroad(d)}",
        "percent-encoded": lambda d: f"{abroad(d)}".replace(" ", "%20").replace("@", "%40").replace("+", "%2B"),
    },
}


def card_in_two(dice: random.Random) -> tuple[str, str]:
    """The halves of a card number as printed."""
    number = printed(card(dice))
    return number[:9], number[9:]


def country_apart(number: str) -> str:
    """An IBAN with a blank behind the country, and fours from there on."""
    return f"{number[:2]} {fours(number[2:])}"


def bank_apart(number: str) -> str:
    """An IBAN as Germans write it who know their account number."""
    return f"{number[:4]} {number[4:12]} {number[12:]}"


def long_card(dice: random.Random, length: int | None = None) -> str:
    """The digits of a card that has 15 or more, or as many as asked."""
    length = length or dice.choice([16] * 12 + [15, 15, 19])
    return with_luhn(dice.choice(CARDS[length]), dice, length)


def data_address(text: str, kind: str) -> str:
    """An address that holds a text itself."""
    return f"data:{kind};charset=utf-8;base64,{base64.b64encode(text.encode()).decode()}"


def near_card(dice: random.Random) -> str:
    """A card number with one digit mistyped."""
    number, at = card(dice), dice.randrange(6, 14)
    return printed(number[:at] + str((int(number[at]) + dice.randrange(1, 10)) % 10) + number[at + 1 :])


def near_iban(dice: random.Random) -> str:
    """An IBAN with one digit mistyped."""
    text = iban(dice)
    return fours(text[:-1] + str((int(text[-1]) + dice.randrange(1, 10)) % 10))


NOTHING: dict[str, Maker] = {
    "order number, 6 to 10 digits": lambda d: f"order {digits(d, d.randrange(6, 11))}",
    "order number, 12 digits": lambda d: f"order {digits(d, 12)}",
    "order number, 16 digits": lambda d: f"order {digits(d, 16)}",
    "order number, 20 digits": lambda d: f"order {digits(d, 20)}",
    "order number with letters": lambda d: f"ORD{card(d)}, {card(d)}X",
    "order number with hyphens": lambda d: f"{date(d, '{y}')}-{card(d)}, INV-{card(d)}",
    "card number within more digits": lambda d: f"reference {digits(d, 4)}{card(d)}{digits(d, 4)}",
    "card number with a typing error": near_card,
    "16 digits in blanks": lambda d: fours(digits(d, 16)),
    "16 digits with all a card has": lambda d: f"loyalty number {with_luhn('4', d, 16)}",
    "card number over table cells": lambda d: f"<td>{printed(card(d), '</td><td>')}</td>",
    "IMEI of a phone": lambda d: f"IMEI {with_luhn(d.choice(['35', '86', '01', '99']), d, 15)}",
    "number of a SIM card": lambda d: with_luhn("8949", d, 19),
    "bar code, 13 digits": lambda d: f"EAN {ean(d, d.choice(['40', '42', '43', '97', '50']))}",
    "bar code of a box, 14 digits": lambda d: ean(d, d.choice("1345"), 14),
    "ISBN": lambda d: grouped(ean(d, "9783"), (3, 1, 4, 4, 1), "-"),
    "time stamp": lambda d: f"{date(d, '{y}-{m:02d}-{d:02d}')}T{time(d)}.{digits(d, 6)}Z",
    "time stamp in ms and µs": lambda d: f"17{digits(d, 11)}, 17{digits(d, 14)}",
    "time stamp, digits only": lambda d: date(d, "{y}{m:02d}{d:02d}") + time(d).replace(":", "") + digits(d, 2),
    "dates": lambda d: f"{date(d)} - {date(d)}, {date(d, '{m}/{d}/{y}')}, {date(d, '{y}-{m:02d}-{d:02d}')}",
    "date and time": lambda d: f"{date(d)} {time(d)}",
    "years": lambda d: f"{date(d, '{y}')}-{date(d, '{y}')}, {date(d, '{y}/{m}')}",
    "tracking, UPS": lambda d: f"1Z{digits(d, 3)}A{digits(d, 12)}",
    "tracking, USPS": lambda d: fours(f"94{digits(d, 20)}"),
    "tracking, DHL": lambda d: f"00340{digits(d, 15)}",
    "tracking, FedEx": lambda d: f"{digits(d, 12)}, {grouped(digits(d, 12), (4, 4, 4))}",
    "uuid": lambda d: str(uuid.UUID(int=d.getrandbits(128))),
    "uuid of digits": lambda d: grouped(digits(d, 32), (8, 4, 4, 4, 12), "-"),
    "hash": lambda d: f"{d.getrandbits(160):040x}",
    "id of 16 digits in a URL": lambda d: f"see https://shop.example/orders/{digits(d, 16)}?page={digits(d, 13)}",
    "id of 13 digits in a URL": lambda d: f"https://shop.example/orders/4{digits(d, 12)}?n=4{digits(d, 12)}",
    "word and number": lambda d: f"order{digits(d, 16)}, id{card(d)}, abc{digits(d, 13)}",
    "numbers in two lines": lambda d: (
        f"order {digits(d, 8)}<br>order {digits(d, 8)}<br>{digits(d, 8)}<br>{digits(d, 8)}"
    ),
    "a list of numbers": lambda d: "<br>".join(digits(d, 8) for _ in range(6)),
    "a list of rows": lambda d: "<br>".join(fours(digits(d, 8)) for _ in range(6)),
    "picture in base64": lambda d: (
        f'<img src="data:image/png;base64,{base64.b64encode(PNG + d.randbytes(900)).decode()}">'
    ),
    "long id of a social network": lambda d: f"1{digits(d, 17)}",
    "prices": lambda d: f"{d.randrange(1, 999)}.{digits(d, 3)},{digits(d, 2)} € or ${digits(d, 3)},{digits(d, 3)}.00",
    "prices in a row": lambda d: " ".join(f"{d.randrange(10, 999)}.{digits(d, 2)}" for _ in range(6)),
    "amounts with +": lambda d: (
        f"+{d.randrange(1, 99)} % and +{d.randrange(1, 9)}.{digits(d, 3)}.{digits(d, 3)} points"
    ),
    "decimals and coordinates": lambda d: (
        f"{d.randrange(10, 59)}.{digits(d, 15)}, {d.randrange(10, 19)}.{digits(d, 6)}"
    ),
    "addresses of computers": lambda d: ".".join(str(d.randrange(256)) for _ in range(4)),
    "versions": lambda d: (
        f"v{d.randrange(9)}.{d.randrange(20)}.{digits(d, 4)}, package@{d.randrange(9)}.{d.randrange(9)}.2"
    ),
    "tax numbers": lambda d: f"DE{digits(d, 9)}, {digits(d, 2)}/{digits(d, 3)}/{digits(d, 5)}",
    "social security": lambda d: f"{digits(d, 3)}-{digits(d, 2)}-{digits(d, 4)}",
    "account and bank code": lambda d: f"Konto {digits(d, 10)}, BLZ {grouped(digits(d, 8), (3, 3, 2))}",
    "IBAN with a typing error": near_iban,
    "IBAN cut off": lambda d: fours(iban(d)[:-2]),
    "number behind a country": lambda d: (
        f"be20 people of DE{digits(d, 2)} no {digits(d, 4)} {digits(d, 4)} {digits(d, 4)} {digits(d, 4)} here"
    ),
    "mention": lambda d: f"@{person(d)} and {person(d)} @ work",
    "picture for fine screens": lambda d: f"{person(d)}@2x.png",
    "address without a dot": lambda d: f"{person(d)}@localhost",
    "picture of a mail": lambda d: f'<img src="cid:image001.png@01D7{digits(d, 4)}.{d.getrandbits(32):08X}">',
    "picture in a link": lambda d: (
        f'<img src="https://cdn.example/i/o/{digits(d, 9)}/{d.getrandbits(96):x}/a.png?expires=17{digits(d, 8)}&amp;req={digits(d, 12)}">'
    ),
    "picture in the body": lambda d: f'<img src="data:image/png;base64,{d.randbytes(300).hex()}">',
    "user in a link": lambda d: f'<a href="https://social.example/@{person(d)}.x">me</a>',
    "id in an attribute": lambda d: f'<p id="x{digits(d, 8)}" data-id="{digits(d, 16)}">x</p>',
    "styles and sizes": lambda d: (
        f'<td width="{digits(d, 3)}" style="margin:0 {digits(d, 2)}px; color:#{digits(d, 6)}">x'
    ),
    "a script of measures": lambda d: f"<script>ga('UA-{digits(d, 8)}-1', {digits(d, 10)}, 'a.b@c')</script>",
    "a comment of a build": lambda d: (
        f"<!-- build {date(d, '{y}-{m:02d}-{d:02d}')} {digits(d, 7)} v{d.randrange(9)}.{digits(d, 2)} -->"
    ),
    "date and order number": lambda d: f"{date(d)} {digits(d, 16)}, {date(d)} {fours(digits(d, 16))}",
    "name behind a #": lambda d: f"#{digits(d, 8)}, #{person(d)}, _{digits(d, 12)}_",
    "package with a version": lambda d: (
        f"react@{d.randrange(9)}.{d.randrange(9)}.beta{d.randrange(9)}, {{{{@model.name}}}}"
    ),
    "prose": lambda d: d.choice(
        ["I paid twice!", "Where is my parcel?", "It is 5 to 12.", "Room 101, floor 3, 12345 Berlin"]
    ),
}
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452")
AROUND = [
    "<p>Hello, {}</p>",
    "<p>Hi<br>my number is <b>wrong</b>:</p><p>{} and I waited for 3 days.</p>",
    "{}",
    '<div class="intercom-container"><ul><li>first</li><li>{}</li></ul></div>',
    "Plain text, two lines:\n{}\nKind regards",
]


# ---------------------------------------------------------------- measuring


@cache
def rows() -> tuple[Row, ...]:
    """The whole set, the same each time."""
    writings = [
        *((kind, *each) for kind, made in FOUND.items() for each in made.items()),
        *(("", *each) for each in NOTHING.items()),
    ]
    return tuple(Row(kind, writing, tuple(_bodies(writing, make))) for kind, writing, make in writings)


def _bodies(seed: str, make: Maker) -> Iterator[str]:
    dice = random.Random(seed)
    for _ in range(EACH):
        yield dice.choice(AROUND).replace("{}", make(dice))


@cache
def texts() -> dict[tuple[str, str], list[Texts]]:
    """What detectors look at in the bodies of each row."""
    return {(row.kind, row.writing): [texts_in(body) for body in row.bodies] for row in rows()}


@cache
def hits(detector: str) -> dict[tuple[str, str], int]:
    """For each row: in how many of its bodies a detector finds something, shown or stored."""
    one = DETECTORS[detector]
    return {key: sum(where_in(each, one) is not None for each in seen) for key, seen in texts().items()}


def kind_of(detector: str) -> str:
    """What a detector is to find."""
    return {"Card": "card", "Iban": "iban", "Emai": "email", "Phon": "phone"}[detector[:4]]


def percent(part: int, whole: int) -> str:
    """As a percentage with one decimal, or none where it is a whole one."""
    share = min(max(100 * part / whole, 0.1), 99.9) if 0 < part < whole else 100 * part / whole
    return f"{share:.1f}".removesuffix(".0") + " %"


def summary() -> str:
    """One line per detector."""
    lines = [
        "| detector | bodies with it | recall | bodies without it | found in | precision |",
        "|---|---|---|---|---|---|",
    ]
    for name in DETECTORS:
        counts = hits(name)
        kind = kind_of(name)
        right = sum(n for key, n in counts.items() if key[0] == kind)
        wrong = sum(n for key, n in counts.items() if key[0] != kind)
        here = EACH * sum(key[0] == kind for key in counts)
        lines.append(
            f"| `{name}` | {here:,} | {percent(right, here)} | {EACH * len(counts) - here:,} | {wrong} | {percent(right, right + wrong)} |"
        )
    return "\n".join(lines)


def weak() -> str:
    """One line per detector: what it does not always find, and what it finds that is none, with the shares."""
    lines = ["| detector | not always found | found by mistake |", "|---|---|---|"]
    for name in DETECTORS:
        counts = hits(name)
        missed = [(n, writing) for (kind, writing), n in counts.items() if kind == kind_of(name) and n < EACH]
        wrong = [
            (n, f"{kind}, {writing}" if kind else writing)
            for (kind, writing), n in counts.items()
            if kind != kind_of(name) and n
        ]
        few = sum(n < SELDOM for n, _ in wrong) if len(wrong) > 12 else 0
        shown = [one for one in sorted(wrong, reverse=True) if not few or one[0] >= SELDOM]
        rest = f"; {few} others, each under {percent(SELDOM, EACH)}" if few else ""
        lines.append(f"| `{name}` | {_shares(sorted(missed)) or '-'} | {(_shares(shown) + rest) or '-'} |")
    return "\n".join(lines)


def _shares(counted: Sequence[tuple[int, str]]) -> str:
    return "; ".join(f"{writing} ({percent(n, EACH)})" for n, writing in counted)


def page() -> str:
    """docs/detectors.md with the tables as they are measured now."""
    text = PAGE.read_text(encoding="utf-8")
    for mark, table in (("measured", summary()), ("weak", weak())):
        before, rest = text.split(f"<!-- {mark} -->\n", 1)
        text = f"{before}<!-- {mark} -->\n\n{table}\n\n<!-- end -->" + rest.split("<!-- end -->", 1)[1]
    return text


if __name__ == "__main__":
    sys.stdout.write(f"{summary()}\n\n{weak()}\n")
    if "--write" in sys.argv[1:]:
        PAGE.write_text(page(), encoding="utf-8")
