"""Finding personal data in the bodies of conversations: text in, places out; nothing is sent and nothing is kept.

    found_in("<p>My card is 4111 1111 1111 1111</p>", [CardNumbers(), EmailAddresses()])  # ("card_number",)

A `Detector` looks at text as a person sees it (`visible_text`), and then at what is stored besides (`stored_text`). `Matching(CardNumbers())` is a `select` for `conversations.redact_all`.
How well each detector does, measured, and what it cannot find: docs/detectors.md.
"""

from aiointercom.detect.cards import CardNumbers
from aiointercom.detect.emails import EmailAddresses
from aiointercom.detect.ibans import Ibans
from aiointercom.detect.matching import HasBody, Matching, checked_detectors, found_in, where_found, where_in
from aiointercom.detect.patterns import Pattern
from aiointercom.detect.phones import PhoneNumbers
from aiointercom.detect.spans import Detector, Span
from aiointercom.detect.visible import Texts, stored_text, texts_in, visible_text

__all__ = [
    "CardNumbers",
    "Detector",
    "EmailAddresses",
    "HasBody",
    "Ibans",
    "Matching",
    "Pattern",
    "PhoneNumbers",
    "Span",
    "Texts",
    "checked_detectors",
    "found_in",
    "stored_text",
    "texts_in",
    "visible_text",
    "where_found",
    "where_in",
]
