"""What users get: the wheel and the sdist are built, looked into, and the wheel is installed alone and used."""

import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from aiointercom._version import __version__
from aiointercom.sandbox import Sandbox

ROOT = Path(__file__).parent.parent.parent
# Neither a path of the developer's nor pip's notices may decide what is seen.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "MYPYPATH")}

REDACT = """
import asyncio, sys

from aiointercom import Intercom

async def main(url: str, token: str, conversation_id: str, part_id: str) -> None:
    async with Intercom(token, base_url=url) as intercom:
        conversation = await intercom.conversations.redact_part(conversation_id, part_id)
    parts = conversation.conversation_parts.conversation_parts
    print([part.redacted for part in parts if part.id == part_id])

asyncio.run(main(*sys.argv[1:]))
"""

TYPED = """
from typing import assert_type

from aiointercom import Intercom
from aiointercom.models import Conversation, Ticket
from intercom_raw.models import Conversation as RawConversation


async def use(intercom: Intercom) -> None:
    conversation = await intercom.conversations.redact_part("471", 115)
    assert_type(conversation, Conversation)
    assert_type(conversation, RawConversation)
    assert_type(conversation.title, str | None)
    assert_type(await intercom.conversations.convert_to_ticket("471", ticket_type_id="79"), Ticket)
    await intercom.conversations.redact_part("471", 1.5)  # type: ignore[arg-type]
"""


def run(*command: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command outside the repo, where no file of it is found by accident."""
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, check=False)


def succeeds(*command: object, cwd: Path) -> str:
    """Run a command that must succeed, and return what it prints."""
    done = run(*command, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that was built from that sdist."""
    folder = tmp_path_factory.mktemp("dist")
    succeeds(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    """The one wheel."""
    [found] = built.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def clean_python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter whose environment holds the wheel and what its core depends on, nothing else."""
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    pip = (python, "-m", "pip", "--disable-pip-version-check", "--no-input")
    pins = ROOT / "scripts" / "constraints" / "core.txt"
    succeeds(
        *pip, "install", "--quiet", "--no-deps", "--only-binary", ":all:", "--require-hashes", "-r", pins, cwd=folder
    )
    succeeds(*pip, "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=folder)
    succeeds(*pip, "check", cwd=folder)
    return python


def test_the_wheel_holds_both_packages_and_nothing_else(wheel: Path) -> None:
    """The wheel holds every module of both packages, their py.typed, the licence, and no test or script."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    about = f"aiointercom-{__version__}.dist-info"
    assert {PurePosixPath(name).parts[0] for name in names} == {"aiointercom", "intercom_raw", about}
    assert {"aiointercom/py.typed", "intercom_raw/py.typed", f"{about}/licenses/LICENSE"} <= names
    for source in ("src", "generated"):
        modules = {path.relative_to(ROOT / source).as_posix() for path in (ROOT / source).rglob("*.py")}
        assert modules
        assert modules <= names


def test_the_wheel_holds_no_file_beside_them(wheel: Path) -> None:
    """Each file of the wheel is one of its two packages, or of its own metadata: no test, benchmark, script or
    cache.
    """
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    packages = [ROOT / "src" / "aiointercom", ROOT / "generated" / "intercom_raw"]
    files = {path for package in packages for path in package.rglob("*.*") if path.suffix != ".pyc"}
    assert names == {"/".join(path.relative_to(ROOT).parts[1:]) for path in files}
    assert not [name for name in names if {"tests", "bench", "scripts"} & set(PurePosixPath(name).parts)]


def test_the_wheel_is_reproducible(tmp_path: Path) -> None:
    """Built in two folders from files of different times, with one SOURCE_DATE_EPOCH, wheel and sdist have the same
    bytes, and its time.
    """
    built = []
    for number in (1, 2):
        copy = tmp_path / str(number) / "clone"
        shutil.copytree(
            ROOT, copy, ignore=shutil.ignore_patterns(".venv*", ".git", ".*_cache", "__pycache__", "dist", "site")
        )
        for path in copy.rglob("*"):
            os.utime(path, (number * 1e8, number * 1e8))
        command = (sys.executable, "-m", "build", "--no-isolation", "--outdir", copy.parent / "dist", copy)
        words = [str(word) for word in command]
        subprocess.run(
            words, cwd=tmp_path, env=ENVIRONMENT | {"SOURCE_DATE_EPOCH": "1700000000"}, capture_output=True, check=True
        )
        built.append({path.name: path for path in (copy.parent / "dist").iterdir()})
    first, second = built
    assert len(first) == 2
    assert {name: path.read_bytes() for name, path in first.items()} == {
        name: path.read_bytes() for name, path in second.items()
    }
    [wheel] = [path for name, path in first.items() if name.endswith(".whl")]
    with zipfile.ZipFile(wheel) as archive:
        assert {entry.date_time[:3] for entry in archive.infolist()} == {(2023, 11, 14)}


def test_the_sdist_holds_what_a_rebuild_needs(built: Path) -> None:
    """Who unpacks the sdist can set up, regenerate and test, and finds nothing of the builder's machine in it."""
    [sdist] = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        members = {member.name.partition("/")[2]: member for member in archive.getmembers()}
    assert sdist.name == f"aiointercom-{__version__}.tar.gz"
    needed = {
        "LICENSE",
        "README.md",
        "pyproject.toml",
        "openapi/deviations.toml",
        "openapi/published/STAMP.toml",
        "openapi/generator.yaml",
    }
    needed |= {"generated/STAMP.toml", "scripts/constraints/test.txt", "tests/wire/test_packaging.py", ".ci/run"}
    needed |= {".github/workflows/test.yml", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "scripts/package"}
    assert needed <= members.keys()
    assert members["scripts/setup"].mode & 0o100
    assert not [name for name in members if "__pycache__" in name or name.startswith((".venv", ".git/", ".mypy_cache"))]


def test_the_wheel_alone_redacts(clean_python: Path, tmp_path: Path) -> None:
    """The wheel, installed without extras, redacts a part over a real socket."""
    sandbox = Sandbox()
    conversation_id = sandbox.add_conversation(parts=1)
    part_id = sandbox.conversation(conversation_id)["parts"][0]["id"]
    with sandbox.serve() as server:
        arguments = (server.url, sandbox.token, conversation_id, part_id)
        printed = succeeds(clean_python, "-I", "-W", "error", "-c", REDACT, *arguments, cwd=tmp_path)
    assert printed == "[True]\n"
    assert len(sandbox.ledger) == 1
    assert sandbox.conversation(conversation_id)["parts"][0]["redacted"] is True


@pytest.mark.parametrize(
    ("use", "error", "extra"),
    [
        ("import aiointercom.sandbox", "ImportError: ", "aiointercom[sandbox]"),
        (
            "from aiointercom import Intercom; Intercom('token', transport='aiohttp')",
            "aiointercom.errors.ConfigurationError: ",
            "aiointercom[aiohttp]",
        ),
    ],
)
def test_a_missing_extra_is_named(clean_python: Path, tmp_path: Path, use: str, error: str, extra: str) -> None:
    """What needs an extra that is not installed fails at once, with an error which names the extra."""
    done = run(clean_python, "-I", "-c", use, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(error)
    assert extra in done.stderr.splitlines()[-1]


def test_the_wheel_is_typed(clean_python: Path, tmp_path: Path) -> None:
    """mypy, looking only at the installed wheel, knows what calls return and refuses a wrong argument."""
    (tmp_path / "use.py").write_text(TYPED)
    options = ("--strict", "--config-file=", f"--cache-dir={tmp_path / 'cache'}", "--python-executable", clean_python)
    assert "Success" in succeeds(sys.executable, "-m", "mypy", *options, "use.py", cwd=tmp_path)
