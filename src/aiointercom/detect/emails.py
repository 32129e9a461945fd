"""E-mail addresses as people write them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import field, frozen

from aiointercom.detect.spans import Span

# From the first character of a run on, never from within: so the time is linear. Letters of all scripts, as RFC 6531 allows.
_LOCAL = r"[\w.!#$%&'*+/=?^`{|}~-]"
_ADDRESS = re.compile(
    rf"(?<!{_LOCAL}){_LOCAL}{{1,64}}@(?:[^\W_](?:[\w-]{{0,61}}[^\W_])?\.){{1,10}}(?:xn--[a-z0-9-]{{2,59}}|[^\W\d_]{{2,63}})(?![\w@])"
)
# Files for screens of double density, e.g. logo@2x.png.
_FILE = re.compile(r"@\dx\.\w+\Z")


@frozen
class EmailAddresses:
    """E-mail addresses: name "email"."""

    name: str = field(init=False, default="email")

    def find(self, text: str) -> Iterator[Span]:
        """Say where addresses are."""
        if "@" not in text:
            return
        for found in _ADDRESS.finditer(text):
            if not _FILE.search(found[0]):
                yield Span(found.start(), found.end(), self.name)
