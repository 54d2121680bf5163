"""Tiles and bundles: their names, what an append writes, and what is refused."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_sample import MemoryLog, naive_path, naive_proof, naive_root, sample_entries

from placet.ledger import (
    ENTRIES,
    Edge,
    MalformedError,
    MissingError,
    Node,
    OverwriteError,
    Tile,
    UnfitError,
    hash_leaf,
    hashes_from,
    pack,
    prove_consistency,
    prove_inclusion,
    root_of,
    tiles_of,
    tiles_written,
    unpack,
    widen,
)

ENTRY_BYTES = sample_entries(700)
LEAVES = [hash_leaf(each) for each in ENTRY_BYTES]
LOG = MemoryLog.of(ENTRY_BYTES, 37)

PATHS = [
    (Tile(0, 0), "tile/0/000"),
    (Tile(0, 0, 1), "tile/0/000.p/1"),
    (Tile(0, 999, 255), "tile/0/999.p/255"),
    (Tile(0, 1000), "tile/0/x001/000"),
    (Tile(1, 1234067), "tile/1/x001/x234/067"),
    (Tile(63, 1, 17), "tile/63/001.p/17"),
    (Tile(ENTRIES, 0, 5), "tile/entries/000.p/5"),
    (Tile(ENTRIES, 273, 112), "tile/entries/273.p/112"),
    (Tile(ENTRIES, 1_000_000), "tile/entries/x001/x000/000"),
]


@pytest.mark.parametrize(("tile", "path"), PATHS, ids=lambda each: str(each))
def test_a_tile_has_the_path_of_the_specification(tile: Tile, path: str) -> None:
    """Paths are those of tlog-tiles, thousands in folders of their own, and read back."""
    assert tile.path == path
    assert Tile.parse(path) == tile


@given(st.integers(-1, 63), st.integers(0, 1 << 62), st.integers(1, 256))
def test_every_path_reads_back(level: int, number: int, width: int) -> None:
    """A tile's path names that tile and no other."""
    assert Tile.parse(Tile(level, number, width).path) == Tile(level, number, width)


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/0",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/8/0/000",
        "tile/data/000",
        "tile/0/001/000",
        "tile/0/x000/001",
        "tile/0/1000",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/",
        "tile/0/000/",
        "tile/0/\u0660\u0660\u0660",
        "tile/0/000\n",
        "/tile/0/000",
        "checkpoint",
        "",
    ],
)
def test_another_spelling_of_a_path_is_refused(path: str) -> None:
    """A tile has one path; Go's, with leading zeroes, or of no tile, are not it."""
    with pytest.raises(MalformedError):
        Tile.parse(path)


def test_the_tiles_of_a_tree_are_those_of_the_specification() -> None:
    """A tree of 70,000 and one of 256 have the tiles that tlog-tiles counts for them."""
    tiles = list(tiles_of(70_000))
    of = {level: [each for each in tiles if each.level == level] for level in range(-1, 4)}
    assert [len(of[level]) for level in range(-1, 4)] == [274, 274, 2, 1, 0]
    assert of[0][-1] == Tile(0, 273, 112)
    assert of[1] == [Tile(1, 0), Tile(1, 1, 17)]
    assert of[2] == [Tile(2, 0, 1)]
    assert of[ENTRIES][-1] == Tile(ENTRIES, 273, 112)
    assert list(tiles_of(256)) == [Tile(ENTRIES, 0), Tile(0, 0), Tile(1, 0, 1)]
    assert list(tiles_of(0)) == list(tiles_written(7, 7)) == []


@given(st.integers(0, 1 << 26), st.integers(1, 2000))
def test_an_append_writes_what_differs(old: int, more: int) -> None:
    """What an append writes and what was there before make up the tiles of the new tree."""
    old = min(old, 1 << 20)
    written = list(tiles_written(old, old + more))
    assert len(written) == len({each.whole for each in written})
    after = {each.whole: each for each in written}
    before = {each.whole: each for each in tiles_of(old)}
    assert {**before, **after} == {each.whole: each for each in tiles_of(old + more)}
    assert all(before.get(place) != tile for place, tile in after.items())
    assert len(written) <= 2 * (more // 256 + 2) + 8


@pytest.mark.parametrize("batch", [1, 7, 255, 256, 257, 700])
def test_the_edge_writes_the_tiles_whatever_the_batches(batch: int) -> None:
    """Tiles do not depend on how entries were batched, and an edge read again goes on the same."""
    edge, held = Edge(), dict[Tile, bytes]()
    for start in range(0, len(LEAVES), batch):
        edge, written = edge.append(LEAVES[start : start + batch])
        end = min(start + batch, len(LEAVES))
        named = [each for each in tiles_written(start, end) if each.level != ENTRIES]
        assert sorted(written) == sorted(named)
        for tile, data in written.items():
            assert len(data) == 32 * tile.width
            held[tile.whole] = widen(held.get(tile.whole), data, tile)

        def tiles(wanted: object) -> list[bytes]:
            return [held[each.whole] for each in wanted]

        assert Edge.read(end, tiles) == edge
    assert held == {tile: data for tile, data in LOG.held.items() if tile.level != ENTRIES}
    assert edge.frontier.root == naive_root(LEAVES)
    assert held[Tile(0, 0)] == b"".join(LEAVES[:256])
    assert held[Tile(1, 0)] == naive_root(LEAVES[:256]) + naive_root(LEAVES[256:512])


@given(st.integers(1, 700), st.data())
def test_tiles_supply_every_proof(size: int, data: st.DataObject) -> None:
    """Proofs made from tiles, also from wider ones, are those of the definition."""
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size))
    read = LOG.hashes(size)
    assert root_of(size, read) == naive_root(LEAVES[:size])
    assert list(prove_inclusion(index, size, read)) == naive_path(index, LEAVES[:size])
    assert list(prove_consistency(old, size, read)) == naive_proof(old, LEAVES[:size])


def test_a_proof_asks_for_few_tiles_at_once() -> None:
    """A proof at a million entries costs one question, for at most seven tiles."""
    asked: list[int] = []

    def tiles(wanted: object) -> list[bytes]:
        places = list(wanted)
        asked.append(len(places))
        return [bytes(32 * each.width) for each in places]

    for index in (0, 255, 65_536, 543_210, 999_999):
        prove_inclusion(index, 1_000_000, hashes_from(tiles, 1_000_000))
        prove_consistency(index + 1, 1_000_000, hashes_from(tiles, 1_000_000))
    assert max(asked) <= 7
    assert len(asked) <= 10


def test_a_tile_that_is_short_or_gone_is_named() -> None:
    """A missing tile, a short one and a node outside the tree are errors that say so."""
    with pytest.raises(MissingError, match="tile/0/002"):
        root_of(700, hashes_from(MemoryLog.of(ENTRY_BYTES[:10]).tiles, 700))
    with pytest.raises(MalformedError, match=r"tile/0/000\.p/10 holds 31 bytes"):
        root_of(10, hashes_from(lambda tiles: [bytes(31) for _ in tiles], 10))
    with pytest.raises(MissingError):
        root_of(10, hashes_from(lambda _: [], 10))
    with pytest.raises(UnfitError):
        LOG.hashes(10)([Node(2, 2)])
    with pytest.raises(UnfitError):
        list(tiles_written(2, 1))


def test_a_tile_is_continued_and_never_changed() -> None:
    """A narrower version is the beginning of a wider one; other bytes are refused."""
    tile = Tile(0, 3, 2)
    assert widen(None, b"ab", tile) == b"ab"
    assert widen(b"a", b"ab", tile) == b"ab"
    assert widen(b"ab", b"a", tile) == b"ab"
    for before, after in ((b"ab", b"b"), (b"ab", b"ac"), (b"ab", b"acd")):
        with pytest.raises(OverwriteError, match="tile/0/003 already holds other bytes"):
            widen(before, after, tile)


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_a_bundle_reads_back(entries: list[bytes]) -> None:
    """Entries come out of a bundle as they went in, empty ones too."""
    assert unpack(pack(entries), len(entries)) == tuple(entries)


def test_a_bundle_with_more_or_less_is_refused() -> None:
    """Trailing bytes, a bundle that ends early, and one entry too many or too few are refused."""
    data = pack([b"one", b"", b"three"])
    assert data == b"\x00\x03one\x00\x00\x00\x05three"
    for wrong in (data + b"\x00", data + b"\x00\x00", data[:-1], data[:-6], b""):
        with pytest.raises(MalformedError):
            unpack(wrong, 3)
    for width in (2, 4):
        with pytest.raises(MalformedError):
            unpack(data, width)


def test_the_largest_entry_fits_and_a_larger_does_not() -> None:
    """An entry has at most 65,535 bytes, and a bundle 1 to 256 entries."""
    assert unpack(pack([bytes(65_535)]), 1) == (bytes(65_535),)
    with pytest.raises(UnfitError, match=re.escape("65536 bytes does not fit")):
        pack([bytes(65_536)])
    for wrong in ([], [b""] * 257):
        with pytest.raises(UnfitError, match="1 to 256"):
            pack(wrong)
