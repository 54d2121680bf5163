"""A log as static files, and checking such files without us (c2sp.org/tlog-tiles v0.1.0).

Any web server can serve the files. The checkpoint comes last, so that whoever copies them
in order never publishes a checkpoint whose tiles are not yet there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

from placet.ledger.bundles import unpack
from placet.ledger.checkpoints import (
    Checkpoint,
    SignedCheckpoint,
    open_checkpoint,
)
from placet.ledger.cosignatures import Witnessing, WitnessPolicy
from placet.ledger.encoding import base64_of
from placet.ledger.errors import (
    ForkError,
    MalformedError,
    MissingError,
    RollbackError,
    WrongContentError,
)
from placet.ledger.keys import VerifierKey
from placet.ledger.tiles import ENTRIES, FULL, Edge, Tile, TileReader, tiles_of
from placet.ledger.tree import HASH_BYTES, Frontier, Hash, hash_leaf

__all__ = ["CHECKPOINT", "VerifiedExport", "export_log", "narrowed", "verify_export"]

CHECKPOINT = "checkpoint"
"""The path of the checkpoint."""

_AT_ONCE = 64

ReadFile = Callable[[str], bytes | None]


@dataclass(frozen=True, slots=True)
class VerifiedExport:
    """What a good export shows."""

    checkpoint: Checkpoint
    witnessing: Witnessing | None


def export_log(signed: SignedCheckpoint, tiles: TileReader) -> Iterator[tuple[str, bytes]]:
    """Yield the path and the bytes of every file of a log, as of a checkpoint.

    Args:
        signed: the checkpoint, with whatever cosignatures it carries.
        tiles: supplies hash tiles, and bundles as the tiles of level `ENTRIES`.
    """
    places = list(tiles_of(signed.checkpoint.size))
    for start in range(0, len(places), _AT_ONCE):
        part = places[start : start + _AT_ONCE]
        for tile, data in zip(part, tiles(part), strict=True):
            yield tile.path, narrowed(tile, data)
    yield CHECKPOINT, signed.render()


def verify_export(
    read: ReadFile,
    log: Collection[VerifierKey],
    policy: WitnessPolicy | None,
    *,
    earlier: Sequence[SignedCheckpoint] = (),
) -> VerifiedExport:
    """Hash everything again, and compare it with the checkpoint and with every tile.

    Args:
        read: returns the bytes of a file, or None if it is not there.
        log: the keys of the log.
        policy: which witnesses must have cosigned; None to ask for none, on purpose.
        earlier: checkpoints known from before, signed by the log, which it must continue.

    Raises:
        LedgerError: of the kind that says what is wrong; `WrongContentError` and `MissingError`
            name the first entry or tile that is.
    """
    data = read(CHECKPOINT)
    if data is None:
        raise MissingError(
            "There is no checkpoint; without one nothing is signed.", path=CHECKPOINT
        )
    signed = open_checkpoint(data, log)
    witnessing = policy.require(signed.note) if policy is not None else None
    checkpoint = signed.checkpoint
    known = [open_checkpoint(each.render(), log).checkpoint for each in earlier]
    _check_sizes(checkpoint, known)
    walk = _Walk(read, {each.size for each in known})
    for number in range(-(-checkpoint.size // FULL)):
        walk.take(Tile(ENTRIES, number, min(FULL, checkpoint.size - number * FULL)))
    walk.conclude(checkpoint)
    for each in known:
        if walk.roots[each.size] != each.root:
            raise ForkError(
                f"At {each.size} entries {each.origin} had the root {base64_of(each.root)}; this "
                f"export has {base64_of(walk.roots[each.size])}. The log was rewritten; keep the "
                "earlier checkpoint, it proves it."
            )
    return VerifiedExport(checkpoint, witnessing)


def _check_sizes(checkpoint: Checkpoint, earlier: Sequence[Checkpoint]) -> None:
    for each in earlier:
        if each.size > checkpoint.size:
            raise RollbackError(
                f"{each.origin} had {each.size} entries before; this export has {checkpoint.size}."
            )


def narrowed(tile: Tile, data: bytes) -> bytes:
    """Cut a tile, perhaps wider, to the width asked for.

    Raises:
        MissingError: it is not so wide.
    """
    if tile.level != ENTRIES:
        if len(data) < tile.width * HASH_BYTES:
            raise MissingError(f"{tile.path} is not there in its whole width.", path=tile.path)
        return data[: tile.width * HASH_BYTES]
    end = 0
    for _ in range(tile.width):
        end += 2 + int.from_bytes(data[end : end + 2], "big")
    if end > len(data):
        raise MissingError(f"{tile.path} is not there in its whole width.", path=tile.path)
    return data[:end]


def _read_tile(read: ReadFile, tile: Tile) -> bytes:
    """Read a tile; a partial one that is gone is the beginning of the full one."""
    data, found = read(tile.path), tile
    if data is None and tile.width < FULL:
        data, found = read(tile.whole.path), tile.whole
    if data is None:
        raise MissingError(f"{tile.path} is not there.", path=tile.path)
    if tile.level == ENTRIES:
        unpack(data, found.width, path=found.path)
    elif len(data) != found.width * HASH_BYTES:
        raise MalformedError(
            f"{found.path} has {len(data)} bytes, not {found.width * HASH_BYTES}: "
            f"{found.width} hashes of {HASH_BYTES}."
        )
    return data if found == tile else narrowed(tile, data)


@dataclass(slots=True)
class _Walk:
    """One pass over an export, bundle by bundle.

    Entries are hashed into a tree of their own. Where a stored leaf hash first differs, a second
    tree is grown from the stored ones: whichever leads to the signed root is the true one.
    """

    read: ReadFile
    sizes: set[int]
    edge: Edge = field(default_factory=Edge)
    roots: dict[int, Hash] = field(default_factory=dict)
    stored: Frontier | None = None
    differs: int | None = None
    wrong: list[tuple[Tile, bytes, bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._note(self.edge.frontier)

    def _note(self, frontier: Frontier) -> None:
        if frontier.size in self.sizes:
            self.roots[frontier.size] = frontier.root

    def take(self, bundle: Tile) -> None:
        """Read a bundle and the leaf hashes above it; what is wrong before it is said first."""
        try:
            self._take(bundle)
        except (MalformedError, MissingError):
            if self.differs is not None:
                self._conclude_on_entries(None)
            raise

    def _take(self, bundle: Tile) -> None:
        data = _read_tile(self.read, bundle)
        leaves = [hash_leaf(each) for each in unpack(data, bundle.width, path=bundle.path)]
        hashes = _read_tile(self.read, Tile(0, bundle.number, bundle.width))
        self._compare(leaves, hashes)
        frontier = self.edge.frontier
        if any(frontier.size < size <= frontier.size + len(leaves) for size in self.sizes):
            for leaf in leaves:
                frontier = frontier.append(leaf)[0]
                self._note(frontier)
        self.edge, written = self.edge.append(leaves)
        for tile, expected in written.items():
            if tile.level > 0 and tile.width == FULL:
                self._check(tile, expected)

    def _compare(self, leaves: Sequence[Hash], hashes: bytes) -> None:
        if self.stored is None:
            expected = b"".join(leaves)
            if hashes == expected:
                return
            self.stored = self.edge.frontier
            self.differs = self.stored.size + _first_difference(expected, hashes)
        for at in range(0, len(hashes), HASH_BYTES):
            self.stored = self.stored.append(Hash(hashes[at : at + HASH_BYTES]))[0]

    def _check(self, tile: Tile, expected: bytes) -> None:
        found = _read_tile(self.read, tile)
        if found != expected:
            self.wrong.append((tile, expected, found))

    def conclude(self, checkpoint: Checkpoint) -> None:
        """Compare what was found with what is signed; say what is wrong first."""
        for level, filling in enumerate(self.edge.filling):
            if level > 0 and filling:
                number = (checkpoint.size >> (8 * level)) // FULL
                self._check(Tile(level, number, len(filling) // HASH_BYTES), filling)
        if self.edge.frontier.root == checkpoint.root:
            self._conclude_on_tiles()
        else:
            self._conclude_on_entries(checkpoint.root)

    def _conclude_on_tiles(self) -> None:
        """The entries are those that were signed; every tile must follow from them."""
        if self.differs is not None:
            number = self.differs // FULL
            width = min(FULL, self.edge.frontier.size - number * FULL)
            path = Tile(0, number, width).path
            raise WrongContentError(
                f"{path} has a wrong hash for entry {self.differs}; the entry is right.",
                path=path,
                index=self.differs,
            )
        for tile, _, _ in self.wrong:
            raise WrongContentError(
                f"{tile.path} does not follow from the entries, which are right.", path=tile.path
            )

    def _conclude_on_entries(self, root: Hash | None) -> None:
        """The entries are not those that were signed, or cannot be read; find the first."""
        if self.stored is not None and self.differs is not None:
            bundle = Tile(ENTRIES, self.differs // FULL)
            sure = self.stored.root == root
            raise WrongContentError(
                f"Entry {self.differs} is not the one that was signed"
                + ("." if sure else ", or its hash is not; other hashes are wrong besides."),
                path=bundle.path,
                index=self.differs,
            )
        for tile, expected, found in self.wrong:
            first = tile.number * FULL + _first_difference(expected, found)
            span = FULL**tile.level
            raise WrongContentError(
                f"The entries from {first * span} to {(first + 1) * span - 1} agree with their "
                f"hashes but not with {tile.path}; one of them was changed.",
                path=tile.path,
                index=first * span,
            )
        raise WrongContentError(
            f"The entries and tiles agree with one another, but their root is "
            f"{base64_of(self.edge.frontier.root)}: this is not the log that was signed."
        )


def _first_difference(expected: bytes, found: bytes) -> int:
    """Return which hash of two rows differs first."""
    at = next(at for at, pair in enumerate(zip(expected, found, strict=True)) if pair[0] != pair[1])
    return at // HASH_BYTES
