"""Prints the floors of pyproject.toml as exact pins, for `scripts/matrix --floors`.

Extras and what the build needs included.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PYPROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"
REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?\s*>=\s*([0-9][0-9.]*)")


def requirements(pyproject: dict[str, Any]) -> Iterator[str]:
    """Name all that the project requires, but not itself, which an extra may name to include another."""
    project = pyproject["project"]
    extras = project["optional-dependencies"].values()
    for requirement in [
        *project["dependencies"],
        *(one for extra in extras for one in extra),
        *pyproject["build-system"]["requires"],
    ]:
        if not requirement.startswith(f"{project['name']}["):
            yield requirement


def floors(pyproject: dict[str, Any]) -> dict[str, str]:
    """Return each requirement's floor by its name.

    Raises:
        ValueError: A requirement has no floor, or another one where it is named again.
    """
    found: dict[str, str] = {}
    for requirement in requirements(pyproject):
        matched = REQUIREMENT.match(requirement)
        if matched is None:
            raise ValueError(f"{requirement} has no floor")
        name, floor = matched.groups()
        if found.setdefault(name, floor) != floor:
            raise ValueError(f"{requirement} is named with another floor as well: {found[name]}")
    return found


if __name__ == "__main__":
    for name, floor in floors(tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))).items():
        print(f"{name}=={floor}")
