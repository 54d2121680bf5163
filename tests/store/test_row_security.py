"""What each role of the database may do, tried as that role and not through our own code."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, LiteralString

import psycopg
import pytest
import store_sample as sample
from psycopg.errors import InsufficientPrivilege, RaiseException
from psycopg.sql import SQL, Composed, Identifier

from placet.ledger import Entry, erase, parse_body, seal
from placet.review.case import Determined, PartyNeed, Stage
from placet.review.errors import UnknownError
from placet.store.cluster import Role
from placet.store.errors import RolesError
from placet.store.migrating import migrate
from server_for_tests import Databases

PRIVATE = (
    *("body", "moved", "erasure", "case_head", "case_party", "context", "permit"),
    *("desk", "listing", "taking", "tray", "document", "compared", "course"),
)
APPEND_ONLY = {
    "entry": "leaf",
    "numbered": "ticket",
    "checkpoint": "note",
    "context": "digest",
    "moved": "ticket",
    "erasure": "erased",
}
EVERY = (
    *APPEND_ONLY,
    "body",
    "pending",
    "tile",
    "case_head",
    "case_party",
    "permit",
    "status_list",
    "signing_key",
    "desk",
    "listing",
    "taking",
    "tray",
    "document",
    "compared",
    "course",
)


_DETERMINED = Determined(
    digest=sample.DIGEST,
    substance=sample.DIGEST,
    at=sample.BEGAN,
    context_version=1,
    outcome="review",
    needs={"DE": PartyNeed(party="DE", outcome="review")},
)


@pytest.fixture(scope="module")
def system(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[sample.System]:
    """A log with two cases: one of UA in which DE has a say, one of PL; each with a permit.

    Made once: no test changes what another one asks for.
    """
    url = sample.migrated(databases, databases.new)
    made = sample.System(url, tmp_path_factory.mktemp("row-security") / "keys")
    recording = made.recording(made.sequencer())
    sample.begin(recording)
    sample.submit(recording, "C-1", {"one": b"1"}, determined=_DETERMINED)
    sample.submit(recording, "C-2", {"two": b"2"}, applicant="PL")
    for number in (1, 2):
        held = {f"P-{number}": sample.permit(f"P-{number}", number)}
        sample.move(recording, f"C-{number}", permits=held)
    sample.erase(recording, 2, "evidence")
    yield made
    made.close()


def _ask(
    system: sample.System, role: Role, statement: LiteralString | Composed, **values: Any
) -> list[Any]:
    with psycopg.connect(system.url(role)) as connection:
        return connection.execute(statement, values or None).fetchall()


@pytest.mark.parametrize("table", PRIVATE)
def test_read_sees_nothing_without_settings(system: sample.System, table: str) -> None:
    """Proves that a forgotten filter shows no row of a case, a body, a permit or a context."""
    count = SQL("SELECT count(*) FROM {}").format(Identifier(table))
    assert _ask(system, "placet_act", count) > [(0,)]
    assert _ask(system, "placet_read", count) == [(0,)]


def _seen(system: sample.System, parties: str) -> dict[str, list[str]]:
    tables: dict[str, LiteralString] = {
        "case_head": "SELECT case_id FROM case_head ORDER BY 1",
        "case_party": "SELECT party FROM case_party ORDER BY 1",
        "moved": "SELECT DISTINCT case_id FROM moved ORDER BY 1",
        "permit": "SELECT permit FROM permit ORDER BY 1",
        "body": "SELECT DISTINCT case_id FROM body ORDER BY 1",
        "document": "SELECT case_id FROM document ORDER BY 1",
        "context": "SELECT digest FROM context",
        "erasure": "SELECT 'erasure' FROM erasure",
    }
    with psycopg.connect(system.url("placet_read")) as connection:
        connection.execute("SELECT set_config('placet.viewer_parties', %s, true)", (parties,))
        return {
            table: [each for (each,) in connection.execute(statement)]
            for table, statement in tables.items()
        }


@pytest.mark.parametrize(
    ("parties", "cases", "own"),
    [
        ("UA", ["C-1"], ["UA"]),
        ("DE", ["C-1"], ["DE"]),
        ("PL", ["C-2"], ["PL"]),
        ("DE,PL", ["C-1", "C-2"], ["DE", "PL"]),
        ("US", [], []),
        ("", [], []),
        ("UA'", [], []),
        ("{UA}", [], []),
    ],
)
def test_a_viewer_sees_the_cases_of_its_parties(
    system: sample.System, parties: str, cases: list[str], own: list[str]
) -> None:
    """Proves the filter of every table; no context, and not which other parties have a say."""
    assert _seen(system, parties) == {
        "case_head": cases,
        "case_party": own,
        "moved": cases,
        "permit": [each.replace("C", "P") for each in cases],
        "body": cases,
        "document": cases,
        "context": [],
        "erasure": [],
    }


def test_a_viewer_sees_the_rows_of_its_keys(system: sample.System) -> None:
    """Proves that lists and searches let through what the keys of the viewer hold, and no more."""
    questions: tuple[LiteralString, ...] = (
        "SELECT DISTINCT key FROM desk JOIN tray ON tray.id = tray ORDER BY 1",
        "SELECT case_id FROM listing ORDER BY 1",
        "SELECT * FROM sought($$'use':*$$, 9) ORDER BY 1",
        "SELECT case_id FROM taking ORDER BY 1",
    )
    seen = {}
    for keys in ("", "applications party:UA", "audits", "audits'"):
        with psycopg.connect(system.url("placet_read")) as connection:
            connection.execute("SELECT set_config('placet.viewer_keys', %s, true)", (keys,))
            seen[keys] = [
                [each for (each,) in connection.execute(question)] for question in questions
            ]
    assert seen[""] == seen["audits'"] == [[], [], [], []]
    assert seen["applications party:UA"] == [["applications party:UA"], *[["C-1"]] * 3]
    assert seen["audits"] == [["audits"], *[["C-1", "C-2"]] * 3]


def test_settings_end_with_their_transaction(system: sample.System) -> None:
    """Proves that a connection that goes on to the next viewer carries nothing over."""
    with psycopg.connect(system.url("placet_read"), autocommit=True) as connection:
        with connection.transaction():
            connection.execute("SELECT set_config('placet.viewer_audit', 'on', true)")
            assert connection.execute("SELECT count(*) FROM context").fetchall() == [(1,)]
        assert connection.execute("SELECT count(*) FROM context").fetchall() == [(0,)]


def test_the_reader_asks_for_its_viewer(system: sample.System) -> None:
    """Proves that our reader for a viewer sees that viewer's rows, and audit sees all."""
    audit = system.reading()
    viewer = audit.for_viewer(["DE"])
    assert [each.id for each in viewer.cases()] == ["C-1"]
    assert viewer.permit_row("P-1").case == "C-1"
    assert len(viewer.entries_of_case("C-1")) == 2
    assert viewer.entries_of_case("C-2") == []
    assert len(viewer.places_of_case("C-1")) == 2
    assert viewer.places_of_case("C-2") == []
    for hidden in (
        lambda: viewer.case("C-2"),
        lambda: viewer.permit_row("P-2"),
        viewer.context,
        lambda: audit.for_viewer(["DE,PL"]).case("C-2"),
    ):
        with pytest.raises(UnknownError):
            hidden()
    bodies = {each.index: each.body is not None for each in viewer.entries()}
    assert len(bodies) == len(list(audit.entries()))
    assert [index for index, shown in bodies.items() if shown][:2] == [1, 3]
    assert not bodies[0]
    assert viewer.heads().contexts == {}
    assert {"C-1", "C-2"} <= audit.heads().cases.keys()


def test_a_case_that_no_longer_concerns_a_party_is_not_seen(system: sample.System) -> None:
    """Proves that who may see a case follows from its state, each time."""
    recording = system.recording(system.sequencer())
    sample.submit(recording, "C-3", applicant="FR", determined=_DETERMINED)
    viewer = system.reading().for_viewer(["DE"])
    assert viewer.case("C-3").applicant == "FR"
    sample.move(recording, "C-3", determined=None, stage=Stage.RETURNED)
    with pytest.raises(UnknownError):
        viewer.case("C-3")
    assert system.reading().for_viewer(["FR"]).case("C-3").version == 2


def test_what_is_on_record_is_not_changed(system: sample.System) -> None:
    """Proves that no role but the owner updates, deletes or empties a table of the record."""
    for role in _OTHERS:
        with psycopg.connect(system.url(role), autocommit=True) as connection:
            for table, column in APPEND_ONLY.items():
                names = {"table": Identifier(table), "column": Identifier(column)}
                for statement in _CHANGES:
                    with pytest.raises(InsufficientPrivilege):
                        connection.execute(statement.format(**names))


_OTHERS: tuple[Role, ...] = ("placet_act", "placet_read", "placet_sequencer", "placet_worker")
_CHANGES = (
    SQL("UPDATE {table} SET {column} = {column}"),
    SQL("DELETE FROM {table}"),
    SQL("TRUNCATE {table}"),
)


def test_each_role_has_exactly_these_rights(system: sample.System) -> None:
    """Proves the whole table of privileges, so that a right more or less is seen here."""
    found: dict[str, dict[str, set[str]]] = {}
    for role, table, right in _ask(
        system,
        "placet_owner",
        "SELECT grantee, table_name, privilege_type FROM information_schema.column_privileges"
        " WHERE table_schema = 'public' AND grantee LIKE 'placet%' AND grantee <> 'placet_owner'"
        " UNION SELECT grantee, table_name, privilege_type"
        " FROM information_schema.table_privileges"
        " WHERE table_schema = 'public' AND grantee LIKE 'placet%' AND grantee <> 'placet_owner'",
    ):
        found.setdefault(role, {}).setdefault(right, set()).add(table)
    assert found == {
        "placet_act": {
            "SELECT": {*EVERY, "django_migrations"},
            "INSERT": {"entry", "body", "pending", "moved", "case_head", "case_party"}
            | {"context", "permit", "desk", "listing", "taking", "tray"}
            | {"document", "compared", "course"},
            "UPDATE": {"case_head", "permit", "listing", "compared", "course"},
            "DELETE": {"case_party", "desk", "taking", "compared"},
        },
        "placet_read": {"SELECT": set(EVERY)},
        "placet_sequencer": {
            "SELECT": {"entry", "pending", "numbered", "tile", "checkpoint", "signing_key"}
            | {"permit", "status_list", "context"},
            "INSERT": {"entry", "body", "pending", "numbered", "tile", "checkpoint"}
            | {"signing_key", "status_list"},
            "UPDATE": {"tile", "permit", "signing_key"},
            "DELETE": {"pending", "signing_key"},
        },
    }


def test_each_role_calls_exactly_these_functions(system: sample.System) -> None:
    """Proves the same of every function there is: a new one is everybody's until it is said whose.

    Some look past row-level security, for the viewer that a setting names.
    """
    found: dict[str, set[str]] = {}
    for name, role, may in _ask(
        system,
        "placet_owner",
        "SELECT proname, rolname, has_function_privilege(rolname, p.oid, 'EXECUTE')"
        " FROM pg_proc p, pg_roles WHERE pronamespace = 'public'::regnamespace"
        " AND rolname LIKE 'placet%' AND rolname <> 'placet_owner'",
    ):
        found.setdefault(name, set()).update({role} if may else ())
    assert found == {
        "erase_body": {"placet_act"},
        "erase_documents": {"placet_act"},
        "erased_by": set(),
        "sought": {"placet_read"},
        "parts_before": set(),
        "courses_before": {"placet_read"},
        "takings_before": {"placet_read"},
        "viewer_audits": {"placet_read"},
        "viewer_parties": {"placet_read"},
        "viewer_keys": {"placet_read"},
    }


def test_no_role_gets_past_row_security(system: sample.System) -> None:
    """Proves that the private tables are under forced row-level security and no role is exempt."""
    rows = _ask(
        system,
        "placet_owner",
        "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity",
    )
    assert {name for (name,) in rows} == set(PRIVATE)
    strong = _ask(
        system,
        "placet_owner",
        "SELECT rolname FROM pg_roles WHERE rolname LIKE 'placet%' AND (rolsuper OR rolbypassrls)",
    )
    assert strong == []


def test_terms_and_tokens_are_each_other_s_business(system: sample.System) -> None:
    """Proves that `act` cannot put a token in place, and the sequencer cannot change a status."""
    forbidden: tuple[tuple[Role, LiteralString], ...] = (
        ("placet_act", "UPDATE permit SET token = 'x'"),
        ("placet_act", "UPDATE permit SET terms = '[]'"),
        ("placet_act", "UPDATE permit SET status_index = 9"),
        ("placet_sequencer", "UPDATE permit SET status = 0"),
        ("placet_sequencer", "UPDATE permit SET terms = '[]'"),
    )
    for role, statement in forbidden:
        with (
            psycopg.connect(system.url(role)) as connection,
            pytest.raises(InsufficientPrivilege),
        ):
            connection.execute(statement)


def _body(system: sample.System, index: int) -> tuple[int, bytes]:
    statement: LiteralString = (
        "SELECT ticket, body FROM numbered JOIN body USING (ticket) WHERE index = %(index)s"
    )
    return _ask(system, "placet_act", statement, index=index)[0]


def _begun(connection: psycopg.Connection, says: Mapping[str, object] | None) -> int:
    """Record an erasure that has no number yet, or another act; return its ticket."""
    kind = "erase" if says is not None else "suspend"
    entry = Entry(
        kind=kind,
        time=sample.BEGAN,
        actor="root",
        context_version=1,
        payload={"command": dict(says or {"entry": 1, "fields": ["payload", "evidence"]})},
    )
    body = seal(entry, secrets.token_bytes)
    found = connection.execute(
        "WITH drawn AS (INSERT INTO entry VALUES (nextval('ticket'), %s) RETURNING ticket),"
        " kept AS (INSERT INTO body (ticket, body) SELECT ticket, %s FROM drawn)"
        " INSERT INTO pending SELECT ticket FROM drawn RETURNING ticket",
        (body.commitment, body.render()),
    ).fetchone()
    assert found is not None
    return int(found[0])


def test_documents_go_only_by_a_fresh_act(system: sample.System) -> None:
    """Proves that nobody edits a document, and that erasing one takes an act not yet numbered."""
    ticket, _ = _body(system, 1)
    call: LiteralString = "SELECT erase_documents(%s, %s)"
    with psycopg.connect(system.url("placet_act")) as connection:
        with pytest.raises(RaiseException, match="no act that has just been recorded"):
            connection.execute(call, (ticket, ticket))
        connection.rollback()
        for says in (None, {"entry": 1, "fields": ["actor"]}, {"entry": 2, "fields": ["payload"]}):
            by = _begun(connection, says)
            with pytest.raises(RaiseException, match="no act that has just been recorded"):
                connection.execute(call, (ticket, by))
            connection.rollback()
        connection.execute(
            call, (ticket, _begun(connection, {"entry": 1, "fields": ["documents"]}))
        )
        left = connection.execute("SELECT digest, bytes FROM document ORDER BY digest").fetchall()
        assert left == [("one", None), ("two", b"2")]
        connection.rollback()
    for role in ("placet_act", "placet_read", "placet_worker"):
        with (
            psycopg.connect(system.url(role)) as connection,
            pytest.raises(InsufficientPrivilege),
        ):
            connection.execute("UPDATE document SET bytes = NULL")


def test_a_body_changes_only_by_tombstones_of_a_fresh_act(system: sample.System) -> None:
    """Proves that the one way to a body takes an act not yet numbered and erases, never edits."""
    ticket, body = _body(system, 1)
    whole = parse_body(body)
    call: LiteralString = "SELECT erase_body(%(of)s, %(by)s, %(data)s)"
    tombstoned = erase(whole, ["payload"]).render()

    every = {"entry": 1, "fields": ["actor", "evidence", "payload"]}

    def attempt(
        data: bytes, says: Mapping[str, object] | None = every, by: int = 0, of: int = ticket
    ) -> None:
        with psycopg.connect(system.url("placet_act")) as connection:
            by = by or _begun(connection, says)
            connection.execute(call, {"of": of, "by": by, "data": data})
            connection.rollback()

    attempt(tombstoned)
    attempt(tombstoned, {"entry": 1, "fields": ["payload"]})
    numbered = sample.erase(system.recording(system.sequencer()), 2, "payload").index
    other, none = {"entry": 2, "fields": ["payload"]}, "no act that has just been recorded"
    for refused in (
        partial(attempt, says=None),
        partial(attempt, says=other),
        partial(attempt, by=_body(system, numbered)[0]),
        partial(attempt, by=ticket),
        partial(attempt, of=99_999),
    ):
        with pytest.raises(RaiseException, match=none):
            refused(tombstoned)
    with pytest.raises(RaiseException, match="the field payload of body"):
        attempt(tombstoned, {"entry": 1, "fields": ["evidence"]})
    edits = (
        body.replace(b'"ann"', b'"bob"'),
        erase(whole, ["kind"]).render(),
        tombstoned.replace(b'"erased":true', b'"erased":true,"value":1'),
        tombstoned.replace(b'"erased":true', b'"erased":false'),
        tombstoned.replace(b'"fields":{', b'"fields":{"more":{"digest":"x","erased":true},'),
        tombstoned.replace(b"placet-entry-1", b"placet-entry-2"),
        b"{}",
    )
    for edit in edits:
        assert edit != body
        with pytest.raises(RaiseException):
            attempt(edit)
    for role in ("placet_read", "placet_sequencer", "placet_worker"):
        with (
            psycopg.connect(system.url(role)) as connection,
            pytest.raises(InsufficientPrivilege),
        ):
            connection.execute(call, {"of": ticket, "by": ticket, "data": tombstoned})


def test_migrating_again_changes_nothing(system: sample.System) -> None:
    """Proves that bringing the schema up to date can be done at every start."""
    assert migrate(system.url("placet_owner")) == ()


def test_rows_that_an_earlier_program_laid_otherwise_are_laid_anew(system: sample.System) -> None:
    """Proves that an update leaves of each case the rows that follow from it, and no other."""

    def laid(connection: psycopg.Connection[Any]) -> set[Any]:
        found = connection.execute("SELECT tray, act, about, since, told FROM desk").fetchall()
        return set(found)

    with psycopg.connect(system.url("placet_owner")) as connection:
        before = laid(connection)
        assert before
        connection.execute("UPDATE desk SET since = '2001-01-01', id = gen_random_uuid()")
        connection.execute("DELETE FROM django_migrations WHERE name >= '0013_rows_anew'")
        connection.execute("CREATE TABLE log_key AS SELECT key FROM signing_key WHERE use = 'log'")
        connection.execute("DROP TABLE signing_key")
    assert migrate(system.url("placet_owner"))[0] == "0013_rows_anew"
    with psycopg.connect(system.url("placet_owner")) as connection:
        assert laid(connection) == before


def test_a_missing_role_is_named(system: sample.System, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves that a role that is missing is named, with the statement that makes it."""
    monkeypatch.setattr("placet.store.migrating.ROLES", ("placet_owner", "placet_absent"))
    with pytest.raises(RolesError, match="CREATE ROLE placet_absent LOGIN"):
        migrate(system.url("placet_owner"))


def test_row_level_security_that_was_turned_off_is_named(system: sample.System) -> None:
    """Proves that no command starts where a table shows everybody's rows."""
    with psycopg.connect(system.url("placet_owner")) as connection:
        connection.execute("ALTER TABLE body DISABLE ROW LEVEL SECURITY")
        connection.execute("ALTER TABLE desk NO FORCE ROW LEVEL SECURITY")
    with pytest.raises(RolesError, match="body, desk: row-level security was turned off"):
        migrate(system.url("placet_owner"))
