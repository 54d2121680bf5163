"""The last checkpoint as it is kept outside the database: written before it is signed.

A promise is a checkpoint and the batch that leads to it: the size before, and the tickets of the
entries, in order. Whoever finds a promise that the database has not kept keeps it: the same
entries in the same order give the same tree, so the checkpoint that comes out is the one that may
have been signed, and never a second one of that size.

In its file a promise stands in one of two blocks, with its digest. The next is written over the
other block, so that whatever a crash leaves of it, the one before is whole. To replace a file would
take two syncs, and three times as long. A file of one line holds a promise as well: it is written
by hand, or of more tickets than fit into a block.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from placet.ledger import JSON, Checkpoint, MalformedError, canonical, parse_canonical
from placet.ledger.encoding import base64_of, read_hash

__all__ = ["BLOCK", "Promise", "PromiseFile"]

BLOCK = 4096
"""Bytes of a block: no disk writes less at once, so writing one leaves the other alone."""

_FORMAT = "placet-last-checkpoint-1"


@dataclass(frozen=True, slots=True)
class Promise:
    """A checkpoint that was signed or was about to be; `before` and `tickets` say of what."""

    checkpoint: Checkpoint
    before: int
    tickets: tuple[int, ...]

    def render(self) -> bytes:
        """Write it as one line of canonical JSON; runs of tickets as first and last."""
        document: dict[str, JSON] = {
            "before": self.before,
            "format": _FORMAT,
            "origin": self.checkpoint.origin,
            "root": base64_of(self.checkpoint.root),
            "size": self.checkpoint.size,
            "tickets": [list(each) for each in _runs(self.tickets)],
        }
        return canonical(document) + b"\n"

    def block(self) -> bytes | None:
        """Write it as a block of its file; None if it does not fit."""
        line = self.render()
        text = b"%bsha256:%b\n" % (line, hashlib.sha256(line).hexdigest().encode())
        return text[:-1].ljust(BLOCK - 1) + b"\n" if len(text) <= BLOCK else None

    @classmethod
    def parse(cls, data: bytes) -> Promise:
        """Read it.

        Raises:
            MalformedError: it is damaged, or of another version.
        """
        match parse_canonical(data.removesuffix(b"\n"), "last-checkpoint"):
            case {
                "before": int(before),
                "format": str(form),
                "origin": str(origin),
                "root": str(root),
                "size": int(size),
                "tickets": [*runs],
            } if form == _FORMAT:
                checkpoint = Checkpoint(
                    origin, size, read_hash(root, "The root in last-checkpoint")
                )
                promise = cls(checkpoint, before, tuple(_flat(runs)))
                if promise.render() == data and before + len(promise.tickets) == size:
                    return promise
        raise _malformed()


@dataclass(frozen=True, slots=True)
class PromiseFile:
    """The file: its bytes, the promise that counts, and in which of two blocks that stands.

    `place` is None where the file is one line.
    """

    data: bytes
    promise: Promise
    place: int | None

    @classmethod
    def of(cls, promise: Promise) -> PromiseFile:
        """Begin a file."""
        block = promise.block()
        return cls(promise.render(), promise, None) if block is None else cls(block * 2, promise, 0)

    @classmethod
    def parse(cls, data: bytes) -> PromiseFile:
        """Read it. Of two whole blocks the longer log counts; one that is not whole does not.

        Raises:
            MalformedError: it is damaged, or of another version.
        """
        if len(data) != 2 * BLOCK:
            return cls(data, Promise.parse(data), None)
        found = [cls(data, each, place) for place in (0, 1) if (each := _whole(data, place))]
        if not found:
            raise _malformed()
        return max(found, key=lambda each: each.promise.checkpoint.size)

    def after(self, promise: Promise) -> PromiseFile:
        """Return the file with the next promise: in the other block, or begun anew."""
        block = promise.block()
        if self.place is None or block is None:
            return self.of(promise)
        first, second = self.data[:BLOCK], self.data[BLOCK:]
        data = first + block if self.place == 0 else block + second
        return PromiseFile(data, promise, 1 - self.place)


def _whole(data: bytes, place: int) -> Promise | None:
    """Read a block; None where writing it was not finished."""
    block = data[place * BLOCK : (place + 1) * BLOCK]
    line = block[: block.find(b"\n") + 1]
    try:
        promise = Promise.parse(line)
    except MalformedError:
        return None
    return promise if promise.block() == block else None


def _malformed() -> MalformedError:
    return MalformedError(
        "last-checkpoint is not in its format; it was changed, or made by another version."
    )


def _runs(tickets: Sequence[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for each in tickets:
        if found and found[-1][1] == each - 1:
            found[-1] = (found[-1][0], each)
        else:
            found.append((each, each))
    return found


def _flat(runs: Iterable[JSON]) -> Iterable[int]:
    for each in runs:
        match each:
            case [int(first), int(last)] if first <= last < first + 1_000_000:
                yield from range(first, last + 1)
            case _:
                raise MalformedError("last-checkpoint has a run of tickets that is none.")
