"""Checkpoints: what a log commits to, signed (c2sp.org/tlog-checkpoint v1.0.0).

<origin: which log>
<number of entries>
<root, base64>
[<extension line> ...]
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from placet.ledger.encoding import LARGEST_SIZE, base64_of, read_hash, read_number
from placet.ledger.errors import (
    BadProofError,
    BadSignatureError,
    ForkError,
    InconsistentError,
    MalformedError,
    RollbackError,
    UnfitError,
)
from placet.ledger.keys import KeyKind, SignerKey, VerifierKey, check_key_name
from placet.ledger.notes import Note, open_note, parse_note, sign_note
from placet.ledger.tree import EMPTY_ROOT, HASH_BYTES, Hash, verify_consistency

__all__ = [
    "Checkpoint",
    "SignedCheckpoint",
    "check_continues",
    "check_log_keys",
    "open_checkpoint",
    "parse_checkpoint",
    "sign_checkpoint",
]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log at one size: its origin, how many entries it has, and their root."""

    origin: str
    size: int
    root: Hash
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_key_name(self.origin)
        if not 0 <= self.size <= LARGEST_SIZE or len(self.root) != HASH_BYTES:
            raise MalformedError(f"A checkpoint of {self.origin} needs a size and a 32-byte root.")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise MalformedError(f"The root of {self.origin} at size 0 is not the empty tree's.")
        if any(not line or any(each < " " for each in line) for line in self.extensions):
            raise MalformedError("An extension line is empty or has a control character.")

    @property
    def text(self) -> str:
        """The text that is signed (tlog-checkpoint, Note text)."""
        lines = (self.origin, str(self.size), base64_of(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read the text of a checkpoint."""
        lines = text.removesuffix("\n").split("\n")
        if len(lines) < 3 or not text.endswith("\n"):
            raise MalformedError("A checkpoint has at least three lines: origin, size and root.")
        origin, size, root, *extensions = lines
        return cls(
            origin,
            read_number(size, f"The size of {origin[:80]}"),
            read_hash(root, f"The root of {origin[:80]}"),
            tuple(extensions),
        )


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint and the note that carries it, with whatever signatures are on it."""

    checkpoint: Checkpoint
    note: Note

    def __post_init__(self) -> None:
        if self.note.text != self.checkpoint.text:
            raise MalformedError("A note does not carry the checkpoint that it is said to carry.")

    def render(self) -> bytes:
        """Write the note, as it is served under `checkpoint`."""
        return self.note.render()


def sign_checkpoint(checkpoint: Checkpoint, signer: SignerKey) -> SignedCheckpoint:
    """Sign a checkpoint with the log's key.

    Who calls this must know that the checkpoint continues the last one signed; a log must never
    sign two that do not (tlog-checkpoint, Signatures). See `check_continues`.
    """
    if signer.name != checkpoint.origin:
        raise UnfitError(
            f"The key {signer.name} must not sign for {checkpoint.origin}: "
            "a log's key bears the log's name."
        )
    return SignedCheckpoint(checkpoint, sign_note(checkpoint.text, signer))


def parse_checkpoint(data: bytes) -> SignedCheckpoint:
    """Read a checkpoint without checking who signed it. Believe nothing in it yet."""
    note = parse_note(data)
    return SignedCheckpoint(Checkpoint.parse(note.text), note)


def check_log_keys(keys: Collection[VerifierKey]) -> str:
    """Check that keys are those of one log; return its name.

    There are several when a log's key was changed: any of them speaks for the log.
    """
    names = {key.name for key in keys}
    if len(names) != 1 or any(key.kind is not KeyKind.NOTE for key in keys):
        raise UnfitError(
            "The keys of one log are needed, at least one, all of type 0x01 and of one name; "
            f"these are of {', '.join(sorted(names)) or 'nobody'}."
        )
    return names.pop()


def open_checkpoint(data: bytes, log: Collection[VerifierKey]) -> SignedCheckpoint:
    """Read a checkpoint and check that the log signed it.

    A key that was changed speaks for the log as it was until then, and for no larger one.

    Raises:
        MalformedError: it is not a checkpoint.
        BadSignatureError: it is another log's, none of the log's keys signed it, or only one that
            had been changed before.
    """
    name = check_log_keys(log)
    signed = parse_checkpoint(data)
    if signed.checkpoint.origin != name:
        raise BadSignatureError(
            f"This is a checkpoint of {signed.checkpoint.origin}, not of {name}."
        )
    size, signers = signed.checkpoint.size, open_note(signed.note, log)
    if all(each.until is not None and size > each.until for each in signers):
        raise BadSignatureError(
            f"This checkpoint of {size} entries is signed with a key that {name} changed when it "
            f"had {signers[-1].until}: who still has that key made it, not the log. Keep it."
        )
    return signed


def check_continues(old: Checkpoint, new: Checkpoint, proof: Sequence[Hash]) -> None:
    """Check that one checkpoint continues another of the same log.

    Raises:
        InconsistentError: they are of two logs.
        RollbackError: the new one is smaller.
        ForkError: they have one size and two roots.
        BadProofError: the proof does not show it. Then either the proof is wrong or the log forked.
    """
    if old.origin != new.origin:
        raise InconsistentError(f"{new.origin} and {old.origin} are two logs.")
    if new.size < old.size:
        raise RollbackError(
            f"{new.origin} had {old.size} entries and now shows {new.size}; a log only grows. "
            "It may have been restored from a backup: it must not go on from there."
        )
    if new.size == old.size and new.root != old.root:
        raise ForkError(
            f"{new.origin} shows two trees of {new.size} entries: {base64_of(old.root)} and "
            f"{base64_of(new.root)}. Keep both checkpoints: together they prove it."
        )
    try:
        verify_consistency(old.size, old.root, new.size, new.root, proof)
    except BadProofError as error:
        raise BadProofError(f"{new.origin}: {error}") from None
