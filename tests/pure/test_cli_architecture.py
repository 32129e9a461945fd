"""The command line stands on the public surface: what it imports, and what knows it."""

from __future__ import annotations

import ast
import importlib
import io
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest

import aiointercom
from aiointercom.cli import main
from aiointercom.cli.app import app

PACKAGE = Path(aiointercom.__file__).parent
CLI = sorted((PACKAGE / "cli").glob("*.py"))
PUBLIC = {"", ".cleanup", ".detect", ".events", ".live", ".models", ".pgqueuer", ".sandbox", ".types", ".webhooks"}


def from_imports(path: Path) -> list[ast.ImportFrom]:
    """All `from x import y` of a file."""
    return [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]


@pytest.mark.parametrize("path", CLI, ids=lambda path: path.stem)
def test_it_imports_public_names_only(path: Path) -> None:
    """Of the package it imports what `__all__` of a public module lists, and of the HTTP library and the raw layer
    nothing.
    """
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree)
    for node in from_imports(path):
        module = node.module or ""
        assert not module.startswith(("httpx", "intercom_raw"))
        if module.split(".")[0] == "aiointercom":
            assert module.removeprefix("aiointercom") in PUBLIC
            found = importlib.import_module(module)
            listed = getattr(found, "__all__", None)
            for alias in node.names:
                assert not alias.name.startswith("_") or alias.name == "__version__"
                assert listed is None or alias.name in {*listed, "cleanup", "pgqueuer"}
        assert node.level < 2


COMMANDS = ["redact part", "redact source", "redact all", *(name for name in app if not name.startswith("-"))]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_names_no_option_that_nobody_meant(command: str) -> None:
    """No list has the option `--empty-...` that the library adds by itself."""
    told = io.StringIO()
    with redirect_stdout(told):
        main([*command.split(), "--help"])
    assert "Usage" in told.getvalue()
    assert "--empty-" not in told.getvalue()


def test_nobody_knows_it() -> None:
    """Nothing but `python -m aiointercom` imports the command line."""
    knowing = {
        path.stem
        for path in PACKAGE.rglob("*.py")
        if path.parent.name != "cli" and any((node.module or "").split(".")[0] == "cli" for node in from_imports(path))
    }
    assert knowing == {"__main__"}


def test_importing_the_package_loads_nothing_of_it() -> None:
    """`import aiointercom`, and with it `cleanup` and `detect`, load neither the command line nor what its extra
    brings.
    """
    program = "import sys, aiointercom.cleanup, aiointercom.detect; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    # Not rich: httpx imports it for a command line of its own, where it is installed.
    assert {"aiointercom.cli", "aiointercom.sandbox", "cyclopts", "starlette"} & set(done.stdout.split()) == set()
