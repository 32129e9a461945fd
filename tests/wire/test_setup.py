"""scripts/setup, in a copy of the repo with tiny packages, against an index of the test's own that has newer releases
of everything.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OWN = ("AIOINTERCOM_VENV", "PYTHON", "VIRTUAL_ENV")
# It asks for an extra of another package: pip 23.2, when it resolves, takes the newest release for that one and then
# refuses the pins.
PACKAGES = {"alpha": ["beta[fast]"], "beta": ['gamma; extra == "fast"'], "gamma": []}
PINNED = dict.fromkeys(PACKAGES, "1.0")
PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "tiny"
version = "1.0"
"""
BACKEND = """
import shutil

def build_editable(folder, config_settings=None, metadata_directory=None):
    return shutil.copy("tiny-1.0-py3-none-any.whl", folder).rpartition("/")[2]
"""


def wheel(folder: Path, name: str, version: str, requires: list[str]) -> Path:
    """Write a package without any code."""
    about = f"{name}-{version}.dist-info"
    metadata = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    metadata += [f"Requires-Dist: {text}" for text in requires]
    metadata += [f"Provides-Extra: {extra}" for extra in re.findall(r'extra == "(\w+)"', "".join(requires))]
    files = {
        f"{about}/METADATA": "\n".join(metadata) + "\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{about}/RECORD"] = "".join(f"{path},,\n" for path in [*files, f"{about}/RECORD"])
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for inside, text in files.items():
            archive.writestr(inside, text)
    return path


class Copy:
    """A repo with scripts/setup, pins of three tiny packages for each environment, and the index that pip is shown: no
    other is asked.
    """

    def __init__(self, folder: Path) -> None:
        self.root, self.index = folder / "repo", folder / "simple"
        constraints = self.root / "scripts" / "constraints"
        constraints.mkdir(parents=True)
        shutil.copy(ROOT / "scripts" / "setup", self.root / "scripts")
        (self.root / "pyproject.toml").write_text(PYPROJECT)
        (self.root / "backend.py").write_text(BACKEND)
        wheel(self.root, "tiny", "1.0", [])
        self.pins = "".join(self.release(name, "1.0") for name in PACKAGES)
        for name in PACKAGES:
            self.release(name, "2.0")
        for what in ("demo", "test", "bench", "official", "docs", "package"):
            (constraints / f"{what}.txt").write_text(self.pins)
        own = {name: value for name, value in os.environ.items() if name not in OWN and not name.startswith("PIP_")}
        self.environment = own | {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": self.index.as_uri()}
        self.environment["PYTHON"] = sys.executable

    def release(self, name: str, version: str) -> str:
        """Publish a release; returns the line that pins it."""
        folder = self.index / name
        folder.mkdir(parents=True, exist_ok=True)
        path = wheel(folder, name, version, PACKAGES[name])
        links = [f'<a href="{found.name}">{found.name}</a>' for found in sorted(folder.glob("*.whl"))]
        (folder / "index.html").write_text("<!DOCTYPE html><html><body>" + "<br>".join(links) + "</body></html>")
        return f"{name}=={version} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"

    def setup(self, what: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run scripts/setup."""
        command = [str(self.root / "scripts" / "setup"), what]
        return subprocess.run(
            command,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def installed(self, venv: str) -> dict[str, str]:
        """The releases that are in an environment, but for pip and setuptools."""
        command = [
            str(self.root / venv / "bin" / "python"),
            "-m",
            "pip",
            "list",
            "--format=json",
            "--disable-pip-version-check",
        ]
        told = json.loads(subprocess.run(command, env=self.environment, capture_output=True, check=True).stdout)
        return {found["name"]: found["version"] for found in told if found["name"] not in ("pip", "setuptools")}


@pytest.fixture
def copied(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


def test_the_pins_are_installed_whatever_is_newer(copied: Copy) -> None:
    """Each environment gets the pinned releases though the index has newer ones of all; a second time nothing is done
    and nothing said.
    """
    for what, venv, others in (
        ("test", ".venv", {"tiny": "1.0"}),
        ("bench", ".venv-bench", {"tiny": "1.0"}),
        ("official", ".venv-official", {}),
        ("docs", ".venv-docs", {}),
        ("package", ".venv-package", {}),
    ):
        done = copied.setup(what)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "+ " in done.stderr
        assert copied.installed(venv) == PINNED | others
        again = copied.setup(what)
        assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert copied.setup("demo").stderr == ""  # test includes it


def test_a_pin_that_is_missing_is_told(copied: Copy) -> None:
    """Where a package is not pinned the set-up fails, names it, and is not taken for done the next time; with the pin
    it goes on.
    """
    constraints = copied.root / "scripts" / "constraints" / "demo.txt"
    constraints.write_text("".join(copied.pins.splitlines(keepends=True)[:1]))
    for _ in range(2):
        done = copied.setup("demo", AIOINTERCOM_VENV=".venv-other")
        assert done.returncode == 1
        assert "alpha 1.0 requires beta" in done.stderr
    constraints.write_text(copied.pins)
    assert copied.setup("demo", AIOINTERCOM_VENV=".venv-other").returncode == 0
    assert copied.installed(".venv-other") == PINNED | {"tiny": "1.0"}
    assert not (copied.root / ".venv").exists()


def test_what_would_have_to_be_built_is_refused(copied: Copy) -> None:
    """A package without a wheel is an error: its build would fetch whatever is newest."""
    folder = copied.index / "gamma"
    (folder / "gamma-1.0-py3-none-any.whl").unlink()
    (folder / "gamma-1.0.tar.gz").write_bytes(b"")
    (folder / "index.html").write_text('<a href="gamma-1.0.tar.gz">gamma-1.0.tar.gz</a>')
    done = copied.setup("demo")
    assert done.returncode != 0
    assert "gamma==1.0" in done.stderr


@pytest.mark.parametrize("name", ["../repo", "/", "src", ".venv/..", ".venv x"])
def test_only_an_environment_is_ever_removed(copied: Copy, name: str) -> None:
    """A folder that cannot be an environment of this repo is refused before anything is done."""
    done = copied.setup("demo", AIOINTERCOM_VENV=name)
    assert (done.returncode, "AIOINTERCOM_VENV must be" in done.stderr) == (2, True)
    assert (copied.root / "pyproject.toml").exists()


def test_the_matrix_finds_every_interpreter_once(tmp_path: Path) -> None:
    """Interpreters are found on PATH and in a version manager's folder, each version once; names that do not work, and
    old ones, are passed over.
    """
    on_path, versions = tmp_path / "bin", tmp_path / "manager" / "versions"
    told = {
        on_path / "python3": "3.12.1 /one",
        on_path / "python3.12": "3.12.1 /two",
        on_path / "python3.13": None,
        versions / "3.13.0" / "bin" / "python3": "3.13.0 /three",
        versions / "3.9.1" / "bin" / "python3": "",
        versions / "3.11.10" / "bin" / "python3": "3.11.10 /four",
        versions / "3.11.9" / "bin" / "python3": "3.11.9 /five",
    }
    for path, says in told.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n" + ("exit 1\n" if says is None else f"echo {says}\n"))
        path.chmod(0o755)
    environment = {"PATH": f"{on_path}:/usr/bin:/bin", "HOME": str(tmp_path), "PYENV_ROOT": str(versions.parent)}
    command = ["bash", str(ROOT / "scripts" / "matrix"), "--list"]
    found = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.splitlines()
    assert [line for line in found if re.search("/(one|two|three|four|five)$", line)] == [
        "3.11.9 /five",
        "3.11.10 /four",
        "3.12.1 /one",
        "3.13.0 /three",
    ]
    ends = subprocess.run([*command, "--ends"], env=environment, capture_output=True, text=True, check=True).stdout
    assert len(ends.splitlines()) == 2
