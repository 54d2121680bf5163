"""A register for one test, and the command line in it: as processes would run it, in this one.

The demonstration is played once into a database, and each test gets a copy: of the database, of
the keys, of the session. Commands find it by `PLACET_DATA` and `DATABASE_URL`; every one opens
the register, does one thing, and closes it.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typer.main import get_command

from placet.bootstrap import opened
from placet.cli.demo import FolderKeyring
from placet.registry import written
from waiting import PATIENCE

for each in ("store", "ledger", "permit"):
    sys.path.append(str(Path(__file__).resolve().parent.parent / each))

__all__ = ["DECISION", "USE", "Done", "Register", "placet", "ssh_keygen", "write_key"]

command_line = importlib.import_module("placet.cli.main")
DECISION = (
    *("--party", "US", "--office", "us/secdef", "--verdict", "approve"),
    *("--because", "a military object", "--disclosed", "The United States agrees."),
    *("--provisos", "{at-most: 2, text: two missiles at most}"),
)
"""What the Secretary says of four missiles."""
USE = (
    *("--line", "missiles", "--area", "RU-KRS"),
    *("--target", "military.depot", "--purpose", "defence.strike", "--recipient", "none"),
)
"""The use of which a report says that it was made."""


@dataclass(frozen=True)
class Done:
    """What a command printed, where to, and with which code it ended."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """What it printed, as JSON."""
        return json.loads(self.out)


@cache
def _built() -> Any:
    """Build the command line once: that takes longer than most of what it does."""
    return get_command(command_line.whole())


def placet(environment: Mapping[str, str], *arguments: object) -> Done:
    """Run the command line as a process would, with its own environment and output."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        for name in [each for each in os.environ if each.startswith(("PLACET_DATA", "DATABASE_"))]:
            patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setenv("COLUMNS", "200")
        patch.setattr(os, "cpu_count", lambda: 1)  # an audit in this process starts no others
        patch.setattr(command_line, "app", _built())
        patch.setattr(command_line, "whole", _built)
        patch.setattr(sys, "argv", ["placet", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            command_line._run()
    code = ended.value.code
    assert code is None or isinstance(code, int), code
    return Done(code or 0, out.getvalue(), err.getvalue())


@dataclass(frozen=True)
class Register:
    """A register by its data folder and its database; `scenario` is what it began with."""

    data: Path
    url: str
    scenario: Path
    environment: dict[str, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.environment.update(PLACET_DATA=str(self.data), DATABASE_URL=self.url)

    def copy(self, data: Path, url: str) -> Register:
        """Return a copy in another folder, with another database, which is a copy already."""
        shutil.copytree(self.data, data)
        return Register(data, url, self.scenario)

    def run(self, *arguments: object) -> Done:
        """Run a command, however it ends."""
        return placet(self.environment, *arguments)

    def do(self, *arguments: object) -> str:
        """Run a command that must succeed; return what it printed."""
        done = self.run(*arguments)
        assert done.code == 0, (arguments, done)
        return done.out

    def ask(self, *arguments: object) -> Any:
        """Run a command that must succeed; return what it says as JSON."""
        return json.loads(self.do(*arguments, "--json"))

    def refused(self, *arguments: object, code: int = 1) -> str:
        """Run a command that must be refused, writing nothing to the log; return why."""
        before = self.size
        done = self.run(*arguments)
        assert (done.code, done.out) == (code, ""), (arguments, done)
        assert self.size == before
        return done.err

    def key(self, person: str) -> Path:
        """Return the file of a person's key."""
        return self.data / "demo-keys" / person

    def sign_in(self, person: str) -> None:
        """Have a person sign in at this terminal."""
        self.do("sign-in", person, "--key", self.key(person))

    def signed(self, person: str) -> tuple[str, Path]:
        """Return the option by which a person signs an act."""
        return "--sign-with", self.key(person)

    @property
    def size(self) -> int:
        """How many entries are recorded, with a number or without."""
        with psycopg.connect(self.url) as connection:
            (found,) = connection.execute("SELECT count(*) FROM entry").fetchone() or (0,)
        return int(found)

    def entries(self, kind: str) -> list[int]:
        """Return the places in the log of the acts of a kind."""
        with opened(self.environment) as installation:
            return [
                each.index
                for each in installation.house.reading.entries()
                if each.body is not None and each.body.shown["kind"] == kind
            ]

    def found(self, index: int) -> Any:
        """Return what the act of an entry found, as the log has it."""
        with opened(self.environment) as installation:
            entry = next(installation.house.reading.entries(index, index + 1))
            assert entry.body is not None
            return entry.body.shown["payload"]["found"]

    def leaf(self, index: int) -> bytes:
        """Return the public leaf of an entry."""
        with opened(self.environment) as installation:
            return next(installation.house.reading.entries(index, index + 1)).leaf

    def log_key(self) -> str:
        """Return the public key of the log, as a line."""
        return f"{self.do('keys', 'show').splitlines()[0]}\n"

    # --- steps that several tests need

    def submitted(self, request: str = "atacms-in-russia") -> str:
        """Have the applicant file a request, and the desk determine it; return the case."""
        self.sign_in("marchenko")
        file = self.scenario / "requests" / f"{request}.yaml"
        case: str = self.ask("case", "submit", file)["case"]
        self.sign_in("whitfield")
        self.do("case", "determine", case)
        return case

    def decided(self) -> str:
        """Have a request advised on and decided; return the case."""
        case = self.submitted()
        self.sign_in("hart")
        advice = ("--office", "us/usd-policy", "--stance", "consider", "--says", "Two, no more.")
        self.do("case", "advise", case, *advice)
        self.sign_in("secretary")
        self.do("case", "decide", case, *DECISION, *self.signed("secretary"))
        return case

    def permitted(self) -> tuple[str, str]:
        """Have a permit issued; return its case and its own reference."""
        case = self.decided()
        self.sign_in("whitfield")
        done = self.ask("permit", "issue", case, *self.signed("whitfield"))
        return case, done["act"]["permit"]

    def appoint(self, person: str, office: str) -> None:
        """Have a person appointed, with a key that is made for them."""
        public = write_key(self.key(person))
        self.sign_in("lindqvist")
        now, why = self.now(), ("--because", "needed", *self.signed("lindqvist"))
        about = ("--person", person, "--name", person.title(), "--office", office, "--from", now)
        self.do("office", "appoint", "--official", f"{person}-1", *about, *why)
        held = ("--person", person, "--public", public, "--from", now)
        self.do("keys", "register", "--key", f"{person}-1", *held, *why)

    def now(self) -> str:
        """Return the present moment, as an option has it."""
        with opened(self.environment) as installation:
            return written(installation.house.clock.now())


def write_key(path: Path) -> str:
    """Write a new private key for a person; return the public one as a `.pub` file has it."""
    return FolderKeyring(path.parent).public(path.name)


def ssh_keygen(*arguments: object, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run the real ssh-keygen; skip where there is none."""
    program = shutil.which("ssh-keygen")
    if program is None:
        pytest.skip("ssh-keygen is absent: install OpenSSH to have statements signed and checked")
    command = [program, *map(str, arguments)]
    return subprocess.run(command, input=given, capture_output=True, timeout=PATIENCE, check=False)
