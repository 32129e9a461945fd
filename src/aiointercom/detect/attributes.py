"""The attributes of a tag: which of their values a browser shows as text, and what the others say.

Pure, and linear in time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .encodings import EMBEDDED, embedded_text, unquoted

LINKS = ("mailto:", "tel:", "sms:")
# The name of a picture that travels in the same mail.
_ATTACHED = re.compile("(?i:cid:)")
# A name begins outside of other names and is matched whole, so that each is looked at once.
_ATTRIBUTE = re.compile(r"""(?<![^\s"'<>/=])([^\s"'<>/=]++)(?:\s*+=\s*+(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?+""")
_SAYS_SOMETHING = re.compile("[0-9@]")
# Fields in which the value is not what is shown.
_FIELDS_WITHOUT_TEXT = frozenset({"hidden", "password", "checkbox", "radio", "file", "image", "color", "range"})
_SHOWN = {"input": "value", "option": "label", "optgroup": "label"}


def values_of(element: str, text: str) -> Iterator[tuple[str, bool]]:
    """Give the values of a tag's attributes as they are written, and whether a browser shows them as text.

    Args:
        element: The name of the element, in small letters.
        text: What stands in the tag behind the name.
    """
    shown = _SHOWN.get(element)
    if element == "input" and any(
        name == "type" and kind.lower() in _FIELDS_WITHOUT_TEXT for name, kind in _attributes(text)
    ):
        shown = None
    for name, value in _attributes(text):
        if value:
            yield value, name == shown
        elif _SAYS_SOMETHING.search(name):  # something was written into the tag itself
            yield name, False


def _attributes(text: str) -> Iterator[tuple[str, str]]:
    """Names, in small letters, and values, one at a time: there may be a million."""
    return ((one[1].lower(), one[2] or one[3] or one[4] or "") for one in _ATTRIBUTE.finditer(text))


def stored_value(value: str) -> str:
    """Return the text to search in a value: a person's address of a link, the text of a `data:` address, or nothing."""
    if _ATTACHED.match(value):
        return ""
    if embedded := EMBEDDED.match(value):
        return embedded_text(embedded)
    scheme = next((link for link in LINKS if value[:7].lower().startswith(link)), None)
    return unquoted(value[len(scheme) :]) if scheme else value
