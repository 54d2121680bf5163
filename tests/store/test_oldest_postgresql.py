"""The oldest PostgreSQL that the documents promise: the story is played on it, and audited.

It speaks TLS, as the one that comes along does not: backups are tried over that as well.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from psycopg.sql import SQL, Identifier

from placet.store.errors import RolesError
from placet.store.migrating import make_roles
from placet.store.structure import differences
from server_for_tests import free_port

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
def _server(root: Path, port: int | None = None) -> Iterator[str]:
    """Run the server as the documents have its administrator set it up; yield the owner's URL.

    With a port it is reached there, over TLS alone.
    """
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
        options = f"-c unix_socket_directories={top} -c fsync=off -c listen_addresses="
        if port is not None:
            _certify(top / "data", user)
            options += f"localhost -c port={port} -c ssl=on"
        run("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", options, "start")
        try:
            roles = (root / "deploy" / "roles.sql").read_text().replace("'…'", "'word'")
            here = ("-h", name, "-p", str(port or 5432))
            run("psql", *here, "-U", ACCOUNT, "-v", "ON_ERROR_STOP=1", said=roles)
            if port is None:
                yield f"postgresql://placet_owner@/placet?host={name}"
            else:
                by = f"sslmode=verify-full&sslrootcert={top / 'data' / 'server.crt'}"
                yield f"postgresql://placet_owner@localhost:{port}/placet?{by}"
        finally:
            run("pg_ctl", "-D", "data", "-w", "-m", "immediate", "stop")


def _certify(data: Path, user: int | None) -> None:
    """Give a server a certificate for `localhost`, and let nobody in but over TLS."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    form, secret = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    kept = {"server.crt": certificate.public_bytes(pem)}
    kept["server.key"] = key.private_bytes(pem, form, secret)
    for file, data_ in kept.items():
        (data / file).write_bytes(data_)
        (data / file).chmod(0o600)
        if user is not None:
            os.chown(data / file, user, -1)
    (data / "pg_hba.conf").write_text("local all all trust\nhostssl all all localhost trust\n")


def _placet(environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "placet", *arguments],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_backup_is_made_and_put_back_over_tls(root: Path, tmp_path: Path) -> None:
    """Where the server lets nobody in but over TLS, as the guide has it, so go dump and restore."""
    if shutil.which("pg_dump", path=os.defpath) is None:
        pytest.skip("PostgreSQL's client programs are not installed: postgresql-client")
    with _server(root, free_port()) as url:
        kept = {name: each for name, each in os.environ.items() if "DATABASE_URL" not in name}
        environ = {**kept, "PLACET_DATA": str(tmp_path / "data"), "DATABASE_URL": url}
        file = tmp_path / "monday.backup"
        for arguments in (("demo",), ("backup", "--output", str(file))):
            done = _placet(environ, *arguments)
            assert done.returncode == 0, done.stderr
        administrator = url.replace("placet_owner", ACCOUNT)
        with psycopg.connect(administrator, autocommit=True) as connection:
            connection.execute("CREATE DATABASE again OWNER placet_owner TEMPLATE template0")
        again = {**environ, "DATABASE_URL": url.replace("/placet?", "/again?")}
        for arguments in (("restore", str(file)), ("audit",)):
            done = _placet(again, *arguments)
            assert done.returncode == 0, done.stderr
        assert "Everything follows" in done.stdout


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
