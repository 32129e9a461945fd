"""E-mail addresses as people write them.

Pure; each @ is looked at once, 64 characters back and a domain ahead, so the time is linear.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import field, frozen

from .spans import Span

# Letters of all scripts, as RFC 6531 allows, with the vowel signs of those scripts that write them as marks.
_WORD, _MARKS = r"[^\W_]", "\u0300-\u036f\u0483-\u1fff"
LONGEST_LOCAL = 64
_LOCAL_BACKWARDS = re.compile(rf"[\w{_MARKS}.!#$%&'*+/=?^`{{|}}~-]{{1,{LONGEST_LOCAL}}}")
# In a URL these end what stands before the address.
_LAST_PIECE = re.compile(r"[^/=?&]*\Z")
_NOT_ITS_BEGINNING = ".!#$%'*+^`{|}~_-"
_DOT = "[.\u3002\uff61]"
_LABEL = rf"[^\W_](?:[\w{_MARKS}-]{{0,61}}[^\W_]|[\w{_MARKS}-]{{0,61}}[{_MARKS}])?"
_TOP = rf"(?:(?i:xn--[a-z0-9-]{{2,59}})|[^\W\d_][{_MARKS}]*(?:[^\W\d_][{_MARKS}]*){{1,62}})"
# Behind it may stand the number of a footnote, and whatever is no letter.
_DOMAIN = re.compile(rf"@((?:{_LABEL}{_DOT}){{1,30}}){_TOP}(?=[0-9]{{0,3}}(?!{_WORD}))")
# Files for screens of double density, e.g. logo@2x.png, and packages, e.g. name@1.2.beta.
_FILE = re.compile(r"@[0-9]x[\w-]*\.\w+\Z")
_VERSION = re.compile(r"(?:[0-9]+\.){2,}\Z")


@frozen
class EmailAddresses:
    """E-mail addresses: name "email"."""

    name: str = field(init=False, default="email")

    def find(self, text: str) -> Iterator[Span]:
        """Say where addresses are."""
        end, at = 0, text.find("@")
        while at >= 0:
            domain = _DOMAIN.match(text, at)
            if domain and not _FILE.match(domain[0]) and not _VERSION.match(domain[1]):
                start = _start(text, max(end, at - LONGEST_LOCAL), at)
                if start < at:
                    end = domain.end()
                    yield Span(start, end, self.name)
            at = text.find("@", at + 1)


def _start(text: str, earliest: int, at: int) -> int:
    """Return where the address begins whose @ is at `at`; `at` itself: no address begins before it."""
    whole = _LOCAL_BACKWARDS.match(text[earliest:at][::-1])
    if whole is None:
        return at
    last = _LAST_PIECE.search(whole[0][::-1])
    local = last[0].lstrip(_NOT_ITS_BEGINNING) if last else ""
    return at - len(local)
