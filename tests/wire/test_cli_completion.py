"""The completion in a real bash: it is installed into a new home, and completes commands, options and the names of files."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.wire.commands import environment, run

BASH = shutil.which("bash")
COMPLETE = """
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_aiointercom
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The script, installed into a home that has no folder for it."""
    home = tmp_path_factory.mktemp("home")
    done = run("completion", "bash", "--install", folder=home, HOME=str(home))
    assert done.status == 0, done.err
    path = Path(done.out.strip())
    assert path.is_relative_to(home)
    assert path.read_text().startswith("# Bash completion")
    return path


@pytest.mark.skipif(BASH is None, reason="there is no bash")
@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("doc",), {"doctor"}),
        (("redact", ""), {"part", "source", "all"}),
        (("run", "pl"), {"plan.jsonl"}),
        (("run", "plan.jsonl", "--ledger", "le"), {"ledger.db"}),
        (("plan", "--ids", "id"), {"ids.txt"}),
        (("plan", "--output", "pl"), {"plan.jsonl"}),
        (("plan", "-o", "pl"), {"plan.jsonl"}),
        (("settle", "le"), {"ledger.db"}),
        (("report", "le"), {"ledger.db"}),
        (("whoami", "--insec"), {"--insecure-http"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_it_completes(tmp_path: Path, script: Path, words: tuple[str, ...], found: set[str]) -> None:
    """What bash would offer for the last word."""
    for name in ("plan.jsonl", "ledger.db", "ids.txt"):
        (tmp_path / name).touch()
    assert BASH is not None
    done = subprocess.run(
        [BASH, "--norc", "-c", COMPLETE, "bash", script, "aiointercom", *words],
        cwd=tmp_path,
        env=environment(None),
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(done.stdout.split()) == found
