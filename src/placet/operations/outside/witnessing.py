"""Witnessing: somebody else looks at every checkpoint, and says so only if nothing was rewritten.

A witness remembers, for each log, the last checkpoint that it cosigned, in a file of its own. It
writes that file first and cosigns afterwards: a witness that crashes in between has said nothing,
and never says two things (c2sp.org/tlog-witness).
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from placet import files
from placet.errors import PlacetError, QuestionError
from placet.ledger import (
    CHECKPOINT,
    Checkpoint,
    Hash,
    Refusal,
    Signature,
    SignedCheckpoint,
    SignerKey,
    Submission,
    VerifierKey,
    decide,
    hashes_from,
    parse_checkpoint,
    prove_consistency,
)
from placet.operations.log.proving import checkpoint_in, folder_tiles, put_file, read_file

__all__ = ["WitnessRefusalError", "cosign_folder", "state_of"]


class WitnessRefusalError(PlacetError):
    """The witness did not cosign. `refusal` says why and keeps what was shown to it."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(
            f"Not cosigned ({refusal.reason.value}): {refusal.text} Keep the checkpoint that was "
            "shown; with the last one cosigned it may prove a second history."
        )


def cosign_folder(
    folder: Path, state: Path, key: SignerKey, log_keys: Collection[VerifierKey], at: int
) -> bytes:
    """Look at the checkpoint of an export; cosign it if it continues the last one; return it.

    The cosigned checkpoint takes the place of the one in the export. The first checkpoint of a
    log is believed as it is: whoever sets up a witness compares it with the log's office, and
    a witness that lost its state must not be set up again as if it had never seen the log.

    Args:
        folder: the export.
        state: the witness's own folder, with a file for each log; nobody else may write to it.
        key: the witness's key, of type 0x04.
        log_keys: the log's keys.
        at: the POSIX time, in whole seconds.

    Raises:
        WitnessRefusalError: the checkpoint is of another log, not signed by it, or does not
            continue the last one cosigned.
        MissingError: the export lacks its checkpoint, or a tile that shows that it continues.
        UnfitError: the checkpoint has so many signatures that nobody could read one more.
        QuestionError: a file cannot be read or written.
    """
    signed = checkpoint_in(folder)
    path = state_of(state, signed.checkpoint.origin)
    with _alone(state):
        last = _last(path)
        submission = _submission(folder, signed, last)
        names = {each.name for each in log_keys}
        decision = decide(submission, dict.fromkeys(names, log_keys), last)
        if isinstance(decision, Refusal):
            raise WitnessRefusalError(decision)

        def persist(before: Checkpoint | None, after: SignedCheckpoint, /) -> bool:
            if _last(path) != before:
                return False
            put_file(path, after.render(), mode=0o600)
            return True

        cosignature = decision.cosign(persist, key, at)
        if isinstance(cosignature, Refusal):
            raise WitnessRefusalError(cosignature)
        return _publish(folder, signed, cosignature)


def state_of(state: Path, origin: str) -> Path:
    """Return the file in which a witness keeps the last checkpoint of a log that it cosigned."""
    return state / f"{quote(origin, safe='')}.checkpoint"


def _last(path: Path) -> Checkpoint | None:
    data = read_file(path.parent, path.name)
    return parse_checkpoint(data).checkpoint if data is not None else None


def _submission(folder: Path, signed: SignedCheckpoint, last: Checkpoint | None) -> Submission:
    """Prove, with the tiles of the export, that a checkpoint continues the last one cosigned.

    The tiles may lie; the proof made of them is checked before it is believed.
    """
    old, new = last.size if last is not None else 0, signed.checkpoint.size
    proof: tuple[Hash, ...] = ()
    if old < new:
        proof = prove_consistency(old, new, hashes_from(folder_tiles(folder), new))
    return Submission(old, proof, signed)


def _publish(folder: Path, seen: SignedCheckpoint, cosignature: Signature) -> bytes:
    """Put a cosignature into the export, unless a newer checkpoint is there by now.

    Returns:
        The checkpoint that was seen, with it.
    """
    cosigned = seen.note.adding([cosignature])
    data = read_file(folder, CHECKPOINT)
    now = parse_checkpoint(data) if data is not None else None
    if now is not None and now.note.text == seen.note.text:
        put_file(folder / CHECKPOINT, now.note.adding([cosignature]).render())
    return cosigned.render()


@contextmanager
def _alone(state: Path) -> Iterator[None]:
    """Keep other processes of the same witness out."""
    try:
        files.make_folder(state, mode=0o700)
        lock = os.open(state / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise QuestionError(f"{state} cannot be used: {error.strerror}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
