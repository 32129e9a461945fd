"""The block of docs/performance.md that a run writes anew."""

from __future__ import annotations

BEGIN = "<!-- Written by scripts/benchmark, from here -->"
END = "<!-- to here. -->"


def filled(page: str, block: str) -> str:
    """Put a block in place of the one between the marks."""
    before, _, rest = page.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError("the page has no marks for the block")
    return f"{before}{BEGIN}\n\n{block}\n\n{END}{after}"
