"""The keys' folder: nobody else may read it, and what is in it is believed only if whole."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
import store_sample as sample
from psycopg.errors import InsufficientPrivilege
from psycopg.sql import SQL, Identifier, Literal

from placet.errors import PlacetError
from placet.ledger import EMPTY_ROOT, Checkpoint, MalformedError, SignerKey
from placet.ledger.tree import Hash
from placet.permit import public_text
from placet.store.errors import DataFolderError, KeyFileError
from placet.store.keys import Keys
from placet.store.promises import BLOCK, Promise
from server_for_tests import Databases, Url

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
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o755)
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
        assert secret.split("+", 4)[4] not in str(caught.value)
        path.write_bytes(data)


def test_a_promise_reads_back(keys: Keys) -> None:
    """Proves that a promise reads back: its tickets in order, however many runs, or by hand."""
    few = (*range(1, 1500), 1700, *range(1800, 2348))
    many = tuple(range(3001, 7097, 2))
    last = keys.folder / "last-checkpoint"
    for promise, size in (
        (_promise(100, few), 2 * BLOCK),
        (_promise(2148, many), len(_promise(2148, many).render())),
        (_promise(4196, (7100,)), 2 * BLOCK),
        (_promise(4197, (7101,)), 2 * BLOCK),
    ):
        keys.remember(promise)
        assert Keys(keys.folder).promised() == promise
        assert last.stat().st_size == size
    by_hand = _promise(4198, ())
    last.write_bytes(by_hand.render())
    assert keys.promised() == by_hand
    following = _promise(4198, (7102,))
    keys.remember(following)
    assert keys.promised() == Keys(keys.folder).promised() == following


def test_what_was_signed_of_permits_reads_back(keys: Keys) -> None:
    """Proves that digests are kept in order, by whichever process, and a torn line is none."""
    first, second, third = (hashlib.sha256(each).hexdigest() for each in (b"1", b"2", b"3"))
    signed = keys.folder / "signed-permits"
    assert keys.noted() == []
    keys.note([first])
    assert signed.stat().st_mode & 0o777 == 0o600
    whole = signed.read_bytes()
    for torn in (b"", f"{second}\n".encode()[:40], bytes(200), second[:9].encode() + bytes(80)):
        signed.write_bytes(whole + torn)
        assert Keys(keys.folder).noted() == [first]
        Keys(keys.folder).note([second, third])
        assert keys.noted() == [first, second, third]
    keys.note([])
    assert keys.noted() == [first, second, third]


def test_a_damaged_list_of_what_was_signed_is_refused(keys: Keys) -> None:
    """Proves that an audit is not told that nothing was signed where nobody knows."""
    keys.note([hashlib.sha256(b"1").hexdigest()] * 2)
    signed = keys.folder / "signed-permits"
    signed.write_bytes(signed.read_bytes().replace(b"\n", b" ", 1))
    with pytest.raises(MalformedError, match="not a digest in each line"):
        keys.noted()
    signed.chmod(0o640)
    for refused in (keys.noted, lambda: keys.note(["0" * 64])):
        with pytest.raises(KeyFileError, match="chmod 600"):
            refused()


def _promise(before: int, tickets: Sequence[int]) -> Promise:
    root = Hash(hashlib.sha256(b"%d" % before).digest())
    return Promise(Checkpoint(ORIGIN, before + len(tickets), root), before, tuple(tickets))


@pytest.mark.parametrize("turns", [0, 1])
def test_a_torn_promise_is_that_before_it(keys: Keys, turns: int) -> None:
    """Proves that a write that was cut short, wherever it began, leaves the promise before it."""
    last = keys.folder / "last-checkpoint"
    for turn in range(turns):
        keys.remember(_promise(turn, (turn,)))
    before, old = keys.promised(), last.read_bytes()
    after = _promise(9, (9, *range(20, 400, 2)))  # several sectors long
    keys.remember(after)
    new = last.read_bytes()
    told = {before: 0, after: 0}
    for at in range(0, len(old) + 1, 64):
        for torn in (new[:at] + old[at:], old[:at] + new[at:]):
            last.write_bytes(torn)
            told[Keys(keys.folder).promised()] += 1
            assert torn == new or Keys(keys.folder).promised() == before
    assert all(told.values())
    last.write_bytes(b" " * len(new))
    with pytest.raises(MalformedError):
        keys.promised()


def test_a_promise_is_written_over_the_older_one(keys: Keys) -> None:
    """Proves that the promise that counts is never touched, even where it is written again."""
    last = keys.folder / "last-checkpoint"
    for turn in range(4):
        counts = keys.promised().block()
        keys.remember(_promise(turn // 2, (turn // 2,)))
        assert counts is not None
        assert counts in last.read_bytes()


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


def test_a_key_that_comes_next_is_made_once(keys: Keys) -> None:
    """Proves that asking again gives the same key, which signs nothing yet, for the owner only."""
    for of, name in (("log", "log-key.next"), ("permit", "permit-key.next.pem")):
        before = keys.public()
        assert keys.prepared(of) is None
        public = keys.prepare(of)
        assert keys.prepare(of) == keys.prepared(of) == Keys(keys.folder).prepare(of) == public
        assert keys.public() == before
        assert (keys.folder / name).stat().st_mode & 0o777 == 0o600
        (keys.folder / name).chmod(0o640)
        with pytest.raises(KeyFileError, match="chmod 600"):
            keys.promote(of, 3)
        (keys.folder / name).chmod(0o600)


def test_a_retired_key_leaves_its_public_half_only(keys: Keys) -> None:
    """Proves what a change leaves in the folder, for whom, and that nothing private is left."""
    secrets = [keys.signer().secret_text, keys.permit_key().secret_text]
    first = keys.public()
    for of in ("log", "permit"):
        keys.prepare(of)
        keys.promote(of, 7)
    assert keys.retired("log") == {first["log"]: 7}
    assert [str(each) for each in keys.verifiers()] == [first["log"], keys.public()["log"]]
    assert [public_text(each) for each in keys.permit_verifiers()] == [
        first["permit"],
        keys.public()["permit"],
    ]
    files = [each for each in keys.folder.rglob("*") if each.is_file()]
    assert {each.stat().st_mode & 0o777 for each in files} == {0o600}
    assert (keys.folder / "retired").stat().st_mode & 0o777 == 0o700
    assert not any(secret.strip() in each.read_text() for secret in secrets for each in files)
    with pytest.raises(KeyFileError, match="holds keys already"):
        Keys.create(keys.folder, ORIGIN)


@pytest.mark.parametrize("line", ["7", "seven key", "-1 key", "\u0667 key", " key"])
def test_a_damaged_list_of_retired_keys_is_not_believed(keys: Keys, line: str) -> None:
    """Proves that a line that is not a number and a key is refused."""
    keys.prepare("log")
    keys.promote("log", 7)
    with (keys.folder / "retired" / "log-keys").open("a") as file:
        file.write(f"{line}\n")
    with pytest.raises(MalformedError, match="how many entries"):
        keys.retired("log")


@pytest.fixture
def system(databases: Databases, new_database: Callable[..., Url]) -> Iterator[sample.System]:
    """A log of some entries, with a permit and a changed key, that strangers could walk up to."""
    top = Path(tempfile.mkdtemp(prefix="placet-tests-"))
    top.chmod(0o755)  # a temporary folder of pytest's would keep strangers out by itself
    made = sample.System(sample.migrated(databases, new_database), top / "keys")
    recording = made.recording(made.sequencer())
    sample.begin(recording)
    sample.submit(recording, "C-1")
    sample.move(recording, "C-1", permits={"P-1": sample.permit("P-1", 1)})
    made.keys.prepare("log")
    yield made
    made.close()
    shutil.rmtree(top)


_READERS: tuple[LiteralString, ...] = (
    "SELECT pg_read_file(%s)",
    "SELECT pg_read_binary_file(%s)",
    "SELECT lo_import(%s)",
    "SELECT pg_ls_dir(%s)",
)


def test_the_application_cannot_read_a_private_key(system: sample.System) -> None:
    """Proves that neither another user of the machine nor a role of the database reads a key."""
    private = [system.folder / name for name in ("log-key", "permit-key.pem", "log-key.next")]
    for path in private:
        assert path.stat().st_mode & 0o077 == path.parent.stat().st_mode & 0o077 == 0
        if os.geteuid() == 0:
            tried = subprocess.run(
                [shutil.which("cat") or "cat", path],
                user=65534,
                group=65534,
                extra_groups=[],
                cwd="/",
                env={"LC_ALL": "C"},
                capture_output=True,
                check=False,
            )
            assert (tried.stdout, b"Permission denied" in tried.stderr) == (b"", True)
        for role in ("placet_act", "placet_read", "placet_worker"):
            with psycopg.connect(system.url(role), autocommit=True) as connection:
                for reader in _READERS:
                    with pytest.raises(InsufficientPrivilege):
                        connection.execute(reader, (str(path),))
                copying = SQL("CREATE TEMPORARY TABLE t (a text); COPY t FROM {}")
                with pytest.raises(InsufficientPrivilege):
                    connection.execute(copying.format(Literal(str(path))))


def test_a_dump_of_the_database_holds_no_private_key(system: sample.System) -> None:
    """Proves that no row of any table holds a private key, in whatever spelling."""
    spellings: list[bytes] = []
    for secret in (
        system.keys.signer().private,
        system.keys.permit_key().private,
        SignerKey.parse((system.folder / "log-key.next").read_text().strip()).private,
    ):
        spellings += [secret, secret.hex().encode(), base64.b64encode(secret)[:40]]
        spellings += [base64.urlsafe_b64encode(secret)[:40], base64.b64encode(b"\1" + secret)[:40]]
    spellings += [b"PRIVATE"]
    public = system.keys.public()["log"].encode()
    found = 0
    with psycopg.connect(system.url("placet_owner")) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        for (table,) in tables:
            for row in connection.execute(SQL("SELECT * FROM {}").format(Identifier(table))):
                text = b"\n".join(
                    bytes(each) if isinstance(each, bytes) else str(each).encode() for each in row
                )
                found += public in text
                assert not any(each in text for each in spellings), table
        assert connection.execute("SELECT count(*) FROM pg_largeobject_metadata").fetchone() == (0,)
    assert len(tables) > 10
    assert found == 1  # what is looked for would be found: the public key is there


_READ = {
    "log-key": Keys.signer,
    "permit-key.pem": Keys.permit_key,
    "last-checkpoint": Keys.promised,
}
