"""The last checkpoint as it is kept outside the database: written before it is signed.

A promise is a checkpoint and the batch that leads to it: the size before, and the tickets of the
entries, in order. Whoever finds a promise that the database has not kept keeps it: the same
entries in the same order give the same tree, so the checkpoint that comes out is the one that may
have been signed, and never a second one of that size.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from placet.ledger import JSON, Checkpoint, MalformedError, canonical, parse_canonical
from placet.ledger.encoding import base64_of, read_hash

__all__ = ["Promise"]

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
        raise MalformedError(
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
