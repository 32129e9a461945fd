"""A copy of what the bump works on, so that tests can change it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Copy:
    """A copy of openapi/, generated/ and scripts/, with the commands that work on them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ("openapi", "generated", "scripts"):
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        (root / ".venv").symlink_to(sys.prefix)
        shutil.copy(ROOT / "pyproject.toml", root)  # ruff reads the line length from here, and it is part of the output
        shutil.copy(ROOT / "CHANGELOG.md", root)

    @property
    def fragment(self) -> Path:
        """The one fragment."""
        (found,) = self.root.glob("openapi/intercom-*.yaml")
        return found

    def edit(self, path: Path, old: str, new: str) -> None:
        """Replace one text that is there."""
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def compare(self, *arguments: object, code: int = 0) -> str:
        """Run scripts/compare here."""
        return self.run([sys.executable, "-m", "scripts.comparing", *map(str, arguments)], code)

    def run(self, command: list[str], code: int = 0) -> str:
        """Run a command here; give all that it prints."""
        environment = {
            **os.environ,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
            "PYTHONPATH": os.pathsep.join(map(str, (self.root, self.root / "src", self.root / "generated"))),
            "PYTHONDONTWRITEBYTECODE": "1",
            "AIOINTERCOM_VENV": ".venv",
        }
        done = subprocess.run(command, cwd=self.root, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr
