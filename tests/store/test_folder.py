"""The data folder: where it is, and when it is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from placet.bootstrap import opened
from placet.errors import QuestionError
from placet.store.errors import DataFolderError
from placet.store.folder import data_folder, own_folder

NEEDS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")


def mode(folder: Path) -> int:
    """The bits that `chmod` sets."""
    return folder.stat().st_mode & 0o7777


def test_placet_data_wins(tmp_path: Path) -> None:
    """The folder that PLACET_DATA names is made, with its parents, for its owner alone."""
    chosen = tmp_path / "a" / "b"
    assert data_folder({"PLACET_DATA": str(chosen), "HOME": "/nowhere"}) == chosen
    assert mode(chosen) == 0o700


@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        ({"XDG_DATA_HOME": "{home}/x", "HOME": "/nowhere"}, "x/placet"),
        ({"XDG_DATA_HOME": "x", "HOME": "{home}"}, ".local/share/placet"),
        ({"PLACET_DATA": "", "HOME": "{home}"}, ".local/share/placet"),
    ],
)
def test_the_users_data_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], folder: str
) -> None:
    """An ordinary user's folder is in XDG_DATA_HOME if that is absolute, else in ~/.local/share."""
    user = 12345 if os.geteuid() == 0 else os.geteuid()
    monkeypatch.setattr("placet.store.folder.own_folder", lambda path: path)
    monkeypatch.setattr("os.geteuid", lambda: user)
    named = {name: value.format(home=tmp_path) for name, value in environ.items()}
    assert data_folder(named) == tmp_path / folder


def test_the_data_folder_of_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Root's folder is a system folder, whatever its HOME says."""
    monkeypatch.setattr("placet.store.folder.own_folder", lambda path: path)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert data_folder({"HOME": "/nowhere"}) == Path("/var/lib/placet")


@pytest.mark.parametrize("bits", [0o720, 0o702, 0o777])
def test_a_folder_that_others_may_write_to_is_refused(tmp_path: Path, bits: int) -> None:
    """Whoever could change keys or data is named by the mode, and the way out is said."""
    tmp_path.chmod(bits)
    with pytest.raises(DataFolderError, match=f"mode {bits:04o} lets other users .* chmod go-w"):
        own_folder(tmp_path)


@NEEDS_ROOT
def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    """Even root does not keep its keys in a folder whose owner could read them."""
    os.chown(tmp_path, 12345, 12345)
    with pytest.raises(DataFolderError, match="belongs to user id 12345"):
        own_folder(tmp_path)


def test_a_folder_that_cannot_be_one_is_refused(tmp_path: Path) -> None:
    """A file in the place of the folder, or of a parent, is an error of ours with a way out."""
    (tmp_path / "file").write_text("")
    with pytest.raises(DataFolderError, match="is not a folder"):
        own_folder(tmp_path / "file")
    with pytest.raises(DataFolderError, match="Not a directory"):
        own_folder(tmp_path / "file" / "below")


def test_an_existing_folder_keeps_its_mode(tmp_path: Path) -> None:
    """A folder that others may read stays as its owner made it."""
    tmp_path.chmod(0o755)
    assert mode(own_folder(tmp_path)) == 0o755


def test_reading_in_a_mistyped_folder_makes_nothing(tmp_path: Path) -> None:
    """Proves that what reads a register makes none where there is none, and says what would."""
    environ = {"PLACET_DATA": str(tmp_path / "mistyped")}
    with pytest.raises(QuestionError, match=r"mistyped.*PLACET_DATA.*placet demo.*placet begin"):
        opened(environ).__enter__()
    assert not (tmp_path / "mistyped").exists()
