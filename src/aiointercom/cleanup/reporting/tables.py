"""Pure: what a page is put together from: sections, and tables that can be read aloud."""

from __future__ import annotations

from collections.abc import Sequence

from .html import Child, Markup, element


def section(title: str, *children: Child) -> Markup:
    """A part of the page with its heading."""
    return element("section", element("h2", title), *children)


def table(
    caption: str,
    heads: Sequence[str],
    rows: Sequence[Markup],
    foot: Markup | None = None,
    *,
    words: Sequence[int] = (0,),
    class_: str | None = None,
) -> Markup:
    """Build a table that scrolls by itself if it is too wide. `words`: the columns of text; the others hold numbers."""
    cells = [element("th", head, scope="col", class_=_class(index, words)) for index, head in enumerate(heads)]
    parts = [element("caption", caption), element("thead", element("tr", *cells)), element("tbody", *rows)]
    parts += [] if foot is None else [element("tfoot", foot)]
    return element(
        "div", element("table", *parts, class_=class_), class_="wide", role="region", aria_label=caption, tabindex="0"
    )


def row(*cells: Child, words: Sequence[int] = (0,)) -> Markup:
    """A row of a table; its first cell names it."""
    first, *others = cells
    shown = [element("td", cell, class_=_class(index, words)) for index, cell in enumerate(others, 1)]
    return element("tr", element("th", first, scope="row", class_=_class(0, words)), *shown)


def _class(index: int, words: Sequence[int]) -> str | None:
    return None if index in words else "number"
