"""Builds the site into a folder and checks its links: `python -m scripts.site FOLDER`."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from .links import broken
from .pages import ROOT, URLS, write, write_for_models

BUILD = ROOT / ".site"
"""Where the pages are put together; it is made anew each time."""


def main(target: Path) -> int:
    """Write the pages, build them, check every link, and put the result in place. Returns the exit status."""
    write(BUILD)
    command = [sys.executable, "-m", "zensical", "build", "--clean", "--strict", "--config-file", "zensical.toml"]
    if subprocess.run(command, cwd=BUILD, check=False).returncode:
        return 1
    write_for_models(BUILD / "html")
    if lost := broken(BUILD / "html", URLS["Documentation"]):
        print("links that lead nowhere:", *lost, sep="\n  ", file=sys.stderr)
        return 1
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(BUILD / "html", target)
    print(f"wrote {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
