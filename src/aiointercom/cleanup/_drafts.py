"""A plan or a report while it is written: beside its place, and renamed at the end, so that nothing that was killed leaves half a file behind."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

Target = str | os.PathLike[str] | TextIO


def checked_place(to: Target, *, overwrite: bool, through_links: bool = True) -> Path | None:
    """Return the place of a file; None for a stream.

    Args:
        to: A path, or a text stream.
        overwrite: Whether a file that is there may be replaced.
        through_links: Whether a symbolic link is followed and stays a link, to a new file. A report is not written through one: whoever may
            put a link there could choose a file of somebody else's that the report then replaces.

    Raises:
        FileExistsError: A file is there, and `overwrite` is False.
        OSError: There is no such folder, or what is there is no file: renaming over a device would do harm.
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
def drafted(to: Target, *, overwrite: bool, through_links: bool = True) -> Generator[TextIO]:
    """Open a file for writing. If it ends without an error, the file is on the disk, whole, at its place; else nothing is.

    What is passed means what it means to `checked_place`.

    Raises:
        FileExistsError: A file is there, or came meanwhile, and `overwrite` is False.
        OSError: It cannot be written.
    """
    place = checked_place(to, overwrite=overwrite, through_links=through_links)
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
    # The name is durable once the folder is; what cannot open a folder (Windows) needs no such thing.
    with suppress(OSError):
        folder = os.open(place.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _link(beside: Path, place: Path) -> None:
    """Give the file its name unless another has it: of two plannings to one place the second must not win unseen."""
    try:
        place.hardlink_to(beside)
    except FileExistsError:
        raise _exists(place) from None
    except OSError:
        # A file system without hard links: a moment remains between the look and the renaming.
        if os.path.lexists(place):
            raise _exists(place) from None
        beside.rename(place)


def _exists(place: Path) -> FileExistsError:
    return FileExistsError(
        errno.EEXIST, "a file is there already, and is replaced only with overwrite=True", str(place)
    )
