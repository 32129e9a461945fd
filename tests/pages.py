"""README.md and the pages of docs/, taken apart into their fenced blocks."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$(?:\n+^\1```text\n(.*?)^\1```$)?", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A fenced block of a page. line: how many lines of the page stand before its code. printed: the `text` block after
    it; None where there is none.
    """

    page: Path
    line: int
    language: str
    code: str
    printed: str | None

    @property
    def file(self) -> str | None:
        """The name of the file that the block is, where its first line is a comment with nothing but a name."""
        named = re.match(r"# (\w+\.py)\n", self.code)
        return named[1] if named else None


def blocks(page: Path) -> list[Block]:
    """All blocks of a page in order."""
    text = page.read_text()
    return [
        Block(page, text[: found.start(3)].count("\n"), found[2], textwrap.dedent(found[3]), found[4])
        for found in FENCE.finditer(text)
    ]
