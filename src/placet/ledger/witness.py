"""What a witness decides: to cosign, or why not (c2sp.org/tlog-witness v1.0.0, add-checkpoint).

Nothing here reads or writes. A witness that cosigned first and remembered later could, after
a crash, cosign a second history. So a favourable decision is not a cosignature but a
`MustPersist`, and the only way from there to a cosignature leads through storage.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from placet.ledger.checkpoints import (
    Checkpoint,
    SignedCheckpoint,
    check_continues,
    open_checkpoint,
    parse_checkpoint,
)
from placet.ledger.cosignatures import cosign
from placet.ledger.encoding import base64_of, read_hash, read_number, read_text
from placet.ledger.errors import BadProofError, BadSignatureError, MalformedError, UnfitError
from placet.ledger.keys import SignerKey, VerifierKey
from placet.ledger.notes import Signature
from placet.ledger.tree import EMPTY_ROOT, Hash

__all__ = [
    "MustPersist",
    "Persist",
    "Reason",
    "Refusal",
    "Submission",
    "decide",
    "parse_submission",
]

_MOST_HASHES = 63


@dataclass(frozen=True, slots=True)
class Submission:
    """What a log sends: a new checkpoint, the size it believes was cosigned last, and the proof."""

    old: int
    proof: tuple[Hash, ...]
    signed: SignedCheckpoint

    def render(self) -> bytes:
        """Write the body of the request."""
        lines = (f"old {self.old}", *(base64_of(each) for each in self.proof), "")
        return "".join(f"{line}\n" for line in lines).encode() + self.signed.render()


def parse_submission(data: bytes) -> Submission:
    """Read the body of a request; a `MalformedError` is answered with 400."""
    head, separator, note = data.partition(b"\n\n")
    first, *lines = read_text(head, "The submission").split("\n")
    if not separator or not first.startswith("old "):
        raise MalformedError("A submission is an old size, a proof, an empty line, a checkpoint.")
    if len(lines) > _MOST_HASHES:
        raise MalformedError(f"The submission has {len(lines)} hashes; at most 63 are read.")
    old = read_number(first.removeprefix("old "), "The old size")
    proof = tuple(read_hash(line, "A hash of the submission") for line in lines)
    return Submission(old, proof, parse_checkpoint(note))


class Reason(Enum):
    """Why a witness does not cosign."""

    UNKNOWN_LOG = "unknown log"
    BAD_SIGNATURE = "bad signature"
    BAD_SIZE = "bad size"
    STALE = "stale"
    ROLLBACK = "rollback"
    FORK = "fork"
    BAD_PROOF = "bad proof"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal: why, in words, and the HTTP status that the specification gives it.

    With 409, `size` is the size cosigned last, which the answer states. `submission` is kept: a
    signed checkpoint that does not continue the last one may be proof of a fork.
    """

    reason: Reason
    status: int
    text: str
    submission: Submission
    size: int | None = None


class Persist(Protocol):
    """Remembers the checkpoint that is about to be cosigned, durably and by compare-and-swap."""

    def __call__(self, before: Checkpoint | None, after: SignedCheckpoint, /) -> bool:
        """Replace `before` by `after`; return False, changing nothing, if another is stored.

        It returns True only once `after` would survive a crash.
        """


@dataclass(frozen=True, slots=True)
class MustPersist:
    """The checkpoint continues what was cosigned before, and may be cosigned once remembered."""

    before: Checkpoint | None
    submission: Submission

    def cosign(self, persist: Persist, signer: SignerKey, at: int) -> Signature | Refusal:
        """Remember, then cosign: in this order, or not at all.

        Args:
            persist: remembers the checkpoint; what it raises is passed on, and nothing is signed.
            signer: the witness's key, of type 0x04.
            at: the POSIX time.
        """
        if not persist(self.before, self.submission.signed):
            return Refusal(
                Reason.STALE,
                409,
                "Another checkpoint of this log was cosigned meanwhile; ask again.",
                self.submission,
            )
        return cosign(self.submission.signed, signer, at)


def decide(
    submission: Submission,
    logs: Mapping[str, Collection[VerifierKey]],
    last: Checkpoint | None,
) -> MustPersist | Refusal:
    """Decide on a submission, in the order of the specification.

    Args:
        submission: what the log sent.
        logs: the keys of each log that is witnessed, by origin.
        last: the checkpoint of this log that was cosigned last, or None.
    """
    new = submission.signed.checkpoint
    if last is not None and last.origin != new.origin:
        raise UnfitError(f"The record of {last.origin} was given for {new.origin}.")
    refusal = (
        _check_log(submission, logs)
        or _check_sizes(submission, last)
        or _check_proof(submission, last)
    )
    return refusal or MustPersist(last, submission)


def _check_log(
    submission: Submission, logs: Mapping[str, Collection[VerifierKey]]
) -> Refusal | None:
    origin = submission.signed.checkpoint.origin
    if origin not in logs:
        return Refusal(Reason.UNKNOWN_LOG, 404, f"{origin} is not witnessed here.", submission)
    try:
        open_checkpoint(submission.signed.render(), logs[origin])
    except BadSignatureError as error:
        return Refusal(Reason.BAD_SIGNATURE, 403, str(error), submission)
    return None


def _check_sizes(submission: Submission, last: Checkpoint | None) -> Refusal | None:
    new, old = submission.signed.checkpoint, submission.old
    known = last.size if last is not None else 0
    if new.size < known:
        text = f"{new.origin} was cosigned at {known} entries and now shows {new.size}."
        status = 400 if old > new.size else 409
        return Refusal(Reason.ROLLBACK, status, text, submission, known)
    if old > new.size:
        text = f"The old size {old} is larger than the size {new.size}."
        return Refusal(Reason.BAD_SIZE, 400, text, submission)
    if last is not None and new.size == known and new.root != last.root:
        text = f"{new.origin} shows a second tree of {known} entries with another root."
        return Refusal(Reason.FORK, 409, text, submission, known)
    if old != known:
        text = f"{new.origin} was cosigned last at {known} entries, not {old}."
        return Refusal(Reason.STALE, 409, text, submission, known)
    return None


def _check_proof(submission: Submission, last: Checkpoint | None) -> Refusal | None:
    new = submission.signed.checkpoint
    try:
        check_continues(last or Checkpoint(new.origin, 0, EMPTY_ROOT), new, submission.proof)
    except BadProofError as error:
        return Refusal(Reason.BAD_PROOF, 422, str(error), submission)
    return None
