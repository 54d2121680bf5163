"""Several files as one to download: a tar archive (POSIX ustar), written as it goes out."""

from __future__ import annotations

import tarfile
from collections.abc import Iterable, Iterator
from datetime import datetime

__all__ = ["archived"]


def archived(files: Iterable[tuple[str, bytes]], folder: str, at: datetime) -> Iterator[bytes]:
    """Yield an archive of files, in their order, within a folder of its own.

    One file is held at a time, however many there are. It says of nobody who made it.

    Args:
        files: path and bytes of each.
        folder: in which they come when it is unpacked.
        at: when they are said to be from.
    """
    for path, data in files:
        member = tarfile.TarInfo(f"{folder}/{path}")
        member.size, member.mtime = len(data), int(at.timestamp())
        yield member.tobuf(tarfile.USTAR_FORMAT) + data + bytes(-len(data) % tarfile.BLOCKSIZE)
    yield bytes(2 * tarfile.BLOCKSIZE)
