"""The world of `register`: a durable server for the run, logs in it, and invented people who act.

Every log is opened as any installation is, by `placet.bootstrap`, on a database of its own. Only
the million entries that a log is to have before anything is measured come in bulk: whole entries
and bodies, put among those that wait for a number, which the next act then numbers like any others.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from placet.bootstrap import Installation, opened
from placet.evidence import PublicKey, SshEvidence, sign_statement
from placet.ledger import Body, Entry, seal
from placet.operations.acting.act import Signing, act
from placet.operations.acting.beginning import begin, merge, plain_of
from placet.operations.acting.signing_in import open_session
from placet.operations.demonstration.playing import PlayedClock
from placet.operations.house import House, SignedIn
from placet.operations.ports import Acknowledgement
from placet.registry import read
from placet.review import command_of
from placet.store import lock
from placet.store.cluster import closed_to_strangers
from placet.store.embedded import EmbeddedServer

__all__ = ["AT", "ORIGIN", "Log", "Server", "fill", "new_log", "server"]

ORIGIN = "bench.placet.example/log"
AT = datetime(2025, 7, 3, 9, tzinfo=UTC)
SCENARIO = Path(__file__).resolve().parent.parent / "scenarios" / "ukraine-long-range"
REQUEST = SCENARIO / "requests" / "atacms-in-russia.yaml"
_GRANTED = (
    "ALTER ROLE placet_owner CREATEDB",
    "GRANT SET ON PARAMETER commit_delay TO placet_owner",
)
_PART = 10_000
"""Entries that are brought in with one statement."""
_DIFFERENT = 100
"""How many of them differ: sealing a million would take minutes, and a tree does not care."""


@dataclass(frozen=True)
class Server:
    """A running server and the folder on whose disk it keeps everything."""

    folder: Path
    embedded: EmbeddedServer

    def new_database(self, name: str, pause: float = 0) -> None:
        """Make an empty database; each sync for a commit in it takes so many seconds longer."""
        slowly = (
            f"ALTER DATABASE {name} SET commit_delay = {pause * 1e6:.0f}",
            f"ALTER DATABASE {name} SET commit_siblings = 0",
        )
        with psycopg.connect(self.embedded.url("placet_owner"), autocommit=True) as connection:
            made = (f"CREATE DATABASE {name}", *closed_to_strangers(name))
            for statement in (*made, *(slowly if pause else ())):
                connection.execute(statement.encode())

    def cpu(self) -> float:
        """Return the seconds that the processes of the server have run so far."""
        data, total = self.embedded.cluster().data, 0
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if (process / "cwd").readlink() == data:
                    total += int((process / "schedstat").read_text().split()[0])
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue  # it ended meanwhile, or is not ours
        return total / 1e9


@contextmanager
def server() -> Iterator[Server]:
    """Run a durable server in a temporary folder, which is removed afterwards."""
    top = Path(tempfile.mkdtemp(prefix="placet-bench-"))
    top.chmod(0o755)  # the server may run as another user than we do
    try:
        embedded = EmbeddedServer(top / "data", system_folder=top / "system")
        cluster = embedded.cluster()
        held = lock.take(cluster.home / "lock", "")
        cluster.make(lambda _: None, held=held)
        cluster.alone(_GRANTED, held=held)
        os.close(held)
        with embedded:
            yield Server(top, embedded)
    finally:
        shutil.rmtree(top)


@dataclass
class Log:
    """A log that has begun, and the people who act in it."""

    environ: dict[str, str]
    installation: Installation
    clock: PlayedClock
    _secrets: dict[str, bytes] = field(default_factory=dict)
    _sessions: dict[str, SignedIn] = field(default_factory=dict)

    @property
    def house(self) -> House:
        """The ports of the installation."""
        return self.installation.house

    def do(self, person: str, kind: str, case: str | None = None, **fields: Any) -> Acknowledgement:
        """Have a person do something, with the evidence it takes."""
        command = command_of(kind, {**fields, **({"case": case} if kind == "submit" else {})})
        who, sign = self.signed_in(person), self.signing(person)
        return act(self.house, who, command, case=case, sign=sign)

    def signed_in(self, person: str) -> SignedIn:
        """Return a person who is signed in: once for the whole run."""
        if person not in self._sessions:
            self._sessions[person] = open_session(self.house, person, self.signing(person))
        return self._sessions[person]

    def signing(self, person: str) -> Signing:
        """Return what signs for a person."""
        if person not in self._secrets:
            self._secrets[person] = _key(person).private_bytes(
                Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()
            )
        secret = self._secrets[person]
        return lambda statement: SshEvidence(sign_statement(secret, statement)).document

    def submitted(self) -> str:
        """File the request that is measured with, and have it determined; return the case."""
        plain = dict(read(REQUEST).plain)
        plain.pop("expect", None)
        case = self.house.references.reference("C")
        request = {**plain, "request": f"request-{case.lower()}"}
        self.do("marchenko", "submit", case, request=request)
        self.do("whitfield", "determine", case)
        return case


@contextmanager
def new_log(on: Server, name: str, pause: float = 0) -> Iterator[Log]:
    """Open a new log that has begun, in a database of its own; as `Server.new_database`."""
    on.new_database(name, pause)
    environ = {
        "PLACET_DATA": str(on.folder / name),
        "DATABASE_URL": on.embedded.url("placet_owner", name),
    }
    clock = PlayedClock(AT)
    with opened(environ, new_origin=ORIGIN, clock=clock) as installation:
        log = Log(environ, installation, clock)
        founder = SignedIn("lindqvist", None)
        begin(log.house, founder, *_first_context(), log.signing(founder.person))
        yield log


def fill(log: Log, size: int, *, number: Callable[[], object]) -> None:
    """Bring a log to so many entries; `number` does an act, with which they get their numbers."""
    signed = log.house.reading.checkpoint()
    missing = size - (signed.checkpoint.size if signed is not None else 0) - 1
    entry = Entry(kind="advise", time=AT, actor="hart", case="C", case_version=1, context_version=1)
    bodies = [seal(entry, secrets.token_bytes) for _ in range(_DIFFERENT)]
    with psycopg.connect(log.environ["DATABASE_URL"], autocommit=True) as owner:
        for start in range(0, missing, _PART):
            _bring(owner, bodies, min(_PART, missing - start))
        number()
        owner.execute("VACUUM (ANALYZE)")


def _bring(owner: psycopg.Connection, bodies: Sequence[Body], count: int) -> None:
    owner.execute(
        "WITH given AS MATERIALIZED (SELECT nextval('ticket') AS ticket, leaf, body"
        "  FROM generate_series(1, %s / cardinality(%s::bytea[]) + 1),"
        "  unnest(%s::bytea[], %s::bytea[]) AS t (leaf, body) LIMIT %s),"
        " logged AS (INSERT INTO entry SELECT ticket, leaf FROM given),"
        " kept AS (INSERT INTO body (ticket, case_id, body) SELECT ticket, 'C', body FROM given)"
        " INSERT INTO pending SELECT ticket FROM given",
        (
            count,
            leaves := [each.commitment for each in bodies],
            leaves,
            [each.render() for each in bodies],
            count,
        ),
    )


def _first_context() -> tuple[dict[str, Any], list[dict[str, Any]]]:
    registry, books = plain_of(SCENARIO)
    for section in ("officials", "delegations"):
        registry.pop(section, None)
    merge(registry, read(SCENARIO / "demo" / "people.yaml").plain)
    keys = {
        person: {"person": person, "kind": "ssh", "public": _public(person)}
        for person in sorted(registry["officials"])
    }
    return {**registry, "keys": keys}, books


def _key(person: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(person.encode()).digest())


def _public(person: str) -> str:
    return str(PublicKey(_key(person).public_key().public_bytes_raw(), person))
