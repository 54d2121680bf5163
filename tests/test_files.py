"""Files: put in place whole or not at all, and flushed before and after they get their names."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
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
    """What is flushed and renamed, in order: a file with what it holds then, a folder as such."""
    done: list[tuple[str, str]] = []
    rename, flush = Path.replace, os.fsync

    def flushed(descriptor: int) -> None:
        held = Path(f"/proc/self/fd/{descriptor}").resolve()
        done.append(("flush", "folder" if held.is_dir() else held.read_text("ascii")))
        flush(descriptor)

    def renamed(self: Path, target: Path) -> Path:
        done.append(("rename", self.read_text("ascii")))
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(Path, "replace", renamed)
    return done


@pytest.mark.parametrize("way", WAYS)
def test_a_file_is_flushed_before_it_has_its_name_and_its_folder_after(
    tmp_path: Path, steps: list[tuple[str, str]], way: str
) -> None:
    """Once it is said to be written, a loss of power loses neither its content nor its name."""
    WAYS[way](tmp_path / "file")
    renames = [] if way == "create" else [("rename", "new")]
    assert steps == [("flush", "new"), *renames, ("flush", "folder")]
    assert (tmp_path / "file").read_bytes() == b"new"
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("way", ["put", "move"])
def test_what_was_there_is_replaced_whole_or_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """A disk that is full leaves the file as it was, and what was left aside is written over."""
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            WAYS[way](path)
    assert path.read_bytes() == b"old"
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
    assert not path.exists()
    path.write_bytes(b"old")
    with pytest.raises(FileExistsError):
        files.create(path, b"new")
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("way", ["put", "create"])
def test_a_file_has_its_mode_and_is_not_written_through_a_link(tmp_path: Path, way: str) -> None:
    """A link that somebody laid where it is written leads nowhere; its mode is the one wanted."""
    other, path = tmp_path / "other", tmp_path / "file"
    (tmp_path / (".file.new" if way == "put" else "file")).symlink_to(other)
    with pytest.raises(OSError, match=r"links|exists"):
        WAYS[way](path)
    assert not other.exists()
    (tmp_path / (".file.new" if way == "put" else "file")).unlink()
    WAYS[way](path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


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
