"""Who has the cluster: one lock, held by every process of the server, that says who took it.

The lock is `flock` on a file, so a crash of any kind gives it back. It goes on to the supervisor
and to each process of PostgreSQL: while it is taken, something of a server is still alive.
"""

from __future__ import annotations

import fcntl
import os
import time
from datetime import UTC, datetime
from pathlib import Path

from placet.store.errors import ServerError

__all__ = ["running", "take", "try_to_take"]

_PATIENCE = 30.0  # seconds for what a dead owner left behind to end by itself
_PAUSE = 0.02  # seconds


def take(path: Path, url: str) -> int:
    """The file descriptor of the lock, taken for this process; `url` is what others are told.

    When the process that took it is gone, its server is ending: that is waited for.

    Raises:
        ServerError: another process has it; the text names the process and its server.
    """
    patience = time.monotonic() + _PATIENCE
    while (held := try_to_take(path)) is None:
        process, since, running = _holder(path)
        if process and _is_alive(process):
            raise ServerError(
                f"{path.parent}: the database is already running, for process {process}, since "
                f"{since}. Wait until that process has ended, or use its server: "
                f"DATABASE_URL='{running}'"
            )
        if time.monotonic() > patience:
            raise ServerError(
                f"{path.parent}: something of an earlier server is still running, though the "
                f"process that started it is gone. End what `fuser {path}` lists, and try again"
            )
        time.sleep(_PAUSE)
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    os.truncate(held, 0)
    os.pwrite(held, f"{os.getpid()}\n{now}\n{url}\n".encode(), 0)
    return held


def try_to_take(path: Path) -> int | None:
    """The file descriptor of the lock if it was free; close it to give the lock back.

    Raises:
        ServerError: the lock cannot be opened: its folder is read-only, or it is no file.
    """
    try:
        held = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise ServerError(
            f"{path}: cannot be opened for writing: {error.strerror}; without it two servers could "
            "run on one database. Make its folder writable for the user that Placet runs as, or "
            "set PLACET_DATA to another folder"
        ) from error
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(held)
        return None
    return held


def running(path: Path) -> str | None:
    """The URL of the server that a living process has the lock for; None where none has.

    Raises:
        ServerError: the lock cannot be opened.
    """
    if (held := try_to_take(path)) is not None:
        os.close(held)
        return None
    process, _, url = _holder(path)
    return url if process and _is_alive(process) else None


def _holder(path: Path) -> tuple[int, str, str]:
    """Process, moment and URL that the lock names; process 0 while they are being written."""
    match path.read_text().splitlines():
        case [process, since, url]:
            return int(process), since, url
    return 0, "", ""


def _is_alive(process: int) -> bool:
    """Whether there is such a process, ours or not."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
