"""The version of the API stands in the fragment, and nowhere else that a bump would have to touch."""

from __future__ import annotations

import re
import subprocess

from intercom_raw import API_VERSION
from tests.contract.fragment import PATH, ROOT, SPEC

# What follows from the fragment by a tool, and what is history: evidence, facts of a version, what a release brought.
WRITTEN = ("generated/STAMP.toml", "generated/intercom_raw/__init__.py", "openapi/published/")
HISTORY = ("CHANGELOG.md", "openapi/deviations.toml", "openapi/deviations.md", "tests/rehearsal/")


def tracked() -> list[str]:
    """Every file of the project, or all files where it is no checkout."""
    done = subprocess.run(["git", "-C", str(ROOT), "ls-files"], capture_output=True, text=True, check=False)
    folders = ("src", "generated", "openapi", "scripts", "docs")
    return done.stdout.split() or [
        str(p.relative_to(ROOT)) for f in folders for p in (ROOT / f).rglob("*") if p.is_file()
    ]


def test_no_other_file_names_the_version() -> None:
    """No test, script, module or page carries the version's literal; the fragment carries it in its name and in `info`
    only.
    """
    literal = re.compile(rf"(?<![\d.]){re.escape(API_VERSION)}(?!\d|\.\d)".encode())
    found: dict[str, int] = {}
    for name in tracked():
        path = ROOT / name
        if (
            path.is_file()
            and not name.startswith((*WRITTEN, *HISTORY))
            and path.suffix not in (".png", ".svg", ".json", ".txt")
        ):
            found[name] = len(literal.findall(path.read_bytes()))
    assert {name: count for name, count in found.items() if count} == {PATH.relative_to(ROOT).as_posix(): 1}


def test_the_header_of_generated_files_has_no_version() -> None:
    """A bump changes the generated files that differ, and no other."""
    for path in (ROOT / "generated" / "intercom_raw").rglob("*.py"):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert not lines or API_VERSION not in lines[0], path


def test_the_fragments_name_is_its_version() -> None:
    """The file is named by what it says."""
    assert PATH.name == f"intercom-{SPEC['info']['version']}.yaml"
