"""Pure: builds HTML and SVG. Every text is escaped; only values made by this module count as markup."""

from __future__ import annotations

from html import escape

VOID = frozenset({"meta"})


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


Child = str | int | None


def element(name: str, /, *children: Child, **attributes: str | float | None) -> Markup:
    """One element: `element("td", 5, class_="number")`.

    An underscore in a name stands for a hyphen, a last one for nothing; None is left out.
    """
    words = "".join(f' {_name(key)}="{escape(str(value))}"' for key, value in attributes.items() if value is not None)
    return Markup(f"<{name}{words}>") if name in VOID else Markup(f"<{name}{words}>{joined(*children)}</{name}>")


def joined(*children: Child) -> Markup:
    """One after the other; None is nothing."""
    return Markup("".join(_shown(child) for child in children if child is not None))


def _shown(child: str | int) -> str:
    return child if isinstance(child, Markup) else escape(str(child))


def _name(key: str) -> str:
    return key.removesuffix("_").replace("_", "-")
