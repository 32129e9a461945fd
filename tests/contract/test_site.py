"""The docs site, as far as it can be tried without building it: every page has its place, every link leads somewhere,
the reference leaves no public name out.
"""

from __future__ import annotations

import importlib
import re
import tomllib
from pathlib import Path

import pytest
from scripts.site import links, pages
from scripts.site.structure import GROUPS, REFERENCE

import aiointercom.errors

ROOT = Path(__file__).parents[2]
SITE, HOME = pages.URLS["Documentation"], pages.URLS["Source"]
README = (ROOT / "README.md").read_text()
OURS = pages.ours()


def places(path: Path) -> set[str]:
    """What can be linked to in a page, as GitHub and the site write it."""
    found = re.findall(
        r"^#+ (.+)$", re.sub(r"^```.*?^```$", "", path.read_text(), flags=re.MULTILINE | re.DOTALL), re.MULTILINE
    )
    return {"", *(re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in found)}


def test_every_page_has_one_place() -> None:
    """Each page of docs/ stands in one group of the navigation, and the groups name no page that is not there."""
    named = [name for group in GROUPS.values() for name in group]
    assert len(named) == len(set(named))
    assert {path.name for path in (ROOT / "docs").glob("*.md")} <= set(named)
    assert {name for name in named if not name.startswith("reference/")} <= OURS.keys()
    assert [name for name in named if name.startswith("reference/")] == [f"reference/{page}.md" for page in REFERENCE]


def test_readme_is_read_elsewhere_too() -> None:
    """No link and no picture of the README is relative: it is shown by package indexes, which have no other file of
    ours.
    """
    targets = re.findall(r"\]\(([^)\s]+)\)|<(?:a|img)[^>]+(?:href|src)=\"([^\"]+)\"", README)
    told = [first or second for first, second in targets]
    assert len(told) > 15
    assert [target for target in told if not target.startswith("https://")] == []


LINKS = [
    (path, target)
    for path in [*OURS.values(), *(ROOT / name for name in ("CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md"))]
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text())
]


@pytest.mark.parametrize(("page", "target"), LINKS, ids=lambda value: getattr(value, "name", value))
def test_links_lead_somewhere(page: Path, target: str) -> None:
    """Each link to a file of the project, relative or by an address of the site or of the repository, names one that
    is there, and a headline in it.
    """
    named, _, anchor = target.partition("#")
    file = pages.file_of(named)
    if "://" in file:
        return
    there = (page.parent / file).resolve() if file else page
    assert there.exists()
    assert not anchor or anchor in places(there)


@pytest.mark.parametrize(
    ("source", "text", "led"),
    [
        ("docs/raw.md", "[a](../openapi/deviations.md)", f"[a]({HOME}/blob/main/openapi/deviations.md)"),
        ("docs/raw.md", "[a](../openapi)", f"[a]({HOME}/tree/main/openapi)"),
        ("docs/raw.md", "[a](outcomes.md#the-table)", "[a](outcomes.md#the-table)"),
        ("docs/raw.md", "[a](#here)", "[a](#here)"),
        ("docs/raw.md", "[a](https://example.org/x)", "[a](https://example.org/x)"),
        ("docs/raw.md", "![a](cleanup.svg)", "![a](cleanup.svg)"),
        ("README.md", f"[a]({SITE}redact/)", "[a](redact.md)"),
        ("README.md", f"[a]({SITE}outcomes/#the-table)", "[a](outcomes.md#the-table)"),
        ("README.md", f"[a]({HOME}/blob/main/CHANGELOG.md)", "[a](changelog.md)"),
        ("CHANGELOG.md", "[a](docs/cleanup.md)", "[a](cleanup.md)"),
    ],
)
def test_links_are_led_to_the_site(source: str, text: str, led: str) -> None:
    """A link of a page leads to the page of the site that its target is, else to the file in the repository; others
    stay as they are.
    """
    assert pages.on_site(text, ROOT / source) == led


def test_the_reference_describes_every_public_name() -> None:
    """Each name that a public module lists is on one page of the reference, under the name that users import, and is
    what is described there.
    """
    told = {name: home for names in pages.reference().values() for name, home in names.items()}
    homes = list(told.values())
    assert len(homes) == len(set(homes))
    assert {"aiointercom.errors", "aiointercom.events"} <= told.keys()
    for module in (
        "aiointercom",
        "aiointercom.types",
        "aiointercom.detect",
        "aiointercom.cleanup",
        "aiointercom.sandbox",
        "aiointercom.models",
    ):
        offered = importlib.import_module(module)
        names = [
            name for name in offered.__all__ if not name.startswith("__") and not hasattr(aiointercom.errors, name)
        ]
        assert [name for name in names if f"{module}.{name}" not in told] == []
    for name, home in told.items():
        if "." in name.removeprefix("aiointercom."):
            assert thing(name) is thing(home)


def thing(full: str) -> object:
    """What a full name stands for."""
    module, _, name = full.rpartition(".")
    return getattr(importlib.import_module(module), name)


def test_no_picture_is_fetched_from_elsewhere() -> None:
    """On the site the badges of the README are left out, and all other pictures are its own."""
    told = [re.findall(r"!\[[^]]*\]\(([^)]+)\)", pages.on_site(path.read_text(), path)) for path in OURS.values()]
    assert [target for targets in told for target in targets if "://" in target] == []
    assert "badge" in README


def test_the_configuration_names_our_addresses() -> None:
    """The site is built for the address that pyproject.toml says, fetches no font from elsewhere, and has search and
    a dark mode.
    """
    project = tomllib.loads((ROOT / "zensical.toml").read_text())["project"]
    assert (project["site_url"], project["repo_url"]) == (SITE, HOME)
    assert project["theme"]["font"] is False
    assert {palette.get("scheme") for palette in project["theme"]["palette"]} == {None, "default", "slate"}
    assert all(
        (ROOT / "docs" / path).resolve().is_dir()
        for path in project["plugins"]["mkdocstrings"]["handlers"]["python"]["paths"]
    )


def test_what_is_written_for_the_build(tmp_path: Path) -> None:
    """The folder for the build holds each page, the reference, the pictures, and a configuration whose navigation
    names them all.
    """
    pages.write(tmp_path / "build")
    written = {
        path.relative_to(tmp_path / "build" / "pages").as_posix()
        for path in (tmp_path / "build" / "pages").rglob("*.*")
    }
    nav = tomllib.loads((tmp_path / "build" / "zensical.toml").read_text())["project"]["nav"]
    assert [next(iter(group)) for group in nav] == [*GROUPS]
    named = set(re.findall(r"[\w/-]+\.md", str(nav)))
    assert named == {name for name in written if name.endswith(".md")}
    assert {"cleanup.svg", "benchmark.svg"} <= written


def test_texts_for_language_models(tmp_path: Path) -> None:
    """llms.txt names each page with its address and one sentence, llms-full.txt holds all of them, and each address
    is a Markdown file.
    """
    pages.write_for_models(tmp_path)
    index, whole = (tmp_path / "llms.txt").read_text(), (tmp_path / "llms-full.txt").read_text()
    assert index.startswith(f"# aiointercom\n\n> {pages.SUMMARY}\n")
    rows = re.findall(r"^- \[(.+)\]\((\S+)\): (\S.+)$", index, re.MULTILINE)
    assert [address for _, address, _ in rows] == [SITE + name for name in OURS]
    for title, address, sentence in rows:
        assert (tmp_path / address.removeprefix(SITE)).is_file()
        assert f"# {title}\n" in whole.replace("`", "")
        assert len(sentence) < 400
        assert "](" not in sentence


def test_links_of_a_built_site(tmp_path: Path) -> None:
    """A link to a missing page, or to a missing place in one, is found; one to a page, a place, a file or elsewhere
    is not.
    """
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "index.html").write_text(
        '<h2 id="x">X</h2><a href="../#top">up</a><img src="../p.png"><a href="../b/">b</a>'
    )
    (tmp_path / "p.png").write_bytes(b"")
    ways = [
        "a/",
        "a/#x",
        "https://s.example/site/a/",
        "https://elsewhere.example/",
        "mailto:x@example.org",
        "a/#y",
        "c.html",
    ]
    (tmp_path / "index.html").write_text('<p id="top">' + "".join(f'<a href="{way}">x</a>' for way in ways))
    assert links.broken(tmp_path, "https://s.example/site/") == [
        "a/index.html -> ../b/",
        "index.html -> a/#y",
        "index.html -> c.html",
    ]
