"""The Merkle tree of RFC 6962 §2.1: hashes, roots, and both kinds of proof.

Every function here needs only the hashes of complete subtrees, each named by a
`Node`. A `HashReader` supplies them, many at once, so that a proof costs one
question to the store, not one for every hash.

Checking proofs follows RFC 9162 §2.1.3.2 and §2.1.4.2. It shares no code with making
them: a mistake would have to be made twice to go unseen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, NewType, Protocol

from placet.ledger.errors import BadProofError, MissingError, UnfitError

__all__ = [
    "EMPTY_ROOT",
    "HASH_BYTES",
    "Frontier",
    "Hash",
    "HashReader",
    "Node",
    "hash_leaf",
    "hash_node",
    "prove_consistency",
    "prove_inclusion",
    "root_of",
    "verify_consistency",
    "verify_inclusion",
]

Hash = NewType("Hash", bytes)
"""A SHA-256 digest of the tree: 32 bytes. Not the digest of a document or of a field."""

HASH_BYTES = 32

EMPTY_ROOT = Hash(hashlib.sha256(b"").digest())
"""The root of the tree without leaves (RFC 6962 §2.1)."""


def hash_leaf(entry: bytes) -> Hash:
    """Hash an entry: SHA-256(0x00 ‖ entry) (RFC 6962 §2.1)."""
    return Hash(hashlib.sha256(b"\x00" + entry).digest())


def hash_node(left: Hash, right: Hash) -> Hash:
    """Hash two subtrees: SHA-256(0x01 ‖ left ‖ right) (RFC 6962 §2.1)."""
    return Hash(hashlib.sha256(b"\x01" + left + right).digest())


class Node(NamedTuple):
    """A complete subtree: the 2^level leaves from number·2^level on."""

    level: int
    number: int


class HashReader(Protocol):
    """Supplies the hashes of complete subtrees of one tree."""

    def __call__(self, nodes: Sequence[Node], /) -> Sequence[Hash]:
        """Return the hash of each node, in the order asked for; all must be in the tree.

        Raises:
            MissingError: one of them is not stored.
        """


def _cover(low: int, high: int) -> Iterator[Node]:
    """Cut leaves [low, high) into complete subtrees, left to right.

    INVARIANT: `low` is a multiple of the least power of two not below `high - low`, as it is
    for every range into which RFC 6962 splits a tree.
    """
    while low < high:
        level = (high - low).bit_length() - 1
        yield Node(level, low >> level)
        low += 1 << level


def _split(size: int) -> int:
    """Return the largest power of two below `size` (RFC 6962 §2.1)."""
    return 1 << ((size - 1).bit_length() - 1)


def _fold(hashes: Sequence[Hash]) -> Hash:
    """Hash complete subtrees, largest first, into the root above them."""
    folded = hashes[-1]
    for left in reversed(hashes[:-1]):
        folded = hash_node(left, folded)
    return folded


def _read(ranges: Sequence[tuple[int, int]], read: HashReader) -> list[Hash]:
    """Return the subtree hash of every range of leaves, with one question to the reader."""
    covers = [list(_cover(low, high)) for low, high in ranges]
    wanted = [node for cover in covers for node in cover]
    found = list(read(wanted)) if wanted else []
    if len(found) != len(wanted):
        raise MissingError(
            f"{len(found)} hashes came for {len(wanted)} nodes; a reader must supply every one."
        )
    hashes: list[Hash] = []
    start = 0
    for cover in covers:
        hashes.append(_fold(found[start : start + len(cover)]))
        start += len(cover)
    return hashes


def root_of(size: int, read: HashReader) -> Hash:
    """Return the root of the tree of the first `size` leaves (RFC 6962 §2.1)."""
    if size < 0:
        raise UnfitError(f"A tree cannot have {size} leaves; a size is 0 or more.")
    return _read([(0, size)], read)[0] if size else EMPTY_ROOT


def prove_inclusion(index: int, size: int, read: HashReader) -> tuple[Hash, ...]:
    """Prove that leaf `index` is in the tree of `size` leaves: the path of RFC 6962 §2.1.1.

    The hashes go from the leaf's sibling up to the root's child.
    """
    if not 0 <= index < size:
        raise UnfitError(f"Entry {index} is not in a tree of {size}; the last is {size - 1}.")
    siblings: list[tuple[int, int]] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            siblings.append((middle, high))
            high = middle
        else:
            siblings.append((low, middle))
            low = middle
    return tuple(_read(siblings[::-1], read))


def prove_consistency(old: int, new: int, read: HashReader) -> tuple[Hash, ...]:
    """Prove that the tree of `new` leaves continues that of `old`: RFC 6962 §2.1.2.

    Every tree continues the empty one and itself; both proofs are empty
    (c2sp.org/tlog-witness: "The proof MUST be empty if the old size is zero").
    """
    if not 0 <= old <= new:
        raise UnfitError(f"A tree of {new} does not continue one of {old}; give the smaller first.")
    if old in (0, new):
        return ()
    ranges: list[tuple[int, int]] = []
    low, high, known = 0, new, True
    while high != old:
        middle = low + _split(high - low)
        if old <= middle:
            ranges.append((middle, high))
            high = middle
        else:
            ranges.append((low, middle))
            low, known = middle, False
    if not known:
        ranges.append((low, high))
    return tuple(_read(ranges[::-1], read))


def verify_inclusion(index: int, leaf: Hash, size: int, root: Hash, proof: Sequence[Hash]) -> None:
    """Check that `leaf` is leaf `index` of the tree with this size and root (RFC 9162 §2.1.3.2).

    Raises:
        BadProofError: the proof does not lead from this leaf to this root.
    """
    if not 0 <= index < size:
        raise BadProofError(f"Entry {index} cannot be in a tree of {size}; the last is {size - 1}.")
    found = leaf
    for from_left, step in _climb(index, size - 1, proof):
        found = hash_node(step, found) if from_left else hash_node(found, step)
    if found != root:
        raise BadProofError(
            f"The proof does not lead from entry {index} to the root of the tree of {size}; "
            "the entry, its place, the proof or the root is another one."
        )


def verify_consistency(
    old: int, old_root: Hash, new: int, new_root: Hash, proof: Sequence[Hash]
) -> None:
    """Check that one tree continues another (RFC 9162 §2.1.4.2).

    Raises:
        BadProofError: the proof does not lead to both roots.
    """
    if not 0 <= old <= new:
        raise BadProofError(f"A tree of {new} cannot continue one of {old}.")
    if old in (0, new):
        _verify_trivial(old, old_root, new, new_root, proof)
        return
    steps = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not steps:
        raise BadProofError("The proof is empty; hashes are missing.")
    trailing = (old & -old).bit_length() - 1
    before = after = steps[0]
    for from_left, step in _climb((old - 1) >> trailing, (new - 1) >> trailing, steps[1:]):
        if from_left:
            before, after = hash_node(step, before), hash_node(step, after)
        else:
            after = hash_node(after, step)
    if before != old_root or after != new_root:
        which = "earlier" if before != old_root else "later"
        raise BadProofError(
            f"The consistency proof does not lead to the {which} root; "
            f"the tree of {new} is not shown to continue that of {old}."
        )


def _climb(position: int, last: int, proof: Sequence[Hash]) -> Iterator[tuple[bool, Hash]]:
    """Go up from a node to the root; yield each hash of a proof and whether it is the left one.

    `position` and `last` number the node and the last node of its level (RFC 9162: fn and sn).
    """
    for step in proof:
        if last == 0:
            raise BadProofError("The proof goes on after the root; hashes were added.")
        from_left = position & 1 == 1 or position == last
        if from_left:
            while position and not position & 1:
                position >>= 1
                last >>= 1
        yield from_left, step
        position >>= 1
        last >>= 1
    if last:
        raise BadProofError("The proof ends before the root; hashes are missing.")


def _verify_trivial(
    old: int, old_root: Hash, new: int, new_root: Hash, proof: Sequence[Hash]
) -> None:
    """Check the two cases in which there is nothing to prove."""
    if proof:
        raise BadProofError(f"From {old} to {new} entries there is nothing to prove; send none.")
    if old == 0 and old_root != EMPTY_ROOT:
        raise BadProofError("The root of the earlier, empty tree is not that of an empty tree.")
    if old == new and old_root != new_root:
        raise BadProofError(f"Two trees of {new} entries have different roots.")


@dataclass(frozen=True, slots=True)
class Frontier:
    """The right edge of a growing tree: what appending and the root need, O(log n) hashes.

    `peaks` are the roots of the complete subtrees that the tree consists of, largest first.
    """

    size: int = 0
    peaks: tuple[Hash, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.peaks) != self.size.bit_count():
            raise UnfitError(
                f"A tree of {self.size} leaves does not have {len(self.peaks)} peaks; "
                "read the frontier again from the stored hashes."
            )

    @classmethod
    def read(cls, size: int, read: HashReader) -> Frontier:
        """Take up a stored tree where it ends."""
        nodes = list(_cover(0, size))
        return cls(size, tuple(read(nodes)) if nodes else ())

    def append(self, leaf: Hash) -> tuple[Frontier, tuple[Hash, ...]]:
        """Add a leaf; return the new frontier and the subtrees it completes, by level from 0."""
        peaks, completed, position = list(self.peaks), [leaf], self.size
        while position & 1:
            completed.append(hash_node(peaks.pop(), completed[-1]))
            position >>= 1
        return Frontier(self.size + 1, (*peaks, completed[-1])), tuple(completed)

    @property
    def root(self) -> Hash:
        """The root of the tree as it is now."""
        return _fold(self.peaks) if self.peaks else EMPTY_ROOT
