"""What each detector takes for its own, and where exactly it says that it is."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiointercom.detect import CardNumbers, Detector, EmailAddresses, Ibans, PhoneNumbers, visible_text
from aiointercom.detect.cards import ISSUERS, is_card_number
from tests.pure import labelled


def places(detector: Detector, text: str) -> list[str]:
    """The words that a detector points at."""
    spans = list(detector.find(text))
    assert all(span.kind == detector.name for span in spans)
    return [text[span.start : span.end] for span in spans]


# The test numbers that the networks and payment services publish.
PUBLISHED = """4111111111111111 4242424242424242 4012888888881881 4222222222222 5555555555554444 5105105105105100 2223003122003222
2720999999999996 378282246310005 371449635398431 6011111111111117 6011000990139424 30569309025904 38520000023237 36227206271667
3530111333300000 3566002020360505 6200000000000005 6759649826438453 6304000000000000 2200000000000004 6221260000000000"""


@pytest.mark.parametrize("number", PUBLISHED.split())
def test_published_test_numbers(number: str) -> None:
    """Each network's test numbers are card numbers, alone and in fours, if their check digit is right."""
    right = sum(d * (1 + i % 2) - 9 * (d * (1 + i % 2) > 9) for i, d in enumerate(map(int, reversed(number)))) % 10 == 0
    assert places(CardNumbers(), f"card {number}.") == ([number] if right else [])
    assert is_card_number(number) is right


def test_every_length_of_every_issuer() -> None:
    """The first and the last prefix of every range are card numbers in each of its lengths, and in no other."""
    for low, high, lengths in ISSUERS:
        for prefix in (low, high):
            for length in lengths:
                numbers = [str(prefix) + "7" * (length - 1 - len(str(prefix))) + check for check in "0123456789"]
                assert sum(map(is_card_number, numbers)) == 1 or length <= 13
    assert not is_card_number("1234567812345670")  # Luhn, no issuer
    assert not is_card_number("411111111111111")  # 15 digits, begins as Visa
    assert not is_card_number("9" * 40)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("4111 1111 1111 1111 12/27 123", ["4111 1111 1111 1111"]),
        ("4111 1111 1111 1111 5555 5555 5555 4444", ["4111 1111 1111 1111", "5555 5555 5555 4444"]),
        ("4111111111111111,5555555555554444", ["4111111111111111", "5555555555554444"]),
        ("12345 4111 1111 1111 1111", ["4111 1111 1111 1111"]),
        ("3782 822463 10005", ["3782 822463 10005"]),
        ("4111 - 1111 - 1111 - 1111", ["4111 - 1111 - 1111 - 1111"]),
        ("411 1111 11111 1111", ["411 1111 11111 1111"]),
        ("7 411 1111 11111 1111", []),
        ("4111    1111 1111 1111", []),
        ("4111\n1111 1111 1111", ["4111\n1111 1111 1111"]),
        ("04111111111111111", []),
        ("41111111111111110", []),
        ("0000 4111 1111 1111 1111", ["4111 1111 1111 1111"]),
        ("0000 0000 4111 1111 1111 1111", []),
        ("12.03.2026 4111 1111 1111 1111", ["4111 1111 1111 1111"]),
        ("2026-03-12 4111-1111-1111-1111", ["4111-1111-1111-1111"]),
        ("03/2026 4111 1111 1111 1111", ["4111 1111 1111 1111"]),
        ("Ticket 4711 4111 1111 1111 1111 and 12/27", ["4111 1111 1111 1111"]),
        ("Kreditkarte-4111111111111111", ["4111111111111111"]),
        ("Kreditkarte_4111 1111 1111 1111", ["4111 1111 1111 1111"]),
        ("Kartennummer4111111111111111", ["4111111111111111"]),
        ("payment-4111 1111 1111 1111", ["4111 1111 1111 1111"]),
        ("_4111111111111111_", ["4111111111111111"]),
        ("4111111111111111exp12/27", ["4111111111111111"]),
        ("4111111111111111-12/27", ["4111111111111111"]),
        ("4111 1111 1111 1111_03/2027", ["4111 1111 1111 1111"]),
        ("4111111111111111-12/27/2027", []),
        ("4111111111111111-13/27", []),
        ("order_4111111111111111", []),
        ("https://x.example/?card=4111111111111111", ["4111111111111111"]),
        ("ORD4111111111111111", []),
        ("Visa4111111111111111", ["4111111111111111"]),
        ("my card4111 1111 1111 1111", ["4111 1111 1111 1111"]),
        ("0cc4111111111111111", []),
        ("4111,1111,1111,1111", ["4111,1111,1111,1111"]),
        ("4111, 1111, 1111, 1111", []),
        ("4111111111111111A", []),
        ("#4111111111111111", ["4111111111111111"]),
        ("INV-4111111111111111", []),
        ("4111111111111111-01", []),
        ("0.4111111111111111", []),
        ("4111111111111111@example.com", []),
        ("/orders/4111111111111111", []),
        ("https://x.example/?id=4111111111111111", ["4111111111111111"]),
        ("see www.x.example?id=4111111111111111", ["4111111111111111"]),
        ("https://x.example 4111111111111111", ["4111111111111111"]),
        ("id=4111111111111111", ["4111111111111111"]),
        ("4111111111111111-", ["4111111111111111"]),
        ("卡4111111111111111号", ["4111111111111111"]),
        ("4006381333931", []),
        ("order4111111111111111", []),
        ("Bestellnummer4111111111111111", []),
        ("border4111111111111111", ["4111111111111111"]),
        ("order4111 1111 1111 1111", ["4111 1111 1111 1111"]),
        ("order 4111111111111111", ["4111111111111111"]),
        ("order number 4111111111111111", ["4111111111111111"]),
    ],
)
def test_card_numbers_stand_alone(text: str, found: list[str]) -> None:
    """A card number is whole groups of digits, and no part of a longer number, a word, a URL or a bar code."""
    assert places(CardNumbers(), text) == found


def test_no_card_number_within_an_iban() -> None:
    """The groups of an IBAN may look like a card number, and are none."""
    account = "411111111111111123"
    check = 98 - int(account + "131400") % 97  # D is 13, E is 14
    text = f"DE {check:02d} 4111 1111 1111 1111 23"
    assert places(Ibans(), text) == [text]
    assert places(CardNumbers(), text) == []
    assert places(CardNumbers(), text[:-1]) == ["4111 1111 1111 1111"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("DE89 3704 0044 0532 0130 00 Danke", ["DE89 3704 0044 0532 0130 00"]),
        ("de89370400440532013000", ["de89370400440532013000"]),
        ("GB29 NWBK 6016 1331 9268 19.", ["GB29 NWBK 6016 1331 9268 19"]),
        ("MT84MALT011000012345MTLCAST001S", ["MT84MALT011000012345MTLCAST001S"]),
        ("NO93 8601 1117 947", ["NO93 8601 1117 947"]),
        ("DE 89 3704 0044 0532 0130 00", ["DE 89 3704 0044 0532 0130 00"]),
        ("IbanDE89370400440532013000", ["DE89370400440532013000"]),
        ("DE89370400440532013001", []),
        ("DE8937040044053201300", []),
        ("DE893704004405320130000", []),
        ("XDE89370400440532013000", []),
        ("#DE89370400440532013000, _DE89370400440532013000_", ["DE89370400440532013000"] * 2),
        ("KontoDE89370400440532013000", ["DE89370400440532013000"]),
        ("kontode89370400440532013000", []),
        ("XX89370400440532013000", []),
        ("DE89 3704\n0044 0532 0130 00", []),
        ("DE89", []),
    ],
)
def test_ibans(text: str, found: list[str]) -> None:
    """An IBAN has its country's length and right check digits, in any groups, and grows into no word but IBAN."""
    assert places(Ibans(), text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ada@example.com", ["ada@example.com"]),
        ("Mail:Ada.L+x@mail.example.co.uk.", ["Ada.L+x@mail.example.co.uk"]),
        ("<ada@example.com>, (b@x.io)", ["ada@example.com", "b@x.io"]),
        ("jürgen@bücher.example", ["jürgen@bücher.example"]),
        ("ada@xn--bcher-kva.xn--p1ai", ["ada@xn--bcher-kva.xn--p1ai"]),
        ("ada@localhost", []),
        ("@ada", []),
        ("ada@", []),
        ("logo@2x.png", []),
        ("package@1.2.3", []),
        ("a@b@example.com", ["b@example.com"]),
        ("ada@-x.com", []),
        ("a" * 65 + "@example.com", ["a" * 64 + "@example.com"]),
        ("_" * 70 + "ada@example.com", ["ada@example.com"]),
        ("https://shop.example/" + "x/" * 60 + "?user=ada@example.com&x=1", ["ada@example.com"]),
        ("_ada@example.com_", ["ada@example.com"]),
        ("ada@example.com1, b@x.io12", ["ada@example.com", "b@x.io"]),
        ("ada@example.com@b@x.io", ["ada@example.com", "b@x.io"]),
        (
            "\u091c\u0928@\u0909\u0926\u093e\u0939\u0930\u0923.\u092d\u093e\u0930\u0924",
            ["\u091c\u0928@\u0909\u0926\u093e\u0939\u0930\u0923.\u092d\u093e\u0930\u0924"],
        ),
        ("ada@b\u00fccher\u3002example", ["ada@b\u00fccher\u3002example"]),
        ("https://medium.example/@ada.lovelace", []),
        ("image001.png@01D7A2B3.AB5C6D70", []),
        ("package@1.2.beta2", []),
        ("{{@model.name}}", []),
    ],
)
def test_email_addresses(text: str, found: list[str]) -> None:
    """An address has a dot in its domain and letters behind the last; names of pictures and of packages are none."""
    assert places(EmailAddresses(), text) == found


@pytest.mark.parametrize(
    ("region", "text", "found"),
    [
        (None, "+49 30 1234567 or +1 212 555 0100", ["+49 30 1234567", "+1 212 555 0100"]),
        (None, "030 1234567", []),
        (None, "#+49 30 1234567, _+49 30 1234567_", ["+49 30 1234567"] * 2),
        (None, "+49_30_1234567", ["+49_30_1234567"]),
        ("DE", "https://x.example/0301234567?t=1711000000", []),
        ("DE", "https://x.example/?tel=+49301234567", ["+49301234567"]),
        ("DE", "030 1234567", ["030 1234567"]),
        ("de", "0171/1234567", ["0171/1234567"]),
        ("DE", "03.11.2026 - 04.12.2025", []),
        ("DE", "2026-11-03 18:30:21, 3/11/2026", []),
        ("US", "192.168.100.17", []),
        ("US", "(212) 555-0100", ["(212) 555-0100"]),
        ("DE", "12.3456789012345 and 7", []),
        ("DE", "29.495061714056395", []),
        ("DE", "1696 5864 5968 2791", []),
        ("US", "12 212 555 0100 7", []),
        ("DE", "12345", []),
        ("DE", "no digits", []),
    ],
)
def test_phone_numbers(region: str | None, text: str, found: list[str]) -> None:
    """A region adds the numbers as they are written there; dates, addresses of computers and parts of longer numbers
    are none.
    """
    assert places(PhoneNumbers(region), text) == found


DETECTORS = [CardNumbers(), Ibans(), EmailAddresses(), PhoneNumbers(), PhoneNumbers("DE")]
PIECES = st.sampled_from(
    ["4111", "1111", "1", "89", "DE89", "3704", "0044", " ", "-", ".", "/", "+49", "30", "1234567", "ada", "@", "example", ".com", "\n", "x", "ü",
     "東", "://", "www.", "#", "4111111111111111", "2026", ":", ","]
)  # fmt: skip


@settings(max_examples=60)
@given(st.one_of(st.text(), st.lists(PIECES, max_size=40).map("".join)))
def test_places_are_within_the_text(text: str) -> None:
    """Whatever the text, a detector raises nothing, and its places lie in the text, in order, apart, and not empty."""
    for detector in DETECTORS:
        end = 0
        for span in detector.find(text):
            assert end <= span.start < span.end <= len(text)
            end = span.end


@pytest.mark.parametrize("row", labelled.rows(), ids=lambda row: f"{row.kind}-{row.writing}")
def test_cards_found_in_the_labelled_set_are_right(row: labelled.Row) -> None:
    """What is said to be a card number has 12 to 19 digits with a right check digit; an IBAN begins with two letters;
    an address has an @.
    """
    for body in row.bodies[:20]:
        text = visible_text(body)
        for words in places(CardNumbers(), text):
            digits = [int(c) for c in words if c.isdigit()]
            assert 12 <= len(digits) <= 19
            assert sum(d if i % 2 == 0 else d // 5 + 2 * d % 10 for i, d in enumerate(reversed(digits))) % 10 == 0
        assert all(words[:2].isalpha() for words in places(Ibans(), text))
        assert all("@" in words for words in places(EmailAddresses(), text))


@pytest.mark.parametrize("place", [0, 9_990, 10_000, 10_010, 25_000])
def test_long_texts_are_searched_in_windows(place: int) -> None:
    """Wherever it stands in a long text, each thing is found once and whole, also where two windows meet."""
    for detector, words in zip(
        (CardNumbers(), Ibans(), EmailAddresses(), PhoneNumbers("DE")),
        ("4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00", "ada@example.com", "+49 30 1234567"),
        strict=True,
    ):
        text = ("word " * (place // 5 + 1))[:place] + f" {words} " + "word " * 3_000
        assert places(detector, text) == [words]


@pytest.mark.parametrize("unit", ["1", "1 ", "1-", "4111 1111 1111 111 ", "DE89 ", "a@", "+49 30 ", "a", "ada@a."])
def test_work_grows_with_the_length_only(unit: str) -> None:
    """Four times the text takes four times the calls, and no regular expression of ours gets more than a window at
    once.
    """
    for detector in DETECTORS:
        few, many = calls(detector, unit * (20_000 // len(unit))), calls(detector, unit * (80_000 // len(unit)))
        assert many <= 5 * few + 200


def calls(detector: Detector, text: str) -> int:
    """How many calls a detector makes to look through a text: a count that no other work on the machine changes."""
    count = 0

    def counted(*_: object) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        for _ in detector.find(text):
            pass
    finally:
        sys.setprofile(before)
    return count
