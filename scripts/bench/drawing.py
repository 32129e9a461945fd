"""The picture for the README: two charts of bars, drawn by hand as SVG, readable on dark and on light.

The colours are between both: a picture in a page is told what the system prefers, not whether the page around it is
dark.
"""

from __future__ import annotations

from html import escape
from typing import NamedTuple

from .document import Document

WIDTH, LEFT, RIGHT = 760, 190, 90
BAR, GAP, SPACE = 14, 5, 20
STYLE = """
text { font: 12px system-ui, sans-serif; fill: #767e89 }
.title { font-weight: 600; font-size: 14px }
.ours { fill: #2f81f7 }
.other { fill: #8c959f }
"""


class Bar(NamedTuple):
    """One bar."""

    title: str
    milliseconds: float
    ours: bool


class Chart(NamedTuple):
    """Bars on one scale, in groups."""

    title: str
    note: str
    groups: dict[str, list[Bar]]


def charts(document: Document) -> list[Chart]:
    """Choose what to show: whole calls, and parsing."""
    times = document["times"]

    def bars(measurement: str, shown: dict[str, str]) -> list[Bar]:
        ours = ("core", "speed", "aiohttp")
        taken = times[measurement]
        return [Bar(title, taken[name]["cpu"] / 1e3, name in ours) for name, title in shown.items() if name in taken]

    called = {
        "core": "aiointercom",
        "aiohttp": "aiointercom[aiohttp]",
        "bare": "bare httpx, 50 connections",
        "bare_default": "bare httpx, its own limits",
        "official": "python-intercom",
    }
    parsed = {
        "core": "aiointercom",
        "speed": "aiointercom[speed]",
        "struct": "msgspec Struct",
        "bare": "json.loads alone",
        "official": "python-intercom",
    }
    return [
        Chart(
            "CPU time of one redact call, ms",
            "a whole call over loopback with so many under way at once",
            {f"{at_once} in flight": bars(f"calls {at_once}", called) for at_once in (1, 50, 200)},
        ),
        Chart(
            "CPU time to read a conversation of 500 parts, ms",
            "from bytes to typed objects, where there are any",
            {"": bars("parse 500", parsed)},
        ),
    ]


def draw(document: Document) -> str:
    """Draw the charts one below the other."""
    lines: list[str] = []
    y = 24
    for chart in charts(document):
        y = draw_chart(chart, y, lines) + SPACE
    versions = document["versions"]
    official = versions["python-intercom"].split()[0]
    note = f"CPython {versions['CPython']}, httpx {versions['httpx']}, python-intercom {official}, {document['made']}"
    lines.append(text(0, y, f"{note}; medians of interleaved rounds, one machine", "quiet"))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 10}" role="img">'
    about = "<title>CPU time of aiointercom beside bare httpx, msgspec and python-intercom</title>"
    return "\n".join([head, about, f"<style>{STYLE}</style>", *lines, "</svg>", ""])


def draw_chart(chart: Chart, y: int, lines: list[str]) -> int:
    """Draw one chart below `y`; return where it ends."""
    lines += [text(0, y, chart.title, "title"), text(0, y + 16, chart.note, "quiet")]
    y += 30
    longest = max(bar.milliseconds for bars in chart.groups.values() for bar in bars)
    for name, bars in chart.groups.items():
        if name:
            y += BAR
            lines.append(text(0, y, name))
            y += GAP + 2
        for bar in bars:
            width = max(1.0, (WIDTH - LEFT - RIGHT) * bar.milliseconds / longest)
            lines.append(text(LEFT - 8, y + BAR - 3, bar.title, "end"))
            kind = "ours" if bar.ours else "other"
            lines.append(f'<rect class="{kind}" x="{LEFT}" y="{y}" width="{width:.1f}" height="{BAR}" rx="2"/>')
            lines.append(text(round(LEFT + width + 6), y + BAR - 3, written(bar.milliseconds)))
            y += BAR + GAP
    return y


def text(x: int, y: int, content: str, kind: str = "") -> str:
    """Write a line of text; of the kind "end" it ends at x."""
    placed = ' text-anchor="end"' if kind == "end" else f' class="{kind}"' if kind else ""
    return f'<text x="{x}" y="{y}"{placed}>{escape(content)}</text>'


def written(milliseconds: float) -> str:
    """Write a bar's length."""
    return (
        f"{milliseconds:.0f}"
        if milliseconds >= 100
        else f"{milliseconds:.1f}"
        if milliseconds >= 10
        else f"{milliseconds:.2f}"
    )
