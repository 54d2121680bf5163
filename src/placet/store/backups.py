"""Making a backup: all of one database as of one moment, while work goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from placet import files
from placet.errors import OutputError, QuestionError
from placet.ledger import Checkpoint
from placet.store.backup_files import KEY_FILES, pack
from placet.store.binaries import client_programs, wheel_programs
from placet.store.connections import Database, one
from placet.store.errors import DatabaseError
from placet.store.keys import Keys
from placet.store.processes import run_client

__all__ = ["back_up", "end_of", "run_on"]


def back_up(url: str, output: Path, at: datetime, keys: Keys | None = None) -> Checkpoint:
    """Write a backup; return the newest checkpoint that it has.

    Args:
        url: the database, as its owner.
        output: the file, which is not there yet.
        at: the moment, for the manifest.
        keys: the keys, where they are to be in it.

    Raises:
        QuestionError: the file is there, or the log has not begun.
        OutputError: the file cannot be written.
        StoreError: the database cannot be reached, or not all of it be read.
    """
    if output.exists():
        raise QuestionError(f"{output} is there already; a backup replaces nothing.")
    if not output.absolute().parent.is_dir():
        raise OutputError(f"{output.absolute().parent} is not a folder.")
    with TemporaryDirectory(prefix=".placet-backup-", dir=output.absolute().parent) as folder:
        dump, aside = Path(folder) / "database", Path(folder) / "backup"
        with _snapshot(url) as (connection, snapshot):
            note, log_keys = end_of(connection)
            options = ("--format=custom", "--no-owner", "--enable-row-security")
            sessions = "--exclude-table-data=web.django_session"
            at_once = (sessions, f"--snapshot={snapshot}", f"--file={dump}")
            run_on(connection, url, "pg_dump", *options, *at_once)
        made = pack(aside, note, log_keys, dump, dict(_key_files(keys)), at)
        files.move(aside, output)
    return made


def end_of(connection: psycopg.Connection) -> tuple[bytes, str]:
    """Return the newest checkpoint and the log's keys, once it is sure that all can be read.

    Raises:
        DatabaseError: some of it cannot.
        QuestionError: the log has not begun.
    """
    entries, bodies = one(
        connection.execute("SELECT (SELECT count(*) FROM entry), (SELECT count(*) FROM body)")
    )
    if entries != bodies:
        raise DatabaseError(
            f"Of {entries} entries only {bodies} bodies can be read: this user is bound by "
            "row-level security, or bodies are missing. Connect as placet_owner, and audit the log."
        )
    row = connection.execute("SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1").fetchone()
    if row is None:
        raise QuestionError("The log has not begun: there is nothing to keep.")
    keys = connection.execute(
        "SELECT key FROM signing_key WHERE use = 'log' AND NOT next ORDER BY key"
    ).fetchall()
    return row[0], "".join(f"{key}\n" for (key,) in keys)


def run_on(connection: psycopg.Connection, url: str, program: str, *arguments: str) -> None:
    """Run a client program of PostgreSQL on a database, over a line no less private than ours.

    The programs that come along speak no TLS: where the connection does, those of the machine run,
    and are told to.

    Args:
        connection: ours to the same database.
        url: by which it was made.
        program: its name.
        arguments: what it is to do.

    Raises:
        ServerError: it is not there, or failed; the text carries its words.
    """
    parts = {key: each for key, each in conninfo_to_dict(url).items() if each is not None}
    password = parts.pop("password", None)
    folder = wheel_programs()
    if connection.pgconn.ssl_in_use:
        folder = client_programs(program)
        parts |= _privacy(connection)
    where = f"--dbname={make_conninfo('', **parts)}"
    command = [str(folder / program), where, *arguments]
    run_client(command, str(password) if password is not None else None)


def _privacy(connection: psycopg.Connection) -> dict[str, str]:
    """Return what a connection was told of TLS, also by the environment; and that it must be."""
    told = ((each.keyword.decode(), each.val) for each in connection.pgconn.info)
    said = {name: each.decode() for name, each in told if name in _PRIVACY and each}
    if said.get("sslmode") not in _DEMANDING:
        said["sslmode"] = "require"
    return said


_PRIVACY = frozenset({"sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl"})
_DEMANDING = frozenset({"require", "verify-ca", "verify-full"})


@contextmanager
def _snapshot(url: str) -> Iterator[tuple[psycopg.Connection, str]]:
    """Hold the database as it is at one moment, for others to read as well."""
    with closing(Database(url)) as database, database.connection() as connection:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield connection, str(one(connection.execute("SELECT pg_export_snapshot()"))[0])
        connection.execute("ROLLBACK")


def _key_files(keys: Keys | None) -> Iterator[tuple[str, bytes]]:
    """Yield the keys' files; the folder is checked as at every use."""
    if keys is not None:
        keys.signer()
        for name in KEY_FILES:
            if (keys.folder / name).is_file():
                yield name, (keys.folder / name).read_bytes()
