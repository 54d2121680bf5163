"""Processes that number at the same time, and what one reads that takes over from another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import store_sample as sample

from placet.store.connections import Database
from placet.store.errors import DatabaseError, NotCoveredError
from placet.store.keys import Keys
from placet.store.promises import Promise
from server_for_tests import Databases, Url


@pytest.fixture
def system(
    databases: Databases, new_database: Callable[..., Url], tmp_path: Path
) -> Iterator[sample.System]:
    """A database, keys, and what works on them."""
    made = sample.System(sample.migrated(databases, new_database), tmp_path / "keys")
    yield made
    made.close()


def _submit(system: sample.System, case: str) -> None:
    with pytest.raises(NotCoveredError):
        sample.submit(system.recording(None, patience=0), case)


class _Paused(Keys):
    """Keys whose process stands still just before it writes a promise, while something happens."""

    def __init__(self, keys: Keys, meanwhile: Callable[[], None]) -> None:
        super().__init__(keys.folder)
        self._meanwhile = meanwhile

    def remember(self, promise: Promise) -> None:
        self._meanwhile()
        super().remember(promise)


def test_a_process_that_lost_its_turn_does_not_spoil_the_next_one_s(
    system: sample.System,
) -> None:
    """Proves that a promise of a batch that can no longer be written takes no other's place."""
    sample.begin(system.recording(system.sequencer()))
    with psycopg.connect(system.url("placet_owner")) as owner:
        (early,) = owner.execute("SELECT nextval('ticket')").fetchone() or (0,)
    _submit(system, "C-1")
    keys, next_one = system.keys, system.sequencer()
    numbered = threading.Event()

    def number() -> None:
        next_one.run_once()
        numbered.set()

    thread = threading.Thread(target=number)

    def meanwhile() -> None:
        with psycopg.connect(system.url("placet_owner")) as owner:
            owner.execute(
                "SELECT pg_terminate_backend(pid, 300000) FROM pg_stat_activity"
                " WHERE usename = 'placet_sequencer' AND datname = current_database()"
            )
            # An act that drew its ticket before the one in the lost batch is committed after it.
            owner.execute("INSERT INTO entry VALUES (%s, sha256(''))", (early,))
            owner.execute("INSERT INTO pending VALUES (%s)", (early,))
        thread.start()
        numbered.wait(0.5)

    system.keys = _Paused(keys, meanwhile)
    with pytest.raises(DatabaseError):
        system.sequencer().run_once()
    thread.join()
    system.keys = keys
    later = system.sequencer()
    while later.run_once() or later.left:
        pass
    last = system.reading().checkpoint()
    assert last is not None
    assert last.checkpoint.size == 3
    assert keys.promised().checkpoint == last.checkpoint


class _Counting(Database):
    """Counts the rows that transactions read, as the server counts them."""

    read = 0

    @contextmanager
    def transaction(self) -> Iterator[psycopg.Connection]:
        with super().transaction() as connection:
            yield connection
            row = connection.execute(
                "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))"
                " FROM pg_stat_xact_user_tables"
            ).fetchone()
            assert row is not None
            self.read += int(row[0])


def _fill(system: sample.System, entries: int) -> None:
    """Number that many entries of nothing; after them one waits."""
    with psycopg.connect(system.url("placet_owner")) as owner:
        owner.execute(
            "WITH made AS (INSERT INTO entry SELECT nextval('ticket'), sha256(n::text::bytea)"
            " FROM generate_series(1, %s) AS n RETURNING ticket)"
            " INSERT INTO pending SELECT ticket FROM made",
            (entries,),
        )
    sequencer = system.sequencer()
    while sequencer.run_once() or sequencer.left:
        pass
    with psycopg.connect(system.url("placet_owner")) as owner:
        owner.execute(
            "WITH made AS (INSERT INTO entry SELECT nextval('ticket'), sha256('') RETURNING ticket)"
            " INSERT INTO pending SELECT ticket FROM made"
        )


def test_taking_up_a_long_log_reads_no_more_than_a_short_one(system: sample.System) -> None:
    """Proves that a start reads the last bundle and one tile a level, and never the whole log."""
    with psycopg.connect(system.url("placet_owner")) as owner:
        for table in ("entry", "numbered", "tile"):  # a plan for few rows may read them all
            owner.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = off)".encode())
    read = []
    size = 0
    for size_then in (300, 300 + 256 * 4, 300 + 256 * 80):
        _fill(system, size_then - size)
        counting = _Counting(system.url("placet_sequencer"))
        system.made.append(counting)
        sequencer = system.sequencer()
        sequencer._database = counting
        assert sequencer.run_once() == 1
        read.append(counting.read)
        size = size_then + 1
    assert max(read) < 256


def test_looking_for_what_there_is_to_do_reads_no_more_in_a_register_of_many_permits(
    system: sample.System,
) -> None:
    """Proves that no look reads all permits, the plan for any values of its own included."""
    sample.begin(system.recording(system.sequencer()))
    sample.submit(system.recording(system.sequencer()), "C-1")
    with psycopg.connect(system.url("placet_owner"), autocommit=True) as owner:
        owner.execute(
            "INSERT INTO permit"
            " (permit, case_id, status_index, status, terms, token, listed, falls)"
            " SELECT 'P-' || n, 'C-1', n, 0, '{}', 't', CASE WHEN n %% 2 = 0 THEN 0 ELSE 2 END,"
            " %s::timestamptz + CASE WHEN n %% 2 = 0 THEN n ELSE -n END * interval '1 day'"
            " FROM generate_series(1, 2000) AS n",
            (sample.BEGAN,),
        )
        owner.execute("VACUUM (ANALYZE)")
    counting = _Counting(system.url("placet_sequencer"))
    system.made.append(counting)
    sequencer = system.sequencer()
    sequencer._database = counting
    for _ in range(8):
        assert (sequencer.run_once(), sequencer.left) == (0, False)
    assert counting.read < 8 * 50
