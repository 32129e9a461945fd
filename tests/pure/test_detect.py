"""Which detectors find something in a body, and what `Matching` selects."""

from __future__ import annotations

import pytest

from aiointercom.detect import CardNumbers, EmailAddresses, Ibans, Matching, Pattern, PhoneNumbers, Span, found_in
from aiointercom.models import ConversationPart, ConversationSource

ALL = [CardNumbers(), EmailAddresses(), Ibans(), PhoneNumbers("DE")]


@pytest.mark.parametrize(
    ("html", "names"),
    [
        (None, ()),
        ("", ()),
        ("<p>Hello</p>", ()),
        ("<p>My card is 4111 <b>1111</b> 1111&nbsp;1111, thanks</p>", ("card_number",)),
        ("<p>ada@example.com<br>3782-822463-10005</p>", ("card_number", "email")),
        ("IBAN: DE89 3704 0044 0532 0130 00", ("iban",)),
        ("Call +49 30 1234567", ("phone",)),
        ("Call 030 1234567", ("phone",)),
    ],
)
def test_names_of_what_is_found(html: str | None, names: tuple[str, ...]) -> None:
    """The names of the detectors that find something come sorted; no body gives none."""
    assert found_in(html, ALL) == names


def test_matching_looks_at_body_and_subject() -> None:
    """A part is wanted for its body, a source for its body or its subject, and nothing else of them is read."""
    wanted = Matching(CardNumbers(), EmailAddresses())
    card = "<p>4111111111111111</p>"
    assert wanted(ConversationPart(body=card))
    assert wanted(ConversationSource(body=card))
    assert wanted(ConversationSource(body="<p>Hello</p>", subject="From ada@example.com"))
    assert not wanted(ConversationSource(body="<p>Hello</p>", subject="Hello"))
    assert not wanted(ConversationPart(body=None))


def test_a_span_holds_no_text() -> None:
    """What a detector gives is where and what, not the words."""
    (span,) = Pattern("order", r"ORD-\d+").find("see ORD-123")
    assert span == Span(4, 11, "order")
