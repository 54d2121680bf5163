"""The keys' folder: nobody else may read it, and what is in it is believed only if whole."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from placet.errors import PlacetError
from placet.ledger import EMPTY_ROOT, Checkpoint, MalformedError
from placet.ledger.tree import Hash
from placet.store.errors import DataFolderError, KeyFileError
from placet.store.keys import Keys
from placet.store.promises import Promise

ORIGIN = "example.gov/placet"


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    """The keys of a new log."""
    return Keys.create(tmp_path / "keys", ORIGIN)


def test_new_keys_are_for_the_owner_only(keys: Keys) -> None:
    """Proves the modes, that both keys bear the log's name, and that nothing is promised yet."""
    assert keys.folder.stat().st_mode & 0o777 == 0o700
    files = {each.name: each.stat().st_mode & 0o777 for each in keys.folder.iterdir()}
    assert files == dict.fromkeys(("last-checkpoint", "log-key", "permit-key.pem"), 0o600)
    assert keys.signer().name == keys.permit_key().issuer == ORIGIN
    assert keys.promised() == Promise(Checkpoint(ORIGIN, 0, EMPTY_ROOT), 0, ())
    assert keys.exist


def test_keys_are_never_replaced(keys: Keys) -> None:
    """Proves that making keys where there are some is refused, whichever file is left."""
    for name in ("log-key", "permit-key.pem"):
        (keys.folder / name).unlink()
        with pytest.raises(KeyFileError, match="holds keys already"):
            Keys.create(keys.folder, ORIGIN)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o660])
def test_a_file_that_others_can_read_is_refused(keys: Keys, mode: int) -> None:
    """Proves that each file is checked each time it is read, and the command is given."""
    for name, read in _READ.items():
        (keys.folder / name).chmod(mode)
        with pytest.raises(KeyFileError, match="chmod 600"):
            read(keys)
        (keys.folder / name).chmod(0o600)
        read(keys)


def test_a_folder_that_others_can_enter_is_refused(keys: Keys, tmp_path: Path) -> None:
    """Proves the same for the folder, old or new."""
    keys.folder.chmod(0o750)
    with pytest.raises(KeyFileError, match="chmod 700"):
        keys.signer()
    (tmp_path / "open").mkdir(mode=0o755)
    with pytest.raises(KeyFileError, match="chmod 700"):
        Keys.create(tmp_path / "open", ORIGIN)
    (tmp_path / "wide").mkdir()
    (tmp_path / "wide").chmod(0o777)
    with pytest.raises(DataFolderError):
        Keys.create(tmp_path / "wide", ORIGIN)


def test_another_user_s_file_is_refused(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves that keys that belong to somebody else are not used."""
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    with pytest.raises(KeyFileError, match="belongs to user id"):
        keys.signer()


def test_a_missing_file_says_what_it_means(keys: Keys) -> None:
    """Proves that the text says which file, and what to do; and that a link is not followed."""
    for name, read in _READ.items():
        (keys.folder / name).rename(keys.folder / "elsewhere")
        with pytest.raises(KeyFileError, match=f"{name}: cannot be read.*Without it"):
            Keys(keys.folder).signer() if name == "log-key" else read(keys)
        (keys.folder / name).symlink_to(keys.folder / "elsewhere")
        with pytest.raises(KeyFileError, match="cannot be read"):
            read(keys)
        (keys.folder / name).unlink()
        (keys.folder / "elsewhere").rename(keys.folder / name)


def test_a_damaged_file_is_not_believed(keys: Keys) -> None:
    """Proves that no byte can be changed unseen, and no secret is shown in the error."""
    secret = keys.signer().secret_text
    for name, read in _READ.items():
        path = keys.folder / name
        data = path.read_bytes()
        path.write_bytes(data[: len(data) // 2])
        with pytest.raises(PlacetError) as caught:
            read(Keys(keys.folder))
        assert secret.rsplit("+", 1)[1] not in str(caught.value)
        path.write_bytes(data)


def test_a_promise_reads_back(keys: Keys) -> None:
    """Proves that the record survives with its tickets in order, and takes up little room."""
    tickets = (*range(1, 1500), 1700, *range(1800, 2348))
    checkpoint = Checkpoint(ORIGIN, 100 + len(tickets), Hash(bytes(range(32))))
    promise = Promise(checkpoint, 100, tickets)
    keys.remember(promise)
    assert Keys(keys.folder).promised() == promise
    assert (keys.folder / "last-checkpoint").stat().st_size < 300
    by_hand = Promise(checkpoint, checkpoint.size, ())
    assert Promise.parse(by_hand.render()) == by_hand


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'"before":3', b'"before":2'),
        (b"[5,6]", b"[6,5]"),
        (b"[5,6]", b"[5,5],[6,6]"),
        (b"[5,6]", b"5,6"),
        (b"-1", b"-2"),
        (b"\n", b"\n\n"),
    ],
)
def test_a_promise_has_one_spelling(before: bytes, after: bytes) -> None:
    """Proves that a record that does not add up, or is spelt otherwise, is refused."""
    data = Promise(Checkpoint(ORIGIN, 5, Hash(bytes(32))), 3, (5, 6)).render()
    assert before in data
    with pytest.raises(MalformedError):
        Promise.parse(data.replace(before, after))


_READ = {
    "log-key": Keys.signer,
    "permit-key.pem": Keys.permit_key,
    "last-checkpoint": Keys.promised,
}
