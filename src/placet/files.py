"""Files that are there whole or not at all, and still there after a loss of power.

A program that was told that a file is written may find it gone, empty or half there once power was
lost: until the file and the folder that names it were flushed. Here it is done in this order: all
of it aside, flushed, given its name, and the folder flushed. A crash before the last step leaves
what was there before, and perhaps what was written aside, under a name that nobody reads.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["create", "make_folder", "move", "put"]


def put(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Put a file in place, whatever was there; once this returns, it survives a loss of power.

    Of several who do at once, each puts its own whole, and the last one's stays.

    Raises:
        OSError: it cannot be written; then what was there is there still, but for an error of the
            last step: then it may be either.
    """
    with _written_aside(path, data, mode) as aside:
        move(aside, path)


def create(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Make a file where there is none; once this returns, it survives a loss of power.

    Raises:
        FileExistsError: there is one, and it is left as it is.
        OSError: it cannot be written; then there is none.
    """
    with _written_aside(path, data, mode) as aside:
        _flush(aside)
        path.hardlink_to(aside)  # unlike a rename, it takes no other's place
    try:
        _flush(path.parent)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def move(aside: Path, path: Path) -> None:
    """Give what was written aside its name; once this returns, it survives a loss of power.

    A file takes the place of another one; a folder takes that of none, or of an empty one. What a
    folder holds has to be flushed before.

    Raises:
        OSError: it cannot be done.
    """
    _flush(aside)
    aside.replace(path)
    _flush(path.parent)


def make_folder(path: Path, *, mode: int = 0o777) -> None:
    """Make a folder, and those above it, where there is none; it survives a loss of power.

    Raises:
        OSError: it cannot be made, or is no folder.
    """
    missing = [each for each in (path, *path.parents) if not each.exists()]
    path.mkdir(mode=mode, parents=True, exist_ok=True)
    for each in reversed(missing):
        _flush(each.parent)


@contextmanager
def _written_aside(path: Path, data: bytes, mode: int) -> Iterator[Path]:
    """Write a file beside its place, under a name of its own, which is gone afterwards."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    try:
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(data)
        yield aside
    finally:
        aside.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    """Have what a file holds, or which names a folder has, on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
