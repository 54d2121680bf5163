"""Connections: how many are lent at once, and that whoever waits for one gets it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from threading import Barrier

import pytest

from placet.errors import PlacetError
from placet.store.connections import Database, one
from placet.store.errors import DatabaseError
from server_for_tests import Url
from waiting import PATIENCE

MOST = 3
CALLERS = 12
TURNS = 5
"""CALLERS is a multiple of MOST, so that nobody is left to wait for others alone."""


@pytest.fixture
def database(new_database: Callable[..., Url]) -> Iterator[Database]:
    """An empty database of which few connections are lent at once."""
    with closing(Database(new_database("lent")("placet_owner"), most=MOST)) as made:
        yield made


def test_so_many_at_once_and_no_more_and_each_gets_a_turn(database: Database) -> None:
    """Proves that callers share as many sessions as may be lent, all of them, and that all end.

    Those inside wait for one another, so that no turn ends before all connections are lent.
    """
    full = Barrier(MOST)

    def call(_caller: int) -> int:
        with database.transaction() as asking:
            (session,) = one(asking.execute("SELECT pg_backend_pid()"))
            full.wait(PATIENCE)
        return int(session)

    with ThreadPoolExecutor(CALLERS) as pool:
        sessions = [each for _ in range(TURNS) for each in pool.map(call, range(CALLERS))]
    assert len(sessions) == CALLERS * TURNS
    assert len(set(sessions)) == MOST


def _fail(database: Database, error: BaseException | None) -> None:
    with database.transaction() as asking:
        if error is not None:
            raise error
        asking.execute("SELECT * FROM nothing_of_that_name")


@pytest.mark.parametrize(
    "error", [None, PlacetError("no"), KeyError("no"), KeyboardInterrupt()], ids=repr
)
def test_what_fails_gives_its_place_back(database: Database, error: BaseException | None) -> None:
    """Proves that after as many failures as there are places, all of these can be lent again."""
    for _ in range(MOST):
        with pytest.raises(DatabaseError if error is None else type(error)):
            _fail(database, error)
    test_so_many_at_once_and_no_more_and_each_gets_a_turn(database)


def test_who_cannot_connect_gives_the_place_back(new_database: Callable[..., Url]) -> None:
    """Proves that a server which is away takes no places: each who asks is told that it is."""
    absent = Database(f"{new_database('lent')('placet_owner')}&port=1", most=1)

    def ask(_caller: int) -> str:
        with suppress(DatabaseError), absent.connection():
            return "connected"
        return "told"

    with ThreadPoolExecutor(CALLERS) as pool:
        assert set(pool.map(ask, range(CALLERS))) == {"told"}
