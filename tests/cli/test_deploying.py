"""What lies in deploy/ is true to the commands: programs, options and settings are real ones."""

from __future__ import annotations

import configparser
import json
import re
import shlex
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typer.main import get_command

from placet.cli.main import whole
from placet.store.cluster import ROLES
from placet.store.embedded import EmbeddedServer
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


def _unit(path: Path) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str
    parser.read(path)
    return parser


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_starts_a_real_command_with_real_options(path: Path) -> None:
    """Proves that each ExecStart is parsed by the command line as it is now."""
    unit = _unit(path)
    program, *arguments = shlex.split(unit["Service"]["ExecStart"])
    assert program == PROGRAM
    name, options = _parsed(arguments)
    assert path.name.startswith(("placet-" + name, "placet-" + str(options.get("only") or name)))
    assert unit["Service"]["User"].startswith("placet-")
    assert unit["Service"]["NoNewPrivileges"] == "yes"


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
