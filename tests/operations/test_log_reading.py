"""The log as it is looked at: public files for mirrors, and what stands behind entries for few."""

from __future__ import annotations

import subprocess
import tarfile
from io import BytesIO
from pathlib import Path

import pytest

from audit_sample import Register
from placet.ledger import (
    MalformedError,
    MissingError,
    parse_receipt,
    tiles_of,
    verify_disclosure,
    verify_export,
    verify_receipt,
)
from placet.operations.house import SignedIn
from placet.operations.log.proving import verify_folder
from placet.operations.log.reading import (
    entry_disclosure,
    entry_receipt,
    log_archive,
    log_file,
    see_entries,
    see_entry,
    see_log,
)
from placet.operations.on_record.books import see_policy
from placet.review import Context, NotAllowedError, UnknownError


def test_the_files_served_are_a_whole_log_that_verifies(played: Register) -> None:
    """Whoever mirrors the public files has a log that the log's key verifies."""
    size = see_log(played.house).checkpoint.checkpoint.size

    def read(path: str) -> bytes | None:
        try:
            return log_file(played.reading, path)
        except MissingError:
            return None

    found = verify_export(read, played.reading.log_keys(), None)
    assert found.checkpoint.size == size
    assert all(log_file(played.reading, each.path) for each in tiles_of(size))


def test_no_tile_beyond_the_checkpoint_is_served(played: Register) -> None:
    """A tile that no checkpoint covers is missing, and a path that is none is refused."""
    size = see_log(played.house).checkpoint.checkpoint.size
    for path in (f"tile/0/000.p/{size % 256 + 1}", "tile/0/000", "tile/0/001", "tile/1/000"):
        with pytest.raises(MissingError):
            log_file(played.reading, path)
    for path in ("tile/0/../checkpoint", "tile/0/0", "tile/00/000", "keys", ""):
        with pytest.raises(MalformedError):
            log_file(played.reading, path)


def test_the_log_in_one_file_verifies_and_one_that_broke_off_does_not(
    played: Register, tmp_path: Path
) -> None:
    """Nothing but its files is in it; wherever it breaks off, what it commits to is not there."""
    made = list(log_archive(played.reading, played.clock.now()))
    size = see_log(played.house).checkpoint.checkpoint.size
    keys = played.reading.log_keys()
    found = verify_folder(_unpacked(b"".join(made), tmp_path / "whole"), keys)
    assert found.checkpoint.size == size
    names = {f"log/{each.path}" for each in tiles_of(size)} | {"log/checkpoint"}
    with tarfile.open(fileobj=BytesIO(b"".join(made))) as archive:
        assert {each.name for each in archive} == names
        assert all((each.uid, each.uname, each.mode) == (0, "", 0o644) for each in archive)
    for end in range(len(made) - 1):
        with pytest.raises(MissingError):
            verify_folder(_unpacked(b"".join(made[:end]) + made[-1], tmp_path / str(end)), keys)


def _unpacked(archive: bytes, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    subprocess.run(["tar", "-x", "-C", folder], input=archive, check=True)
    return folder / "log"


def test_behind_an_entry_see_auditors_and_whoever_acted(played: Register) -> None:
    """An auditor is told of every entry, an official of their own acts, nobody of more."""
    seen = {
        name: see_entries(played.house, SignedIn(name, None), 1000) for name in ("tan", "marchenko")
    }
    assert [each.leaf for each in seen["tan"]] == [each.leaf for each in seen["marchenko"]]
    assert all(each.told for each in seen["tan"])
    told = [each.told for each in seen["marchenko"] if each.told]
    assert {each.actor for each in told} == {"marchenko"}
    assert len(told) == sum(
        each.told is not None and each.told.actor == "marchenko" for each in seen["tan"]
    )


def test_entries_come_in_pages_without_gap(played: Register) -> None:
    """Pages of entries, the latest first, put together are all entries once."""
    who, found, below = SignedIn("tan", None), [], None
    while page := see_entries(played.house, who, 7, below):
        found += [each.index for each in page]
        below = page[-1].index
    size = see_log(played.house).checkpoint.checkpoint.size
    assert found == list(range(size - 1, -1, -1))


def test_a_disclosure_is_for_those_who_may_know(played: Register) -> None:
    """An auditor can prove kind, time, case and person of an entry; an outsider its place alone."""
    index = next(
        each.index
        for each in see_entries(played.house, SignedIn("tan", None), 1000)
        if each.told and each.told.kind == "decide"
    )
    entry = see_entry(played.house, SignedIn("tan", None), index)
    keys = played.reading.log_keys()
    found = parse_receipt(entry_disclosure(played.house, SignedIn("tan", None), index))
    assert verify_receipt(found, entry.leaf, keys, None).index == index
    shown = verify_disclosure(found.extra, entry.leaf)
    assert shown.keys() == {"kind", "time", "case", "actor"}
    with pytest.raises(UnknownError):
        entry_disclosure(played.house, SignedIn("marchenko", None), index)
    bare = parse_receipt(entry_receipt(played.house, index))
    assert verify_receipt(bare, entry.leaf, keys, None).index == index
    assert not bare.extra
    with pytest.raises(UnknownError):
        see_entry(played.house, SignedIn("tan", None), 10**6)


def test_an_entry_is_shown_and_disclosed_in_one_context(
    played: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who looks does not change office between two questions, nor is the context read twice."""
    asked: list[int | None] = []
    context = played.reading.context

    def counted(version: int | None = None) -> Context:
        asked.append(version)
        return context(version)

    monkeypatch.setattr(played.reading, "context", counted)
    tan = SignedIn("tan", None)
    see_entry(played.house, tan, 1)
    assert len(asked) == 1
    entry_disclosure(played.house, tan, 1)
    assert len(asked) == 2


def test_an_act_is_handed_on_whole_where_nothing_of_others_was_found_in_it(
    played: Register,
) -> None:
    """An officer who determined does not read other parties' undeclared rules in the entry."""
    everything = see_entries(played.house, SignedIn("tan", None), 1000)
    told = [each.told for each in everything if each.told]
    audit = SignedIn("tan", None)
    index, by = max(
        (each.index, each.actor)
        for each in told
        if each.kind == "determine"
        and b"GB/2024-09-russia/inside-russia"
        in parse_receipt(
            entry_disclosure(played.house, audit, each.index, ("payload", "case_version"))
        ).extra
    )
    officer = SignedIn(by, None)
    assert entry_disclosure(played.house, officer, index)
    assert not see_entry(played.house, officer, index).whole
    for field in ("payload", "case_version", "context_version"):
        with pytest.raises(NotAllowedError, match=field):
            entry_disclosure(played.house, officer, index, ("kind", field))
    adopted, by = max((each.index, each.actor) for each in told if each.kind == "adopt-policy")
    assert entry_disclosure(played.house, SignedIn(by, None), adopted, ("payload",))


def test_whoever_may_know_a_policy_may_know_the_entries_that_made_it(played: Register) -> None:
    """The policy's page and the log tell its officials the same; nobody of them hands it on."""
    registrar, day = SignedIn("lindqvist", None), played.clock.now()
    (act,) = see_policy(played.house, registrar, "US", "2025-strike-review", day).acts
    entry = see_entry(played.house, registrar, act.index)
    assert entry.told is not None
    assert (act.person, act.because) == (entry.person, entry.told.command["because"])
    with pytest.raises(UnknownError):
        entry_disclosure(played.house, registrar, act.index)
    assert see_entry(played.house, SignedIn("marchenko", None), act.index).told is None
    desk = SignedIn("whitfield", None)
    (first,) = see_policy(played.house, desk, "US", "2022-donor-conditions", day).acts
    assert (first.kind, first.person, first.because) == ("begin", "", "")
    assert see_entry(played.house, desk, first.index).told is None
