"""The embedded PostgreSQL: a real server for one data folder, on a machine that has none.

It listens on no network, lets in nobody but the user that Placet runs as, never as superuser, and
ends with the process that started it. The programs come from a wheel; nothing is installed. Linux
only: that the server ends with us, and that a crash leaves nothing in the way, rests on its kernel.

Where things lie:

- An ordinary user: the cluster is `cluster/` in the data folder.
- Root: PostgreSQL does not run as root, and the user it runs as cannot enter root's folders. We
  open nobody's folder. Programs and clusters lie in `/var/lib/placet-server`, which belongs to
  root, and `cluster` in the data folder is a link to its own. **Back up both.** A container that
  runs as root needs both on a volume; one that runs as an ordinary user needs the data folder.
- The socket is in a folder of the server's user with a short name, as the path of a socket is
  limited to 107 bytes (`man 7 unix`): in `XDG_RUNTIME_DIR` (root: `/run`), else the temporary
  folder. Its name follows from the cluster's, so that a server's URL stays the same.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

from placet.store import lock
from placet.store.binaries import open_copy, wheel_programs
from placet.store.cluster import DATABASE, PORT, Cluster, Role
from placet.store.errors import ServerError
from placet.store.folder import PRIVATE, own_folder
from placet.store.processes import Account, our_account, server_account, start_supervisor

__all__ = ["CLUSTER", "SYSTEM_FOLDER", "EmbeddedServer"]

SYSTEM_FOLDER = Path("/var/lib/placet-server")
"""Where programs and clusters lie when Placet runs as root; not used otherwise."""

CLUSTER = "cluster"
"""The cluster in a data folder, or the link to it."""

_LONGEST_SOCKET = 103  # bytes: 107 on Linux, fewer on other systems
_PATIENCE = 300.0  # seconds: recovery after a crash reads up to max_wal_size
_PAUSE = 0.005  # seconds
_LONG = 2.0  # seconds after which a start is worth a word


class EmbeddedServer:
    """The server of one data folder, from `start` to `stop`; also a context manager.

    Not for several threads at once. Child processes are handed `url(role)`; they neither start
    nor stop it. When this process ends, however it ends, the server ends within seconds.

    `say` is told what takes long. `durable=False` is for tests only: it trades the promise that
    what is committed survives for speed. `system_folder` matters to root only.
    """

    def __init__(
        self,
        folder: Path,
        *,
        say: Callable[[str], None] = lambda _: None,
        durable: bool = True,
        system_folder: Path = SYSTEM_FOLDER,
    ) -> None:
        self._folder = folder.absolute()
        self._say = say
        self._durable = durable
        self._system_folder = system_folder
        self._cluster: Cluster | None = None
        self._supervisor: subprocess.Popen[bytes] | None = None
        self._process = 0  # the one that started the supervisor

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def cluster(self) -> Cluster:
        """The cluster of the data folder, its home made if it was not there.

        Raises:
            ServerError: there is no PostgreSQL, or no user to run it, or the cluster is gone.
            DataFolderError: a folder cannot be made or trusted.
        """
        if sys.platform != "linux":
            raise ServerError(
                f"the embedded PostgreSQL runs on Linux, and this is {sys.platform}. Set "
                "DATABASE_URL to a PostgreSQL of your own"
            )
        if self._cluster is None:
            place = own_folder(self._folder) / CLUSTER
            if os.geteuid() == 0:
                programs = open_copy(self._system_folder)
                home = _home_elsewhere(place, self._system_folder)
            else:
                programs = wheel_programs()
                home = own_folder(place)
            self._cluster = Cluster(home, server_account(), programs, self._durable)
        return self._cluster

    def start(self) -> None:
        """Make the cluster if need be, and run the server until it takes connections.

        What an earlier crash left is cleared up, and what was committed is recovered.

        Raises:
            ServerError: another process has the cluster, or the server does not start; the text
                carries the end of its log.
            DataFolderError: a folder cannot be made or trusted.
        """
        cluster = self.cluster()
        held = lock.take(cluster.home / "lock", self.url("placet_owner"))
        with ExitStack() as undo:
            # The server's processes hold the lock from here on; a child that this process forks
            # later must not.
            undo.callback(os.close, held)
            cluster.make(self._say, held=held)
            sockets = _socket_folder(cluster)
            cluster.ready_to_start(sockets, our_account())
            _make_socket_folder(sockets, cluster.account)
            self._process = os.getpid()
            self._supervisor = start_supervisor(
                cluster.command, cluster.account, cluster.logs, held=held
            )
        with ExitStack() as undo:
            undo.callback(self.stop)
            self._await(cluster, self._supervisor)
            undo.pop_all()

    def stop(self) -> None:
        """Stop the server in good order; nothing to do when it does not run.

        In a forked child, whose copy of this object it is, nothing happens: the server is the
        parent's.
        """
        supervisor, self._supervisor = self._supervisor, None
        if supervisor is None or self._process != os.getpid():
            return
        with supervisor:
            supervisor.terminate()
        cluster = self.cluster()
        held = lock.try_to_take(cluster.home / "lock")
        if held is None:  # somebody started it again already, and uses the socket's folder
            return
        with ExitStack() as undo:
            undo.callback(os.close, held)
            if (sockets := _socket_folder(cluster)).exists():
                shutil.rmtree(sockets)

    @property
    def is_running(self) -> bool:
        """Whether the server that this object started still runs."""
        return self._supervisor is not None and self._supervisor.poll() is None

    def must_run(self) -> None:
        """Make sure that the server runs still.

        Raises:
            ServerError: it ended by itself, or its supervisor did; the text carries its last words.
        """
        if self._supervisor is not None and not self.is_running:
            cluster = self.cluster()
            raise ServerError(
                f"{cluster.home}: PostgreSQL ended, or was killed.\n{cluster.last_words()}\n"
                f"Its whole log is in {cluster.logs}. Start again: what was committed is recovered"
            )

    def running_elsewhere(self) -> str | None:
        """The URL by which the owner reaches the server, if another process runs it.

        Raises:
            ServerError: there is no PostgreSQL, or no user to run it, or the cluster is gone.
            DataFolderError: a folder cannot be made or trusted.
        """
        return lock.running(self.cluster().home / "lock")

    def url(self, role: Role, database: str = DATABASE) -> str:
        """The URL by which `role` connects, for libpq and whatever builds on it.

        It stays the same from start to start. It holds no secret: the server asks the operating
        system who connects. `requirepeer` has the client ask the same about the server.
        """
        cluster = self.cluster()
        where = {"host": str(_socket_folder(cluster)), "port": PORT}
        return f"postgresql://{role}@/{database}?" + urlencode(
            where | {"requirepeer": cluster.account.name}
        )

    def _await(self, cluster: Cluster, supervisor: subprocess.Popen[bytes]) -> None:
        """Wait until the server takes connections.

        Raises:
            ServerError: it ended, or it took too long.
        """
        began = time.monotonic()
        worth_a_word = True
        while not cluster.is_ready():
            if supervisor.poll() is not None or time.monotonic() - began > _PATIENCE:
                raise ServerError(
                    f"{cluster.home}: PostgreSQL does not start.\n{_words(cluster, supervisor)}\n"
                    f"Its whole log is in {cluster.logs}"
                )
            if worth_a_word and time.monotonic() - began > _LONG:
                self._say(f"The database is recovering from a crash; its log is {cluster.logs}.")
                worth_a_word = False
            time.sleep(_PAUSE)


def _words(cluster: Cluster, supervisor: subprocess.Popen[bytes]) -> str:
    """Why it does not start, in the words of the server, or of its supervisor."""
    if supervisor.poll() is None or supervisor.stderr is None:
        return cluster.last_words()
    return supervisor.stderr.read().decode(errors="replace") or cluster.last_words()


def _home_elsewhere(link: Path, system_folder: Path) -> Path:
    """The folder that `link` points to: a cluster's home outside root's own folders.

    The home has a random name, and only the link leads to it: a data folder that was deleted and
    made again gets a new cluster, never the one of the lost keys.

    Raises:
        ServerError: the cluster is not where the link points, or `link` is not a link.
        DataFolderError: a folder cannot be made, or others could change it.
    """
    if not os.path.lexists(link):
        shelf = own_folder(own_folder(system_folder, 0o755) / "clusters", 0o711)
        home = Path(tempfile.mkdtemp(prefix="", dir=shelf))
        home.chmod(0o711)
        (home / "belongs-to").write_text(f"{link.parent}\n")
        try:
            link.symlink_to(home)
        except FileExistsError:  # another process was quicker
            shutil.rmtree(home)
    if not link.is_symlink():
        raise ServerError(
            f"{link}: was made for another user than root. Run Placet as that user, or set "
            "PLACET_DATA to another folder"
        )
    home = link.readlink()
    if not home.is_dir():
        raise ServerError(
            f"{link}: the database of this data folder was in {home}, and is not there. Put it "
            "back from a backup; or, to begin again with an empty one, remove the link"
        )
    return own_folder(home)


def _socket_folder(cluster: Cluster) -> Path:
    """The folder of the server's socket: short, and always the same for one cluster.

    Raises:
        ServerError: every place for it has too long a path.
    """
    root = os.geteuid() == 0
    name = f"placet-{hashlib.sha256(os.fsencode(cluster.home)).hexdigest()[:16]}"
    for base in ("/run" if root else os.environ.get("XDG_RUNTIME_DIR", ""), tempfile.gettempdir()):
        place = Path(base) / name
        short = len(os.fsencode(place / f".s.PGSQL.{PORT}")) <= _LONGEST_SOCKET
        if Path(base).is_absolute() and short and os.access(base, os.W_OK | os.X_OK):
            return place
    raise ServerError(
        f"{tempfile.gettempdir()}: too long a path, or not writable: no place for the server's "
        f"socket, whose path may have {_LONGEST_SOCKET} bytes. Set TMPDIR to a short path"
    )


def _make_socket_folder(folder: Path, account: Account) -> None:
    """Make the folder of the socket, or empty the one that we made; the lock is held.

    A crash leaves the socket and a file with a process number, which PostgreSQL would take for
    that of a living server if there is any process with that number.

    Raises:
        ServerError: somebody else made it, or could put a socket of theirs into it.
    """
    try:
        folder.mkdir(mode=PRIVATE)
    except FileExistsError:
        pass
    else:
        os.chown(folder, account.user, account.group)
    found = folder.lstat()
    if (found.st_mode, found.st_uid) != (stat.S_IFDIR | PRIVATE, account.user):
        raise ServerError(
            f"{folder}: is in the way: the folder of the server's socket must belong to "
            f"{account.name} alone, with mode 0700. Find out who made it, and remove it"
        )
    for left in folder.iterdir():
        left.unlink()
