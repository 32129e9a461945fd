"""Finding personal data in the bodies of conversations: text in, places out; nothing is sent and nothing is kept.

    found_in("<p>My card is 4111 1111 1111 1111</p>", [CardNumbers(), EmailAddresses()])  # ("card_number",)

A `Detector` looks at text as a person sees it (`visible_text`), and then at what is stored besides (`stored_text`).
`Matching(CardNumbers())` is a `select` for `conversations.redact_all`. How well each detector does, measured, and what
it cannot find: docs/detectors.md.
"""

from .cards import CardNumbers
from .emails import EmailAddresses
from .ibans import Ibans
from .matching import HasBody, Matching, checked_detectors, found_in, where_found, where_in
from .patterns import Pattern
from .phones import PhoneNumbers
from .spans import Detector, Span
from .visible import Texts, stored_text, texts_in, visible_text

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
