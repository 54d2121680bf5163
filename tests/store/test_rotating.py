"""Changing a key: what the old one signed holds and it signs nothing more, whatever crashes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import store_sample as sample

from placet import files
from placet.ledger import BadSignatureError, SignedCheckpoint, open_checkpoint, sign_checkpoint
from placet.operations.acting.next_keys import is_named
from placet.operations.ports import Change, KeyUse
from placet.permit import public_text
from placet.review.case import PermitStage
from placet.review.commands import RotateKey
from placet.review.event import Event
from placet.store import keys as keys_module
from placet.store.errors import BehindCheckpointError, KeyFileError
from placet.store.keys import Keys
from placet.store.rotating import SigningKeys
from server_for_tests import Databases, Url

USES: tuple[KeyUse, ...] = ("log", "permit")


class Crash(BaseException):
    """The process ends here."""


@pytest.fixture
def system(
    databases: Databases, new_database: Callable[..., Url], tmp_path: Path
) -> Iterator[sample.System]:
    """A log that has begun, with two more entries."""
    made = sample.System(sample.migrated(databases, new_database), tmp_path / "keys")
    recording = made.recording(made.sequencer())
    sample.begin(recording)
    sample.note(recording)
    sample.note(recording)
    yield made
    made.close()


def _signing(system: sample.System) -> SigningKeys:
    return SigningKeys(system.database("placet_sequencer"), system.keys)


def _act(system: sample.System) -> None:
    sample.note(system.recording(system.sequencer()))


def _rotate(system: sample.System, of: KeyUse = "log") -> str:
    """Change a key as the command does: go on from wherever an earlier call ended."""
    signing = _signing(system)
    begun = signing.prepared(of) is not None
    public = signing.prepare(of)
    if not (begun and is_named(system.reading(), of, public)):
        event = Event(RotateKey(of=of, public=public, because="b"), "root", sample.BEGAN)
        recording = system.recording(system.sequencer())
        change = Change(event, evidence=sample.EVIDENCE)
        recording.on_context(lambda _context, _cases: change)
    signing.promote(of)
    return public


def _by(signed: SignedCheckpoint, keys: Keys) -> str:
    """Return the one key that signed a checkpoint."""
    found = []
    for key in keys.verifiers():
        try:
            open_checkpoint(signed.render(), [key])
        except BadSignatureError:
            continue
        found.append(str(key))
    (key_text,) = found
    return key_text


def test_from_a_change_on_the_new_key_signs(system: sample.System) -> None:
    """Proves who signed what, that the database learns the key, and that the number is exact."""
    old = system.keys.public()["log"]
    new = _rotate(system)
    assert (system.keys.public()["log"], system.keys.retired("log")) == (new, {old: 4})
    assert [each.line for each in system.reading().log_keys()] == [f"{old} 4", new]
    _act(system)
    _act(system)
    signers = {each.checkpoint.size: _by(each, system.keys) for each in _all(system)}
    assert signers == {1: old, 2: old, 3: old, 4: old, 5: new, 6: new}
    newest = _rotate(system)
    _act(system)
    assert list(system.keys.retired("log").items()) == [(old, 4), (new, 7)]
    assert _by(_all(system)[-1], system.keys) == newest


def _all(system: sample.System) -> list[SignedCheckpoint]:
    return list(system.reading().checkpoints())


def test_a_sequencer_that_runs_takes_the_new_key_up(system: sample.System) -> None:
    """Proves that whoever numbers entries meanwhile need not be stopped, and never mixes keys."""
    stop = threading.Event()
    running = threading.Thread(target=system.sequencer().run, args=(stop,))
    running.start()
    try:
        recording = system.recording(None)
        sample.note(recording)
        new = _rotate(system)
        sample.note(recording)
    finally:
        stop.set()
        running.join()
    (until,) = system.keys.retired("log").values()
    for each in _all(system):
        assert (_by(each, system.keys) == new) == (each.checkpoint.size > until)


def test_permits_on_record_are_counted_when_their_key_changes(system: sample.System) -> None:
    """Proves that what waits for a number still belongs to the old key: it may have signed it."""
    old = system.keys.public()["permit"]
    new = _rotate(system, "permit")
    assert (system.keys.public()["permit"], system.keys.retired("permit")) == (new, {old: 4})
    assert len(system.keys.permit_verifiers()) == 2
    signing = _signing(system)
    signing.prepare("permit")
    with psycopg.connect(system.url("placet_act")) as connection:
        connection.execute(
            "WITH drawn AS (INSERT INTO entry VALUES (nextval('ticket'), %s) RETURNING ticket)"
            " INSERT INTO pending SELECT ticket FROM drawn",
            (bytes(32),),
        )
    signing.promote("permit")
    assert system.keys.retired("permit") == {old: 4, new: 5}


@pytest.mark.parametrize("of", USES)
def test_a_list_by_the_next_key_is_due_at_once(system: sample.System, of: KeyUse) -> None:
    """Proves that nobody waits half a day for a status list that can still be relied on."""
    recording = system.recording(system.sequencer())
    sample.submit(recording, "C-1", permits={"P-1": sample.permit("P-1", 7)})
    _act(system)
    before = len(list(_lists(system)))
    _rotate(system, of)
    _act(system)
    assert len(list(_lists(system))) == before + (of == "permit")


def test_permits_that_have_not_ended_are_signed_anew(system: sample.System) -> None:
    """Proves that who holds one gets it by the next key, in as many batches as it takes."""
    recording = system.recording(system.sequencer())
    stages = dict.fromkeys(("P-1", "P-2", "P-3"), PermitStage.ISSUED)
    stages["P-4"] = PermitStage.REVOKED
    named = enumerate(stages.items())
    permits = {name: sample.permit(name, place, stage) for place, (name, stage) in named}
    sample.submit(recording, "C-1", permits=permits)
    _act(system)
    before = len(list(_lists(system)))
    _rotate(system, "permit")
    anew = "by the next key"
    system.sign_permit = lambda _: anew
    sequencer, signed = system.sequencer(most=2), []
    while sequencer.run_once() or sequencer.left:
        rows = [system.reading().permit_row(name).token for name in stages]
        signed.append((rows.count(anew), len(list(_lists(system))) - before))
    assert signed[0] == (2, 0), "no list is signed by the next key before all permits are"
    assert signed[-1] == (3, 1)
    assert system.reading().permit_row("P-4").token != anew
    with psycopg.connect(system.url("placet_owner")) as connection:  # as if the commit had failed
        connection.execute("UPDATE signing_key SET until = NULL")
        connection.execute("UPDATE permit SET token = 'by the old key'")
    system.sequencer().run_once()
    _act(system)
    rows = [system.reading().permit_row(name).token for name in stages]
    assert rows == [anew, anew, anew, "by the old key"]


def _lists(system: sample.System) -> Iterator[int]:
    """Yield the entries that list a version of the status list."""
    for each in system.reading().entries_of_no_case():
        if each.body is not None and each.body.shown["kind"] == "status-list":
            yield each.index


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", range(3))
@pytest.mark.parametrize("of", USES)
def test_a_crash_at_any_step_is_gone_on_from(
    system: sample.System, monkeypatch: pytest.MonkeyPatch, of: KeyUse, step: int, after: bool
) -> None:
    """Proves the table of crashes: before or after each file is put in place, again is enough."""
    old = system.keys.public()[of]
    wanted = [keys_module._NEXT[of], keys_module._LISTS[of], keys_module._PRESENT[of]][step]
    real = files.move

    def crashing(source: Path, target: Path) -> None:
        crash = target == system.folder / wanted
        if not crash or after:
            real(source, target)
        if crash:
            raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(files, "move", crashing)
        with pytest.raises(Crash):
            _rotate(system, of)
    made = system.keys.prepared(of)
    done = (step, after) == (2, True)
    assert (system.keys.public()[of] == old) is not done
    assert system.keys.retired(of).keys() == ({old} if done else set())
    _act(system)  # others go on meanwhile, with the key that counts
    if not done:
        new = _rotate(system, of)
        assert made in (new, None)
    _act(system)
    assert list(system.keys.retired(of)) == [old]
    assert system.keys.prepared(of) is None
    named = [each for each in system.reading().entries() if _kind(each.body) == "rotate-key"]
    assert len(named) == 1
    if of == "log":
        (until,) = system.keys.retired("log").values()
        for each in _all(system):
            assert (_by(each, system.keys) == old) == (each.checkpoint.size <= until)


def _kind(body: object) -> object:
    shown = getattr(body, "shown", {})
    return shown.get("kind")


def test_a_database_cannot_bring_in_a_key(system: sample.System, tmp_path: Path) -> None:
    """Proves that a key is taken up by the keys' folder only, and only after those of this log."""
    stranger = Keys.create(tmp_path / "stranger", sample.ORIGIN)
    with psycopg.connect(system.url("placet_sequencer")) as connection:
        connection.execute(
            "INSERT INTO signing_key VALUES ('log', %s)", (stranger.public()["log"],)
        )
    with pytest.raises(KeyFileError, match="signed by"):
        _rotate(system)
    with pytest.raises(KeyFileError, match="signed by"):
        system.sequencer().run_once()


def test_a_checkpoint_by_a_retired_key_is_not_gone_on_from(system: sample.System) -> None:
    """Proves that whoever has the old key and the database cannot have its tree continued."""
    old = system.keys.signer()
    _rotate(system)
    _act(system)
    last = _all(system)[-1].checkpoint
    with psycopg.connect(system.url("placet_owner")) as connection:
        connection.execute(
            "UPDATE checkpoint SET note = %s WHERE size = %s",
            (sign_checkpoint(last, old).render(), last.size),
        )
    with pytest.raises(BadSignatureError):
        system.sequencer().run_once()


def test_no_key_changes_where_the_database_is_another(system: sample.System) -> None:
    """Proves that a number that the database made up is not written beside a key."""
    _signing(system).prepare("log")
    with psycopg.connect(system.url("placet_sequencer")) as connection:
        connection.execute("INSERT INTO checkpoint VALUES (1000000, '')")
    before = system.keys.public()
    with pytest.raises(BehindCheckpointError):
        _signing(system).promote("log")
    assert system.keys.public() == before
    with pytest.raises(KeyFileError, match="cannot be read"):
        system.keys.promote("permit", 3)  # of which no next one was made


def test_what_is_published_is_what_the_folder_has(system: sample.System) -> None:
    """Proves that pages learn of each key from the sequencer: made, in use, and its end."""
    first = system.keys.public()
    reading = system.reading()
    assert [public_text(each) for each in reading.permit_keys()] == [first["permit"]]
    assert reading.next_keys() == {}
    made = _signing(system).prepare("permit")
    assert reading.next_keys() == {"permit": made}
    for of in USES:
        _rotate(system, of)
    assert reading.next_keys() == {}
    assert (reading.log_keys(), reading.permit_keys()) == system.keys.published()
    assert [each.until is None for each in reading.log_keys()] == [False, True]
    assert [each.until is None for each in reading.permit_keys()] == [False, True]
    with psycopg.connect(system.url("placet_owner")) as connection:  # as after an old backup
        connection.execute("DELETE FROM signing_key WHERE until IS NULL")
        connection.execute("UPDATE signing_key SET until = NULL")
    system.sequencer().run_once()
    _act(system)
    assert (reading.log_keys(), reading.permit_keys()) == system.keys.published()
    assert [each.until is None for each in reading.permit_keys()] == [False, True]
