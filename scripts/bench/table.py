"""The table, for the terminal and for the page."""

from __future__ import annotations

from collections.abc import Iterator

from .document import Document
from .rows import TITLES

HEAD = ("what", "figure (time: CPU)", "wall clock", "goal", "met")
LARGE = 100


def cells(row: Document) -> tuple[str, ...]:
    """Write one row: the first clock is CPU time, or what the figure is in."""
    first, second = ([shown(figure, row["unit"]) for figure in row["figures"].values()] + [""])[:2]
    return row["what"], first, second, row["reach"] or "", row["met"] or ""


def shown(figure: dict[str, float], unit: str) -> str:
    """Write a figure with its least and most."""
    value, low, high = (number(figure[name]) for name in ("value", "low", "high"))
    return f"{value} {unit} ({low} to {high})"


def number(value: float) -> str:
    """Write a number with as many digits as say something."""
    size = abs(value)
    digits = 0 if size >= LARGE else 1 if size >= 10 else 2 if size >= 0.1 or not value else 3
    return f"{value:,.{digits}f}"


def versions(document: Document) -> str:
    """Write what was measured, and how often."""
    named = ", ".join(f"{name} {number}" for name, number in document["versions"].items())
    rounds = sorted(set(document["rounds"].values()))
    medians = f"medians of {rounds[0]} to {rounds[-1]} rounds, with the least and the most of them"
    return f"{document['machine']}; {named}; {medians}"


def plain(document: Document) -> str:
    """Write the table for a terminal."""
    lines = [HEAD, *(cells(row) for row in document["rows"])]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


def markdown(document: Document) -> str:
    """Write the table, and what every contender took, as Markdown."""
    lines = [f"{document['made']}, {versions(document)}.", "", *table(HEAD, [cells(row) for row in document["rows"]])]
    for prefix, title, least in (
        ("parse", "CPU time to parse a conversation of so many parts, ms", 1e3),
        ("calls", "CPU time of a redact call with so many in flight, ms", 1e3),
    ):
        lines += ["", f"{title}:", "", *matrix(document, prefix, least)]
    return "\n".join(lines)


def matrix(document: Document, prefix: str, unit: float) -> Iterator[str]:
    """Write the medians of one kind: contenders down, sizes across."""
    kept = {name.split()[1]: times for name, times in document["times"].items() if name.startswith(f"{prefix} ")}
    names = list(dict.fromkeys(name for times in kept.values() for name in times))
    rows = [
        (
            title(prefix, name),
            *(number(times[name]["cpu"] / unit) if name in times else "-" for times in kept.values()),
        )
        for name in names
    ]
    return table(("", *(f"{int(size):,}" for size in kept)), rows)


def title(prefix: str, name: str) -> str:
    """Name a contender; where only parsing is measured, the bare one is what httpx does for `.json()`."""
    return "json.loads alone" if (prefix, name) == ("parse", "bare") else TITLES[name]


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    """Write a Markdown table."""
    for line in (head, ("---",) * len(head), *rows):
        yield "| " + " | ".join(f"**{cell}**" if cell == "NO" else cell for cell in line) + " |"
