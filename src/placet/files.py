"""Files that are there whole or not at all, and still there after a loss of power.

A program that was told that a file is written may find it gone, empty or half there once power was
lost: until the file and the folder that names it were flushed. Here it is done in this order: all
of it aside, flushed, given its name, and the folder flushed. A crash before the last step leaves
what was there before; what was written aside is written over the next time.
"""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["create", "move", "put"]


def put(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Put a file in place, whatever was there; once this returns, it survives a loss of power.

    Raises:
        OSError: it cannot be written; then what was there is there still, but for an error of the
            last step: then it may be either.
    """
    aside = path.with_name(f".{path.name}.new")
    _write(aside, data, os.O_TRUNC, mode)
    move(aside, path)


def create(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Make a file where there is none; once this returns, it survives a loss of power.

    Raises:
        FileExistsError: there is one, and it is left as it is.
        OSError: it cannot be written; then there is none.
    """
    _write(path, data, os.O_EXCL, mode)
    try:
        _flush(path)
        _flush(path.parent)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def move(aside: Path, path: Path) -> None:
    """Give what was written aside its name; once this returns, it survives a loss of power.

    A file takes the place of another one; a folder takes that of none, or of an empty one.

    Raises:
        OSError: it cannot be done.
    """
    _flush(aside)
    aside.replace(path)
    _flush(path.parent)


def _write(path: Path, data: bytes, how: int, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | how, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def _flush(path: Path) -> None:
    """Have what a file holds, or which names a folder has, on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
