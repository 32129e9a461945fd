"""Writes the pages of the site: those of docs/, led to each other, the reference, and llms.txt with llms-full.txt."""

from __future__ import annotations

import ast
import json
import re
import shutil
import tomllib
from pathlib import Path

from .structure import GROUPS, REFERENCE

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
SOURCES = {"aiointercom": ROOT / "src", "intercom_raw": ROOT / "generated"}
ELSEWHERE = {"index.md": ROOT / "README.md", "changelog.md": ROOT / "CHANGELOG.md"}
BADGES = re.compile(r"^(?:\[?!\[[^]]*\]\(https://.*\n)+\n", re.MULTILINE)
"""Pictures from elsewhere: fetching them would tell others who reads the docs."""
LINK = re.compile(r"(?<=\]\()([^)\s]+)(?=\))")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
URLS: dict[str, str] = PROJECT["urls"]
SUMMARY: str = PROJECT["description"]


def ours() -> dict[str, Path]:
    """Give the pages that people wrote and that are there, by their name on the site, in the navigation's order."""
    names = [name for group in GROUPS.values() for name in group if not name.startswith("reference/")]
    found = {name: ELSEWHERE.get(name, DOCS / name) for name in names}
    lost = [path.name for path in sorted(DOCS.glob("*.md")) if path.name not in found]
    if lost:
        raise ValueError(f"in no group of scripts/site/structure.py: {', '.join(lost)}")
    return {name: path for name, path in found.items() if path.exists()}


def on_site(text: str, source: Path) -> str:
    """Lead each link of a page to its target on the site, or in the repository where the site does not have it."""
    names = {path: name for name, path in ours().items()}

    def led(match: re.Match[str]) -> str:
        target, mark, anchor = match[1].partition("#")
        target = file_of(target)
        if not target or "://" in target:
            return match[1]
        path = (source.parent / target).resolve()
        if path in names:
            return names[path] + mark + anchor
        if path.is_relative_to(DOCS):
            return path.relative_to(DOCS).as_posix() + mark + anchor
        kind = "tree" if path.is_dir() else "blob"
        return f"{URLS['Source']}/{kind}/main/{path.relative_to(ROOT).as_posix()}{mark}{anchor}"

    return LINK.sub(led, BADGES.sub("", text))


def file_of(target: str) -> str:
    """Give the file for an address of the site or the repository, which README.md uses: it is read elsewhere too."""
    site, home = URLS["Documentation"], f"{URLS['Source']}/blob/main/"
    if target.startswith(home):
        return str(ROOT / target.removeprefix(home))
    if not target.startswith(site):
        return target
    name = target.removeprefix(site).strip("/")
    return str(ELSEWHERE.get(f"{name or 'index'}.md", DOCS / (name if "." in name else f"{name}.md")))


def public(module: str) -> dict[str, str]:
    """Give what a public module imports for others: by its name, where it is defined; {}: it imports nothing so."""
    path = SOURCES[module.partition(".")[0]].joinpath(*module.split("."))
    tree = ast.parse((path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text(encoding="utf-8"))
    offered = next((ast.literal_eval(node.value) for node in tree.body if _is_list_of_names(node)), [])
    package = module if path.is_dir() else module.rpartition(".")[0]
    homes = {
        alias.name: f"{package}.{node.module}" if node.level else str(node.module)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    return {name: f"{homes[name]}.{name}" for name in offered if name in homes}


def _is_list_of_names(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "__all__"


def reference() -> dict[str, dict[str, str]]:
    """Give what each page of the reference describes: by the name that users import, where it is defined.

    A name stands on the page of the module or folder that defines it, where that has one. The client comes first.
    """
    own = {module for _, module in REFERENCE.values()} - {"aiointercom"}
    found = {
        page: {
            f"{module.replace('intercom_raw.models', 'aiointercom.models')}.{name}": home
            for name, home in public(module).items()
            if not any(f"{home}.".startswith(f"{other}.") for other in own - {module})
        }
        or {module: module}
        for page, (_, module) in REFERENCE.items()
    }
    found["client"] = {"aiointercom.Intercom": "aiointercom.client.Intercom"} | found["client"]
    found["raw"] = _operations()
    return found


def _operations() -> dict[str, str]:
    """Give the generated functions, by the name that users import."""
    files = sorted(path for path in SOURCES["intercom_raw"].glob("intercom_raw/api/*/*.py") if path.stem != "__init__")
    names = {f"intercom_raw.api.{path.parent.name}.{path.stem}": path.stem for path in files}
    return {name: f"{name}.{function}" for name, function in names.items()}


def described(page: str, names: dict[str, str]) -> str:
    """Write a page of the reference, under the names that users import; the build puts the docstrings in."""
    rows = [
        f"::: {home}\n    options:\n      heading: {name}\n      toc_label: {name.rpartition('.')[2]}"
        for name, home in names.items()
    ]
    if page in ("errors", "events"):  # whole modules, whose classes make a tree
        rows = [f"{row}\n      show_bases: true" for row in rows]
    return "\n\n".join([f"# {REFERENCE[page][0]}", *rows]) + "\n"


def title(text: str) -> str:
    """Give the headline of a page."""
    return re.search(r"^# (.+)$", text, re.MULTILINE)[1].replace("`", "")


def navigation(titles: dict[str, str]) -> str:
    """Write `nav` as TOML."""
    rows = ["nav = ["]
    for group, names in GROUPS.items():
        entries = [f"{{ {json.dumps(titles[name])} = {json.dumps(name)} }}" for name in names if name in titles]
        if len(names) == 1:  # the group is the page
            entries = [f"{{ {json.dumps(group)} = {json.dumps(name)} }}" for name in names if name in titles]
            rows += [f"  {entry}," for entry in entries]
        elif entries:
            rows.append(f"  {{ {json.dumps(group)} = [{', '.join(entries)}] }},")
    return "\n".join([*rows, "]", ""])


def write(folder: Path) -> None:
    """Write the pages, the configuration and the texts for language models into a folder that is made anew."""
    shutil.rmtree(folder, ignore_errors=True)
    pages = folder / "pages"
    (pages / "reference").mkdir(parents=True)
    texts = {name: on_site(path.read_text(encoding="utf-8"), path) for name, path in ours().items()}
    for page, names in reference().items():
        texts[f"reference/{page}.md"] = described(page, names)
    for name, text in texts.items():
        (pages / name).write_text(text, encoding="utf-8")
    for other in DOCS.glob("*.[!m]*"):  # pictures, and what was measured
        shutil.copy(other, pages)
    configuration = (ROOT / "zensical.toml").read_text(encoding="utf-8")
    nav = navigation({name: title(text) for name, text in texts.items()})
    (folder / "zensical.toml").write_text(
        configuration.replace("[project]\n", f"[project]\n{nav}", 1), encoding="utf-8"
    )


def write_for_models(html: Path) -> None:
    """Write llms.txt, llms-full.txt and each page as Markdown beside the built site, for readers that want no HTML."""
    site, index, whole = URLS["Documentation"], [f"# aiointercom\n\n> {SUMMARY}\n"], list[str]()
    for group, names in GROUPS.items():
        written = [(name, ours()[name]) for name in names if name in ours()]
        if written:
            index.append(f"## {group}\n")
        for name, path in written:
            text = on_site(path.read_text(encoding="utf-8"), path)
            (html / name).write_text(text, encoding="utf-8")
            index.append(f"- [{title(text)}]({site}{name}): {_opening(text)}")
            whole.append(text.strip() + "\n")
        if written:
            index.append("")
    (html / "llms.txt").write_text("\n".join(index), encoding="utf-8")
    (html / "llms-full.txt").write_text("\n\n".join(whole), encoding="utf-8")


def _opening(text: str) -> str:
    """Give the first sentence of a page, without links."""
    after = text.split("\n", 1)[1]
    paragraph = next(
        part for part in after.split("\n\n") if part.strip() and not part.lstrip().startswith(("#", "!", "[", "|", "`"))
    )
    plain = re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", " ".join(paragraph.split()))
    return re.split(r"(?<=\.)\s", plain)[0].lstrip("- ")
