"""The small process between Placet and its PostgreSQL: the server never outlives Placet.

It is run as a script, with nothing but the standard library, because it gives up root's
privileges first and may not reach the files of Placet afterwards:

    python -I -S supervisor.py PARENT USER GROUP LOGS COMMAND…

- When Placet ends, however it ends, the parent of this process changes: fast shutdown.
- On SIGTERM: fast shutdown.
- When this process itself is killed, the kernel sends the server SIGINT: fast shutdown.
- All that the server says goes to a log of bounded size.

File descriptors that Placet left open on purpose (the lock of the cluster) go on to the server.
Signals: PostgreSQL documentation, "Shutting Down the Server".
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

__all__ = ["LARGEST_LOG", "LOG_NAME", "Log", "supervise"]

LARGEST_LOG = 4 * 1024 * 1024
"""Bytes after which the log is put aside as `server.log.1`; at most twice as many are kept."""

LOG_NAME = "server.log"

_LOOK = 0.25  # seconds between two looks at whether the parent is still there
_FAST = 20.0  # seconds that a fast shutdown may take before an immediate one
_IMMEDIATE = 5.0  # seconds that an immediate shutdown may take before SIGKILL
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_LIBC = ctypes.CDLL(None, use_errno=True)


class Log:
    """A file that is put aside as `<name>.1` when it has grown to `largest` bytes."""

    def __init__(self, folder: Path, largest: int = LARGEST_LOG) -> None:
        self._path = folder / LOG_NAME
        self._largest = largest
        self._file = self._path.open("ab", buffering=0)

    def write(self, said: bytes) -> None:
        """Add `said` to the end of the log."""
        if self._file.tell() + len(said) > self._largest:
            self._file.close()
            self._path.replace(self._path.with_name(f"{LOG_NAME}.1"))
            self._file = self._path.open("ab", buffering=0)
        self._file.write(said)

    def close(self) -> None:
        """Close the file; nothing is lost, as nothing is buffered."""
        self._file.close()


class _Shutdown:
    """A shutdown that becomes more insistent: fast, then immediate, then SIGKILL."""

    def __init__(self, server: subprocess.Popen[bytes]) -> None:
        self._server = server
        self._steps = [
            (0.0, signal.SIGINT),
            (_FAST, signal.SIGQUIT),
            (_FAST + _IMMEDIATE, signal.SIGKILL),
        ]
        self._began: float | None = None

    def begin(self) -> None:
        """Ask the server to end; asking again changes nothing."""
        if self._began is None:
            self._began = time.monotonic()
            self.insist()

    def insist(self) -> None:
        """Send the signals that are due."""
        while (
            self._began is not None
            and self._steps
            and time.monotonic() - self._began >= self._steps[0][0]
        ):
            self._server.send_signal(self._steps.pop(0)[1])


def supervise(parent: int, log: Log, command: list[str]) -> int:
    """Run `command` until it ends, or until process `parent` is no longer ours; its exit code."""
    listen, say = os.pipe()
    supervisor = os.getpid()
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=say,
        stderr=say,
        close_fds=False,
        preexec_fn=lambda: _end_with(supervisor),
    ) as server:
        os.close(say)
        shutdown = _Shutdown(server)
        signal.signal(signal.SIGTERM, lambda _signal, _frame: shutdown.begin())
        while _write_down(listen, log, server):
            if os.getppid() != parent:
                shutdown.begin()
            shutdown.insist()
        return server.wait()


def _write_down(listen: int, log: Log, server: subprocess.Popen[bytes]) -> bool:
    """Write down what the server says in the next moment; false when there is no more to come."""
    ready, _, _ = select.select([listen], [], [], _LOOK)
    if not ready:
        return server.poll() is None
    said = os.read(listen, 65536)
    log.write(said)
    return bool(said)


def _end_with(supervisor: int) -> None:
    """Have the kernel send SIGINT when the supervisor is no more; runs in the server's process."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)
    if os.getppid() != supervisor:  # it went before the kernel knew
        os._exit(1)


def _become(user: int, group: int) -> None:
    """Give up root's privileges, for good; nothing to do when we are that user already."""
    if user != os.geteuid():
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)
    os.umask(0o077)
    os.chdir("/")


def _main(parent: str, user: str, group: str, logs: str, *command: str) -> int:
    """Read the command line of the script and supervise."""
    _become(int(user), int(group))
    log = Log(Path(logs))
    code = supervise(int(parent), log, list(command))
    log.close()
    return code


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
