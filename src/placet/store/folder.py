"""The data folder: where Placet keeps its keys and its database on this machine."""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Mapping
from pathlib import Path

from placet import files
from placet.store.errors import DataFolderError

__all__ = ["PRIVATE", "data_folder", "named_folder", "own_folder"]

PRIVATE = 0o700
"""The mode of a folder that nobody but its owner may enter."""

_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH


def data_folder(environ: Mapping[str, str]) -> Path:
    """The data folder that this environment names, made and checked.

    Raises:
        DataFolderError: it cannot be made, is not ours, or others could change it.
    """
    return own_folder(named_folder(environ))


def named_folder(environ: Mapping[str, str]) -> Path:
    """The data folder that this environment names, whether it is there or not.

    `PLACET_DATA` if set; else, for root, `/var/lib/placet`; else `placet` in the user's data
    directory: `XDG_DATA_HOME` (XDG Base Directory Specification: only if absolute), or
    `~/.local/share`.

    Raises:
        DataFolderError: the user has no home.
    """
    if chosen := environ.get("PLACET_DATA"):
        return Path(chosen).absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/placet")
    directory = Path(environ.get("XDG_DATA_HOME", ""))
    if not directory.is_absolute():
        directory = _home(environ) / ".local" / "share"
    return directory / "placet"


def own_folder(folder: Path, mode: int = PRIVATE) -> Path:
    """`folder`, made with `mode` if it is not there, once it is certain that only we can change it.

    Raises:
        DataFolderError: it cannot be made, is no folder, belongs to someone else, or its group
            or everybody may write to it.
    """
    try:
        if not folder.exists():
            files.make_folder(folder, mode=PRIVATE)
            folder.chmod(mode)
        found = folder.stat()
    except OSError as error:
        raise DataFolderError(
            f"{folder}: cannot be used as a folder: {error.strerror}. "
            "Set PLACET_DATA to a folder that you may write to"
        ) from error
    if not stat.S_ISDIR(found.st_mode):
        raise DataFolderError(f"{folder}: is not a folder. Set PLACET_DATA to a folder of yours")
    if found.st_uid != os.geteuid():
        raise DataFolderError(
            f"{folder}: belongs to user id {found.st_uid}, and Placet runs as {os.geteuid()}; its "
            "owner could read and change everything. Run as its owner, or set PLACET_DATA to a "
            "folder of yours"
        )
    if found.st_mode & _OTHERS_MAY_WRITE:
        raise DataFolderError(
            f"{folder}: its mode {stat.S_IMODE(found.st_mode):04o} lets other users write to it; "
            f"they could change everything. Run: chmod go-w '{folder}'"
        )
    return folder


def _home(environ: Mapping[str, str]) -> Path:
    """The user's home: `HOME`, else what the system's list of users says."""
    if home := environ.get("HOME"):
        return Path(home)
    try:
        return Path(pwd.getpwuid(os.geteuid()).pw_dir)
    except KeyError as error:
        raise DataFolderError(
            f"user id {os.geteuid()} has no home: neither HOME nor the system's list of users "
            "names one. Set PLACET_DATA to a folder that you may write to"
        ) from error
