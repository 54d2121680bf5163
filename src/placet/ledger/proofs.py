"""Receipts: that an entry is in a log, to be checked offline (c2sp.org/tlog-proof, ab17a74).

    c2sp.org/tlog-proof@v1
    [extra <base64>]
    index <number>
    <hash, base64> ...
    <empty line>
    <checkpoint>

The specification has no version tag yet; this follows its commit ab17a74 of May 2026.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from placet.ledger.checkpoints import Checkpoint, SignedCheckpoint, open_checkpoint
from placet.ledger.cosignatures import Witnessing, WitnessPolicy
from placet.ledger.encoding import (
    LARGEST_SIZE,
    base64_of,
    read_base64,
    read_hash,
    read_number,
    read_text,
)
from placet.ledger.errors import MalformedError
from placet.ledger.keys import VerifierKey
from placet.ledger.tree import (
    HASH_BYTES,
    Hash,
    HashReader,
    hash_leaf,
    prove_inclusion,
    verify_inclusion,
)

__all__ = ["Receipt", "VerifiedReceipt", "make_receipt", "parse_receipt", "verify_receipt"]

_HEADER = "c2sp.org/tlog-proof@v1"
_MOST_HASHES = 63
_LARGEST_RECEIPT = 8 << 20


@dataclass(frozen=True, slots=True)
class Receipt:
    """That one entry is in the tree of one checkpoint.

    `checkpoint` is the note as the log gave it, with its cosignatures. `extra` is not signed:
    a disclosure in it proves itself against the entry, nothing else in it may be believed.
    """

    index: int
    proof: tuple[Hash, ...]
    checkpoint: bytes
    extra: bytes = b""

    def __post_init__(self) -> None:
        if not 0 <= self.index <= LARGEST_SIZE or len(self.proof) > _MOST_HASHES:
            raise MalformedError("A receipt has an index from 0 on and at most 63 hashes.")
        if any(len(each) != HASH_BYTES for each in self.proof):
            raise MalformedError("A hash of a receipt does not have 32 bytes.")

    def render(self) -> bytes:
        """Write the receipt, for a file that ends in `.tlog-proof`."""
        lines = [_HEADER]
        if self.extra:
            lines.append(f"extra {base64_of(self.extra)}")
        lines.append(f"index {self.index}")
        lines.extend(base64_of(each) for each in self.proof)
        return "".join(f"{line}\n" for line in (*lines, "")).encode() + self.checkpoint


@dataclass(frozen=True, slots=True)
class VerifiedReceipt:
    """What a good receipt shows: the place of the entry, the checkpoint, and who witnessed it."""

    index: int
    checkpoint: Checkpoint
    witnessing: Witnessing | None


def make_receipt(
    index: int, checkpoint: SignedCheckpoint, read: HashReader, *, extra: bytes = b""
) -> Receipt:
    """Prove an entry against a checkpoint that covers it."""
    proof = prove_inclusion(index, checkpoint.checkpoint.size, read)
    return Receipt(index, proof, checkpoint.render(), extra)


def parse_receipt(data: bytes) -> Receipt:
    """Read a receipt. Believe nothing in it before `verify_receipt`."""
    if len(data) > _LARGEST_RECEIPT:
        raise MalformedError(f"A receipt of {len(data)} bytes is too large; the most is 8 MiB.")
    head, separator, checkpoint = data.partition(b"\n\n")
    first, *lines = read_text(head, "The receipt").split("\n")
    if not separator or first != _HEADER:
        raise MalformedError(f"A receipt begins with {_HEADER} and ends with a checkpoint.")
    extra = b""
    if lines and lines[0].startswith("extra "):
        extra = read_base64(lines.pop(0).removeprefix("extra "), "The extra line of the receipt")
    if not lines or not lines[0].startswith("index "):
        raise MalformedError("The receipt has no index line where it belongs.")
    index = read_number(lines.pop(0).removeprefix("index "), "The index of the receipt")
    if len(lines) > _MOST_HASHES:
        raise MalformedError(f"The receipt has {len(lines)} hashes; no tree is that high.")
    proof = tuple(read_hash(line, "A hash of the receipt") for line in lines)
    return Receipt(index, proof, checkpoint, extra)


def verify_receipt(
    receipt: Receipt,
    entry: bytes,
    log: Collection[VerifierKey],
    policy: WitnessPolicy | None,
    *,
    latest: int | None = None,
) -> VerifiedReceipt:
    """Check that the log holds an entry, and that enough witnesses saw it (Verifying a proof).

    Args:
        receipt: what was received.
        entry: the entry as it stands in the log, known from elsewhere.
        log: the keys of the log.
        policy: which witnesses must have seen it; None to ask for none, on purpose.
        latest: a POSIX time after which a cosignature does not count.

    Raises:
        MalformedError: its checkpoint is not a checkpoint.
        BadSignatureError: the log did not sign it, or a witness's cosignature is bad.
        NotWitnessedError: too few witnesses cosigned it.
        BadProofError: the entry is not at that place of that tree.
    """
    signed = open_checkpoint(receipt.checkpoint, log)
    witnessing = policy.require(signed.note, latest=latest) if policy is not None else None
    tree = signed.checkpoint
    verify_inclusion(receipt.index, hash_leaf(entry), tree.size, tree.root, receipt.proof)
    return VerifiedReceipt(receipt.index, tree, witnessing)
