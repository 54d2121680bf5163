"""A superuser changes the database: the audit names the first entry that does not follow.

Real acts are recorded once; each test changes a copy of that database as its owner, who may do
anything, and audits it with keys and checkpoints kept elsewhere.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import audit_sample as sample
import psycopg
import pytest
import store_sample
from audit_sample import ORIGIN, Register
from server_for_tests import Databases, Url

from placet.ledger import BadProofError, ForkError, RollbackError, VerifierKey
from placet.operations.audit_report import AuditReport
from placet.operations.auditing import audit
from placet.operations.demonstrating import PlayedClock
from placet.operations.ports import Reading
from placet.operations.proving import checkpoint, export, verify_folder
from placet.store.connections import Database
from placet.store.coverage import Coverage
from placet.store.keys import Keys
from placet.store.migrating import migrate
from placet.store.reading import DatabaseReading
from placet.store.recording import DatabaseRecording
from placet.store.sequencer import Sequencer

_numbers = itertools.count()


@contextmanager
def register_in(url: Url, keys: Keys) -> Iterator[Register]:
    """Open a register in a database; nobody is connected to it afterwards."""
    clock = PlayedClock(sample.BEGAN)
    numbering, acting, asking = (
        Database(url(role)) for role in ("placet_sequencer", "placet_act", "placet_read")
    )
    sequencer = Sequencer(
        numbering,
        keys,
        sign_permit=sample.sign_permit,
        sign_status_list=sample.Lists(clock),
        clock=clock,
    )
    recording = DatabaseRecording(acting, Coverage(acting, sequencer), claims=sample.claims)
    try:
        yield Register(recording, DatabaseReading(asking), clock)
        while sequencer.run_once() or sequencer.left:
            pass
    finally:
        for each in (numbering, acting, asking):
            each.close()


@dataclass
class Victim:
    """A database of real acts, as it was after the first case and at the end.

    `last` is the index of the last entry.
    """

    early: str
    late: str
    keys: Keys
    keys_early: Path
    log_keys: list[VerifierKey]
    last: int
    pause: int
    issue: int


@pytest.fixture(scope="module")
def victim(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Victim:
    """Record real acts: two cases, an act that suspends both permits, a status list for each."""
    folder = tmp_path_factory.mktemp("opponents")
    keys = Keys.create(folder / "keys", ORIGIN)
    early, late = f"early_{next(_numbers)}", f"late_{next(_numbers)}"
    url = databases.new(early)
    migrate(url("placet_owner"))
    with register_in(url, keys) as register:
        register.begin()
        register.add_cases(1)
    shutil.copytree(folder / "keys", folder / "keys-early")
    with register_in(databases.new(late, template=early), keys) as register:
        register.clock.at = sample.BEGAN.replace(year=2025, month=3, day=3, hour=9)
        register.references.drawn = 100
        register.add_cases(1)
        register.pause()
        kinds = {each.index: each.body.shown["kind"] for each in register.reading.entries()}
    pause = next(index for index, kind in kinds.items() if kind == "record-fact")
    issue = next(index for index, kind in kinds.items() if kind == "issue")
    log_keys = [keys.signer().verifier]
    with register_in(databases.new(f"final_{next(_numbers)}", template=late), keys) as register:
        last = checkpoint(register.reading).checkpoint.size - 1
    return Victim(early, late, keys, folder / "keys-early", log_keys, last, pause, issue)


@contextmanager
def reading(url: Url) -> Iterator[Reading]:
    """Read a database as auditors do."""
    database = Database(url("placet_read"))
    try:
        yield DatabaseReading(database)
    finally:
        database.close()


def audited(url: Url, victim: Victim, check: bytes | None = None) -> AuditReport:
    """Audit a database."""
    keys = sample.permit_keys()
    with reading(url) as found:
        return audit(found, ORIGIN, victim.log_keys, permit_keys=keys, check=check)


def spoilt(url: Url, statements: str) -> None:
    """Do as the owner of the database likes."""
    with psycopg.connect(url("placet_owner"), autocommit=True) as connection:
        connection.execute("SET session_replication_role = DEFAULT")
        for statement in filter(None, map(str.strip, statements.split(";"))):
            done = connection.execute(statement.encode())
            assert done.rowcount != 0, statement


TICKET = "(SELECT ticket FROM numbered WHERE index = {})"
BODY = f"UPDATE body SET body = %s WHERE ticket = {TICKET}"


def in_body(index: str, old: str, new: str) -> str:
    """Replace a text in a body."""
    return (
        f"UPDATE body SET body = convert_to(replace(convert_from(body, 'UTF8'), '{old}', '{new}'),"
        f" 'UTF8') WHERE ticket = {TICKET.format(index)} AND convert_from(body, 'UTF8') LIKE '%{old}%'"
    )
