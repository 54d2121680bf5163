"""The structure of the database: what an audit expects is what migrations lay, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
import store_sample

from placet.store.connections import Database
from placet.store.reading import DatabaseReading
from placet.store.structure import laid, references
from server_for_tests import Databases, Url
from structure import WRITTEN, structure_in


@pytest.fixture(scope="module")
def fresh(databases: Databases) -> Url:
    """A database that was migrated, and nothing else."""
    return store_sample.migrated(databases, databases.new)


def test_the_written_structure_is_what_migrations_lay(fresh: Url) -> None:
    """After a migration: `make structure`, and read what it changed."""
    assert WRITTEN.read_text("utf-8") == structure_in(fresh)


def test_what_migrations_laid_is_as_this_program_expects(fresh: Url) -> None:
    """An audit asks as `read`, which sees no row for that, and is told of no difference."""
    assert _differences(fresh) == []


def test_every_foreign_key_is_a_reference(fresh: Url) -> None:
    """What is looked for in the words of PostgreSQL is all that its catalogue has."""
    with psycopg.connect(fresh("placet_owner")) as connection:
        found = connection.execute(
            "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint"
            " WHERE contype = 'f'"
        ).fetchall()
    expected = [*found, ("desk", "tray")]
    assert sorted(expected) == sorted((each.table, each.of) for each in references())


OTHERWISE = {
    "row-level security off": (
        "ALTER TABLE body DISABLE ROW LEVEL SECURITY",
        "has the table body otherwise than migrations lay it: of placet_owner, forced",
    ),
    "row-level security not for its owner": (
        "ALTER TABLE desk NO FORCE ROW LEVEL SECURITY",
        "has the table desk otherwise",
    ),
    "a policy dropped": ("DROP POLICY seen ON body", "lacks the policy seen of body"),
    "a policy added": (
        "CREATE POLICY more ON context FOR SELECT TO placet_read USING (true)",
        "lays the policy more of context that the database has",
    ),
    "a policy widened": (
        "ALTER POLICY seen ON case_head USING (true)",
        "has the policy seen of case_head otherwise",
    ),
    "a policy for everybody": (
        "ALTER POLICY work ON permit TO PUBLIC",
        "has the policy work of permit otherwise",
    ),
    "a right more": (
        "GRANT DELETE ON entry TO placet_act",
        "has the rights of placet_act on table entry otherwise",
    ),
    "a right to grant": (
        "GRANT SELECT ON body TO placet_read WITH GRANT OPTION",
        "has the rights of placet_read on table body otherwise",
    ),
    "a right on a column": (
        "GRANT UPDATE (token) ON permit TO placet_act",
        "lays the rights of placet_act on column permit.token that the database has",
    ),
    "a right for everybody": (
        "GRANT SELECT ON body TO PUBLIC",
        "lays the rights of everybody on table body that the database has",
    ),
    "a right less": (
        "REVOKE INSERT ON document FROM placet_act",
        "has the rights of placet_act on table document otherwise",
    ),
    "a right on a sequence": (
        "REVOKE USAGE ON SEQUENCE ticket FROM placet_act",
        "lacks the rights of placet_act on sequence ticket",
    ),
    "a right on a function": (
        "GRANT EXECUTE ON FUNCTION erase_body TO PUBLIC",
        "lays the rights of everybody on function erase_body(bigint,bigint,bytea)",
    ),
    "a right on what is made later": (
        "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC",
        "lays the rights of everybody on what is made later (r) that the database has",
    ),
    "what a function does": (
        (
            "CREATE OR REPLACE FUNCTION viewer_audits() RETURNS boolean STABLE LANGUAGE sql"
            " RETURN true"
        ),
        "has the function viewer_audits() otherwise",
    ),
    "as whom a function does it": (
        "ALTER FUNCTION erased_by SECURITY DEFINER",
        "has the function erased_by(bigint,bigint) otherwise",
    ),
    "where a function looks first": (
        "ALTER FUNCTION sought SET search_path = pg_temp, public",
        "has the function sought(tsquery,bigint) otherwise",
    ),
    "what a function does with nothing": (
        "ALTER FUNCTION viewer_keys() STRICT",
        "has the function viewer_keys() otherwise",
    ),
    "a function more": (
        "CREATE FUNCTION more() RETURNS int LANGUAGE sql RETURN 1",
        "lays the function more() that the database has: of placet_owner",
    ),
    "a trigger": (
        (
            "CREATE TRIGGER later BEFORE UPDATE ON case_head FOR EACH ROW"
            " EXECUTE FUNCTION suppress_redundant_updates_trigger()"
        ),
        "lays the trigger later of case_head that the database has",
    ),
    "a rule": (
        "CREATE RULE lost AS ON INSERT TO document DO INSTEAD NOTHING",
        "lays the rule lost of document that the database has",
    ),
    "a view": (
        "CREATE VIEW more AS SELECT * FROM body",
        "lays the view more that the database has",
    ),
    "an operator": (
        "CREATE OPERATOR === (FUNCTION = texteq, LEFTARG = text, RIGHTARG = text)",
        "lays the operator ===(text,text)",
    ),
    "a cast": (
        "CREATE TYPE more AS ENUM (); CREATE CAST (more AS text) WITH INOUT AS IMPLICIT",
        "lays the cast from more to text that the database has",
    ),
    "a table that others lie under": (
        "CREATE TABLE more () INHERITS (case_head)",
        "lays the table more under case_head that the database has",
    ),
    "a foreign key dropped": (
        "ALTER TABLE document DROP CONSTRAINT document_ticket_fkey",
        "lacks the constraint document_ticket_fkey of document",
    ),
    "a primary key dropped": (
        "ALTER TABLE permit DROP CONSTRAINT permit_pkey",
        "lacks the constraint permit_pkey of permit",
    ),
    "what is unique": (
        "ALTER TABLE numbered DROP CONSTRAINT numbered_ticket_key",
        "lacks the index numbered_ticket_key",
    ),
    "a check dropped": (
        "ALTER TABLE permit DROP CONSTRAINT permit_has_a_place",
        "lacks the constraint permit_has_a_place of permit",
    ),
    "an index dropped": ("DROP INDEX permit_unlisted", "lacks the index permit_unlisted"),
    "what may be missing": (
        "ALTER TABLE body ALTER body DROP NOT NULL",
        "has the column body.body otherwise than migrations lay it: bytea.",
    ),
    "what stands there by itself": (
        "ALTER TABLE compared ALTER context SET DEFAULT 9",
        "has the column compared.context otherwise",
    ),
    "of what kind it is": (
        "ALTER TABLE permit ALTER listed TYPE integer",
        "has the column permit.listed otherwise",
    ),
    "a column more": (
        "ALTER TABLE body ADD more text",
        "lays the column body.more that the database has",
    ),
    "what no crash takes": (
        "ALTER TABLE compared SET UNLOGGED",
        "has the table compared otherwise",
    ),
    "the order of tickets": (
        "ALTER SEQUENCE ticket INCREMENT BY -1",
        "has the sequence ticket otherwise",
    ),
    "where a session looks first": (
        "ALTER DATABASE {} SET search_path = x",
        "lays the setting search_path of everybody that the database has: search_path=x",
    ),
}


@pytest.mark.parametrize("name", OTHERWISE)
def test_what_its_owner_changes_of_it_is_named(
    databases: Databases, new_database: Callable[..., Url], name: str
) -> None:
    """Whoever owns the database may take away what keeps the record, and not unnoticed."""
    statement, says = OTHERWISE[name]
    url = store_sample.migrated(databases, new_database)
    with psycopg.connect(url("placet_owner"), autocommit=True) as connection:
        connection.execute(statement.format(connection.info.dbname).encode())
    found = _differences(url)
    assert any(says in each for each in found), found
    assert len(found) < len(laid()) // 10


def _differences(url: Url) -> list[str]:
    database = Database(url("placet_read"))
    try:
        return list(DatabaseReading(database).structure())
    finally:
        database.close()
