"""Files: put in place whole or not at all, and flushed before and after they get their names."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from placet import files


def made(path: Path) -> None:
    """Write a file aside and give it its name."""
    aside = path.with_name("aside")
    aside.write_bytes(b"new")
    files.move(aside, path)


WAYS: dict[str, Callable[[Path], None]] = {
    "put": lambda path: files.put(path, b"new", mode=0o600),
    "create": lambda path: files.create(path, b"new", mode=0o600),
    "move": made,
}


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What is flushed and named, in order: a file with what it holds then, a folder as such."""
    done: list[tuple[str, str]] = []
    rename, link, flush = Path.replace, Path.hardlink_to, os.fsync

    def flushed(descriptor: int) -> None:
        held = Path(f"/proc/self/fd/{descriptor}").resolve()
        done.append(("flush", f"{held.name}/" if held.is_dir() else held.read_text("ascii")))
        flush(descriptor)

    def renamed(self: Path, target: Path) -> Path:
        done.append(("name", self.read_text("ascii")))
        return rename(self, target)

    def linked(self: Path, target: Path) -> None:
        done.append(("name", target.read_text("ascii")))
        link(self, target)

    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(Path, "replace", renamed)
    monkeypatch.setattr(Path, "hardlink_to", linked)
    return done


@pytest.mark.parametrize("way", WAYS)
def test_a_file_is_flushed_before_it_has_its_name_and_its_folder_after(
    tmp_path: Path, steps: list[tuple[str, str]], way: str
) -> None:
    """Once it is said to be written, a loss of power loses neither its content nor its name.

    Until it has its name, nobody finds it: wherever it breaks off, it is there whole or not at all.
    """
    WAYS[way](tmp_path / "file")
    assert steps == [("flush", "new"), ("name", "new"), ("flush", f"{tmp_path.name}/")]
    assert (tmp_path / "file").read_bytes() == b"new"
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_of_two_who_put_a_file_at_once_each_puts_it_whole(tmp_path: Path) -> None:
    """A witness cosigns a checkpoint while the next is exported: neither mixes with the other."""
    path, texts = tmp_path / "file", (b"a" * 100_000, b"b" * 10)

    def puts(data: bytes) -> set[bytes]:
        found = set()
        for _ in range(100):
            files.put(path, data)
            found.add(path.read_bytes())
        return found

    with ThreadPoolExecutor(2) as pool:
        assert set().union(*pool.map(puts, texts)) <= set(texts)
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_of_two_who_make_a_file_at_once_one_does(tmp_path: Path) -> None:
    """The other is told that it is there, and finds it whole."""

    def makes(number: int) -> bytes:
        path, data = tmp_path / f"file-{number // 4}", f"{number}".encode() * 10_000
        try:
            files.create(path, data)
        except FileExistsError:
            assert len(path.read_bytes()) >= 10_000
            return b""
        return path.read_bytes() if path.read_bytes() == data else b"another's"

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(makes, range(100)))
    assert b"another's" not in made
    assert sum(map(bool, made)) == 25


def test_a_folder_is_made_with_those_above_it_and_each_is_flushed(
    tmp_path: Path, steps: list[tuple[str, str]]
) -> None:
    """A loss of power takes none of them away; one that is there is left as it is."""
    files.make_folder(tmp_path / "a" / "b", mode=0o700)
    assert steps == [("flush", f"{tmp_path.name}/"), ("flush", "a/")]
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700
    files.make_folder(tmp_path / "a" / "b")
    assert len(steps) == 2
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError):
        files.make_folder(tmp_path / "file")


@pytest.mark.parametrize("way", ["put", "move"])
def test_what_was_there_is_replaced_whole_or_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """A disk that is full leaves the file as it was, and nothing of `put` beside it."""
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            WAYS[way](path)
    assert path.read_bytes() == b"old"
    assert {each.name for each in tmp_path.iterdir()} - {"aside"} == {"file"}
    WAYS[way](path)
    assert path.read_bytes() == b"new"


def test_a_new_file_takes_the_place_of_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is there stays as it is; one that cannot be flushed is not left half there."""
    path = tmp_path / "file"

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            files.create(path, b"new")
    assert list(tmp_path.iterdir()) == []
    path.write_bytes(b"old")
    with pytest.raises(FileExistsError):
        files.create(path, b"new")
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("way", ["put", "create"])
def test_a_file_has_its_mode_and_is_not_written_through_a_link(tmp_path: Path, way: str) -> None:
    """A link that somebody laid where it is to be leads nowhere; its mode is the one wanted."""
    other, path = tmp_path / "other", tmp_path / "file"
    path.symlink_to(other)
    if way == "create":
        with pytest.raises(FileExistsError):
            WAYS[way](path)
        path.unlink()
    WAYS[way](path)
    assert not other.exists()
    assert stat.S_IMODE(path.lstat().st_mode) == 0o600


def test_a_folder_gets_its_name(tmp_path: Path) -> None:
    """A folder that was made aside is moved whole, and over none that holds something."""
    aside, path = tmp_path / "aside", tmp_path / "folder"
    aside.mkdir()
    (aside / "a").write_bytes(b"1")
    files.move(aside, path)
    assert (path / "a").read_bytes() == b"1"
    aside.mkdir()
    with pytest.raises(OSError, match="not empty"):
        files.move(aside, path)
    assert (path / "a").read_bytes() == b"1"
