"""What lies in deploy/ is true to the commands: programs, options and settings are real ones."""

from __future__ import annotations

import configparser
import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from typer.main import get_command

from placet.bootstrap import opened
from placet.cli.main import whole
from placet.store.cluster import ROLES
from placet.store.embedded import EmbeddedServer
from placet.store.errors import DatabaseError
from placet.store.migrating import migrate
from server_for_tests import Databases

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
PROGRAM = "/opt/placet/bin/placet"


def _parsed(arguments: list[str]) -> tuple[str, dict[str, Any]]:
    """Parse arguments as the command line does, and run nothing; return command and options."""
    name, *rest = arguments
    command = get_command(whole()).commands[name]
    return name, command.make_context(name, rest).params


def _run(unit: configparser.RawConfigParser) -> list[str]:
    """Return what a unit runs: the words of its ExecStart, as systemd and a shell read it."""
    words = shlex.split(unit["Service"]["ExecStart"].replace("%%", "%").replace("$$", "$"))
    assert "%" not in words[0]
    if words[:2] != ["/bin/sh", "-c"]:
        return words
    said = words[2].replace("exec ", "printf '%s\\n' ", 1)
    done = subprocess.run(["/bin/sh", "-c", said], check=True, capture_output=True, text=True)
    return done.stdout.split()


def _unit(path: Path) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str
    parser.read(path)
    return parser


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_starts_a_real_command_with_real_options(path: Path) -> None:
    """Proves that each ExecStart is parsed by the command line as it is now."""
    unit = _unit(path)
    program, *arguments = _run(unit)
    assert program == PROGRAM
    name, options = _parsed(arguments)
    assert path.name.startswith(("placet-" + name, "placet-" + str(options.get("only") or name)))
    assert unit["Service"]["User"].startswith("placet-")
    assert unit["Service"]["NoNewPrivileges"] == "yes"


@pytest.mark.parametrize("name", ["sequencer", "prepare", "pages", "work"])
def test_a_unit_is_tried_until_its_database_is_back(name: str) -> None:
    """Proves that no number of starts in vain ends in a service that stays down."""
    unit = _unit(DEPLOY / f"placet-{name}.service")
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"
    assert unit["Service"]["Restart"] == "on-failure"


def _folders() -> dict[str, str]:
    """Return the folders that are made at the guide's word, each with its owner."""
    lines = (DEPLOY / "placet.tmpfiles").read_text().splitlines()
    made = [each.split() for each in lines if each.startswith("d ")]
    return {path: owner for _, path, _, owner, _ in made}


def test_a_backup_is_written_where_its_unit_may_write() -> None:
    """Proves that the file lies in a folder that is made for its user, named by a moment."""
    unit = _unit(DEPLOY / "placet-backup.service")["Service"]
    _, options = _parsed(_run(_unit(DEPLOY / "placet-backup.service"))[1:])
    output = options["output"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d{6}Z\.backup", output.name)
    assert str(output.parent) == unit["ReadWritePaths"]
    assert _folders()[str(output.parent)] == unit["User"]
    timer = _unit(DEPLOY / "placet-backup.timer")
    assert (timer["Timer"]["Persistent"], timer["Install"]["WantedBy"]) == ("yes", "timers.target")


def test_every_user_of_a_unit_is_made() -> None:
    """Proves that the users that units and folders name are those that the guide makes."""
    made = set(re.findall(r"^u (\S+) ", (DEPLOY / "placet.sysusers").read_text(), re.MULTILINE))
    assert {_unit(path)["Service"]["User"] for path in UNITS} == made
    assert set(_folders().values()) <= {*made, "root"}


def test_the_system_makes_these_users(tmp_path: Path) -> None:
    """Proves that systemd takes every line: it skips one that it cannot read, and its user."""
    program = shutil.which("systemd-sysusers")
    if program is None:
        pytest.skip("systemd-sysusers is absent: apt-get install systemd, to have users made")
    asked = tmp_path / "etc" / "sysusers.d" / "placet.conf"
    asked.parent.mkdir(parents=True)
    shutil.copy(DEPLOY / "placet.sysusers", asked)
    done = subprocess.run([program, f"--root={tmp_path}"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    made = {line.split(":")[0] for line in (tmp_path / "etc" / "passwd").read_text().splitlines()}
    assert {_unit(path)["Service"]["User"] for path in UNITS} <= made


def _told(root: Path) -> dict[str, dict[str, str]]:
    """Return what the guide writes into each file below /etc/placet."""
    page = (root / "docs" / "how-to" / "deploy.md").read_text()
    found: dict[str, dict[str, str]] = {}
    for name, text in re.findall(
        r"^# (/etc/placet/\S+), for [^\n]*\n(.*?)(?=\n\n|\n```)", page, re.MULTILINE | re.DOTALL
    ):
        found[name] = dict(each.split("=", 1) for each in text.splitlines() if "=" in each)
        for other in re.findall(r"the lines of (\S+\.env)", text):
            found[name] |= found[f"/etc/placet/{other}"]
    return found


def _commands(root: Path) -> dict[str, tuple[dict[str, str], list[str]]]:
    """Return what the guide has systemd run by hand: its environment, and the words of Placet."""
    page = (root / "docs" / "how-to" / "deploy.md").read_text().replace("\\\n", " ")
    found = {}
    for line in re.findall(r"^systemd-run .*$", page, re.MULTILINE):
        before, _, after = line.partition(f" {PROGRAM} ")
        environ: dict[str, str] = {}
        for file in re.findall(r"--property=EnvironmentFile=(\S+)", before):
            environ |= _told(root)[file]
        environ |= dict(re.findall(r"--setenv=(\w+)=(\S+)", before))
        found[after.split()[0]] = (environ, shlex.split(after))
    return found


def test_beginning_as_the_guide_says_has_every_role_connect_as_itself(root: Path) -> None:
    """Proves that no role tries the password of another, and the keys are the sequencer's.

    Each verifies the server by a file that is named: users without a home have no other.
    """
    environ, words = _commands(root)["begin"]
    assert _parsed(words)[0] == "begin"
    for url in (each for name, each in environ.items() if name.startswith("DATABASE_URL")):
        assert Path(conninfo_to_dict(url)["sslrootcert"]).is_absolute()
    assert conninfo_to_dict(environ["DATABASE_URL"])["user"] == "placet_owner"
    for role in ("act", "read", "sequencer"):
        named = conninfo_to_dict(environ[f"DATABASE_URL_{role.upper()}"])
        assert named["user"] == f"placet_{role}"
    unit = _unit(DEPLOY / "placet-sequencer.service")["Service"]
    assert unit["Environment"] == f"PLACET_KEYS={environ['PLACET_KEYS']}"
    pages, account = _commands(root)["account"]
    assert _parsed(account)[0] == "account"
    assert (
        pages == _told(root)[_unit(DEPLOY / "placet-pages.service")["Service"]["EnvironmentFile"]]
    )


def test_a_role_that_cannot_connect_is_named_before_keys_are_made(
    server: EmbeddedServer, tmp_path: Path
) -> None:
    """Proves that beginning names the variable that is wrong or missing, and leaves no keys."""
    databases = Databases(server)
    url = databases.new("unreached")
    keys = tmp_path / "keys"
    environ = {"PLACET_DATA": str(tmp_path), "PLACET_KEYS": str(keys)}
    environ["DATABASE_URL"] = url("placet_owner")
    nowhere = url("placet_read").replace("unreached", "no-such-database")
    try:
        with (
            pytest.raises(DatabaseError, match=r"placet_read cannot connect.*DATABASE_URL_READ\."),
            opened({**environ, "DATABASE_URL_READ": nowhere}, new_origin="example.gov/placet"),
        ):
            pytest.fail("It began.")
        assert not keys.exists()
    finally:
        databases.drop()


def test_a_database_that_keeps_no_text_is_refused_as_that(server: EmbeddedServer) -> None:
    """Proves that one without an encoding is named, where its roles were said to be missing."""
    name = "bytes-only"
    with psycopg.connect(server.url("placet_owner"), autocommit=True) as connection:
        connection.execute(
            f"CREATE DATABASE \"{name}\" ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0"
        )
        try:
            with pytest.raises(DatabaseError, match=r"keeps text as SQL_ASCII.*ENCODING 'UTF8'"):
                migrate(server.url("placet_owner", name))
        finally:
            connection.execute(f'DROP DATABASE "{name}"')
    assert re.search(
        r"^CREATE DATABASE placet .*ENCODING 'UTF8'",
        (DEPLOY / "roles.sql").read_text(),
        re.MULTILINE,
    )


def test_only_the_sequencer_is_told_of_keys() -> None:
    """Proves that one unit alone names the folder of keys, and runs as a user of its own."""
    told = {path.name for path in UNITS if "PLACET_KEYS" in path.read_text()}
    assert told == {"placet-sequencer.service"}
    users = {path.name: _unit(path)["Service"]["User"] for path in UNITS}
    assert list(users.values()).count(users["placet-sequencer.service"]) == 1


def test_units_and_image_name_settings_that_are_read(root: Path) -> None:
    """Proves that every variable in deploy/ stands on the page of settings."""
    page = (root / "docs" / "reference" / "settings.md").read_text()
    for path in DEPLOY.iterdir():
        for name in re.findall(r"\bPLACET_[A-Z_]+", path.read_text()):
            assert name in page, (path.name, name)


def test_the_image_runs_a_real_command() -> None:
    """Proves that entry point and command of the image are parsed by the command line."""
    text = (DEPLOY / "Containerfile").read_text()
    entry, command = (
        json.loads(re.search(rf"^{word} (\[.*\])$", text, re.MULTILINE)[1])
        for word in ("ENTRYPOINT", "CMD")
    )
    assert entry == [PROGRAM]
    name, options = _parsed(command)
    assert (name, str(options["only"])) == ("serve", "pages")
    for copied in re.findall(r"^COPY (.*) \S+$", text, re.MULTILINE):
        assert all((DEPLOY.parent / each).exists() for each in copied.split())


def test_the_proxy_sets_what_the_pages_believe() -> None:
    """Proves that scheme, address and id come from the proxy, and figures stay inside."""
    text = (DEPLOY / "nginx.conf").read_text()
    for header in ("X-Forwarded-Proto https", "X-Forwarded-For $remote_addr", "Host $host"):
        assert f"proxy_set_header {header};" in text
    assert "X-Request-Id $request_id" in text
    assert _unit(DEPLOY / "placet-pages.service")["Service"]["Environment"] == "PLACET_PROXIES=1"
    assert re.search(r"location ~ \^/\(metrics\|readyz\)\$ \{ return 404; \}", text)
    assert text.count("{") == text.count("}")


def test_the_roles_are_those_of_the_schema(server: EmbeddedServer) -> None:
    """Proves that the statements make every role, and let a database be migrated by its owner."""
    text = (DEPLOY / "roles.sql").read_text()
    assert set(re.findall(r"CREATE ROLE (\w+)", text)) == set(ROLES)
    databases = Databases(server)
    url = databases.new("by-roles")
    try:
        with psycopg.connect(url("placet_owner"), autocommit=True) as connection:
            for statement in re.findall(r"^(?:REVOKE|GRANT) [^;]*", text, re.MULTILINE):
                connection.execute(statement.replace(" placet ", ' "by-roles" '))
        assert migrate(url("placet_owner"))
    finally:
        databases.drop()
