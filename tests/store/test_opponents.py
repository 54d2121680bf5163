"""A superuser changes the database: the audit names the first entry that does not follow.

Real acts are recorded once; each test changes a copy of that database as its owner, who may do
anything, and audits it with keys and checkpoints kept elsewhere.
"""

from __future__ import annotations

import copy
import itertools
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg.types.json import Json

import audit_sample as sample
from audit_sample import ORIGIN, Register
from placet.ledger import (
    BadProofError,
    Checkpoint,
    ForkError,
    LedgerError,
    RollbackError,
    VerifierKey,
    hash_leaf,
    hashes_from,
    make_receipt,
    parse_receipt,
    verify_receipt,
)
from placet.need_to_know.staleness import Compared
from placet.operations.auditing.audit import audit
from placet.operations.auditing.report import AuditReport
from placet.operations.demonstration.playing import PlayedClock
from placet.operations.log.proving import export, receipt, verify_folder
from placet.operations.ports import Change, Reading
from placet.permit import SignedPermit, open_permit, open_status_token
from placet.registry import parse_moment, read, written
from placet.review import Case, Context, command_of, fold, perform
from placet.review.errors import ClockError
from placet.store.connections import Database
from placet.store.coverage import Coverage
from placet.store.errors import NotCoveredError
from placet.store.keys import Keys
from placet.store.migrating import migrate
from placet.store.promises import Promise
from placet.store.reading import DatabaseReading
from placet.store.recording import DatabaseRecording
from placet.store.sequencer import Sequencer
from server_for_tests import Databases, Url

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
    recording = DatabaseRecording(
        acting, Coverage(acting, sequencer), claims=sample.claims, played=True
    )
    try:
        yield Register(recording, DatabaseReading(asking), clock)
        while sequencer.run_once() or sequencer.left:
            pass
    finally:
        for each in (numbering, acting, asking):
            each.close()


@dataclass
class Victim:
    """A database of real acts: as it was after the first case, and at the end."""

    early: str
    late: str
    keys_early: Path
    keys_late: Path
    log_keys: list[VerifierKey]


@pytest.fixture(scope="module")
def victim(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Victim:
    """Record real acts: two cases, an act that suspends both permits, a status list for each."""
    folder = tmp_path_factory.mktemp("opponents")
    keys = Keys.create(folder / "keys", ORIGIN)
    (keys.folder / "permit-key.pem").write_text(sample.PERMITS.secret_text, encoding="ascii")
    early, late = f"early_{next(_numbers)}", f"late_{next(_numbers)}"
    url = databases.new(early)
    migrate(url("placet_owner"))
    with register_in(url, keys) as register:
        register.begin()
        register.add_cases(1, documents={"annex.txt": b"An annex.", "plan.csv": b"a,b\n1,2\n"})
    shutil.copytree(folder / "keys", folder / "keys-early")
    with register_in(databases.new(late, template=early), keys) as register:
        register.clock.at = sample.BEGAN.replace(year=2025, month=3, day=3, hour=9)
        register.references.drawn = 100
        register.add_cases(1)
        register.pause()
    return Victim(early, late, folder / "keys-early", keys.folder, [keys.signer().verifier])


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


WORDS = (
    "CREATE SCHEMA words",
    """CREATE FUNCTION words.t(wanted bigint) RETURNS bigint STABLE LANGUAGE sql
    RETURN (SELECT ticket FROM numbered WHERE index = wanted)""",
    """CREATE FUNCTION words.c() RETURNS text STABLE LANGUAGE sql
    RETURN (SELECT min(case_id) FROM case_head)""",
    """CREATE FUNCTION words.put(data bytea, old text, new text) RETURNS bytea STABLE LANGUAGE sql
    RETURN convert_to(replace(convert_from(data, 'UTF8'), old, new), 'UTF8')""",
    """CREATE FUNCTION words.put(data json, field text, new text) RETURNS json STABLE LANGUAGE sql
    RETURN jsonb_set(data::jsonb, ARRAY[field], new::jsonb)::json""",
)
"""Words of the changes below: the ticket of an entry, the first case, a text or field replaced.

They lie beside what is audited, so that an audit finds the changes and not them.
"""


def spoilt(url: Url, statements: str) -> None:
    """Do as the owner of the database likes."""
    beside = "-c search_path=public,words"
    with psycopg.connect(url("placet_owner"), autocommit=True, options=beside) as connection:
        for word in WORDS:
            connection.execute(word.encode())
        for statement in statements.split(";"):
            assert connection.execute(statement.encode()).rowcount != 0, statement


BEGIN, SUBMIT, DETERMINE, ISSUE, LIST, REPORT, SUBMIT_2 = range(7)
LIST_2, PAUSE, LAST = 9, 11, 12
"""The act on the context that suspends both permits, and the status list that says so."""

QUEUED = "INSERT INTO pending SELECT max(ticket) FROM entry"
"""Puts the last act into the queue again, which has its number."""

CHANGED: dict[str, tuple[str, int | None, str]] = {
    "entry.leaf": (
        "UPDATE entry SET leaf = set_byte(leaf, 5, 255 - get_byte(leaf, 5)) WHERE ticket = t(3)",
        ISSUE,
        "tile/entries",
    ),
    "entry.ticket": (
        (
            "ALTER TABLE body DROP CONSTRAINT body_ticket_fkey;"
            "ALTER TABLE moved DROP CONSTRAINT moved_ticket_fkey;"
            "ALTER TABLE numbered DROP CONSTRAINT numbered_ticket_fkey;"
            "UPDATE entry SET ticket = 999 WHERE ticket = t(3)"
        ),
        ISSUE,
        "is missing",
    ),
    "entry dropped": (
        (
            "CREATE TEMP TABLE gone AS SELECT t(4) AS ticket;"
            "DELETE FROM body WHERE ticket = (SELECT ticket FROM gone);"
            "DELETE FROM numbered WHERE ticket = (SELECT ticket FROM gone);"
            "DELETE FROM entry WHERE ticket = (SELECT ticket FROM gone)"
        ),
        LIST,
        "is missing",
    ),
    "the last entry dropped": (
        (
            "CREATE TEMP TABLE gone AS SELECT t(12) AS ticket;"
            "DELETE FROM body WHERE ticket = (SELECT ticket FROM gone);"
            "DELETE FROM numbered WHERE ticket = (SELECT ticket FROM gone);"
            "DELETE FROM entry WHERE ticket = (SELECT ticket FROM gone)"
        ),
        LAST,
        "is missing",
    ),
    "entry duplicated": (
        (
            "INSERT INTO entry (ticket, leaf) SELECT 999, leaf FROM entry WHERE ticket = t(5);"
            "INSERT INTO body SELECT 999, case_id, body FROM body WHERE ticket = t(5);"
            "INSERT INTO numbered VALUES (13, 999)"
        ),
        13,
        "no signed checkpoint covers it",
    ),
    "body.body: the actor": (
        "UPDATE body SET body = put(body, 'whitfield', 'okafor') WHERE ticket = t(2)",
        DETERMINE,
        "committed to",
    ),
    "body.body: the payload": (
        "UPDATE body SET body = put(body, 'RU-KRS', 'RU-BEL') WHERE ticket = t(5)",
        REPORT,
        "committed to",
    ),
    "body.body: another spelling": (
        "UPDATE body SET body = put(body, '\":', '\": ') WHERE ticket = t(5)",
        REPORT,
        "cannot be read",
    ),
    "body.case_id: that of another case": (
        "UPDATE body SET case_id = (SELECT max(case_id) FROM case_head) WHERE ticket = t(3)",
        ISSUE,
        "not under its own",
    ),
    "body.case_id: of an act on none": (
        "UPDATE body SET case_id = c() WHERE ticket = t(0)",
        BEGIN,
        "not under its own",
    ),
    "body.ticket": (
        (
            "ALTER TABLE body DROP CONSTRAINT body_ticket_fkey;"
            "UPDATE body SET ticket = 999 WHERE ticket = t(3)"
        ),
        ISSUE,
        "never deleted",
    ),
    "body dropped": ("DELETE FROM body WHERE ticket = t(6)", SUBMIT_2, "never deleted"),
    "bodies swapped": (
        (
            "UPDATE body SET body = o.body FROM body o"
            " WHERE (body.ticket, o.ticket) IN ((t(3), t(8)), (t(8), t(3)))"
        ),
        ISSUE,
        "committed to",
    ),
    "numbers swapped": (
        (
            "UPDATE numbered SET index = 1003 WHERE index = 3;"
            "UPDATE numbered SET index = 3 WHERE index = 7;"
            "UPDATE numbered SET index = 7 WHERE index = 1003"
        ),
        ISSUE,
        "tile/entries",
    ),
    "numbered.ticket": (
        (
            "INSERT INTO entry SELECT 999, leaf FROM entry WHERE ticket = t(3);"
            "UPDATE numbered SET ticket = 999 WHERE index = 3"
        ),
        ISSUE,
        "never deleted",
    ),
    "number dropped": ("DELETE FROM numbered WHERE index = 4", LIST, "is missing"),
    "number made up, far beyond": (
        (
            "INSERT INTO entry SELECT 999, leaf FROM entry LIMIT 1;"
            "INSERT INTO numbered VALUES (100000, 999)"
        ),
        100000,
        "no checkpoint covers it",
    ),
    "numbered.index": ("UPDATE numbered SET index = 99 WHERE index = 12", LAST, "is missing"),
    "tile.bytes of entries": (
        "UPDATE tile SET bytes = set_byte(bytes, 179, 255 - get_byte(bytes, 179)) WHERE level = -1",
        REPORT,
        "tile/entries",
    ),
    "tile.bytes of hashes": (
        "UPDATE tile SET bytes = set_byte(bytes, 169, 255 - get_byte(bytes, 169)) WHERE level = 0",
        REPORT,
        "does not follow",
    ),
    "tile.bytes of hashes, more of them": (
        "UPDATE tile SET bytes = bytes || '\\x00' WHERE level = 0",
        None,
        "another tile 0 of level 0",
    ),
    "tile.bytes of entries, more of them": (
        "UPDATE tile SET bytes = bytes || '\\x00' WHERE level = -1",
        None,
        "another tile 0 of level -1",
    ),
    "tile.level": ("UPDATE tile SET level = 5 WHERE level = 0", BEGIN, "cannot be read"),
    "tile.n": ("UPDATE tile SET n = 5 WHERE level = -1", BEGIN, "cannot be read"),
    "tile dropped": ("DELETE FROM tile WHERE level = -1", BEGIN, "cannot be read"),
    "the last checkpoint dropped": (
        "DELETE FROM checkpoint WHERE size = 13",
        LAST,
        "no signed checkpoint covers it",
    ),
    "checkpoint.note": (
        "UPDATE checkpoint SET note = put(note, E'placet\n4\n', E'placet\n5\n') WHERE size = 4",
        LIST,
        "signature",
    ),
    "checkpoint.size": (
        "UPDATE checkpoint SET size = 14 WHERE size = 13",
        LAST,
        "files the checkpoint of 13 entries as one of 14",
    ),
    "case_head.state: a field": (
        "UPDATE case_head SET state = put(state, 'stage', '\"closed\"') WHERE case_id = c()",
        PAUSE,
        "stage",
    ),
    "case_head.state: a later version": (
        "UPDATE case_head SET state = put(state, 'version', '99') WHERE case_id = c()",
        PAUSE,
        "no entry leads",
    ),
    "case_head.state: an earlier version": (
        "UPDATE case_head SET state = put(state, 'version', '2') WHERE case_id = c()",
        DETERMINE,
        "another state",
    ),
    "case_head.state: nothing that can be read": (
        "UPDATE case_head SET state = put(state, 'stage', '7') WHERE case_id = c()",
        None,
        "cannot be read",
    ),
    "case_head.stage": (
        "UPDATE case_head SET stage = 'closed' WHERE case_id = c()",
        PAUSE,
        "stage closed",
    ),
    "case_head.stage: another open one": (
        "UPDATE case_head SET stage = 'refused' WHERE case_id = c()",
        PAUSE,
        "stage refused",
    ),
    "case_head.applicant": (
        "UPDATE case_head SET applicant = 'RU' WHERE case_id = c()",
        PAUSE,
        "applicant RU",
    ),
    "case_head.case_id": (
        (
            "CREATE TEMP TABLE was AS SELECT c() AS id;"
            "ALTER TABLE case_party DROP CONSTRAINT case_party_case_id_fkey;"
            "ALTER TABLE permit DROP CONSTRAINT permit_case_id_fkey;"
            "ALTER TABLE desk DROP CONSTRAINT desk_case_id_fkey;"
            "ALTER TABLE listing DROP CONSTRAINT listing_case_id_fkey;"
            "ALTER TABLE taking DROP CONSTRAINT taking_case_id_fkey;"
            "ALTER TABLE course DROP CONSTRAINT course_case_id_fkey;"
            "UPDATE case_head SET case_id = 'C-X' WHERE case_id IN (SELECT id FROM was)"
        ),
        PAUSE,
        "no case",
    ),
    "case_head.version": (
        "UPDATE case_head SET version = 99 WHERE case_id = c()",
        PAUSE,
        "version 99",
    ),
    "case_head.moved_at": (
        "UPDATE case_head SET moved_at = moved_at + interval '1 second' WHERE case_id = c()",
        PAUSE,
        "moved_at 2025",
    ),
    "case_head dropped": (
        (
            "DELETE FROM case_party WHERE case_id = c(); DELETE FROM permit WHERE case_id = c();"
            "DELETE FROM desk WHERE case_id = c(); DELETE FROM listing WHERE case_id = c();"
            "DELETE FROM taking WHERE case_id = c(); DELETE FROM course WHERE case_id = c();"
            "DELETE FROM case_head WHERE case_id = c()"
        ),
        PAUSE,
        "no case",
    ),
    "case_head made up": (
        (
            "INSERT INTO case_head (case_id, version, stage, applicant, state, moved_at)"
            " SELECT 'C-X', version, stage, applicant, put(state, 'id', '\"C-X\"'), moved_at"
            " FROM case_head WHERE case_id = c()"
        ),
        None,
        "no entry opened it",
    ),
    "moved.case_id": (
        "UPDATE moved SET case_id = 'C-X' WHERE case_id = c() AND version = 2",
        PAUSE,
        "moves ",
    ),
    "moved.ticket": (
        "UPDATE moved SET ticket = t(6) WHERE case_id = c() AND version = 3",
        SUBMIT,
        "other entries",
    ),
    "moved dropped": (
        "DELETE FROM moved WHERE case_id = c() AND version = 4",
        PAUSE,
        "moves ",
    ),
    "moved made up": (
        "INSERT INTO moved SELECT 'C-X', 1, t(5)",
        REPORT,
        "a case C-X, which no entry opened",
    ),
    "case_party of no case": (
        (
            "ALTER TABLE case_party DROP CONSTRAINT case_party_case_id_fkey;"
            "INSERT INTO case_party VALUES ('C-X', 'RU')"
        ),
        None,
        "1 of the table case_party of which there is no case_head: the first is of C-X",
    ),
    "case_party added": ("INSERT INTO case_party VALUES (c(), 'RU')", PAUSE, "other parties"),
    "case_party.party": (
        "UPDATE case_party SET party = 'RU' WHERE party = 'US' AND case_id = c()",
        PAUSE,
        "other parties",
    ),
    "case_party.case_id": (
        (
            "ALTER TABLE case_party DROP CONSTRAINT case_party_case_id_fkey;"
            "UPDATE case_party SET case_id = 'C-X' WHERE party = 'US' AND case_id = c()"
        ),
        PAUSE,
        "other parties",
    ),
    "case_party dropped": (
        "DELETE FROM case_party WHERE party = 'US' AND case_id = c()",
        PAUSE,
        "other parties",
    ),
    "desk.tray": (
        (
            "UPDATE desk SET tray = (SELECT id FROM tray WHERE key <> 'audits' LIMIT 1)"
            " WHERE tray IN (SELECT id FROM tray WHERE key = 'audits') AND case_id = c()"
        ),
        PAUSE,
        "for others",
    ),
    "tray.key": (
        (
            "UPDATE tray SET key = 'office:ru/fsb' WHERE key = 'audits'"
            " AND id IN (SELECT tray FROM desk WHERE case_id = c())"
        ),
        PAUSE,
        "for others",
    ),
    "tray.not_for": (
        (
            "UPDATE tray SET not_for = '{party:US}' WHERE key = 'audits'"
            " AND id IN (SELECT tray FROM desk WHERE case_id = c())"
        ),
        PAUSE,
        "for others",
    ),
    "tray.id": (
        (
            "UPDATE tray SET id = gen_random_uuid()"
            " WHERE id IN (SELECT tray FROM desk WHERE case_id = c())"
        ),
        PAUSE,
        "for others",
    ),
    "tray.tab": (
        ("UPDATE tray SET tab = 'others' WHERE id IN (SELECT tray FROM desk WHERE case_id = c())"),
        PAUSE,
        "for others",
    ),
    "tray.also": (
        (
            "UPDATE tray SET also = '{office:x}'"
            " WHERE id IN (SELECT tray FROM desk WHERE case_id = c())"
        ),
        PAUSE,
        "for others",
    ),
    "tray dropped": (
        "DELETE FROM tray WHERE id IN (SELECT tray FROM desk WHERE case_id = c())",
        PAUSE,
        "for others",
    ),
    "desk.not_for": (
        "UPDATE desk SET not_for = '{person:x}' WHERE case_id = c()",
        PAUSE,
        "for others",
    ),
    "desk.due": ("UPDATE desk SET due = '2020-01-01' WHERE case_id = c()", PAUSE, "for others"),
    "desk.case_id": (
        (
            "UPDATE desk SET case_id = (SELECT max(case_id) FROM case_head) WHERE case_id = c()"
            " AND id NOT IN (SELECT id FROM desk WHERE case_id <> c())"
        ),
        PAUSE,
        "for others",
    ),
    "desk.id": (
        "UPDATE desk SET id = gen_random_uuid() WHERE case_id = c()",
        PAUSE,
        "for others",
    ),
    "desk.act": (
        "UPDATE desk SET act = 'x' WHERE case_id = c()",
        PAUSE,
        "for others",
    ),
    "desk.about": (
        "UPDATE desk SET about = 'x' WHERE case_id = c()",
        PAUSE,
        "for others",
    ),
    "desk.since": (
        "UPDATE desk SET since = since + interval '1 microsecond' WHERE case_id = c()",
        PAUSE,
        "for others",
    ),
    "desk.begins": (
        "UPDATE desk SET begins = begins + interval '1 second' WHERE case_id = c()",
        PAUSE,
        "for others",
    ),
    "desk.ends": (
        "UPDATE desk SET ends = ends - interval '1 second' WHERE case_id = c()",
        PAUSE,
        "for others",
    ),
    "desk.told": (
        "UPDATE desk SET told = NOT told WHERE case_id = c()",
        PAUSE,
        "for others",
    ),
    "desk dropped": (
        (
            "DELETE FROM desk WHERE tray IN (SELECT id FROM tray WHERE key = 'audits')"
            " AND case_id = c()"
        ),
        PAUSE,
        "for others",
    ),
    "listing.case_id": (
        (
            "DELETE FROM listing WHERE case_id <> c();"
            "UPDATE listing SET case_id = (SELECT max(case_id) FROM case_head)"
        ),
        PAUSE,
        "for others",
    ),
    "listing.status": ("UPDATE listing SET status = 'x' WHERE case_id = c()", PAUSE, "for others"),
    "desk made up: a stale case": (
        (
            "INSERT INTO tray SELECT gen_random_uuid(), 'party:RU', 'stale', '{}', '{}';"
            "INSERT INTO desk SELECT c(), gen_random_uuid(), t.id, '', '', d.since, d.due,"
            " d.begins, d.ends, '{}', true FROM tray t, desk d WHERE t.key = 'party:RU' LIMIT 1"
        ),
        PAUSE,
        "for others",
    ),
    "compared made up": ("INSERT INTO compared (case_id) VALUES (c())", PAUSE, "for others"),
    "listing.words": ("UPDATE listing SET words = '{x}' WHERE case_id = c()", PAUSE, "for others"),
    "listing.awaited": (
        "UPDATE listing SET awaited = '{RU}' WHERE case_id = c()",
        PAUSE,
        "for others",
    ),
    "listing dropped": ("DELETE FROM listing WHERE case_id = c()", PAUSE, "for others"),
    "taking.pending": (
        "UPDATE taking SET pending = pending + 1 WHERE case_id = c()",
        PAUSE,
        "for others",
    ),
    "taking.approved": (
        "UPDATE taking SET approved = approved + 1 WHERE case_id = c()",
        PAUSE,
        "for others",
    ),
    "taking.item": ("UPDATE taking SET item = 'x' WHERE case_id = c()", PAUSE, "for others"),
    "taking.actor": ("UPDATE taking SET actor = 'x' WHERE case_id = c()", PAUSE, "for others"),
    "taking.case_id": (
        (
            "DELETE FROM taking WHERE case_id <> c();"
            "UPDATE taking SET case_id = (SELECT max(case_id) FROM case_head)"
        ),
        PAUSE,
        "for others",
    ),
    "taking.line": ("UPDATE taking SET line = 'x' WHERE case_id = c()", PAUSE, "for others"),
    "taking.lot": ("UPDATE taking SET lot = 'x' WHERE case_id = c()", PAUSE, "for others"),
    "taking.activity": (
        "UPDATE taking SET activity = 'x' WHERE case_id = c()",
        PAUSE,
        "for others",
    ),
    "course.case_id": (
        (
            "DELETE FROM course WHERE case_id <> c();"
            "UPDATE course SET case_id = (SELECT max(case_id) FROM case_head)"
        ),
        PAUSE,
        "for others",
    ),
    "course.filed": (
        "UPDATE course SET filed = '2020-01-01' WHERE case_id = c()",
        PAUSE,
        "for others",
    ),
    "course.determined": (
        "UPDATE course SET determined = '2020-01-01' WHERE case_id = c()",
        PAUSE,
        "for others",
    ),
    "course.answered": (
        "UPDATE course SET answered = '2020-01-01' WHERE case_id = c()",
        PAUSE,
        "for others",
    ),
    "course.permitted": (
        "UPDATE course SET permitted = '2020-01-01' WHERE case_id = c()",
        PAUSE,
        "for others",
    ),
    "course dropped": ("DELETE FROM course WHERE case_id = c()", PAUSE, "for others"),
    "taking dropped": ("DELETE FROM taking WHERE case_id = c()", PAUSE, "for others"),
    "document.bytes": (
        "UPDATE document SET bytes = '\\x00' WHERE bytes = 'An annex.'",
        SUBMIT,
        "the document annex.txt is not the one that was filed",
    ),
    "document.digest": (
        "UPDATE document SET digest = 'sha256:0' WHERE bytes = 'An annex.'",
        SUBMIT,
        "the document annex.txt that it brought is not on file",
    ),
    "document.case_id": (
        "UPDATE document SET case_id = 'C-9' WHERE bytes = 'An annex.'",
        SUBMIT,
        "annex.txt is on file under case C-9",
    ),
    "document.ticket": (
        "UPDATE document SET ticket = t(6) WHERE bytes = 'An annex.'",
        SUBMIT,
        "the document annex.txt that it brought is not on file",
    ),
    "document erased by nobody": (
        "UPDATE document SET bytes = NULL WHERE bytes = 'An annex.'",
        SUBMIT,
        "the document annex.txt is gone, and no act erased it",
    ),
    "document dropped": (
        "DELETE FROM document WHERE bytes = 'An annex.'",
        SUBMIT,
        "the document annex.txt that it brought is not on file",
    ),
    "document made up": (
        "INSERT INTO document SELECT t(6), case_id, 'sha256:1', bytes FROM document LIMIT 1",
        SUBMIT_2,
        "that it did not bring",
    ),
    "document of no case's act": (
        "INSERT INTO document SELECT t(0), case_id, 'sha256:1', bytes FROM document LIMIT 1",
        BEGIN,
        "that it did not bring",
    ),
    "document of no entry": (
        (
            "ALTER TABLE document DROP CONSTRAINT document_ticket_fkey;"
            "INSERT INTO document SELECT 999, case_id, digest, bytes FROM document LIMIT 1"
        ),
        None,
        "1 of the table document of which there is no entry: the first is of 999",
    ),
    "erasure of no entry": (
        (
            "ALTER TABLE erasure DROP CONSTRAINT erasure_ticket_fkey;"
            "INSERT INTO erasure VALUES (999, t(3))"
        ),
        None,
        "1 of the table erasure of which there is no entry: the first is of 999",
    ),
    "body of no entry": (
        (
            "ALTER TABLE body DROP CONSTRAINT body_ticket_fkey;"
            "INSERT INTO body SELECT 999, case_id, body FROM body LIMIT 1"
        ),
        None,
        "1 of the table body of which there is no entry: the first is of 999",
    ),
    "moved of no entry": (
        (
            "ALTER TABLE moved DROP CONSTRAINT moved_ticket_fkey;"
            "INSERT INTO moved VALUES ('C-X', 1, 999)"
        ),
        None,
        "1 of the table moved of which there is no entry: the first is of 999",
    ),
    "desk in no tray": (
        (
            "INSERT INTO desk SELECT case_id, gen_random_uuid(), gen_random_uuid(), act, about,"
            " since, due, begins, ends, not_for, told FROM desk LIMIT 1"
        ),
        None,
        "1 of the table desk of which there is no tray",
    ),
    "listing of no case": (
        (
            "ALTER TABLE listing DROP CONSTRAINT listing_case_id_fkey;"
            "INSERT INTO listing SELECT 'C-X', status, awaited, words FROM listing LIMIT 1"
        ),
        None,
        "1 of the table listing of which there is no case_head: the first is of C-X",
    ),
    "context.plain": (
        "UPDATE context SET plain = replace(plain::text, 'Maren', 'Marie')::json WHERE version = 1",
        BEGIN,
        "another version 1",
    ),
    "context.digest": (
        (
            "UPDATE context SET digest = o.digest FROM context o"
            " WHERE context.version = 1 AND o.version = 2"
        ),
        BEGIN,
        "digest of version 1",
    ),
    "context.ticket": (
        "UPDATE context SET ticket = t(8) WHERE version = 2",
        PAUSE,
        "another entry",
    ),
    "context.version": (
        "UPDATE context SET version = 3 WHERE version = 2",
        PAUSE,
        "no version 2",
    ),
    "context dropped": ("DELETE FROM context WHERE version = 2", PAUSE, "no version 2"),
    "context made up": (
        (
            "INSERT INTO context (version, ticket, plain, digest)"
            " SELECT 3, ticket, plain, digest FROM context WHERE version = 2"
        ),
        None,
        "context 3",
    ),
    "permit.status": ("UPDATE permit SET status = 0 WHERE case_id = c()", PAUSE, "status 0"),
    "permit.status_index": (
        "UPDATE permit SET status_index = 77 WHERE case_id = c()",
        PAUSE,
        "at 77",
    ),
    "permit.token": (
        "UPDATE permit SET token = o.token FROM permit o WHERE o.permit <> permit.permit",
        PAUSE,
        "something else",
    ),
    "permit.token dropped": (
        "UPDATE permit SET token = NULL WHERE case_id = c()",
        PAUSE,
        "has no token of permit",
    ),
    "permit.case_id": (
        "UPDATE permit SET case_id = (SELECT max(case_id) FROM case_head) WHERE case_id = c()",
        PAUSE,
        "other permits",
    ),
    "permit.terms": (
        (
            "UPDATE permit SET terms = jsonb_set(terms::jsonb, '{terms,holder}', '\"RU\"')::json"
            " WHERE case_id = c()"
        ),
        PAUSE,
        "other terms",
    ),
    "permit.falls": (
        "UPDATE permit SET falls = '2025-03-04' WHERE case_id = c()",
        PAUSE,
        "fall at 2025-03-04",
    ),
    "permit.listed": (
        "UPDATE permit SET listed = 0 WHERE case_id = c()",
        LAST,
        "as listed with status 0",
    ),
    "permit.problem": (
        "UPDATE permit SET problem = 'its key is lost' WHERE case_id = c()",
        PAUSE,
        "could not be signed: its key is lost",
    ),
    "permit.problem in the place of a token": (
        "UPDATE permit SET token = NULL, problem = 'its key is lost' WHERE case_id = c()",
        PAUSE,
        "could not be signed: its key is lost",
    ),
    "moved.version": (
        (
            "UPDATE moved SET version = 99 WHERE case_id = c()"
            " AND version = (SELECT max(version) FROM moved WHERE case_id = c())"
        ),
        PAUSE,
        "from 1 to 99",
    ),
    "permit.permit": (
        "UPDATE permit SET permit = 'P-X' WHERE case_id = c()",
        PAUSE,
        "other permits",
    ),
    "permit dropped": ("DELETE FROM permit WHERE case_id = c()", PAUSE, "other permits"),
    "permit duplicated": (
        (
            "ALTER TABLE permit DROP CONSTRAINT permit_pkey,"
            " DROP CONSTRAINT permit_status_index_key;"
            "INSERT INTO permit SELECT * FROM permit WHERE case_id = c()"
        ),
        None,
        "stands there twice",
    ),
    "status_list.token": (
        (
            "UPDATE status_list SET token = o.token FROM status_list o"
            " WHERE status_list.version = 3 AND o.version = 1"
        ),
        LAST,
        "earlier status list",
    ),
    "status_list.version": (
        "UPDATE status_list SET version = 9 WHERE version = 2",
        LIST_2,
        "version 2 of the status list is not on file",
    ),
    "status_list dropped": ("DELETE FROM status_list WHERE version = 3", LAST, "earlier status"),
    "status_list.token of an old one": (
        (
            "UPDATE status_list SET token = o.token FROM status_list o"
            " WHERE status_list.version = 1 AND o.version = 2"
        ),
        LIST,
        "not the one that was logged",
    ),
    "status_list.digest": (
        "UPDATE status_list SET digest = 'sha256:0' WHERE version = 2",
        LIST_2,
        "not the one that was logged",
    ),
    "status_list.at": (
        "UPDATE status_list SET at = at + interval '1 day' WHERE version = 3",
        LAST,
        "not the one that was logged",
    ),
    "an old status list dropped": (
        "DELETE FROM status_list WHERE version = 1",
        LIST,
        "version 1 of the status list is not on file",
    ),
    "all status lists dropped": ("DELETE FROM status_list", LIST, "not on file"),
    "status list made up": (
        "INSERT INTO status_list SELECT 0, token, digest, at FROM status_list WHERE version = 1",
        None,
        "version 0",
    ),
    "signing_key.key": (
        "UPDATE signing_key SET key = 'audit.placet.example/log+1a2b3c4d+AQ'",
        None,
        "cannot be read",
    ),
    "signing_key added": (
        (
            "INSERT INTO signing_key VALUES"
            " ('log', 'example.gov/placet+6df1ad99+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop')"
        ),
        None,
        "no key of this log",
    ),
    "pending: what has a number": (QUEUED, LAST, "waits for a number, and has one"),
    "pending: what has a number, beside a forged case": (
        (
            "INSERT INTO pending SELECT max(ticket) FROM entry;"
            "INSERT INTO moved VALUES (c(), 6, t(12));"
            "UPDATE case_head SET state = put(put(state, 'version', '6'), 'stage', '\"closed\"'),"
            " version = 6, stage = 'closed' WHERE case_id = c()"
        ),
        PAUSE,
        "no entry leads",
    ),
    "pending.ticket": (
        "INSERT INTO pending VALUES (999); UPDATE pending SET ticket = t(3)",
        ISSUE,
        "waits for a number, and has one",
    ),
    "pending: no act": ("INSERT INTO pending VALUES (999)", None, "no such act"),
    "entry made up": (
        "INSERT INTO entry SELECT 999, leaf FROM entry LIMIT 1",
        None,
        "waits for none",
    ),
    "entry made up that waits": (
        (
            "INSERT INTO entry SELECT 999, leaf FROM entry WHERE ticket = t(5);"
            "INSERT INTO body SELECT 999, case_id, body FROM body WHERE ticket = t(5);"
            "INSERT INTO pending VALUES (999)"
        ),
        None,
        "ticket 999, which has no number yet",
    ),
    "erasure made up": ("INSERT INTO erasure VALUES (t(5), t(3))", REPORT, "it did not"),
    "tile made up": ("INSERT INTO tile VALUES (5, 5, 1, '\\x00')", None, "another tile 5"),
    "tile.width": ("UPDATE tile SET width = 1 WHERE level = 0", None, "another tile 0"),
    "signing_key.until": ("UPDATE signing_key SET until = 3", None, "changed at 3 entries in the"),
    "signing_key.next": (
        "UPDATE signing_key SET next = true WHERE use = 'permit'",
        None,
        "has a key come next that nobody made",
    ),
    "signing_key of permits dropped": (
        "DELETE FROM signing_key WHERE use = 'permit'",
        None,
        "lacks a key of this log's permits",
    ),
    "signing_key to come, of somebody else": (
        (
            "INSERT INTO signing_key (use, key, next) VALUES"
            " ('log', 'example.gov/placet+6df1ad99+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop',"
            " true)"
        ),
        None,
        "has a key come next that nobody made",
    ),
    "signing_key.use": (
        "DELETE FROM signing_key WHERE use = 'permit'; UPDATE signing_key SET use = 'permit'",
        None,
        "cannot be read",
    ),
    "row-level security turned off": (
        "ALTER TABLE permit DISABLE ROW LEVEL SECURITY",
        None,
        "has the table permit otherwise than migrations lay it",
    ),
    "who sees what, of rows that nobody changed": (
        "ALTER POLICY seen ON case_head USING (case_id = '')",
        PAUSE,
        "has no case",
    ),
    "signing_key dropped": ("DELETE FROM signing_key", None, "lacks a key of this log"),
}


@pytest.mark.parametrize("name", CHANGED)
def test_a_change_of_the_database_is_named(
    victim: Victim, new_database: Callable[..., Url], name: str
) -> None:
    """Whatever a superuser changes, the first entry that does not follow is named."""
    statements, index, says = CHANGED[name]
    url = new_database(f"spoilt_{next(_numbers)}", template=victim.late)
    spoilt(url, statements)
    report = audited(url, victim)
    assert not report.follows
    assert report.first is not None
    assert (report.first.index, says in str(report.first)) == (index, True), report.first


def test_no_copy_stands_before_what_is_audited(
    victim: Victim, new_database: Callable[..., Url]
) -> None:
    """Who shows auditors the tables as they were, and others what they made of them, is found."""
    url = new_database(f"shadow_{next(_numbers)}", template=victim.late)
    with psycopg.connect(url("placet_owner")) as connection:
        for statement in (
            "CREATE SCHEMA before",
            "CREATE TABLE before.case_head AS SELECT * FROM case_head",
            "GRANT USAGE ON SCHEMA before TO placet_read",
            "GRANT SELECT ON before.case_head TO placet_read",
            f"ALTER DATABASE {connection.info.dbname} SET search_path = before, public",
        ):
            connection.execute(statement.encode())
    statements, index, says = CHANGED["case_head.state: a field"]
    spoilt(url, statements)
    report = audited(url, victim)
    assert report.first is not None
    assert (report.first.index, says in str(report.first)) == (index, True), report.first
    assert any("setting search_path of everybody" in str(each) for each in report.wrong)


EXCUSED = {
    "django_migrations": "says which migrations have run, and nothing of any act: changed, `placet"
    " migrate` runs one again and fails, or leaves one out and the first act fails",
}
"""The tables whose columns an owner may change without an audit's noticing, and why."""

ERASED = {
    "erasure.ticket": "UPDATE erasure SET ticket = t(5)",
    "erasure.erased": "UPDATE erasure SET erased = t(3)",
}
"""Changes of what is noted of an erasure: the log above has none."""


@pytest.fixture(scope="module")
def open_case(
    victim: Victim, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """Have one more case filed and determined, and found stale by whoever says so."""
    name, folder = f"open_{next(_numbers)}", tmp_path_factory.mktemp("open") / "keys"
    shutil.copytree(victim.keys_early, folder)
    with register_in(databases.new(name, template=victim.early), Keys(folder)) as found:
        found.clock.at = sample.BEGAN.replace(year=2025, month=3, day=3, hour=9)
        found.references.drawn = 100
        plain = dict(read(sample.UKRAINE / "requests" / "atacms-in-russia.yaml").plain)
        plain.pop("expect", None)
        found.do("marchenko", "submit", "C-9", request=plain)
        found.do("whitfield", "determine", "C-9")
        later = found.clock.at + timedelta(hours=1)
        found.recording.compare(found.clock.at, 9, lambda _c, _x, _a: Compared(True, later))
    return name


OF_THE_MOMENT = {
    "whether it is stale": "DELETE FROM desk USING tray t WHERE tray = t.id AND t.tab = 'stale'",
    "compared.context": "UPDATE compared SET context = 0",
    "compared.until": "UPDATE compared SET until = now() + interval '9 years'",
}
"""What an owner may change without an audit's noticing, and why that is borne.

When a case is compared, and what was found then, follows from the moment and from no act: an audit,
which does again what is in the log, has nothing to hold it against. No act rests on it either.
Whoever decides, issues or determines has the case determined anew then and there, a page says
itself whether it is stale, and a list shows nothing that this does not confirm. What can be had by
it is that a case is missing from a tab until the context moves again. For whom it lies there, and
that it is compared at all, follows from the case, and is held against it.
"""


@pytest.mark.parametrize("name", OF_THE_MOMENT)
def test_what_follows_from_the_moment_is_no_finding(
    victim: Victim, open_case: str, new_database: Callable[..., Url], name: str
) -> None:
    """A case that is stale or was, and a queue at any place, are in an honest register too."""
    url = new_database(f"moment_{next(_numbers)}", template=open_case)
    assert audited(url, victim).follows
    spoilt(url, OF_THE_MOMENT[name])
    assert audited(url, victim).follows


OF_A_STALE_CASE = {
    "compared.case_id": "UPDATE compared SET case_id = (SELECT min(case_id) FROM case_head)",
    "compared dropped": "DELETE FROM compared",
    "desk: not for all whom it is for": (
        "DELETE FROM desk USING tray t WHERE tray = t.id AND t.tab = 'stale' AND t.key <> 'audits'"
    ),
    "desk: due at another time": (
        "UPDATE desk SET due = '2020-01-01' FROM tray t WHERE tray = t.id AND t.tab = 'stale'"
    ),
}
"""Changes of what follows from a case that can be stale: the log above has none."""


@pytest.mark.parametrize("name", OF_A_STALE_CASE)
def test_for_whom_a_stale_case_lies_is_held_against_it(
    victim: Victim, open_case: str, new_database: Callable[..., Url], name: str
) -> None:
    """Its rows are all there or none, as they follow from the case; and it is one to compare."""
    url = new_database(f"stale_{next(_numbers)}", template=open_case)
    spoilt(url, OF_A_STALE_CASE[name])
    first = audited(url, victim).first
    assert first is not None
    assert "for others" in str(first)


_COLUMN = re.compile(r"[a-z_]+\.[a-z_]+")
_SETS = re.compile(r"UPDATE (\w+) SET (.*?)(?: WHERE |;|$)", re.DOTALL)


def test_every_column_is_changed_above_or_excused(
    victim: Victim, new_database: Callable[..., Url]
) -> None:
    """A column that comes with a new migration fails here until an audit is shown to guard it.

    Or until it is said, beside the change that an audit passes over, why that is borne.
    """
    url = new_database(f"columns_{next(_numbers)}", template=victim.late)
    with psycopg.connect(url("placet_owner")) as connection:
        found = connection.execute(
            "SELECT table_name, table_name || '.' || column_name FROM information_schema.columns"
            " WHERE table_schema NOT IN ('information_schema', 'pg_catalog')"
        ).fetchall()
    columns = {column for table, column in found if table not in EXCUSED}
    changes = {name: each for name, (each, _, _) in CHANGED.items()} | ERASED | OF_A_STALE_CASE
    changes |= OF_THE_MOMENT
    changed = {own[0]: each for name, each in changes.items() if (own := _COLUMN.match(name))}
    for name, statements in changed.items():
        table, field = name.split(".")
        fields = [each for of, each in _SETS.findall(statements) if of == table]
        assert any(re.search(rf"\b{field} = ", each) for each in fields), name
    assert columns == changed.keys()
    assert EXCUSED.keys() < {table for table, _ in found}


STATE = (
    "case_head.state: a later version",
    "context.ticket",
    "context made up",
    "permit.status",
    "permit.listed",
    "status list made up",
)
"""Changes of the state that only acts which still wait for a number could explain."""


@pytest.fixture(scope="module")
def at_work(victim: Victim, databases: Databases) -> str:
    """Have one more real act recorded that nobody has numbered."""
    name = f"at_work_{next(_numbers)}"
    url = databases.new(name, template=victim.late)
    acting, asking = Database(url("placet_act")), Database(url("placet_read"))
    clock = PlayedClock(parse_moment("2025-04-10"))  # while the permits still run
    nobody = Coverage(acting, None, patience=0)
    recording = DatabaseRecording(acting, nobody, claims=sample.claims, played=True)
    register = Register(recording, DatabaseReading(asking), clock)
    case = register.reading.case(max(register.reading.heads().cases))
    with pytest.raises(NotCoveredError):
        register.do("marchenko", "surrender", case.id, permit=min(case.permits), because="not used")
    for each in (acting, asking):
        each.close()
    return name


def test_what_waits_for_a_number_is_done_again(
    victim: Victim, at_work: str, new_database: Callable[..., Url]
) -> None:
    """State that is ahead of the log by a real act follows from it, and the report says so."""
    report = audited(new_database(f"work_{next(_numbers)}", template=at_work), victim)
    assert report.wrong == ()
    assert (report.size, report.audited, report.follows) == (LAST + 1, LAST + 1, True)
    assert "had no number yet" in report.notes[0]


@pytest.mark.parametrize("name", STATE)
def test_no_queue_excuses_a_change(
    victim: Victim, at_work: str, new_database: Callable[..., Url], name: str
) -> None:
    """A changed state is named as ever beside an act that really waits, and one that cannot."""
    statements, index, says = CHANGED[name]
    url = new_database(f"queue_{next(_numbers)}", template=at_work)
    spoilt(url, f"{statements};{QUEUED.replace('max', 'min')}")
    found = audited(url, victim).wrong
    assert any(each.index == index and says in str(each) for each in found), found


def test_the_untouched_database_follows(victim: Victim, new_database: Callable[..., Url]) -> None:
    """What the tests above change is sound before they change it."""
    url = new_database(f"sound_{next(_numbers)}", template=victim.late)
    report = audited(url, victim)
    assert report.follows
    assert (report.size, report.notes) == (LAST + 1, ())


def _with_erased(victim: Victim, databases: Databases, folder: Path, entry: int, field: str) -> str:
    """Have a field erased by an act, in a copy of the early register; return the copy's name."""
    name = f"erased_{next(_numbers)}"
    shutil.copytree(victim.keys_early, folder)
    with register_in(databases.new(name, template=victim.early), Keys(folder)) as register:
        register.clock.at = sample.BEGAN.replace(year=2025, month=3, day=3, hour=9)
        register.do("lindqvist", "erase", entry=entry, fields=[field], because="a court's order")
    return name


@pytest.fixture(scope="module")
def erased(victim: Victim, databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Have something erased by an act."""
    folder = tmp_path_factory.mktemp("erased") / "keys"
    return _with_erased(victim, databases, folder, REPORT, "evidence")


@pytest.mark.parametrize("name", [None, *ERASED])
def test_a_changed_note_of_an_erasure_is_named(
    victim: Victim, erased: str, new_database: Callable[..., Url], name: str | None
) -> None:
    """Which act erased what is held against the log; untouched, the log with it follows."""
    url = new_database(f"note_{next(_numbers)}", template=erased)
    if name is None:
        assert audited(url, victim).wrong == ()
        return
    spoilt(url, ERASED[name])
    first = audited(url, victim).first
    assert first is not None
    assert "the database notes" in str(first)


@pytest.fixture(scope="module")
def lost(victim: Victim, databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Have an act erased on which all that follows on its case rests."""
    folder = tmp_path_factory.mktemp("lost") / "keys"
    return _with_erased(victim, databases, folder, DETERMINE, "payload")


BESIDE_LOST = {
    "case_party added": ("INSERT INTO case_party VALUES (c(), 'RU')", "other parties"),
    "permit.status": ("UPDATE permit SET status = 1 - status, listed = 1 - status", "status list"),
    "permit.terms": (
        (
            "UPDATE permit SET terms ="
            " jsonb_set(terms::jsonb, '{terms,holder}', '\"RU\"')::json, token = NULL"
        ),
        "other terms",
    ),
    "permit dropped": ("DELETE FROM permit", "other permits"),
    "listing dropped": ("DELETE FROM listing WHERE case_id = c()", "for others"),
}
"""Changes beside a case whose state cannot be known any more, and what names them."""


@pytest.mark.parametrize("name", [None, *BESIDE_LOST])
def test_what_stands_beside_a_case_that_is_taken_as_on_file_is_held_against_it(
    victim: Victim, lost: str, new_database: Callable[..., Url], name: str | None
) -> None:
    """Of a case of which an act was erased the state is believed, and nothing beside it."""
    url = new_database(f"beside_{next(_numbers)}", template=lost)
    if name is None:
        assert audited(url, victim).wrong == ()
        return
    statements, says = BESIDE_LOST[name]
    spoilt(url, statements)
    first = audited(url, victim).first
    assert first is not None
    assert says in str(first)


def test_what_a_later_day_ends_is_listed_when_the_day_comes(
    victim: Victim, new_database: Callable[..., Url], tmp_path: Path
) -> None:
    """No act is done that day: the sequencer lists the permit as suspended, and an audit follows.

    An owner who puts the day off, or has it never come, is found out.
    """
    name = f"falls_{next(_numbers)}"
    url = new_database(name, template=victim.early)
    shutil.copytree(victim.keys_early, tmp_path / "keys")
    day = sample.BEGAN.replace(year=2025, month=3, day=5)
    with register_in(url, Keys(tmp_path / "keys")) as register:
        register.clock.at = day.replace(day=3, hour=9)
        (permit,) = register.reading.heads().permits
        grounds = register.reading.case_of_permit(permit).permits[permit].grounds
        about = next(each.about for each in grounds if each.kind == "standing-authorisation")
        policy = about.removeprefix("US:").split("/")[0]
        ending = {"party": "US", "policy": policy, "until": written(day), "because": "its time"}
        register.do("hart", "end-policy", **ending)
        assert _listed(register) == (0, 0)
        register.clock.at = day
    with register_in(url, Keys(tmp_path / "keys")) as register:
        register.clock.at = day + timedelta(hours=1)
        assert _listed(register) == (2, 0)
        lists = len(register.reading.heads().lists)
    with register_in(url, Keys(tmp_path / "keys")) as register:
        register.clock.at = day + timedelta(hours=1)
        assert len(register.reading.heads().lists) == lists
    assert audited(url, victim).wrong == ()
    for put_off in (
        "UPDATE permit SET falls = NULL",
        "UPDATE permit SET falls = '2025-09-01'",
    ):
        other = new_database(f"falls_{next(_numbers)}", template=name)
        spoilt(other, put_off)
        assert "status list" in str(audited(other, victim).first)


@pytest.mark.parametrize(
    ("status", "says"),
    [(0, "is valid; by then it was suspended"), (1, "is revoked or surrendered; by then it was")],
)
def test_an_earlier_status_list_that_said_otherwise_is_named(
    victim: Victim, new_database: Callable[..., Url], tmp_path: Path, status: int, says: str
) -> None:
    """What the sequencer is made to sign for an hour, and put back before anybody audits."""
    url = new_database(f"listed_{next(_numbers)}", template=victim.late)
    shutil.copytree(victim.keys_late, tmp_path / "keys")
    day = PlayedClock(sample.BEGAN).at.replace(year=2025, month=4, day=10)
    for hours, now in ((1, status), (2, 2)):
        with psycopg.connect(url("placet_owner")) as connection:
            connection.execute("UPDATE permit SET status = %s WHERE case_id LIKE 'C-%%1'", (now,))
        with register_in(url, Keys(tmp_path / "keys")) as register:
            register.clock.at = day + timedelta(hours=hours)
    first = audited(url, victim).first
    assert first is not None
    assert (first.index, says in str(first)) == (LAST + 1, True), first


def test_a_permit_signed_of_other_claims_is_named(
    victim: Victim, new_database: Callable[..., Url], tmp_path: Path
) -> None:
    """Claims that are changed, signed and put back leave a line where the keys are.

    Claims that are signed anew, as by the next key, are those of the act.
    """
    url = new_database(f"claims_{next(_numbers)}", template=victim.late)
    shutil.copytree(victim.keys_late, tmp_path / "keys")
    keys = Keys(tmp_path / "keys")
    day = PlayedClock(sample.BEGAN).at.replace(year=2025, month=4, day=10)

    def signed(quantity: int | None) -> SignedPermit:
        """Have the first permit signed, perhaps for a quantity; put back what there was."""
        with psycopg.connect(url("placet_owner")) as connection:
            row = connection.execute(
                "SELECT permit, terms, token FROM permit ORDER BY status_index LIMIT 1"
            ).fetchone()
            assert row is not None
            permit, claims, token = row
            other = copy.deepcopy(claims)
            if quantity is not None:
                other["terms"]["lines"][0]["quantity"] = quantity
            change = "UPDATE permit SET terms = %s, token = %s WHERE permit = %s"
            connection.execute(change, (Json(other), None, permit))
        with register_in(url, keys) as register:
            register.clock.at = day
        with reading(url) as found:
            made = found.heads().permits[permit].token
        with psycopg.connect(url("placet_owner")) as connection:
            connection.execute(change, (Json(claims), token, permit))
        return open_permit(str(made), sample.permit_keys())

    def report() -> AuditReport:
        with reading(url) as found:
            return audit(
                found,
                ORIGIN,
                victim.log_keys,
                permit_keys=sample.permit_keys(),
                noted=keys.noted(),
            )

    assert len(keys.noted()) == 2
    assert signed(None).terms.lines[0].quantity == 4
    assert report().follows
    assert signed(4000).terms.lines[0].quantity == 4000
    (found,) = report().wrong
    assert found.index is None
    assert found.says.startswith("A permit was signed of which there is no act")
    assert keys.noted()[-1] in found.says


def _listed(register: Register) -> tuple[int, int]:
    """Return the status of the one permit on the latest list, and by what acts made of it."""
    token = register.reading.status_list()
    assert token is not None
    (row,) = register.reading.heads().permits.values()
    listed = open_status_token(token, sample.permit_keys()).statuses.status(row.status_index)
    return int(listed), row.status


def test_a_restored_backup_is_found_by_the_keys_folder(
    victim: Victim, at_work: str, new_database: Callable[..., Url]
) -> None:
    """Where the keys are, it takes nothing kept elsewhere: their folder says what was signed last.

    A batch that a crash cut off, and whose acts wait, is no such thing.
    """
    keys = Keys(victim.keys_late)
    promised = keys.promised()
    backup = new_database(f"backup_{next(_numbers)}", template=victim.early)
    whole = new_database(f"whole_{next(_numbers)}", template=at_work)
    for url, follows in ((backup, False), (whole, True)):
        with reading(url) as found:
            report = audit(
                found, ORIGIN, victim.log_keys, permit_keys=sample.permit_keys(), promised=promised
            )
        assert report.follows is follows
    with reading(backup) as found:
        report = audit(found, ORIGIN, victim.log_keys, promised=promised)
    assert report.first is not None
    assert (report.first.index, report.first.until) == (6, LAST)
    with reading(whole) as found:
        (waits,) = found.heads().waiting
        for tickets, follows in (((waits.ticket,), True), ((waits.ticket + 1,), False)):
            root = hash_leaf(b"what is to be signed next")
            ahead = Promise(Checkpoint(ORIGIN, LAST + 2, root), LAST + 1, tickets)
            report = audit(found, ORIGIN, victim.log_keys, promised=ahead)
            assert report.follows is follows


def test_an_act_slipped_in_with_a_session_s_evidence_is_named(
    victim: Victim, new_database: Callable[..., Url], tmp_path: Path
) -> None:
    """Who writes to the database, and reads a session's evidence there, makes up no act by it."""
    url = new_database(f"slipped_{next(_numbers)}", template=victim.early)
    shutil.copytree(victim.keys_early, tmp_path / "keys")
    with register_in(url, Keys(tmp_path / "keys")) as register:
        body = next(iter(register.reading.entries(REPORT, REPORT + 1))).body
        assert body is not None
        seen = body.entry()
        assert seen.case is not None
        permit = next(iter(register.reading.case(seen.case).permits))
        gone = command_of("surrender", {"permit": permit, "because": "we need it no more"})

        def make(case: Case | None, context: Context) -> Change:
            event = perform(case, context, gone, seen.actor or "", seen.time)
            return Change(event, (fold(case, event),), evidence=seen.evidence)

        assert register.recording.on_case(seen.case, make).index == REPORT + 1
    first = audited(url, victim).first
    assert first is not None
    assert (first.index, "not over this statement" in str(first)) == (REPORT + 1, True), first


@pytest.mark.parametrize("meanwhile", ["an act on another case", "a version of the status list"])
def test_an_act_that_the_application_dates_back_is_named(
    victim: Victim,
    new_database: Callable[..., Url],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    meanwhile: str,
) -> None:
    """What a session does after its end, on a quiet case, does not count as of before it.

    Recording refuses it; where it is recorded all the same, by a program that is not ours, an audit
    names its entry. The sequencer alone goes on dating entries where nobody acts.
    """
    url = new_database(f"back_{next(_numbers)}", template=victim.early)
    shutil.copytree(victim.keys_early, tmp_path / "keys")
    then = sample.BEGAN.replace(year=2025, month=3, day=3, hour=9)
    with register_in(url, Keys(tmp_path / "keys")) as register:
        (quiet,) = register.reading.heads().cases
        permit = min(register.reading.case(quiet).permits)
        register.clock.at = then + timedelta(days=1)
        if meanwhile == "an act on another case":
            register.references.drawn = 100
            register.add_cases(1)
    with register_in(url, Keys(tmp_path / "keys")) as register:
        register.clock.at = then + timedelta(hours=7)
        gone = {"permit": permit, "because": "we need it no more"}
        with pytest.raises(ClockError, match="something on record is dated later"):
            register.do("marchenko", "surrender", quiet, **gone)
        monkeypatch.setattr("placet.store.recording.must_be_in_step", lambda *_, **__: None)
        register.do("marchenko", "surrender", quiet, **gone)
    report = audited(url, victim)
    assert report.first is not None
    assert "dated 2025-03-03T16:02:00Z, and the earlier entry" in str(report.first)
    assert (len(report.wrong), report.audited) == (1, report.size), "all else was done again"


def test_every_byte_of_every_file_of_an_export_is_held(
    victim: Victim, new_database: Callable[..., Url], tmp_path: Path
) -> None:
    """Whatever file is in the folder that outsiders copy, no byte of it is changed unnoticed."""
    with reading(new_database(f"held_{next(_numbers)}", template=victim.late)) as found:
        export(found, tmp_path)
    files = [each for each in tmp_path.rglob("*") if each.is_file()]
    assert {str(each.relative_to(tmp_path)) for each in files} == {
        "checkpoint",
        f"tile/entries/000.p/{LAST + 1}",
        f"tile/0/000.p/{LAST + 1}",
    }
    verify_folder(tmp_path, victim.log_keys)
    for file in files:
        data = file.read_bytes()
        for at, byte in enumerate(data):
            file.write_bytes(data[:at] + bytes([byte ^ (at % 255 + 1)]) + data[at + 1 :])
            with pytest.raises(LedgerError):
                verify_folder(tmp_path, victim.log_keys)
        file.write_bytes(data)
    verify_folder(tmp_path, victim.log_keys)


def test_dropping_earlier_checkpoints_takes_nothing_from_anybody(
    victim: Victim, new_database: Callable[..., Url]
) -> None:
    """No act says which there were, so none is missed; nor is one needed for what it proved.

    Receipts that were given by it verify, and can be made anew of every entry; whoever kept it
    finds that the log continues it.
    """
    url = new_database(f"fewer_{next(_numbers)}", template=victim.late)
    with reading(url) as found:
        signed = list(found.checkpoints())
        given = [
            make_receipt(index, each, hashes_from(found.tiles(), each.checkpoint.size)).render()
            for each in signed
            for index in range(each.checkpoint.size)
        ]
        leaves = [each.leaf for each in found.entries()]
    assert len(signed) > 1
    spoilt(url, "DELETE FROM checkpoint WHERE size < (SELECT max(size) FROM checkpoint)")
    for each in signed:
        assert audited(url, victim, each.render()).follows
    with reading(url) as found:
        assert len(list(found.checkpoints())) == 1
        made = [receipt(found, index) for index in range(LAST + 1)]
    for each in (*given, *made):
        held = parse_receipt(each)
        verify_receipt(held, leaves[held.index], victim.log_keys, None)


def test_a_restored_backup_is_found(
    victim: Victim, new_database: Callable[..., Url], tmp_path: Path
) -> None:
    """A backup follows, but not from the checkpoint that was exported before it was restored."""
    with reading(new_database(f"late_{next(_numbers)}", template=victim.late)) as found:
        known = export(found, tmp_path).render()
    backup = new_database(f"backup_{next(_numbers)}", template=victim.early)
    assert audited(backup, victim).follows
    first = audited(backup, victim, known).first
    assert first is not None
    assert (first.index, first.until) == (6, LAST)
    with reading(backup) as found, pytest.raises(RollbackError):
        export(found, tmp_path)


def test_a_fork_with_the_log_s_key_is_found(
    victim: Victim, new_database: Callable[..., Url], tmp_path: Path
) -> None:
    """Who has the key and a backup can go on from it; an exported checkpoint shows the fork."""
    with reading(new_database(f"late_{next(_numbers)}", template=victim.late)) as found:
        known = export(found, tmp_path / "true").render()
    url = new_database(f"fork_{next(_numbers)}", template=victim.early)
    shutil.copytree(victim.keys_early, tmp_path / "keys")
    with register_in(url, Keys(tmp_path / "keys")) as register:
        register.clock.at = sample.BEGAN.replace(year=2025, month=3, day=3, hour=9)
        register.references.drawn = 500
        register.add_cases(2)
    assert audited(url, victim).follows
    first = audited(url, victim, known).first
    assert first is not None
    assert "rewritten" in str(first)
    with reading(url) as found:
        with pytest.raises((ForkError, BadProofError)):
            export(found, tmp_path / "true")
        export(found, tmp_path / "fork")
    with pytest.raises(ForkError):
        verify_folder(tmp_path / "fork", victim.log_keys, known)
