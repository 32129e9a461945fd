"""Pure: lines of canonical JSON, each of which carries its own hash and that of the line before.

Canonical: keys sorted, no blanks, UTF-8, and of numbers whole ones only, so that any tool makes the same bytes of it
(RFC 8785). A hash is the sha256 of the line as it stands without its `hash`.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import cast

from attrs import define

from aiointercom.types import JSONMapping, JSONObject

FIRST = "0" * 64
"""The previous hash that the first line names."""


class BrokenChainError(Exception):
    """A line is not valid; the text says why."""


def canonical(content: JSONMapping) -> bytes:
    """Encode a line; there is no other form. Raises ValueError for values that JSON cannot express."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


@define
class HashChain:
    """The end of a chain: the number of lines, and the hash of the last one."""

    lines: int = 0
    head: str = FIRST

    def link(self, content: JSONMapping) -> bytes:
        """Write the next line."""
        linked = {**content, "line": self.lines + 1, "previous": self.head}
        self.lines, self.head = self.lines + 1, sha256(canonical(linked)).hexdigest()
        return canonical({**linked, "hash": self.head}) + b"\n"

    def follow(self, line: bytes) -> JSONObject:
        """Read the next line and return its content.

        Raises BrokenChainError when it is not as it was written, or not the next.
        """
        content = _parsed(line)
        claimed = content.pop("hash")
        if sha256(canonical(content)).hexdigest() != claimed:
            raise BrokenChainError("it was edited: its content does not fit its hash")
        self._expect(content.get("line"), content.get("previous"))
        self.lines, self.head = self.lines + 1, claimed
        return content

    def _expect(self, number: object, previous: object) -> None:
        here = self.lines + 1
        if not isinstance(number, int):
            raise BrokenChainError("it has no number")
        if number > here:
            raise BrokenChainError(f"line {number} stands here: lines before it were removed or moved")
        if number < here:
            raise BrokenChainError(f"line {number} stands here: a line was inserted, copied or moved")
        if previous != self.head:
            raise BrokenChainError("it does not follow the line before: one of the two was rewritten")


def _parsed(line: bytes) -> JSONObject:
    if not line.endswith(b"\n"):
        raise BrokenChainError("it is cut off, or far too long")
    try:
        parsed: object = json.loads(line.decode())
    except (ValueError, RecursionError):
        raise BrokenChainError("it is not JSON") from None
    content = cast("JSONObject", parsed) if isinstance(parsed, dict) else {}
    if not isinstance(content.get("hash"), str):
        raise BrokenChainError("it is not a line of evidence")
    try:
        same = canonical(content) + b"\n" == line
    except ValueError:
        same = False
    if not same:
        raise BrokenChainError("it was edited: aiointercom does not write evidence in this form")
    return content
