"""Checks the links of a built site: each that stays on it leads to a file, and to a place in it. Nothing is fetched."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit


class Page(HTMLParser):
    """What a page links to, and the places in it that can be linked to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.places = {""}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what an element points to, and what it is called."""
        told = dict(attrs)
        self.places.update(name for key in ("id", "name") if (name := told.get(key)))
        if tag in ("a", "img", "script", "link"):
            self.targets += [target for key in ("href", "src") if (target := told.get(key))]


def broken(html: Path, address: str) -> list[str]:
    """Give "page -> target" for each link of the site in a folder, meant for an address, that leads nowhere."""
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in sorted(html.rglob("*.html"))}
    found: list[str] = []
    for path, page in pages.items():
        here = urljoin(address, path.relative_to(html).as_posix().removesuffix("index.html"))
        for target in page.targets:
            whole = urljoin(here, target)
            if whole.startswith(address) and not _leads(html, pages, whole.removeprefix(address)):
                found.append(f"{path.relative_to(html).as_posix()} -> {target}")
    return found


def _leads(html: Path, pages: dict[Path, Page], target: str) -> bool:
    parts = urlsplit(target)
    path = html / unquote(parts.path)
    path = path / "index.html" if path.is_dir() else path
    return path.is_file() and (path not in pages or unquote(parts.fragment) in pages[path].places)
