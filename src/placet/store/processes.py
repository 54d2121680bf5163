"""Starting the programs of PostgreSQL as the right user, with nothing inherited by accident.

PostgreSQL refuses to run as root, and so should everything that parses what others send: started
as root, every process of the server runs as `postgres`, or as `nobody` where there is none.
"""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from placet.store import supervisor
from placet.store.errors import ServerError

__all__ = ["Account", "our_account", "run", "run_client", "server_account", "start_supervisor"]

_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath}
_UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the operating system."""

    name: str
    user: int
    group: int


def our_account() -> Account:
    """The user that Placet runs as: the only one whom the server lets in.

    Raises:
        ServerError: the user has no name, so that the server could not recognise it.
    """
    try:
        entry = pwd.getpwuid(os.geteuid())
    except KeyError as error:
        raise ServerError(
            f"user id {os.geteuid()} has no name on this machine; PostgreSQL knows its user by "
            "name. Add the user to /etc/passwd, or set DATABASE_URL"
        ) from error
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def server_account() -> Account:
    """The user that the server runs as: ours, or an unprivileged one when we are root.

    Raises:
        ServerError: we are root and there is no unprivileged user, or we have no name.
    """
    if os.geteuid() != 0:
        return our_account()
    for name in _UNPRIVILEGED:
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise ServerError(
        "PostgreSQL does not run as root, and this machine has neither a user postgres nor nobody. "
        "Run Placet as an ordinary user, or set DATABASE_URL"
    )


def run(command: list[str], account: Account, *, held: int, say: str = "") -> None:
    """Run a program to its end as `account`, with `say` as its input.

    `held` is the lock's file descriptor: whatever becomes of us, the cluster stays locked until
    the program has ended too.

    Raises:
        ServerError: the program cannot be run, or reports failure; the text carries its words.
    """
    drop = account.user != os.geteuid()
    try:
        done = subprocess.run(
            command,
            input=say,
            capture_output=True,
            check=False,
            text=True,
            errors="replace",
            cwd="/",
            env=_ENVIRONMENT,
            umask=0o077,
            pass_fds=(held,),
            user=account.user if drop else None,
            group=account.group if drop else None,
            extra_groups=[] if drop else None,
        )
    except OSError as error:
        raise ServerError(f"{command[0]}: cannot be run: {error.strerror}") from error
    if done.returncode:
        raise ServerError(
            f"{Path(command[0]).name} failed (exit code {done.returncode}): {done.stderr.strip()}"
        )


def start_supervisor(
    command: list[str], account: Account, logs: Path, *, held: int
) -> subprocess.Popen[bytes]:
    """Start the supervisor with the server's `command`; both end when this process ends.

    It has a session of its own, so that Ctrl-C in a terminal reaches Placet alone, which then
    stops the server in good order. It holds the lock `held` from now on, and so does the server.
    """
    script = [sys.executable, "-I", "-S", supervisor.__file__]
    who = [str(os.getpid()), str(account.user), str(account.group), str(logs)]
    return subprocess.Popen(
        [*script, *who, *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=_ENVIRONMENT,
        pass_fds=(held,),
        start_new_session=True,
    )


def run_client(command: list[str], password: str | None) -> None:
    """Run a client program of PostgreSQL to its end; the password is in nobody's list of processes.

    Raises:
        ServerError: the program cannot be run, or reports failure; the text carries its words.
    """
    environ = {**_ENVIRONMENT, **({"PGPASSWORD": password} if password else {})}
    try:
        done = subprocess.run(
            command, capture_output=True, check=False, text=True, errors="replace", env=environ
        )
    except OSError as error:
        raise ServerError(f"{command[0]}: cannot be run: {error.strerror}") from error
    if done.returncode:
        said = done.stderr.strip()[-2000:]
        raise ServerError(f"{Path(command[0]).name} failed (exit code {done.returncode}): {said}")
