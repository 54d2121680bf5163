"""A log in memory, keys made from names, and the naive tree that everything is compared with."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from placet.ledger import (
    ENTRIES,
    Checkpoint,
    Edge,
    Hash,
    HashReader,
    KeyKind,
    MissingError,
    Node,
    SignedCheckpoint,
    SignerKey,
    Tile,
    cosign,
    export_log,
    hash_leaf,
    hashes_from,
    pack,
    sign_checkpoint,
    tiles_written,
    widen,
)

ORIGIN = "placet.example/log"


def signer(name: str = ORIGIN, kind: KeyKind = KeyKind.NOTE) -> SignerKey:
    """Make a key from its name: the same one each time."""
    return SignerKey(name, kind, hashlib.sha256(f"{name}{kind}".encode()).digest())


LOG = signer()
WITNESSES = tuple(signer(f"w{n}.example/witness", KeyKind.COSIGNATURE) for n in range(3))


def naive_root(leaves: Sequence[Hash]) -> Hash:
    """Return the root by the definition of RFC 6962 §2.1, word for word."""
    if not leaves:
        return Hash(hashlib.sha256(b"").digest())
    if len(leaves) == 1:
        return leaves[0]
    split = split_of(len(leaves))
    both = naive_root(leaves[:split]) + naive_root(leaves[split:])
    return Hash(hashlib.sha256(b"\x01" + both).digest())


def naive_path(index: int, leaves: Sequence[Hash]) -> list[Hash]:
    """Return PATH(m, D[n]) by the definition of RFC 6962 §2.1.1."""
    if len(leaves) == 1:
        return []
    split = split_of(len(leaves))
    if index < split:
        return [*naive_path(index, leaves[:split]), naive_root(leaves[split:])]
    return [*naive_path(index - split, leaves[split:]), naive_root(leaves[:split])]


def naive_proof(old: int, leaves: Sequence[Hash], *, known: bool = True) -> list[Hash]:
    """Return SUBPROOF(m, D[n], b) by the definition of RFC 6962 §2.1.2."""
    if old == len(leaves):
        return [] if known else [naive_root(leaves)]
    split = split_of(len(leaves))
    if old <= split:
        return [*naive_proof(old, leaves[:split], known=known), naive_root(leaves[split:])]
    return [*naive_proof(old - split, leaves[split:], known=False), naive_root(leaves[:split])]


def split_of(size: int) -> int:
    """Return the largest power of two below a size, by trying."""
    split = 1
    while split * 2 < size:
        split *= 2
    return split


def naive_nodes(leaves: Sequence[Hash]) -> NaiveNodes:
    """Read complete subtrees by hashing their leaves."""
    return NaiveNodes(leaves)


@dataclass
class NaiveNodes:
    """A hash reader without tiles; counts how often it is asked."""

    leaves: Sequence[Hash]
    questions: int = 0

    def __call__(self, nodes: Sequence[Node], /) -> Sequence[Hash]:
        """Hash the leaves of each node, all of which must be in the tree."""
        self.questions += 1
        spans = [(each.number << each.level, (each.number + 1) << each.level) for each in nodes]
        assert all(high <= len(self.leaves) for _, high in spans)
        return [naive_root(self.leaves[low:high]) for low, high in spans]


def sample_entries(count: int, seed: str = "") -> list[bytes]:
    """Make entries of 32 bytes, as commitments are."""
    return [hashlib.sha256(f"{seed}{number}".encode()).digest() for number in range(count)]


@dataclass
class MemoryLog:
    """A log whose tiles are in memory, kept as a store should: only the widest of each."""

    entries: list[bytes] = field(default_factory=list)
    edge: Edge = field(default_factory=Edge)
    held: dict[Tile, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, entries: Sequence[bytes], batch: int = 1000) -> MemoryLog:
        """Append entries in batches."""
        log = cls()
        for start in range(0, len(entries), batch):
            log.append(entries[start : start + batch])
        return log

    def append(self, entries: Sequence[bytes]) -> None:
        """Append one batch."""
        before, after = len(self.entries), len(self.entries) + len(entries)
        self.entries.extend(entries)
        self.edge, written = self.edge.append([hash_leaf(each) for each in entries])
        for tile in tiles_written(before, after):
            if tile.level == ENTRIES:
                start = tile.number * 256
                written[tile] = pack(self.entries[start : start + tile.width])
        for tile, data in written.items():
            self.held[tile.whole] = widen(self.held.get(tile.whole), data, tile)

    def tiles(self, tiles: Sequence[Tile], /) -> Sequence[bytes]:
        """Supply tiles, perhaps wider than asked for."""
        missing = [each.path for each in tiles if each.whole not in self.held]
        if missing:
            raise MissingError(", ".join(missing))
        return [self.held[each.whole] for each in tiles]

    def hashes(self, size: int | None = None) -> HashReader:
        """Read hashes from the tiles."""
        return hashes_from(self.tiles, len(self.entries) if size is None else size)

    def checkpoint(self, size: int | None = None, witnesses: int = 0) -> SignedCheckpoint:
        """Sign a checkpoint of the first `size` entries, cosigned by some witnesses."""
        leaves = [hash_leaf(each) for each in self.entries[:size]]
        signed = sign_checkpoint(Checkpoint(ORIGIN, len(leaves), naive_root(leaves)), LOG)
        cosignatures = [cosign(signed, each, 1_700_000_000) for each in WITNESSES[:witnesses]]
        return SignedCheckpoint(signed.checkpoint, signed.note.adding(cosignatures))

    def files(self, size: int | None = None, witnesses: int = 0) -> dict[str, bytes]:
        """Export the log."""
        return dict(export_log(self.checkpoint(size, witnesses), self.tiles))


def paths(files: dict[str, bytes]) -> Iterator[str]:
    """Name the files of an export, the checkpoint last."""
    yield from sorted(files, key=lambda path: (path == "checkpoint", path))
