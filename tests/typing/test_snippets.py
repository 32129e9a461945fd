"""The Python snippets of README.md and docs/ pass mypy and pyright in strict mode, as they would in a user's own
project.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.pages import PAGES, ROOT, Block, blocks

MYPY = ("mypy", "--strict", "--cache-dir", str(ROOT / ".mypy_cache" / "snippets"))
PYRIGHT = """{"include": ["."], "typeCheckingMode": "strict", "reportUnusedVariable": false, "reportUnusedImport": false,
 "reportUnusedClass": false, "reportUnusedFunction": false, "reportMissingTypeStubs": false}"""
"""A snippet may end before its names are used; all else is as strict as can be."""


def module(found: Iterable[Block]) -> str:
    """Write the snippets of a page as one module in which every line has the number that it has on the page.

    Each snippet is an async function inside the one before it: so `await` may stand at its top, it sees the names
    of all before it, and may give them another meaning.
    """
    lines = ["from aiointercom import Intercom"]
    for depth, block in enumerate(found):
        lines += [""] * (block.line - 1 - len(lines))
        lines.append(
            f"{'    ' * depth}async def line_{block.line}({'intercom: Intercom' if depth == 0 else ''}) -> None:"
        )
        lines += textwrap.indent(block.code, "    " * (depth + 1)).splitlines()
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one module for each page that has snippets, and with the files that snippets are."""
    folder = tmp_path_factory.mktemp("snippets")
    for page in PAGES:
        python = [block for block in blocks(page) if block.language == "python"]
        for block in python:
            if block.file:
                (folder / block.file).write_text(block.code)
        if found := [block for block in python if not block.file]:
            (folder / f"{page.stem.lower().replace('-', '_')}_page.py").write_text(module(found))
    (folder / "pyrightconfig.json").write_text(PYRIGHT)
    assert len(list(folder.glob("*.py"))) >= 8
    return folder


def check(folder: Path, *command: str) -> str:
    """Run a checker over all snippets at once. Returns its complaints; their lines are those of the pages."""
    done = subprocess.run([sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_mypy(project: Path) -> None:
    """Mypy in strict mode has nothing to say about any snippet."""
    if found := check(project, *MYPY, "."):
        pytest.fail(found)


def test_pyright(project: Path) -> None:
    """Pyright in strict mode has nothing to say about any snippet."""
    if found := check(project, "pyright", "--pythonpath", sys.executable):
        pytest.fail(found)


def test_a_wrong_snippet_is_found_at_its_line(tmp_path: Path) -> None:
    """The checks see into the snippets: a wrong type in the second one is named with its line of the page."""
    page = tmp_path / "page.md"
    page.write_text("Title\n\n```python\nnumber = 1\n```\n\n```python\nawait intercom.me()\ntext: str = number\n```\n")
    (tmp_path / "page.py").write_text(module(blocks(page)))
    assert "page.py:9: error: Incompatible types" in check(tmp_path, *MYPY, "page.py")
