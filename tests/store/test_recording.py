"""The commit point: what is left behind when something fails, and what an act costs others."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import store_sample as sample

from placet.need_to_know.case_on_desks import digest
from placet.need_to_know.staleness import Compared
from placet.operations.ports import Change
from placet.review.case import Case
from placet.review.commands import Advise
from placet.review.context import Context
from placet.review.errors import ClockError, NotAllowedError, RepeatedError
from placet.review.event import Event
from placet.store.connections import Database
from placet.store.coverage import Coverage
from placet.store.errors import DatabaseError
from placet.store.recording import DatabaseRecording
from server_for_tests import Databases, Url
from waiting import PATIENCE


@pytest.fixture
def system(
    databases: Databases, new_database: Callable[..., Url], tmp_path: Path
) -> Iterator[sample.System]:
    """A database whose log has begun, with one case."""
    made = sample.System(sample.migrated(databases, new_database), tmp_path / "keys")
    recording = made.recording(made.sequencer())
    sample.begin(recording)
    sample.submit(recording, "C-1")
    yield made
    made.close()


def _end_sessions(system: sample.System) -> None:
    """End every session of the role `placet_act`, as a crash of the server would."""
    with psycopg.connect(system.url("placet_owner"), autocommit=True) as owner:
        owner.execute(
            "SELECT pg_terminate_backend(pid, 300000) FROM pg_stat_activity"
            " WHERE usename = 'placet_act' AND datname = current_database()"
        )


@pytest.mark.parametrize("off", [timedelta(hours=-1), timedelta(hours=1)])
def test_a_clock_that_is_not_the_database_s_records_nothing(
    system: sample.System, off: timedelta
) -> None:
    """Where no moments are told, an act is dated when it is done, also in a log that is quiet."""
    act = system.database("placet_act")
    recording = DatabaseRecording(act, Coverage(act, system.sequencer()), claims=sample.claims)
    now = datetime.now(UTC).replace(microsecond=0)
    for at, refused in ((now + off, True), (now, False)):
        event = Event(Advise(office="o", stance="for", says="s"), "ben", at, "C-1")
        moved = sample.new_case("C-1").model_copy(update={"version": 2, "last": at})
        change = Change(event, (moved,), evidence=sample.EVIDENCE)
        with pytest.raises(ClockError, match="database") if refused else nullcontext():
            recording.on_case("C-1", lambda _known, _context, change=change: change)
    assert len(list(system.reading().entries())) == 3


class _Losing(Database):
    """A database whose connection is lost at the commit, after or before it took effect."""

    committed = True
    lose = 1

    @contextmanager
    def transaction(self) -> Iterator[psycopg.Connection]:
        losing, self.lose = self.lose > 0, self.lose - 1
        with super().transaction() as connection:
            yield connection
            if losing and not self.committed:
                raise DatabaseError("lost")
        if losing:
            raise DatabaseError("lost")


@pytest.mark.parametrize("committed", [True, False])
def test_a_commit_of_unknown_outcome_is_found_out(system: sample.System, committed: bool) -> None:
    """Proves that an act whose commit was lost from sight is acknowledged if it is on record."""
    losing = _Losing(system.url("placet_act"))
    losing.committed = committed
    recording = system.recording(system.sequencer())
    recording._database = losing
    if committed:
        assert sample.move(recording, "C-1").change.cases[0].version == 2
    else:
        with pytest.raises(DatabaseError, match="lost"):
            sample.move(recording, "C-1")
    assert system.reading().case("C-1").version == (2 if committed else 1)
    losing.lose = 0
    assert sample.move(recording, "C-1").change.cases[0].version == (3 if committed else 2)
    losing.close()


def test_an_outcome_that_cannot_be_found_out_is_said(system: sample.System) -> None:
    """Proves that nobody is told that nothing happened where nobody knows."""
    losing = _Losing(system.url("placet_act"))
    losing.lose = 2
    recording = system.recording(system.sequencer())
    recording._database = losing
    with pytest.raises(DatabaseError, match="not known: look at the case"):
        sample.move(recording, "C-1")
    losing.close()


def test_a_lost_connection_before_the_commit_leaves_nothing(system: sample.System) -> None:
    """Proves that an act whose session ends half way is undone whole, and the next one works."""
    recording = system.recording(system.sequencer())

    def make(known: Case | None, _context: Context) -> Change:
        assert known is not None
        _end_sessions(system)
        raise NotAllowedError("reached")

    with pytest.raises((DatabaseError, NotAllowedError)):
        recording.on_case("C-1", make)
    assert sample.move(recording, "C-1").change.cases[0].version == 2


def test_idle_connections_that_died_are_replaced(system: sample.System) -> None:
    """Proves that after a restart of the server at most one act per process must be repeated."""
    recording = system.recording(system.sequencer())
    sample.move(recording, "C-1")
    _end_sessions(system)
    with pytest.raises(DatabaseError):
        sample.move(recording, "C-1")
    assert sample.move(recording, "C-1").change.cases[0].version == 3


def test_a_taken_status_index_undoes_the_whole_act(system: sample.System) -> None:
    """Proves that two permits never share a place on the list, and the entry goes with the row."""
    recording = system.recording(system.sequencer())
    sample.move(recording, "C-1", permits={"P-1": sample.permit("P-1", 3)})
    sample.submit(recording, "C-2")
    before = system.reading().checkpoint()
    with pytest.raises(RepeatedError, match="status list"):
        sample.move(recording, "C-2", permits={"P-2": sample.permit("P-2", 3)})
    assert system.reading().case("C-2").version == 1
    assert system.reading().unnumbered() == 0
    after = system.reading().checkpoint()
    assert before is not None
    assert after is not None
    assert before.checkpoint == after.checkpoint


def _waits(
    system: sample.System,
    recording: DatabaseRecording,
    act: Callable[[DatabaseRecording], object],
) -> bool:
    """Tell whether an act waits for a lock while another one on C-1 is under way."""
    entered, leave, done = threading.Event(), threading.Event(), threading.Event()

    def hold(_known: Case | None, _context: Context) -> Change:
        entered.set()
        assert leave.wait(PATIENCE)
        raise NotAllowedError("held")

    def held() -> None:
        with pytest.raises(NotAllowedError):
            recording.on_case("C-1", hold)

    def other() -> None:
        act(recording)
        done.set()

    threads = [threading.Thread(target=held), threading.Thread(target=other)]
    threads[0].start()
    assert entered.wait(PATIENCE)
    threads[1].start()
    with psycopg.connect(system.url("placet_owner"), autocommit=True) as owner:
        while not (waits := owner.execute(_WAITING).fetchone() == (True,)) and not done.wait(0.01):
            assert threads[1].is_alive() or done.is_set()
    leave.set()
    for each in threads:
        each.join()
    assert done.is_set()
    return waits


_WAITING = (
    "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND database ="
    " (SELECT oid FROM pg_database WHERE datname = current_database()))"
)


def test_acts_wait_only_for_what_they_build_on(system: sample.System) -> None:
    """Proves the locks: other cases go on; the same case, and the context, wait."""
    recording = system.recording(system.sequencer())
    assert not _waits(system, recording, lambda each: sample.submit(each, "C-2"))
    assert _waits(system, recording, lambda each: sample.move(each, "C-1"))
    assert _waits(system, recording, lambda each: sample.learn(each, "t"))
    assert _waits(system, recording, lambda each: sample.erase(each, 1, "payload"))


def test_a_context_is_loaded_once_per_version(
    system: sample.System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proves that acts share the loaded context, and that another process's change is seen."""
    loaded: list[int] = []
    whole = sample.load_context

    def load(version: int, plain: object) -> Context:
        loaded.append(version)
        assert isinstance(plain, dict)
        return whole(version, plain)

    monkeypatch.setattr("placet.store.recording.load_context", load)
    recording, other = (system.recording(system.sequencer()) for _ in range(2))
    for _ in range(3):
        sample.move(recording, "C-1")
    sample.learn(other, "t")
    for _ in range(3):
        assert sample.move(recording, "C-1").change.cases[0].version
    assert loaded == [1, 1, 2]


def test_a_database_that_is_not_there_is_said(system: sample.System) -> None:
    """Proves that a failure to connect is an error of ours with the reason in it."""
    absent = Database(system.url("placet_act").replace("store_", "absent_"))
    with pytest.raises(DatabaseError, match="does not exist"), absent.connection():
        pass


def _pass_over(database: Database) -> None:
    """Go on after a statement that failed, as if it had not."""
    with database.transaction() as connection:
        with suppress(psycopg.Error):
            connection.execute("SELECT * FROM nothing_of_that_name").fetchone()
        connection.execute("SELECT 1")


def test_a_transaction_that_failed_does_not_end_as_if_it_had_not(system: sample.System) -> None:
    """Proves that an error passed over inside a transaction still comes up at its end."""
    database = system.database("placet_act")
    with pytest.raises(DatabaseError):
        _pass_over(database)
    with database.transaction() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


_HANGS = """
import sys, time
from datetime import timedelta
from placet.need_to_know.staleness import Compared
from placet.store.connections import Database
from placet.store.coverage import Coverage
from placet.store.recording import DatabaseRecording
from store_sample import BEGAN, claims

database = Database(sys.argv[1])
recording = DatabaseRecording(database, Coverage(database, None), claims=claims)

def comparing(case, context, at):
    if case.id == "C-4":
        print("there", flush=True)
        time.sleep(600)
    return Compared(True, at + timedelta(hours=1))

recording.compare(BEGAN, 2, comparing)
recording.compare(BEGAN, 2, comparing)
"""


def _sound(_case: Case, _context: Context, at: datetime) -> Compared:
    return Compared(False, at + timedelta(hours=1))


def test_who_compares_and_is_killed_leaves_whole_batches_and_no_lock(
    system: sample.System,
) -> None:
    """SIGKILL in the second batch keeps the first; acts and whoever begins again go on at once."""
    recording = system.recording(system.sequencer())
    sample.under_review(recording, "C-2", "C-3", "C-4", "C-5")
    here = Path(sample.__file__).parent
    killed = subprocess.Popen(
        [sys.executable, "-c", _HANGS, system.url("placet_act")],
        env={**os.environ, "PYTHONPATH": f"{here}:{here.parent}"},
        stdout=subprocess.PIPE,
    )
    assert killed.stdout is not None
    try:
        assert killed.stdout.readline() == b"there\n"
        sample.move(recording, "C-3", says="what is not in hand can be acted on")
        assert recording.compare(sample.BEGAN, 9, _sound) == 0, "the rest is in hand"
    finally:
        killed.kill()
        killed.communicate()
    sample.move(recording, "C-4", says="and what was in hand, too")
    assert recording.compare(sample.BEGAN, 9, _sound) == 2
    assert recording.compare(sample.BEGAN, 9, _sound) == 0
    heads = system.reading().heads()
    laid = {name for name, case in heads.cases.items() if heads.desks[name] != digest(case)}
    assert laid == {"C-2", "C-3"}
