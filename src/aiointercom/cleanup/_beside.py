"""A file that appears whole or not at all: written beside its place, and renamed when it is complete."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import BinaryIO


@contextmanager
def written_beside(path: str | PathLike[str]) -> Generator[BinaryIO, None, None]:
    """Open a file that takes the place of `path` at the end, on the disk for good; if anything is raised before, nothing is left behind."""
    place = Path(path)
    beside = place.with_name(f".{place.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(place)
    finally:
        beside.unlink(missing_ok=True)
