"""The oldest PostgreSQL that the documents promise: the story is played on it, and audited."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from placet.store.errors import RolesError
from placet.store.migrating import make_roles
from placet.store.structure import differences

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
ACCOUNT = "postgres"

NAMED = {
    "ALTER ROLE placet_read BYPASSRLS": (
        "The database has the role placet_read otherwise than migrations lay it: exempt from"
        " row-level security"
    ),
    "GRANT pg_read_all_data TO placet_read": (
        "The database has the role placet_read otherwise than migrations lay it: has the rights of"
        " pg_read_all_data"
    ),
    "ALTER ROLE placet_read SET placet.viewer_audit = 'on'": (
        "No migration lays the setting placet.viewer_audit of placet_read that the database has:"
        " placet.viewer_audit=on"
    ),
    "ALTER TABLE body OWNER TO placet_act": (
        "The database has the table body otherwise than migrations lay it: of placet_act, row-level"
        " security, forced"
    ),
    "CREATE ROLE everybody; GRANT CREATE ON SCHEMA public TO everybody": (
        "The database has the rights of everybody on schema public otherwise than migrations lay"
        " it: CREATE; USAGE"
    ),
    "ALTER TABLE document DISABLE TRIGGER ALL": (
        "The database has the trigger of the constraint document_ticket_fkey of document otherwise"
        " than migrations lay it: D"
    ),
}
"""What the administrator of a server may do besides, and what an audit says of it."""


@contextmanager
def _server(root: Path) -> Iterator[str]:
    """Run the server as the documents have its administrator set it up; yield the owner's URL."""
    if not (PROGRAMS / "initdb").is_file():
        pytest.skip("PostgreSQL 15 is not installed; on Debian: apt-get install postgresql-15")
    with tempfile.TemporaryDirectory(prefix="placet-15-") as name:
        top = Path(name)
        user = None
        if os.geteuid() == 0:  # which the server refuses to run as
            user = pwd.getpwnam(ACCOUNT).pw_uid
            os.chown(top, user, -1)

        def run(program: str, *arguments: str, said: str | None = None) -> None:
            done = subprocess.run(
                [PROGRAMS / program, *arguments],
                user=user,
                input=said,
                cwd=top,
                capture_output=said is not None,
                stdout=None if said is not None else subprocess.DEVNULL,
                text=True,
                check=False,
            )
            assert done.returncode == 0, (program, done.stderr)

        run("initdb", "-D", "data", "-U", ACCOUNT, "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-c listen_addresses= -c unix_socket_directories={top} -c fsync=off"
        run("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", options, "start")
        try:
            roles = (root / "deploy" / "roles.sql").read_text().replace("'…'", "'word'")
            run("psql", "-h", name, "-U", ACCOUNT, "-v", "ON_ERROR_STOP=1", said=roles)
            yield f"postgresql://placet_owner@/placet?host={name}"
        finally:
            run("pg_ctl", "-D", "data", "-w", "-m", "immediate", "stop")


def test_the_story_is_played_and_audited_on_postgresql_15(root: Path, tmp_path: Path) -> None:
    """Every statement of an act, of numbering, of lists and of the audit is one that 15 knows.

    At its end the administrator grants a role another's rights, or those of one that comes with
    the server: each is named, and nothing starts.
    """
    with _server(root) as url:
        kept = {name: each for name, each in os.environ.items() if "DATABASE_URL" not in name}
        environ = {**kept, "PLACET_DATA": str(tmp_path / "data"), "DATABASE_URL": url}

        def placet(*arguments: str) -> str:
            done = subprocess.run(
                [sys.executable, "-m", "placet", *arguments],
                env=environ,
                cwd=root,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            return done.stdout

        assert "Everything follows" in placet("demo")
        key = tmp_path / "data" / "demo-keys" / "secretary"
        placet("sign-in", "secretary", "--key", str(key))
        assert "decide" in placet("inbox")
        with psycopg.connect(url.replace("placet_owner", ACCOUNT)) as connection:
            assert list(differences(connection)) == []
            for statement, says in NAMED.items():
                with connection.transaction(force_rollback=True):
                    connection.execute(statement.encode())
                    assert f"{says}." in differences(connection)
            make_roles(connection)
            connection.execute("CREATE ROLE between IN ROLE placet_act")
            for also in ("placet_owner", "pg_read_all_data", "between"):
                with connection.transaction(force_rollback=True):
                    connection.execute(SQL("GRANT {} TO placet_read").format(Identifier(also)))
                    with pytest.raises(RolesError, match="placet_read: has the rights of"):
                        make_roles(connection)
