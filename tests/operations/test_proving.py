"""Receipts, disclosures and exports of a log in which real acts were done."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_witnessing import witness

import audit_sample as sample
from audit_sample import Copy, Register
from placet.errors import QuestionError
from placet.ledger import (
    BadProofError,
    DisclosureError,
    ForkError,
    LedgerError,
    OverwriteError,
    RollbackError,
    WitnessPolicy,
    hash_leaf,
    pack,
    parse_receipt,
    verify_disclosure,
    verify_receipt,
)
from placet.operations.log.proving import (
    checkpoint,
    disclosure,
    export,
    receipt,
    verify_folder,
)
from placet.operations.outside.witnessing import cosign_folder
from placet.operations.ports import Reading


@pytest.fixture(scope="module")
def register() -> Register:
    """A register with three cases in it."""
    made = sample.memory_register()
    made.begin()
    made.add_cases(3)
    return made


@pytest.fixture
def store(register: Register) -> Reading:
    """What can be read of it."""
    return register.reading


def test_a_receipt_is_checked_without_us(store: Reading) -> None:
    """The receipt of every entry proves it against the log's key, and proves no other entry."""
    entries = list(store.entries())
    for each in entries:
        found = parse_receipt(receipt(store, each.index))
        assert verify_receipt(found, each.leaf, store.log_keys(), None).index == each.index
    with pytest.raises(BadProofError):
        verify_receipt(found, entries[0].leaf, store.log_keys(), None)


def test_a_receipt_takes_a_disclosure_along(store: Reading) -> None:
    """Chosen fields in the extra line prove themselves against the entry; the others are hidden."""
    entry = list(store.entries())[2]
    found = parse_receipt(receipt(store, 2, ["kind", "time"]))
    shown = verify_disclosure(found.extra, entry.leaf)
    assert entry.body is not None
    assert shown == {name: entry.body.shown[name] for name in ("kind", "time")}
    assert found.extra == disclosure(store, 2, ["kind", "time"])
    assert b"payload" in found.extra
    assert str(entry.body.shown["actor"]).encode() not in found.extra


def test_what_is_not_there_is_not_proved(store: Reading) -> None:
    """An entry beyond the checkpoint, a field that there is not, and an empty log are refused."""
    size = checkpoint(store).checkpoint.size
    for index in (-1, size):
        with pytest.raises(QuestionError):
            receipt(store, index)
        with pytest.raises(QuestionError):
            disclosure(store, index, ["kind"])
    with pytest.raises(DisclosureError):
        receipt(store, 0, ["colour"])
    with pytest.raises(QuestionError, match="not begun"):
        checkpoint(sample.memory_register().reading)


def test_an_export_is_continued(tmp_path: Path) -> None:
    """Exporting again adds what is new, and the cosignatures of the same checkpoint stay."""
    register = sample.memory_register()
    register.begin()
    log = register.reading
    keys, folder = log.log_keys(), tmp_path / "log"
    first = export(log, folder).render()
    cosign_folder(folder, tmp_path / "state", witness(), keys, 1_760_000_000)
    assert export(log, folder).note.signatures != checkpoint(log).note.signatures
    policy = WitnessPolicy(1, (witness().verifier,))
    assert verify_folder(folder, keys, first, policy).checkpoint == checkpoint(log).checkpoint
    register.add_cases(2)
    assert export(log, folder) == checkpoint(log)
    assert verify_folder(folder, keys, first).checkpoint.size > 7


def test_an_export_holds_nothing_but_leaves(store: Reading, tmp_path: Path) -> None:
    """The files are the checkpoint, the public leaves and their hashes, to the last byte."""
    export(store, tmp_path)
    leaves = [each.leaf for each in store.entries()]
    files = {
        path.relative_to(tmp_path).as_posix(): path.read_bytes()
        for path in tmp_path.rglob("*")
        if path.is_file()
    }
    assert files == {
        f"tile/entries/000.p/{len(leaves)}": pack(leaves),
        f"tile/0/000.p/{len(leaves)}": b"".join(map(hash_leaf, leaves)),
        "checkpoint": checkpoint(store).render(),
    }


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[7] ^= 1
    path.write_bytes(bytes(data))


def test_a_changed_file_is_found(store: Reading, tmp_path: Path) -> None:
    """Whatever file of an export is changed, cut or removed, checking says so."""
    export(store, tmp_path)
    paths = [each for each in tmp_path.rglob("*") if each.is_file()]
    assert len(paths) == 3
    for path in paths:
        kept = path.read_bytes()
        for spoil in (_cut, _flip, Path.unlink):
            spoil(path)
            with pytest.raises(LedgerError):
                verify_folder(tmp_path, store.log_keys())
            path.write_bytes(kept)
    assert verify_folder(tmp_path, store.log_keys())


def test_another_history_is_not_published(
    register: Register, store: Reading, tmp_path: Path
) -> None:
    """A log that was cut, or one that forked, cannot be exported over what was published."""
    export(store, tmp_path)
    known = checkpoint(store).render()
    signer, entries = sample.signer_of(register), list(store.entries())
    shorter = Copy.of(store)
    del shorter.held[-2:]
    with pytest.raises(RollbackError):
        export(shorter.signed_again(signer), tmp_path)
    forked = Copy.of(store)
    forked.held[3:5] = [entries[4], entries[3]]
    forked = forked.signed_again(signer)
    with pytest.raises(ForkError):
        export(forked, tmp_path)
    export(forked, tmp_path / "fork")
    with pytest.raises(ForkError):
        verify_folder(tmp_path / "fork", store.log_keys(), known)
    (tmp_path / "checkpoint").unlink()
    with pytest.raises(OverwriteError):
        export(forked, tmp_path)
