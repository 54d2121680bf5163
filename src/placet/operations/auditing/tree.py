"""The part of an audit that needs no meaning: numbers, leaves, tiles and signed checkpoints.

Everything is computed from the leaves alone and then compared with what is stored, so a tile or
a root that was changed together with an entry is compared with a checkpoint that was signed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from placet.ledger import (
    ENTRIES,
    FULL,
    Checkpoint,
    Edge,
    Hash,
    LedgerError,
    MalformedError,
    SignedCheckpoint,
    Tile,
    VerifierKey,
    hash_leaf,
    open_checkpoint,
    open_note,
    pack,
)
from placet.operations.auditing.keys import Run
from placet.operations.auditing.report import Finding
from placet.operations.ports import EntryUnread, Reading

__all__ = ["TreeCheck"]

_HASH = 32


class TreeCheck:
    """One pass over the leaves of a log, bundle by bundle.

    Args:
        reading: where tiles and checkpoints are.
        log_keys: the keys that sign for the log, known to whoever audits, the oldest first.
        known: checkpoints that the auditor has from outside, which the log must continue.
        size: how many entries the latest checkpoint covers.
    """

    def __init__(
        self,
        reading: Reading,
        log_keys: Collection[VerifierKey],
        known: Collection[Checkpoint],
        size: int,
    ) -> None:
        self._tiles = reading.tiles()
        self._keys = log_keys
        self._known = known
        self.size = size
        self._edge = Edge()
        self._signed = _in_order(reading.checkpoints())
        self._next: SignedCheckpoint | None = None
        self._sure = 0
        self.runs: list[Run] = []

    @property
    def taken(self) -> int:
        """How many leaves were taken and found right."""
        return self._edge.frontier.size

    def take(self, entries: Sequence[EntryUnread]) -> Finding | None:
        """Take the next bundle of entries, complete but for the last; say what is wrong first."""
        start = self._edge.frontier.size
        width = min(FULL, self.size - start)
        for index, each in enumerate(entries, start):
            if each.index != index:
                return Finding(index, f"is missing: entry {each.index} stands in its place.")
        missing = start + len(entries) if len(entries) < width else None
        try:
            if start == 0:
                self._next = next(self._signed, None)
            found = self._bundle(start, [each.leaf for each in entries]) if entries else None
        except LedgerError as error:
            return Finding(start, f"what covers it cannot be read: {error}")
        if found is None and missing is not None:
            return Finding(missing, f"is missing, and a checkpoint of {self.size} was signed.")
        return found

    def conclude(self) -> Finding | None:
        """Compare the right edge of the tree, and what was known from outside."""
        size = self._edge.frontier.size
        for level, filling in enumerate(self._edge.filling):
            if filling:
                number = (size >> (8 * level)) // FULL
                found = self._tile(Tile(level, number, len(filling) // _HASH), filling)
                if found is not None:
                    return found
        most = max((each.size for each in self._known), default=0)
        if most > size:
            return Finding(
                size,
                f"is missing: the log had {most} entries when the checkpoint known "
                "from outside was signed. It was cut, or restored from a backup.",
                most - 1,
            )
        return None

    def _bundle(self, start: int, leaves: Sequence[bytes]) -> Finding | None:
        tile = Tile(ENTRIES, start // FULL, len(leaves))
        (stored,) = self._tiles([tile])
        packed = pack(leaves)
        if not stored.startswith(packed):
            at = _first_difference(packed, stored, 2 + _HASH)
            return Finding(start + at, f"its leaf is not the one in {tile.path}.")
        hashes = [hash_leaf(each) for each in leaves]
        wrong = self._roots(hashes)
        if wrong is not None:
            return wrong
        self._edge, written = self._edge.append(hashes)
        complete = {each: data for each, data in written.items() if each.width == FULL}
        for each, data in complete.items():
            if (found := self._tile(each, data)) is not None:
                return found
        return None

    def _tile(self, tile: Tile, expected: bytes) -> Finding | None:
        span = FULL**tile.level
        first = tile.number * FULL * span
        try:
            (stored,) = self._tiles([tile])
        except LedgerError as error:
            last = min(first + tile.width * span, self.size) - 1
            return Finding(first, f"what covers it cannot be read: {error}", last)
        if stored.startswith(expected):
            return None
        first += _first_difference(expected, stored, _HASH) * span
        last = min(first + span, self.size) - 1
        return Finding(first, f"{tile.path} does not follow from the entries.", last)

    def _roots(self, leaves: Sequence[Hash]) -> Finding | None:
        """Compare the root at every size at which a checkpoint was signed."""
        frontier = self._edge.frontier
        if frontier.size == 0 and (found := self._at(frontier.size, frontier.root)) is not None:
            return found
        end = frontier.size + len(leaves)
        for leaf in leaves:
            if self._nothing_until(end):
                return None
            frontier, _ = frontier.append(leaf)
            if (found := self._at(frontier.size, frontier.root)) is not None:
                return found
        return None

    def _nothing_until(self, end: int) -> bool:
        signed = self._next is not None and self._next.checkpoint.size <= end
        start = self._edge.frontier.size
        return not signed and not any(start < each.size <= end for each in self._known)

    def _at(self, size: int, root: Hash) -> Finding | None:
        """Compare everything that was signed at one size."""
        while self._next is not None and self._next.checkpoint.size <= size:
            signed, self._next = self._next, next(self._signed, None)
            if (wrong := self._checked(signed, size, root)) is not None:
                return wrong
        if any(each.size == size and each.root != root for each in self._known):
            return Finding(
                0,
                f"at {size} entries the log now has another root than in the checkpoint known "
                "from outside. It was rewritten; keep that checkpoint, it proves it.",
                size - 1,
            )
        return None

    def _checked(self, signed: SignedCheckpoint, size: int, root: Hash) -> Finding | None:
        found = signed.checkpoint
        try:
            open_checkpoint(signed.render(), self._keys)
            self._note(signed)
        except LedgerError as error:
            return Finding(size - 1, f"the checkpoint of {size} entries: {error}")
        if found.root != root:
            text = f"the checkpoint of {size} entries has another root than the entries lead to."
            return Finding(self._sure, text, size - 1)
        self._sure = size
        return None

    def _note(self, signed: SignedCheckpoint) -> None:
        """Note by which of the log's keys a checkpoint is signed; by the latest where by several.

        Whether that key could sign it can only be said when all acts are known that name keys.
        """
        only = next(iter(self._keys)) if len(self._keys) == 1 else None
        key = str(only or open_note(signed.note, self._keys)[-1])
        size = signed.checkpoint.size
        if self.runs and self.runs[-1].key == key:
            self.runs[-1].last = size
        else:
            self.runs.append(Run(key, size, size))


def _in_order(checkpoints: Iterator[SignedCheckpoint]) -> Iterator[SignedCheckpoint]:
    """Yield checkpoints as they are stored.

    Raises:
        MalformedError: a smaller one comes after a larger.
    """
    last = -1
    for each in checkpoints:
        if each.checkpoint.size < last:
            raise MalformedError(
                f"A checkpoint of {each.checkpoint.size} entries comes after one of {last}."
            )
        last = each.checkpoint.size
        yield each


def _first_difference(expected: bytes, found: bytes, width: int) -> int:
    """Return which item of two rows, each so many bytes wide, differs first."""
    for at in range(0, len(expected), width):
        if expected[at : at + width] != found[at : at + width]:
            return at // width
    return len(expected) // width
