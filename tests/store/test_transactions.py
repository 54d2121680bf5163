"""Transactions: what is asked and given, what a failure leaves, and how little is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from placet.errors import PlacetError
from placet.store import transactions
from placet.store.connections import Database
from placet.store.errors import DatabaseError
from server_for_tests import Url


@pytest.fixture
def database(new_database: Callable[..., Url]) -> Iterator[Database]:
    """An empty database with a table of ours."""
    made = Database(new_database("asked")("placet_owner"))
    with made.transaction() as asking:
        asking.execute("CREATE TABLE kept (n int PRIMARY KEY)")
    yield made
    made.close()


def _kept(database: Database) -> list[int]:
    with database.transaction() as asking:
        return [n for (n,) in asking.execute("SELECT n FROM kept ORDER BY n")]


@pytest.mark.parametrize(
    ("statement", "values", "given"),
    [
        ("SELECT '%'", None, ("%",)),
        ("SELECT %s || '%%'", ("a",), ("a%",)),
        ("SELECT %(a)s::int + %(b)s - %(a)s", {"b": 2, "a": 1 << 40 >> 20}, (2,)),
        ("SELECT %s::bytea, %b::bytea", (b"\0\xff", b"\0\xff"), (b"\0\xff", b"\0\xff")),
        ("SELECT %s::bigint[], %b::bytea[]", ([], [b"a", b"b"]), ([], [b"a", b"b"])),
        ("SELECT %s::text, %s::int IS NULL", ("ü€", None), ("ü€", True)),
        ("SELECT %s::jsonb", ('{"a": [1, null]}',), ({"a": [1, None]},)),
        (
            "SELECT %s::timestamptz",
            (datetime(2025, 7, 3, 9, tzinfo=UTC),),
            (datetime(2025, 7, 3, 9, tzinfo=UTC),),
        ),
        (SQL("SELECT 1 AS {}").format(Identifier('a"b')), None, (1,)),
    ],
)
def test_values_go_and_rows_come(
    database: Database, statement: Any, values: Any, given: Any
) -> None:
    """Proves that places, forms and types are what psycopg makes of them, asked anew or again."""
    for binary in (False, True, False):
        with database.transaction() as asking:
            rows = asking.execute(statement, values, binary=binary)
            assert rows.fetchone() == given
            assert rows.fetchone() is None
            assert rows.fetchall() == []


def test_rows_can_be_asked_for_in_any_order_and_at_the_end(database: Database) -> None:
    """Proves that each statement has its own rows, read whenever, after the commit as well."""
    with database.transaction() as asking:
        first, second = (
            asking.execute("SELECT %s + n FROM (VALUES (1), (2)) t (n)", (each,))
            for each in (10, 20)
        )
        assert next(second) == (21,)
        third = asking.execute("SELECT 3")
        assert second.fetchall() == [(22,)]
        assert first.fetchone() == (11,)
    assert list(third) == [(3,)]
    assert list(first) == [(12,)]


def test_what_is_asked_goes_out_together(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proves that a message is sent where a row is waited for, and at the end; and no other."""
    sent = []
    whole = transactions.send
    monkeypatch.setattr(transactions, "send", lambda server: sent.append(0) or whole(server))
    with database.transaction() as asking:
        asking.execute("INSERT INTO kept VALUES (1)")
        seen = asking.execute("SELECT n FROM kept")
        also = asking.execute("SELECT 2")
        assert sent == []
        assert (seen.fetchall(), also.fetchall()) == ([(1,)], [(2,)])
        assert len(sent) == 1
        asking.execute("INSERT INTO kept VALUES (2)")
        asking.execute("INSERT INTO kept VALUES (3)")
    assert len(sent) == 2
    assert _kept(database) == [1, 2, 3]


def test_a_statement_is_prepared_once_and_the_number_is_bounded(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proves that a statement is prepared once for values of a type, and works without as well."""
    count = "SELECT count(*) FROM pg_prepared_statements"
    monkeypatch.setattr(transactions, "_MOST", 6)
    found = []
    for number in (1, 2, 1 << 20, 3):
        with database.transaction() as asking:
            assert asking.execute("SELECT %s", (number,)).fetchone() == (number,)
            found.append(asking.execute(count).fetchone())
    for number in range(9):
        with database.transaction() as asking:
            assert asking.execute(f"SELECT {number}").fetchone() == (number,)
            last = asking.execute(count).fetchone()
    assert last == (6,)
    assert found[1] == found[0]
    assert found[2] == found[3] == (found[0][0] + 1,)


def _sessions(database: Database) -> set[int]:
    with database.transaction() as asking:
        return {pid for (pid,) in asking.execute("SELECT pg_backend_pid()")}


def _break_off(database: Database, error: BaseException, *statements: str) -> None:
    with database.transaction() as asking:
        for each in statements:
            asking.execute(each)
        raise error


@pytest.mark.parametrize("error", [PlacetError("no"), KeyError("no"), KeyboardInterrupt()])
def test_what_is_broken_off_is_undone(database: Database, error: BaseException) -> None:
    """Proves that nothing is kept; a refusal, which is common, costs no connection."""
    before = _sessions(database)
    with pytest.raises(type(error)):
        _break_off(database, error, "INSERT INTO kept VALUES (1)")
    assert _kept(database) == []
    assert (_sessions(database) == before) is isinstance(error, PlacetError)


def test_a_refusal_after_an_error_of_the_database_is_said(database: Database) -> None:
    """Proves that what is refused says why, whatever else had gone wrong unseen."""
    with pytest.raises(PlacetError, match="refused"):
        _break_off(database, PlacetError("refused"), *["INSERT INTO kept VALUES (1)"] * 2)
    assert _kept(database) == []


def _ask(database: Database, *statements: str) -> None:
    with database.transaction() as asking:
        for each in statements:
            asking.execute(each)


def test_an_error_comes_up_by_the_end_and_undoes_all(database: Database) -> None:
    """Proves that a statement that fails is said, even one whose rows nobody asks for."""
    once, later = "INSERT INTO kept VALUES (1)", "INSERT INTO kept VALUES (2)"
    with pytest.raises(DatabaseError, match="duplicate key"):
        _ask(database, once, once, later)
    assert _kept(database) == []


def test_an_error_at_the_commit_is_said(database: Database) -> None:
    """Proves that a constraint that is looked at last undoes the transaction, and is said."""
    _ask(database, "ALTER TABLE kept ADD UNIQUE (n) DEFERRABLE INITIALLY DEFERRED")
    _ask(database, "ALTER TABLE kept DROP CONSTRAINT kept_pkey")
    with pytest.raises(DatabaseError, match="duplicate key"):
        _ask(database, "INSERT INTO kept VALUES (1)", "INSERT INTO kept VALUES (1)")
    assert _kept(database) == []


def _go_on_after_an_error(database: Database) -> None:
    with database.transaction() as asking:
        asking.execute("SELECT 1 / (SELECT count(*) FROM kept)")
        after = asking.execute("SELECT 1")
        for error in (psycopg.errors.DivisionByZero, psycopg.errors.PipelineAborted):
            with pytest.raises(error):
                after.fetchone()


def test_what_was_asked_after_an_error_has_no_rows(database: Database) -> None:
    """Proves that rows after a statement that failed are an error, never none."""
    with pytest.raises(DatabaseError, match="failed"):
        _go_on_after_an_error(database)
