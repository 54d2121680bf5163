"""The sequencer: one order, one history, whatever crashes and whoever restores what."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
import store_sample as sample

from placet.errors import PlacetError
from placet.ledger import (
    JSON,
    BadSignatureError,
    Checkpoint,
    KeyKind,
    OverwriteError,
    SignerKey,
    open_checkpoint,
    parse_note,
    sign_note,
)
from placet.store.connections import Database
from placet.store.errors import (
    BehindCheckpointError,
    DatabaseError,
    KeyFileError,
    NotCoveredError,
    SequencerHeldError,
)
from placet.store.keys import Keys
from placet.store.promises import Promise
from placet.store.sequencer import Sequencer
from server_for_tests import Databases, Url
from waiting import until


class Crash(BaseException):
    """The process ends here."""


@pytest.fixture
def system(
    databases: Databases, new_database: Callable[..., Url], tmp_path: Path
) -> Iterator[sample.System]:
    """A database, keys, and what works on them."""
    made = sample.System(sample.migrated(databases, new_database), tmp_path / "keys")
    yield made
    made.close()


def _fill(system: sample.System, acts: int = 3) -> None:
    """Commit a first context and cases, and number nothing."""
    recording = system.recording(None, patience=0)
    with pytest.raises(NotCoveredError):
        sample.begin(recording)
    for number in range(acts - 1):
        with pytest.raises(NotCoveredError):
            sample.submit(recording, f"C-{time.monotonic_ns()}-{number}")


def _signed(system: sample.System) -> list[Checkpoint]:
    """Every checkpoint of the database, its signature checked."""
    reading = system.reading()
    keys = [system.keys.signer().verifier]
    return [open_checkpoint(each.render(), keys).checkpoint for each in reading.checkpoints()]


def test_an_act_without_sequencer_is_on_record_and_numbered_later(system: sample.System) -> None:
    """Proves that who waits in vain is told so, the act is kept, and since when it waits known."""
    _fill(system, 3)
    assert system.reading().unnumbered() == 3
    assert system.reading().waiting_since() == sample.BEGAN
    assert system.sequencer().run_once() == 3
    assert system.reading().unnumbered() == 0
    assert system.reading().waiting_since() is None
    assert [each.size for each in _signed(system)] == [3]


def test_numbers_follow_tickets_in_batches(system: sample.System) -> None:
    """Proves that a batch has a bound, that the rest is said to be left, and the order is kept."""
    _fill(system, 5)
    sequencer = system.sequencer(most=2)
    assert [(sequencer.run_once(), sequencer.left) for _ in range(4)] == [
        (2, True),
        (2, True),
        (1, False),
        (0, False),
    ]
    with system.database("placet_act").connection() as connection:
        tickets = connection.execute("SELECT ticket FROM numbered ORDER BY index").fetchall()
    assert tickets == sorted(tickets)
    assert [each.size for each in _signed(system)] == [2, 4, 5]


class _Crashing(Keys):
    """Keys whose process ends when it writes the promise: before, or after the disk has it."""

    def __init__(self, keys: Keys, *, after: bool) -> None:
        super().__init__(keys.folder)
        self._after = after

    def remember(self, promise: Promise) -> None:
        if self._after:
            super().remember(promise)
        raise Crash


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_around_the_promise_neither_forks_nor_sticks(
    system: sample.System, after: bool
) -> None:
    """Proves the table of crashes: after the promise nothing but what was promised follows."""
    _fill(system, 2)
    sequencer = system.sequencer()
    sequencer.run_once()
    _fill_more(system, 3)
    keys = system.keys
    system.keys = _Crashing(keys, after=after)
    with pytest.raises(Crash):
        system.sequencer().run_once()
    system.keys = keys
    promised = keys.promised()
    assert promised.checkpoint.size == (5 if after else 2)
    assert [each.size for each in _signed(system)] == [2]
    _fill_more(system, 1)
    later = system.sequencer()
    assert later.run_once() == (3 if after else 4)
    if after:
        assert _signed(system)[-1] == promised.checkpoint
        assert later.left
        assert later.run_once() == 1
    assert _signed(system)[-1].size == 6


def _fill_more(system: sample.System, acts: int) -> None:
    recording = system.recording(None, patience=0)
    for number in range(acts):
        with pytest.raises(NotCoveredError):
            sample.submit(recording, f"C-{time.monotonic_ns()}-{number}")


class _Losing(Database):
    """A database whose connection is lost at the commit, after or before it took effect."""

    def __init__(self, url: str, *, committed: bool) -> None:
        super().__init__(url)
        self._committed = committed

    @contextmanager
    def transaction(self) -> Iterator[psycopg.Connection]:
        with super().transaction() as connection:
            yield connection
            if not self._committed:
                raise DatabaseError("lost")
        raise DatabaseError("lost")


@pytest.mark.parametrize("committed", [False, True])
def test_a_commit_of_unknown_outcome_is_looked_up(system: sample.System, committed: bool) -> None:
    """Proves that a sequencer whose connection ended at the commit goes on from what is there."""
    _fill(system, 3)
    losing = _Losing(system.url("placet_sequencer"), committed=committed)
    sequencer = system.sequencer()
    sequencer._database, kept = losing, sequencer._database
    with pytest.raises(DatabaseError):
        sequencer.run_once()
    losing.close()
    sequencer._database = kept
    _fill_more(system, 1)
    while sequencer.run_once() or sequencer.left:
        pass
    sizes = [each.size for each in _signed(system)]
    assert sizes == [3, 4]


def _copy(new_database: Callable[..., Url], system: sample.System, name: str) -> Url:
    """Back the database up."""
    system.close()
    with psycopg.connect(system.url("placet_owner")) as connection:
        (template,) = connection.execute("SELECT current_database()").fetchone() or ("",)
    return new_database(name, template=template)


def test_a_restored_database_is_not_signed_on(
    system: sample.System, new_database: Callable[..., Url]
) -> None:
    """Proves that after a restore nothing more is signed: it would be a second history."""
    _fill(system, 2)
    system.sequencer().run_once()
    backup = _copy(new_database, system, "restored")
    _fill_more(system, 1)
    system.sequencer().run_once()
    last = system.keys.promised()
    system.close()
    restored = sample.System(backup, system.folder)
    with pytest.raises(BehindCheckpointError, match="restored from a backup"):
        restored.sequencer().run_once()
    _fill_more(restored, 1)
    with pytest.raises(BehindCheckpointError):
        restored.sequencer().run_once()
    _fill_more(restored, 5)
    with pytest.raises(BehindCheckpointError):
        restored.sequencer().run_once()
    assert restored.keys.promised() == last
    assert [each.size for each in _signed(restored)] == [2]
    restored.close()


def test_a_restored_database_that_has_the_very_entries_gives_the_very_tree(
    system: sample.System, new_database: Callable[..., Url]
) -> None:
    """Proves that a backup from just before the last batch is healed to the same checkpoint."""
    _fill(system, 2)
    backup = _copy(new_database, system, "healed")
    system.sequencer().run_once()
    before = _signed(system)
    system.close()
    healed = sample.System(backup, system.folder)
    _fill_more(healed, 1)
    assert healed.sequencer().run_once() == 2
    assert _signed(healed) == before
    healed.close()


def test_an_older_record_of_the_last_checkpoint_is_caught_up(system: sample.System) -> None:
    """Proves that the file may be behind, if the database proves that it continues it."""
    _fill(system, 2)
    system.sequencer().run_once()
    old = system.keys.promised()
    _fill_more(system, 2)
    system.sequencer().run_once()
    last = system.folder / "last-checkpoint"
    last.write_bytes(old.render())
    _fill_more(system, 1)
    assert system.sequencer().run_once() == 1
    forged = Checkpoint(sample.ORIGIN, 2, _other(old.checkpoint).root)
    last.write_bytes(Promise(forged, 2, ()).render())
    _fill_more(system, 1)
    with pytest.raises(PlacetError, match="does not lead"):
        system.sequencer().run_once()


def _other(checkpoint: Checkpoint) -> Checkpoint:
    root = bytes([checkpoint.root[0] ^ 1]) + checkpoint.root[1:]
    return Checkpoint(checkpoint.origin, checkpoint.size, type(checkpoint.root)(root))


@pytest.mark.parametrize("sync", ["fsync", "fdatasync"])
def test_a_disk_that_fails_stops_signing_and_nothing_else(
    system: sample.System, monkeypatch: pytest.MonkeyPatch, sync: str
) -> None:
    """Proves that nothing is signed that the disk does not have, and that it goes on afterwards.

    As long as the machine runs, a promise can be read although its sync failed: it is written
    again before it is signed.
    """
    _fill(system, 2)
    if sync == "fsync":  # of a file that is replaced, as one of a single line is
        (system.folder / "last-checkpoint").write_bytes(system.keys.promised().render())
    sequencer = system.sequencer()
    synced: list[int] = []

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, sync, full)
        with pytest.raises(KeyFileError, match="No space left"):
            sequencer.run_once()
    assert _signed(system) == []
    assert system.keys.promised().checkpoint.size == (0 if sync == "fsync" else 2)
    monkeypatch.setattr(os, sync, synced.append)
    assert sequencer.run_once() == 2
    assert synced


def test_what_was_published_is_never_overwritten(system: sample.System) -> None:
    """Proves that a changed tile, checkpoint or number stops the sequencer before it signs."""
    _fill(system, 3)
    sequencer = system.sequencer()
    sequencer.run_once()
    _fill_more(system, 1)
    with psycopg.connect(system.url("placet_owner")) as owner:
        owner.execute("UPDATE tile SET bytes = set_byte(bytes, 40, 1 # get_byte(bytes, 40))")
    with pytest.raises(OverwriteError, match="already holds other bytes"):
        sequencer.run_once()
    with pytest.raises(OverwriteError, match="do not lead to its checkpoint"):
        system.sequencer().run_once()
    assert [each.size for each in _signed(system)] == [3]


def test_a_foreign_checkpoint_in_the_database_is_not_continued(system: sample.System) -> None:
    """Proves that the database's own checkpoint counts only with the log's signature."""
    _fill(system, 1)
    system.sequencer().run_once()
    with psycopg.connect(system.url("placet_owner")) as owner:
        (note,) = owner.execute("SELECT note FROM checkpoint").fetchone() or (b"",)
        other = SignerKey(sample.ORIGIN, KeyKind.NOTE, bytes(range(32)))
        forged = sign_note(parse_note(note).text, other)
        owner.execute("UPDATE checkpoint SET note = %s", (forged.render(),))
    _fill_more(system, 1)
    with pytest.raises(BadSignatureError):
        system.sequencer().run_once()


def test_another_log_s_keys_are_refused(system: sample.System, tmp_path: Path) -> None:
    """Proves that a log is signed by its own keys only."""
    _fill(system, 1)
    system.sequencer().run_once()
    system.keys = Keys.create(tmp_path / "others", sample.ORIGIN)
    _fill_more(system, 1)
    with pytest.raises(KeyFileError, match="this log is signed by"):
        system.sequencer().run_once()


@contextmanager
def _running(sequencer: Sequencer) -> Iterator[list[BaseException]]:
    """Run a sequencer in a thread, as its own process would."""
    stop = threading.Event()
    raised: list[BaseException] = []

    def run() -> None:
        try:
            sequencer.run(stop)
        except PlacetError as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield raised
    finally:
        stop.set()
        thread.join()


def test_there_is_one_sequencer_and_others_wait_for_it(
    system: sample.System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proves that a running sequencer numbers for all, and that a second one is told so.

    Who reads can see that it runs, and that it does no more.
    """
    monkeypatch.setattr("placet.store.sequencer._HANDOVER", 0.1)
    first = system.sequencer()
    other = system.sequencer()
    assert not system.reading().has_sequencer()
    with _running(first) as raised:
        sample.begin(system.recording(None))
        assert system.reading().has_sequencer()
        with pytest.raises(SequencerHeldError):
            other.run_once()
        with pytest.raises(SequencerHeldError):
            other.run(threading.Event())
        with_keys = system.recording(other)
        assert sample.submit(with_keys, "C-1").index == 1
        assert other._end is None
    assert raised == []
    assert not system.reading().has_sequencer()
    assert sample.submit(with_keys, "C-2").index == 2
    assert other._end is not None


def test_waiting_callers_share_a_batch(
    system: sample.System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proves group commit: one of all who wait numbers for all, in one batch."""
    sequencer, callers = system.sequencer(), 24
    recording = system.recording(sequencer)
    sample.begin(recording)
    number, waiting = sequencer.number, recording._coverage._waiting

    def once_all_wait() -> list[tuple[int, int, int]]:
        until(lambda: len(waiting) == callers)
        return number()

    monkeypatch.setattr(sequencer, "number", once_all_wait)

    def some(number: int) -> Callable[[], None]:
        def perform() -> None:
            sample.submit(recording, f"C-{number}")
            for _ in range(4):
                sample.move(recording, f"C-{number}")

        return perform

    assert sample.together(*(some(number) for number in range(callers))) == []
    assert [each.size for each in _signed(system)] == [1, 25, 49, 73, 97, 121]


def test_a_permit_that_cannot_be_signed_stops_nobody(system: sample.System) -> None:
    """Proves that the log goes on, why is kept, and a sequencer that starts tries again."""
    whole = system.sign_permit

    def refuse(_terms: JSON) -> str:
        raise PlacetError("the window is over")

    system.sign_permit = refuse
    recording = system.recording(system.sequencer())
    sample.begin(recording)
    sample.submit(recording, "C-1")
    sample.move(recording, "C-1", permits={"P-1": sample.permit("P-1", 3)})
    assert system.reading().permit_row("P-1").token is None
    with system.database("placet_act").connection() as connection:
        found = connection.execute("SELECT problem FROM permit").fetchall()
    assert found == [("the window is over",)]
    system.sign_permit = whole
    with _running(system.sequencer()):
        until(lambda: system.reading().permit_row("P-1").token is not None)


def test_an_act_that_cannot_be_numbered_is_said_to_be_on_record(system: sample.System) -> None:
    """Proves that whoever waits learns why, and that the act is not to be repeated."""
    recording = system.recording(system.sequencer())
    sample.begin(recording)
    (system.folder / "last-checkpoint").unlink()
    with pytest.raises(
        NotCoveredError, match=r"on record.*last-checkpoint: cannot be read"
    ) as caught:
        sample.submit(recording, "C-1")
    assert isinstance(caught.value.__cause__, KeyFileError)
    assert system.reading().unnumbered() == 1


def test_an_old_status_list_is_signed_again(system: sample.System) -> None:
    """Proves that a list does not outlive its time where nothing changes, and is logged again."""
    sequencer = system.sequencer(renew=timedelta(hours=12))
    recording = system.recording(sequencer)
    sample.begin(recording)
    sample.submit(recording, "C-1")
    sample.move(recording, "C-1", permits={"P-1": sample.permit("P-1", 3)})
    system.clock.at += timedelta(hours=11)
    assert sequencer.run_once() == 0
    assert not sequencer.left
    system.clock.at += timedelta(hours=1)
    assert sequencer.run_once() == 0
    assert sequencer.left
    assert sequencer.run_once() == 1
    assert system.reading().status_list() == "version 2: []"


_VICTIM = """
import os, sys, threading
from pathlib import Path
sys.path[:0] = [sys.argv[1], str(Path(sys.argv[1]).parent)]
import store_sample as sample
from placet.store.errors import StoreError
system = sample.System(lambda role: sys.argv[2].replace("placet_act", role), Path(sys.argv[3]))
recording = system.recording(system.sequencer(most=3))
def work(name):
    sample.submit(recording, name)
    while True:
        done = sample.move(recording, name)
        os.write(1, f"{name} {done.change.cases[0].version}\\n".encode())
for number in range(4):
    threading.Thread(target=work, args=(f"{sys.argv[4]}-{number}",)).start()
"""


def _await_quiet(system: sample.System) -> None:
    """Wait until what the dead had asked for is done, or undone."""
    system.close()

    def is_quiet() -> bool:
        with psycopg.connect(system.url("placet_owner")) as owner:
            others = owner.execute(
                "SELECT FROM pg_stat_activity WHERE usename LIKE 'placet%'"
                " AND datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchall()
        return not others

    until(is_quiet)


def test_killing_the_process_loses_nothing_acknowledged(
    system: sample.System, tmp_path: Path
) -> None:
    """Proves that after SIGKILL at any moment acknowledged acts are there and the log goes on."""
    sample.begin(system.recording(system.sequencer()))
    acknowledged: dict[str, int] = {}
    for round_ in range(3):
        said = tmp_path / f"said-{round_}"
        with said.open("wb") as out:
            victim = subprocess.Popen(
                [
                    sys.executable,
                    "-c",
                    _VICTIM,
                    str(Path(__file__).parent),
                    system.url("placet_act"),
                    str(system.folder),
                    f"R{round_}",
                ],
                stdout=out,
            )
            until(lambda said=said: said.stat().st_size > 200)
            victim.send_signal(signal.SIGKILL)
            victim.wait()
        _await_quiet(system)
        for line in said.read_text().splitlines():
            name, version = line.split()
            acknowledged[name] = max(acknowledged.get(name, 0), int(version))
        sequencer = system.sequencer()
        while sequencer.run_once() or sequencer.left:
            pass
        heads = system.reading().heads().cases
        assert all(heads[name].version >= version for name, version in acknowledged.items())
        assert _signed(system)[-1] == system.keys.promised().checkpoint
    entries = list(system.reading().entries())
    assert [each.index for each in entries] == list(range(len(entries)))
    assert len(entries) == 1 + sum(each.version for each in heads.values())
