"""docs/detectors.md says what the detectors do, as it is measured now."""

from __future__ import annotations

from tests.pure import labelled


def test_the_tables_in_the_docs_are_what_is_measured() -> None:
    """Precision, recall and the weak points in docs/detectors.md are those of this code; `scripts/detectors --write`
    renews them.
    """
    assert labelled.page() == labelled.PAGE.read_text(encoding="utf-8")


def test_the_floors() -> None:
    """Of the writings that a detector is made for it finds all or nearly all, and of other bodies few."""
    for name, kind, hopeless in (
        ("CardNumbers()", "card", 0),
        ("Ibans()", "iban", 0),
        ("EmailAddresses()", "email", 2),
    ):
        counts = labelled.hits(name)
        missed = {key for key, n in counts.items() if key[0] == kind and n < 0.95 * labelled.EACH}
        assert len(missed) == hopeless
        wrong = {key for key, n in counts.items() if key[0] != kind and n > 0.05 * labelled.EACH}
        assert wrong <= {("", "16 digits with all a card has"), ("", "date and order number")}
