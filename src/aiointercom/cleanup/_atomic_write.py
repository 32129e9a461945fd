"""Writes a plan or a report to a temporary file and renames it at the end, so that a kill leaves no partial file."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

Target = str | os.PathLike[str] | TextIO


def check_target(to: Target, *, overwrite: bool, through_links: bool = True) -> Path | None:
    """Return the path of a target; None: it is a stream.

    Args:
        to: A path, or a text stream.
        overwrite: Whether an existing file may be replaced.
        through_links: Whether a symbolic link is followed and stays a link, to the new file. Reports are not written
            through links: a user who may create a link there could have the report replace another user's file.

    Raises:
        FileExistsError: The file exists, and `overwrite` is False.
        OSError: The folder does not exist, or the target is not a regular file: renaming over a device would do harm.
    """
    if not isinstance(to, str | os.PathLike):
        return None
    named = Path(to)
    place = Path(os.path.realpath(named)) if through_links else Path(os.path.realpath(named.parent), named.name)
    if not place.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "no such folder", str(place.parent))
    if place.is_symlink():
        raise OSError(errno.ELOOP, "it is a symbolic link, and a report is not written through one", str(to))
    if place.exists() and not place.is_file():
        raise OSError(errno.EINVAL, "it is no file; to write to it, pass a text stream", str(to))
    if place.exists() and not overwrite:
        raise _exists(place)
    return place


@contextmanager
def atomic_write(to: Target, *, overwrite: bool, through_links: bool = True) -> Generator[TextIO]:
    """Open a file for writing.

    If the block ends without an error, the complete file is at its path; otherwise no file is.

    The arguments are those of `check_target`.

    Raises:
        FileExistsError: The file exists, or was created in the meantime, and `overwrite` is False.
        OSError: It cannot be written.
    """
    place = check_target(to, overwrite=overwrite, through_links=through_links)
    if place is None:
        assert not isinstance(to, str | os.PathLike)
        yield to
        to.flush()
        return
    handle, name = tempfile.mkstemp(prefix=".plan-", suffix=".part", dir=place.parent)
    beside = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _put(beside, place, overwrite=overwrite)
    finally:
        beside.unlink(missing_ok=True)


def _put(beside: Path, place: Path, *, overwrite: bool) -> None:
    if overwrite:
        beside.replace(place)
    else:
        _link(beside, place)
    # The name is durable once the folder is synchronized; a system that cannot open a folder (Windows) does not need
    # it.
    with suppress(OSError):
        folder = os.open(place.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _link(beside: Path, place: Path) -> None:
    """Rename the file unless its name is taken: a second plan must not silently replace the first."""
    try:
        place.hardlink_to(beside)
    except FileExistsError:
        raise _exists(place) from None
    except OSError:
        # A file system without hard links: a short time remains between the check and the renaming.
        if os.path.lexists(place):
            raise _exists(place) from None
        beside.rename(place)


def _exists(place: Path) -> FileExistsError:
    return FileExistsError(
        errno.EEXIST, "the file exists already, and is replaced only with overwrite=True", str(place)
    )
