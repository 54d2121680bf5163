"""Backups: everything comes back, and no log goes on from an older state than was signed."""

from __future__ import annotations

import json
import shutil
import stat
import tarfile
from collections.abc import Callable
from itertools import count
from pathlib import Path

import psycopg
import pytest
from register_sample import Register

from placet.store.embedded import EmbeddedServer
from server_for_tests import Databases

Empty = Callable[..., Register]


@pytest.fixture
def empty(server: EmbeddedServer, register: Register, tmp_path: Path) -> Empty:
    """Make a register with an empty database and the keys of another folder, or with none."""
    databases, numbers = Databases(server), count()

    def make(keys: Path | None = None) -> Register:
        name = f"empty-{next(numbers)}"
        made = Register(tmp_path / name, databases.new(name)("placet_owner"), register.scenario)
        made.data.mkdir(mode=0o700)
        if keys is not None:
            made.environment["PLACET_KEYS"] = str(keys)
        return made

    yield make
    databases.drop()


def _act(register: Register, signer: Register, of: str = "permit") -> None:
    """Do one more act: change a key, signed by a person whose key `signer` has."""
    because = ("--because", "a yearly change")
    register.do("sign-in", "lindqvist", "--key", signer.key("lindqvist"))
    register.do("keys", "rotate", of, *because, *signer.signed("lindqvist"))


def _size(register: Register) -> int:
    return int(register.do("ledger", "checkpoint").splitlines()[1])


def test_a_backup_comes_back_whole_and_the_log_goes_on(
    register: Register, empty: Empty, tmp_path: Path
) -> None:
    """Proves that a restored register audits, and goes on under the keys that stayed elsewhere."""
    file = tmp_path / "backup"
    said = register.do("backup", "-o", file)
    size = _size(register)
    assert said.startswith(f"{size} entries of ")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "already" in register.run("backup", "-o", file).err
    with tarfile.open(file) as archive:
        assert archive.getnames() == ["manifest.json", "checkpoint", "log-keys", "database"]
    back = empty(register.data / "keys")
    assert "are back" in back.do("restore", file)
    assert _size(back) == size
    assert back.ask("audit")["follows"] is True
    with psycopg.connect(back.url) as connection:
        rights = connection.execute(
            "SELECT has_table_privilege('placet_act', 'entry', 'INSERT'),"
            " has_table_privilege('placet_worker', 'entry', 'SELECT'),"
            " (SELECT relforcerowsecurity FROM pg_class WHERE relname = 'body')"
        ).fetchone()
    assert rights == (True, False, True)
    assert "not empty" in back.run("restore", file).err


def test_no_log_goes_on_from_an_older_backup(
    register: Register, empty: Empty, tmp_path: Path
) -> None:
    """Proves that a backup of before the last promise is refused, and the database stays empty."""
    file = tmp_path / "backup"
    register.do("backup", "-o", file)
    size = _size(register)
    _act(register, register, "permit")
    assert _size(register) > size
    back = empty(register.data / "keys")
    refused = back.run("restore", file)
    assert refused.code == 1
    assert f"The backup has {size} entries" in refused.err
    assert "second history" in refused.err
    with psycopg.connect(back.url) as connection:
        assert connection.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        ).fetchone() == (0,)
    newer = tmp_path / "newer"
    register.do("backup", "-o", newer)
    back.do("restore", newer)


def test_a_checkpoint_kept_elsewhere_is_asked_where_the_folder_knows_nothing(
    register: Register, empty: Empty, tmp_path: Path
) -> None:
    """Proves that without last-checkpoint a restore needs one, and holds the backup against it."""
    old, new, kept = tmp_path / "old", tmp_path / "new", tmp_path / "checkpoint"
    register.do("backup", "-o", old)
    _act(register, register, "permit")
    register.do("backup", "-o", new)
    kept.write_text(register.do("ledger", "checkpoint"))
    keys = tmp_path / "keys"
    shutil.copytree(register.data / "keys", keys)
    (keys / "last-checkpoint").unlink()
    back = empty(keys)
    assert "Nothing says how far the log went" in back.run("restore", new).err
    assert "second history" in back.run("restore", old, "--checkpoint", kept).err
    (keys / "last-checkpoint").unlink(missing_ok=True)
    back.do("restore", new, "--checkpoint", kept)
    line, *_ = (keys / "last-checkpoint").read_text().splitlines()
    assert json.loads(line)["size"] == _size(register)
    assert back.ask("audit")["follows"] is True


def test_another_history_of_the_same_length_is_refused_and_taken_back(
    registers: Callable[[], Register], empty: Empty, tmp_path: Path
) -> None:
    """Proves that what does not contain the checkpoint known is not left in the database."""
    one, other = registers(), registers()
    file = tmp_path / "backup"
    for each in (one, other):
        _act(each, each, "permit")
    _act(other, other, "log")
    other.do("backup", "-o", file)
    shutil.copy(one.data / "keys" / "last-checkpoint", other.data / "keys" / "last-checkpoint")
    back = empty(other.data / "keys")
    refused = back.run("restore", file)
    assert refused.code == 1, refused
    with psycopg.connect(back.url) as connection:
        assert connection.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        ).fetchone() == (0,)


def test_keys_are_in_a_backup_only_where_asked_and_come_back_with_a_checkpoint(
    register: Register, empty: Empty, tmp_path: Path
) -> None:
    """Proves that keys come back only to whoever says how far their log went."""
    file, kept = tmp_path / "backup", tmp_path / "checkpoint"
    register.do("backup", "-o", file, "--with-keys")
    kept.write_text(register.do("ledger", "checkpoint"))
    with tarfile.open(file) as archive:
        assert "keys/log-key" in archive.getnames()
        assert not any("last-checkpoint" in each for each in archive.getnames())
    back = empty()
    assert "how far the log went" in back.run("restore", file, "--with-keys").err
    back.do("restore", file, "--with-keys", "--checkpoint", kept)
    assert back.ask("audit")["follows"] is True
    _act(back, register, "permit")
    assert _size(back) > _size(register)


def test_without_keys_a_backup_is_looked_at_and_nothing_added(
    register: Register, empty: Empty, tmp_path: Path
) -> None:
    """Proves that an old backup can still be read and audited where nothing can be signed."""
    file = tmp_path / "backup"
    register.do("backup", "-o", file)
    _act(register, register, "permit")
    back = empty()
    assert "There are no keys here" in back.do("restore", file)
    assert back.ask("audit")["follows"] is True


def test_what_is_no_backup_or_was_changed_is_refused(
    register: Register, empty: Empty, tmp_path: Path
) -> None:
    """Proves that a file of something else, and one with a byte changed, change nothing."""
    file, other = tmp_path / "backup", tmp_path / "other"
    register.do("backup", "-o", file)
    other.write_text("not a backup")
    back = empty(register.data / "keys")
    assert "is no such file" in back.run("restore", tmp_path / "absent").err
    assert "is not a backup" in back.run("restore", other).err
    data = bytearray(file.read_bytes())
    data[-20_000] ^= 1
    other.write_bytes(data)
    assert "damaged" in back.run("restore", other).err
