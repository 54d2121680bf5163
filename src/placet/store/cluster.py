"""One cluster of PostgreSQL on disk: how it is made, what its settings are, who may enter.

    home/                   ours; the server may read it, not change it
    ├── lock                who has the cluster; held by every process of the server
    ├── postgresql.conf     written anew at every start, like the two below
    ├── pg_hba.conf         our user, by `peer`, to the five roles; nobody else
    ├── pg_ident.conf
    ├── data/               the cluster itself, of the server's user
    └── logs/               what the server said, of bounded size

No superuser can connect: what needs one (`alone`) is done in single-user mode while the server is
down. Settings and rules lie outside `data`, so that the server cannot change its own.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from placet import files
from placet.store.binaries import MAJOR
from placet.store.errors import ServerError
from placet.store.folder import PRIVATE
from placet.store.processes import Account, run
from placet.store.supervisor import LOG_NAME

__all__ = ["DATABASE", "PORT", "ROLES", "Cluster", "Role", "closed_to_strangers"]

Role = Literal["placet_owner", "placet_act", "placet_read", "placet_worker", "placet_sequencer"]

ROLES: tuple[Role, ...] = get_args(Role)
"""The roles that may connect, none of them a superuser; `placet_owner` owns the database."""

DATABASE = "placet"

PORT = "5432"
"""Names the socket's file (`.s.PGSQL.5432`); the server listens on no network."""

_SUPERUSER = "postgres"
_FIRST_DATABASE = "postgres"
_LAST_LINES = 12  # of the log, in an error

_SETTINGS = {
    "listen_addresses": "",
    "port": PORT,
    "unix_socket_permissions": "0700",
    "allow_alter_system": "off",
    "max_connections": "120",
    "shared_buffers": "128MB",
    "max_wal_size": "256MB",
    "wal_level": "replica",
    "max_wal_senders": "0",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    # A log is read by more people than the database: it names what failed, and no values.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}

_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def closed_to_strangers(database: str) -> tuple[str, ...]:
    """The statements after which only our roles may connect to `database`, each on one line.

    Performed by its owner. PostgreSQL lets everybody connect to a new database, and create
    temporary tables in it.
    """
    return (
        f'REVOKE ALL ON DATABASE "{database}" FROM PUBLIC',
        f'GRANT CONNECT ON DATABASE "{database}" TO {", ".join(ROLES)}',
    )


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster in `home`, run by `account` with the programs of the folder `programs`.

    `durable=False` is for tests: a crash of the machine may then lose everything.
    """

    home: Path
    account: Account
    programs: Path
    durable: bool = True

    @property
    def data(self) -> Path:
        """The cluster itself; there only once it is complete."""
        return self.home / "data"

    @property
    def logs(self) -> Path:
        """The folder of what the server says."""
        return self.home / "logs"

    @property
    def command(self) -> list[str]:
        """The command that runs the server in the foreground."""
        settings = f"config_file={self.home / 'postgresql.conf'}"
        return [str(self.programs / "postgres"), "-D", str(self.data), "-c", settings]

    def make(self, say: Callable[[str], None], *, held: int) -> None:
        """Make the cluster, its roles and its database, if it is not there.

        It is made aside and renamed when complete: a half-made one is thrown away and made again.

        Raises:
            ServerError: a program of PostgreSQL failed, or another major version made the cluster.
        """
        if self.data.exists():
            self._check_version()
            return
        say(f"Preparing the database in {self.home}: once, a few seconds.")
        aside = self.home / "data.new"
        if aside.exists():
            shutil.rmtree(aside)
        self._folder(aside)
        run(self._initdb(aside), self.account, held=held)
        self.alone(_birth(), held=held, data=aside)
        files.move(aside, self.data)
        say("The database is prepared.")

    def alone(self, statements: Iterable[str], *, held: int, data: Path | None = None) -> None:
        """Perform statements as superuser while the server is down, each on one line.

        Raises:
            ServerError: a statement failed; those before it are done.
        """
        command = [str(self.programs / "postgres"), "--single", "-D", str(data or self.data)]
        settings = {"exit_on_error": "on", **({} if self.durable else _NOT_DURABLE)}
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        script = "".join(f"{statement};\n" for statement in statements)
        run([*command, _FIRST_DATABASE], self.account, held=held, say=script)

    def ready_to_start(self, sockets: Path, client: Account) -> None:
        """Write settings and rules, and remove what a crash left; the lock is held.

        Raises:
            ServerError: a server that Placet did not start runs on this cluster.
        """
        if not self.logs.exists():
            self._folder(self.logs)
        self._remove_stale_pid()
        rules = [f"local all {','.join(ROLES)} peer map=placet", "local all all reject"]
        names = [f'placet "{client.name}" {role}' for role in ROLES]
        places = {
            "unix_socket_directories": f'"{sockets}"',
            "hba_file": str(self.home / "pg_hba.conf"),
            "ident_file": str(self.home / "pg_ident.conf"),
        }
        settings = _SETTINGS | places | ({} if self.durable else _NOT_DURABLE)
        self._write("pg_hba.conf", rules)
        self._write("pg_ident.conf", names)
        self._write("postgresql.conf", _lines(settings))

    def is_ready(self) -> bool:
        """Whether the server says that it takes connections (line 8 of `postmaster.pid`)."""
        lines = self._pid_lines()
        return len(lines) >= 8 and lines[7].startswith("ready")

    def last_words(self) -> str:
        """The last lines of the server's log, to say in an error why it did not start."""
        log = self.logs / LOG_NAME
        if not log.exists():
            return ""
        return "\n".join(log.read_text(errors="replace").splitlines()[-_LAST_LINES:])

    def _initdb(self, folder: Path) -> list[str]:
        """The command that fills an empty folder; what we do not set, version 18 sets well."""
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        safe = ["--data-checksums", "--auth=reject", f"--username={_SUPERUSER}"]
        quick = [] if self.durable else ["--no-sync"]
        where = ["--encoding=UTF8", "--no-instructions", "-D", str(folder)]
        return [str(self.programs / "initdb"), *locale, *safe, *quick, *where]

    def _check_version(self) -> None:
        """Refuse a cluster of another major version: its files mean something else."""
        marker = self.data / "PG_VERSION"
        version = marker.read_text().strip() if marker.exists() else "(no version)"
        if version != MAJOR:
            raise ServerError(
                f"{self.data}: was made by PostgreSQL {version}, and this Placet brings {MAJOR}, "
                "which cannot read it. Run it with the Placet that made it, dump it with pg_dump, "
                "move the folder away, and load the dump here"
            )

    def _remove_stale_pid(self) -> None:
        """Remove the `postmaster.pid` of a server that crashed.

        PostgreSQL would take any process of the same user with that number for a living server,
        and in a container numbers repeat. Holding the lock, we know that no server of ours is
        alive; a server that somebody else started on the folder has it as its working folder.
        """
        lines = self._pid_lines()
        if not lines:
            return
        process = lines[0].strip()
        if _working_folder(process) == self.data.resolve():
            raise ServerError(
                f"{self.data}: process {process}, a PostgreSQL that Placet did not start, runs on "
                f"it. Stop it: kill -INT {process}"
            )
        (self.data / "postmaster.pid").unlink()

    def _pid_lines(self) -> list[str]:
        """The lines of `postmaster.pid`; none when there is no such file."""
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _folder(self, folder: Path) -> None:
        """Make an empty folder that only the server's user may enter."""
        folder.mkdir(mode=PRIVATE)
        if self.account.user != os.geteuid():
            os.chown(folder, self.account.user, self.account.group)

    def _write(self, name: str, lines: Iterable[str]) -> None:
        """Write one of the files that the server reads and cannot change."""
        path = self.home / name
        path.write_text("".join(f"{line}\n" for line in lines))
        path.chmod(0o644)


def _birth() -> list[str]:
    """The statements that a new cluster begins with: roles, database, closed doors."""
    roles = [f"CREATE ROLE {role} LOGIN" for role in ROLES]
    database = f"CREATE DATABASE {DATABASE} OWNER placet_owner"
    others = [f"REVOKE ALL ON DATABASE {name} FROM PUBLIC" for name in ("postgres", "template1")]
    return [*roles, database, *closed_to_strangers(DATABASE), *others]


def _lines(settings: Mapping[str, str]) -> list[str]:
    """The lines of `postgresql.conf`; a quote inside a value is doubled."""
    quoted = {name: value.replace("'", "''") for name, value in settings.items()}
    return [f"{name} = '{value}'" for name, value in quoted.items()]


def _working_folder(process: str) -> Path | None:
    """The folder that a process works in; none if there is no such process, or it is not ours."""
    try:
        return Path("/proc", process, "cwd").readlink()
    except (FileNotFoundError, PermissionError):
        return None
