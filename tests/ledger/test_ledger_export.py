"""Exports: what the files are, and that no change of any of them goes unnoticed or unnamed."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_sample import (
    LOG,
    ORIGIN,
    WITNESSES,
    MemoryLog,
    paths,
    sample_entries,
    signer,
)

from placet.ledger import (
    CHECKPOINT,
    BadSignatureError,
    Checkpoint,
    ForkError,
    LedgerError,
    MissingError,
    NotWitnessedError,
    RollbackError,
    Tile,
    WitnessPolicy,
    WrongContentError,
    hash_leaf,
    pack,
    sign_checkpoint,
    verify_export,
)

KEYS = [LOG.verifier]
ALL = WitnessPolicy(3, tuple(each.verifier for each in WITNESSES))
ENTRY_BYTES = sample_entries(600)
LARGE = MemoryLog.of(ENTRY_BYTES, 100)
FILES = LARGE.files()
TORTURE = os.environ.get("PLACET_TORTURE") == "1"


def verify(files: dict[str, bytes], **known: object) -> None:
    """Verify files in memory."""
    verify_export(files.get, KEYS, None, **known)


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 512, 600])
def test_an_export_verifies_at_every_size(size: int) -> None:
    """Whether tiles are full or partial, an export has exactly the files it needs and verifies."""
    files = LARGE.files(size, witnesses=3)
    asked: list[str] = []

    def read(path: str) -> bytes | None:
        asked.append(path)
        return files.get(path)

    found = verify_export(read, KEYS, ALL)
    assert found.checkpoint == LARGE.checkpoint(size).checkpoint
    assert found.witnessing
    assert sorted(set(asked)) == sorted(files)
    assert list(files)[-1] == CHECKPOINT


def test_the_files_are_named_as_the_specification_names_them() -> None:
    """The layout of 600 entries is that of tlog-tiles."""
    assert list(FILES) == [
        "tile/entries/000",
        "tile/entries/001",
        "tile/entries/002.p/88",
        "tile/0/000",
        "tile/0/001",
        "tile/0/002.p/88",
        "tile/1/000.p/2",
        "checkpoint",
    ]
    assert FILES["tile/0/002.p/88"] == b"".join(hash_leaf(each) for each in ENTRY_BYTES[512:])
    assert FILES["tile/entries/002.p/88"] == pack(ENTRY_BYTES[512:])


def test_a_smaller_export_is_cut_from_wider_tiles() -> None:
    """An export of an earlier checkpoint is the same whether the log has grown since or not."""
    assert LARGE.files(300) == MemoryLog.of(ENTRY_BYTES[:300]).files()


def test_every_changed_byte_of_an_export_is_refused() -> None:
    """In a small cosigned log every byte of every file is changed in turn, and each is refused.

    To a value that differs from byte to byte; in torture each bit of it in turn.
    """
    files = MemoryLog.of(sample_entries(12)).files(witnesses=3)
    verify_export(files.get, KEYS, ALL)
    for path in paths(files):
        data = files[path]
        for at, byte in enumerate(data):
            for change in [1 << bit for bit in range(8)] if TORTURE else [at * 37 % 255 + 1]:
                wrong = data[:at] + bytes([byte ^ change]) + data[at + 1 :]
                with pytest.raises(LedgerError):
                    verify_export({**files, path: wrong}.get, KEYS, ALL)


@settings(max_examples=40)
@given(st.data())
def test_a_changed_byte_of_a_large_export_is_refused(data: st.DataObject) -> None:
    """In a log with several levels any byte of any file, changed to any other, is refused."""
    path = data.draw(st.sampled_from(list(FILES)))
    at = data.draw(st.integers(0, len(FILES[path]) - 1))
    value = data.draw(st.integers(1, 255))
    wrong = bytearray(FILES[path])
    wrong[at] ^= value
    with pytest.raises(LedgerError):
        verify({**FILES, path: bytes(wrong)})


@pytest.mark.parametrize("path", list(FILES))
def test_a_file_that_is_longer_shorter_or_gone_is_refused(path: str) -> None:
    """Bytes added at the end of a file or cut from it, and a missing file, are named by path."""
    for wrong in (FILES[path] + b"\x00", FILES[path] + FILES[path][-32:], FILES[path][:-1], b""):
        with pytest.raises(LedgerError):
            verify({**FILES, path: wrong})
    with pytest.raises(MissingError) as caught:
        verify({other: data for other, data in FILES.items() if other != path})
    assert caught.value.path == path


@pytest.mark.parametrize("index", [0, 255, 256, 300, 512, 599])
def test_the_first_wrong_entry_is_named(index: int) -> None:
    """An entry changed in its bundle is named, also when others after it are wrong too."""
    for others in ((), (599,)):
        entries = list(ENTRY_BYTES)
        for each in (index, *others):
            entries[each] = b"\x00" * 32
        with pytest.raises(WrongContentError, match=f"Entry {index} is not") as caught:
            verify({**FILES, **bundles(entries)})
        assert caught.value.index == index


def bundles(entries: list[bytes]) -> dict[str, bytes]:
    """Return the bundles of 600 entries."""
    return {
        "tile/entries/000": pack(entries[:256]),
        "tile/entries/001": pack(entries[256:512]),
        "tile/entries/002.p/88": pack(entries[512:]),
    }


@pytest.mark.parametrize("path", ["tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2"])
def test_a_wrong_tile_is_named_though_the_entries_are_right(path: str) -> None:
    """Where the entries lead to the signed root, it is the tile that is wrong, and it is named."""
    wrong = FILES[path][:-1] + bytes([FILES[path][-1] ^ 1])
    with pytest.raises(WrongContentError) as caught:
        verify({**FILES, path: wrong})
    assert caught.value.path == path
    assert "right" in str(caught.value)


def test_an_entry_changed_with_its_hash_is_found_by_the_tile_above() -> None:
    """An entry and its leaf hash changed together are narrowed down to 256 entries."""
    entries = [*ENTRY_BYTES[:300], b"\x00" * 32, *ENTRY_BYTES[301:]]
    forged = MemoryLog.of(entries).files()
    keep = {path: FILES[path] for path in ("tile/1/000.p/2", CHECKPOINT)}
    with pytest.raises(WrongContentError, match="from 256 to 511") as caught:
        verify({**forged, **keep})
    assert caught.value.index == 256


def test_a_log_rewritten_whole_is_not_the_one_that_was_signed() -> None:
    """Entries and all tiles replaced together do not lead to the signed root."""
    forged = MemoryLog.of(sample_entries(600, "fork")).files()
    with pytest.raises(WrongContentError, match="not the log that was signed"):
        verify({**forged, CHECKPOINT: FILES[CHECKPOINT]})


@pytest.mark.parametrize("change", ["dropped", "doubled", "exchanged"])
def test_entries_moved_about_are_named(change: str) -> None:
    """An entry left out, put in twice or exchanged is named where the order first breaks."""
    entries = list(ENTRY_BYTES)
    if change == "dropped":
        entries = [*entries[:300], *entries[301:], bytes(32)]
    elif change == "doubled":
        entries = [*entries[:300], entries[299], *entries[300:599]]
    else:
        entries[300], entries[301] = entries[301], entries[300]
    with pytest.raises(WrongContentError, match="Entry 300 is not the one"):
        verify({**FILES, **bundles(entries)})


def test_what_is_wrong_first_is_said_first() -> None:
    """A wrong entry is named even if a later file is missing."""
    files = {**FILES, **bundles([b"\x00" * 32, *ENTRY_BYTES[1:]])}
    del files["tile/0/002.p/88"]
    with pytest.raises(WrongContentError, match="Entry 0"):
        verify(files)


def test_a_partial_tile_that_is_gone_is_read_from_the_full_one() -> None:
    """An older checkpoint still verifies where only the full tiles of a larger log are kept."""
    full = MemoryLog.of(sample_entries(512)).files()
    log = MemoryLog.of(sample_entries(300))
    files = {**log.files(), **{path: data for path, data in full.items() if path != CHECKPOINT}}
    for path in ("tile/entries/001.p/44", "tile/0/001.p/44"):
        del files[path]
    verify(files)
    with pytest.raises(LedgerError):
        verify({**files, "tile/entries/001": files["tile/entries/001"] + b"\x00"})


def test_an_export_must_continue_what_was_known_before() -> None:
    """Checkpoints known from before must be of the same log, smaller, and lie on its history."""
    known = [LARGE.checkpoint(size) for size in (0, 1, 256, 300, 599, 600)]
    verify(FILES, earlier=known)
    for each in known:
        verify(FILES, earlier=[each])
    fork = MemoryLog.of([*ENTRY_BYTES[:299], bytes(32), *ENTRY_BYTES[300:]])
    for size in (300, 512, 600):
        with pytest.raises(ForkError, match=f"At {size} entries"):
            verify(FILES, earlier=[*known, fork.checkpoint(size)])
    verify(FILES, earlier=[fork.checkpoint(299)])
    with pytest.raises(RollbackError, match="600 entries before"):
        verify(LARGE.files(599), earlier=[LARGE.checkpoint(600)])
    other = sign_checkpoint(
        Checkpoint("other.example", 600, LARGE.checkpoint().checkpoint.root),
        signer("other.example"),
    )
    with pytest.raises(BadSignatureError, match=r"a checkpoint of other\.example"):
        verify(FILES, earlier=[other])


def test_an_export_signed_or_witnessed_by_others_is_refused() -> None:
    """Another log's key does not open it, and a policy asks for its witnesses."""
    with pytest.raises(BadSignatureError, match=f"{ORIGIN}, not of other"):
        verify_export(FILES.get, [signer("other.example").verifier], None)
    with pytest.raises(NotWitnessedError, match="0 of 3"):
        verify_export(FILES.get, KEYS, ALL)


def test_a_log_without_its_tiles_is_not_exported() -> None:
    """Where the store lacks a tile, or has it too narrow, the export stops and names it."""
    narrow = MemoryLog.of(ENTRY_BYTES[:10])
    with pytest.raises(MissingError):
        LargerClaim(narrow).files(600)
    for path in ("tile/entries/000.p/10", "tile/0/000.p/10"):
        with pytest.raises(MissingError, match=path):
            LargerClaim(narrow, path).files(10)


class LargerClaim(MemoryLog):
    """A store whose checkpoint covers more than its tiles."""

    def __init__(self, log: MemoryLog, short: str = "") -> None:
        super().__init__(list(ENTRY_BYTES), log.edge, log.held)
        self.short = short

    def tiles(self, tiles: Sequence[Tile], /) -> Sequence[bytes]:
        """Cut one tile short."""
        found = super().tiles(tiles)
        return [
            data[:-1] if each.path == self.short else data
            for each, data in zip(tiles, found, strict=True)
        ]
