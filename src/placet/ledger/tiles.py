"""The tree as files: tiles, their paths, and what an append writes (c2sp.org/tlog-tiles v0.1.0).

A tile holds up to 256 consecutive hashes of one level: leaves at level 0, full tiles of
the level beneath above. Only the widest version of a tile need be kept: a narrower one,
as an earlier and smaller tree had it, is its beginning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from placet.ledger.errors import MalformedError, MissingError, OverwriteError, UnfitError
from placet.ledger.tree import HASH_BYTES, Frontier, Hash, Node, hash_node

__all__ = [
    "ENTRIES",
    "FULL",
    "Edge",
    "Tile",
    "TileReader",
    "hashes_from",
    "tiles_of",
    "tiles_written",
    "widen",
]

FULL = 256
"""How many hashes a full tile holds, and how many entries a full bundle."""

ENTRIES = -1
"""The level of entry bundles: beneath the leaves' hashes."""

_HEIGHT = 8
_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)"
    r"/(?P<number>(?:x[0-9]{3}/)*[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)


class Tile(NamedTuple):
    """A tile's place: level, number in the level, and how many hashes or entries it holds."""

    level: int
    number: int
    width: int = FULL

    @property
    def path(self) -> str:
        """The path, as in `tile/0/x001/234` or `tile/entries/005.p/17` (tlog-tiles, Merkle Tree).

        The number stands in groups of three digits, all but the last after an `x`.
        """
        level = "entries" if self.level == ENTRIES else str(self.level)
        digits = str(self.number)
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        place = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        part = "" if self.width == FULL else f".p/{self.width}"
        return f"tile/{level}/{place}{part}"

    @classmethod
    def parse(cls, path: str) -> Tile:
        """Read a path. There is one path for each tile; any other spelling is refused."""
        found = _PATH.fullmatch(path)
        if found:
            level = ENTRIES if found["level"] == "entries" else int(found["level"])
            number = int(found["number"].replace("x", "").replace("/", ""))
            tile = cls(level, number, int(found["width"] or FULL))
            if tile.width <= FULL and tile.level < 64 and tile.path == path:
                return tile
        raise MalformedError(f"{path[:80]!r} is not the path of a tile; see c2sp.org/tlog-tiles.")

    @property
    def whole(self) -> Tile:
        """The same tile when it is full."""
        return Tile(self.level, self.number)


class TileReader(Protocol):
    """Supplies tiles: of a store, a folder, a web server."""

    def __call__(self, tiles: Sequence[Tile], /) -> Sequence[bytes]:
        """Return the bytes of each tile, in the order asked for.

        More than asked for may come: the tile of a larger tree begins with it.

        Raises:
            MissingError: one of them is not there.
        """


def tiles_of(size: int) -> Iterator[Tile]:
    """Name every tile of a tree, bundles first, then level by level, left to right."""
    yield from tiles_written(0, size)


def tiles_written(old: int, new: int) -> Iterator[Tile]:
    """Name the tiles that differ between a tree of `old` entries and one of `new`.

    A partial tile is named only in the width that the tree of `new` entries has, which is the
    only one for which a checkpoint is made (tlog-tiles, Partial Tiles).
    """
    if not 0 <= old <= new:
        raise UnfitError(f"A log of {old} entries cannot become one of {new}; it only grows.")
    level = ENTRIES
    while (held := new >> (_HEIGHT * max(level, 0))) > 0:
        before = old >> (_HEIGHT * max(level, 0))
        if held > before:
            for number in range(before // FULL, -(-held // FULL)):
                yield Tile(level, number, min(FULL, held - number * FULL))
        level += 1


def widen(before: bytes | None, after: bytes, tile: Tile) -> bytes:
    """Return the wider of two versions of a tile.

    A tile once published never changes; it is only continued until it is full.

    Raises:
        OverwriteError: neither version continues the other.
    """
    if before is None or after.startswith(before):
        return after
    if before.startswith(after):
        return before
    raise OverwriteError(
        f"{tile.whole.path} already holds other bytes; a log never changes what it published. "
        "Stop and find out which of the two histories is the true one."
    )


def hashes_from(tiles: TileReader, size: int) -> _TileHashes:
    """Read the hashes of a tree of `size` entries from its tiles."""
    return _TileHashes(tiles, size)


@dataclass(frozen=True, slots=True)
class _TileHashes:
    """A `HashReader` over tiles: asks for each tile once and hashes within it."""

    tiles: TileReader
    size: int

    def __call__(self, nodes: Sequence[Node], /) -> Sequence[Hash]:
        places = [self._tile(node) for node in nodes]
        wanted = list(dict.fromkeys(places))
        found = self.tiles(wanted)
        if len(found) != len(wanted):
            raise MissingError(f"{len(found)} tiles came for {len(wanted)}; every one is needed.")
        data = dict(zip(wanted, found, strict=True))
        return [self._hash(node, place, data) for node, place in zip(nodes, places, strict=True)]

    def _tile(self, node: Node) -> Tile:
        """Name the tile that holds a node, as wide as the tree has it."""
        if node.level < 0 or (node.number + 1) << node.level > self.size or node.number < 0:
            raise UnfitError(f"{node} is not a complete subtree of a tree of {self.size} leaves.")
        level = node.level // _HEIGHT
        number = (node.number << node.level % _HEIGHT) // FULL
        held = self.size >> (_HEIGHT * level)
        return Tile(level, number, min(FULL, held - number * FULL))

    def _hash(self, node: Node, tile: Tile, data: Mapping[Tile, bytes]) -> Hash:
        if len(data[tile]) < tile.width * HASH_BYTES:
            raise MalformedError(
                f"{tile.path} holds {len(data[tile])} bytes, "
                f"not the {tile.width * HASH_BYTES} of its {tile.width} hashes."
            )
        inner = node.level % _HEIGHT
        first = (node.number << inner) % FULL
        row = _row(data[tile], first, first + (1 << inner))
        while len(row) > 1:
            row = [hash_node(row[at], row[at + 1]) for at in range(0, len(row), 2)]
        return row[0]


def _row(data: bytes, first: int, last: int) -> list[Hash]:
    """Return the hashes from `first` to before `last` of a tile."""
    return [Hash(data[at * HASH_BYTES : (at + 1) * HASH_BYTES]) for at in range(first, last)]


@dataclass(frozen=True, slots=True)
class Edge:
    """Where a log ends: its frontier, and the beginning of the tile it is filling at each level.

    This is all that appending needs: at most 8 KiB a level, read again after a crash
    without going through the log.
    """

    frontier: Frontier = field(default_factory=Frontier)
    filling: tuple[bytes, ...] = ()

    @classmethod
    def read(cls, size: int, tiles: TileReader) -> Edge:
        """Take up a stored log where it ends, with two questions to the reader."""
        frontier = Frontier.read(size, hashes_from(tiles, size))
        held = [size >> (_HEIGHT * level) for level in range(-(-size.bit_length() // _HEIGHT))]
        ends = [Tile(level, each // FULL, each % FULL) for level, each in enumerate(held)]
        partial = [tile for tile in ends if tile.width]
        data = dict(zip(partial, tiles(partial) if partial else (), strict=True))
        return cls(frontier, tuple(data.get(tile, b"")[: tile.width * HASH_BYTES] for tile in ends))

    def append(self, leaves: Sequence[Hash]) -> tuple[Edge, dict[Tile, bytes]]:
        """Add leaves; return the new edge and the hash tiles to write, complete or widened.

        The bundles of `ENTRIES` are the caller's to write: only it has the entries.
        """
        frontier, filling = self.frontier, [bytearray(data) for data in self.filling]
        written: dict[Tile, bytes] = {}
        touched: set[int] = set()
        for leaf in leaves:
            frontier, completed = frontier.append(leaf)
            for level, hashed in enumerate(completed[::_HEIGHT]):
                if level == len(filling):
                    filling.append(bytearray())
                filling[level] += hashed
                touched.add(level)
                if len(filling[level]) == FULL * HASH_BYTES:
                    number = (frontier.size >> (_HEIGHT * level)) // FULL - 1
                    written[Tile(level, number)] = bytes(filling[level])
                    filling[level].clear()
        for level in sorted(touched):
            if data := bytes(filling[level]):
                number = (frontier.size >> (_HEIGHT * level)) // FULL
                written[Tile(level, number, len(data) // HASH_BYTES)] = data
        return Edge(frontier, tuple(bytes(data) for data in filling)), written
