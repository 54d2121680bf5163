"""Witness cosignatures, and how many are enough (c2sp.org/tlog-cosignature v1.0.1).

A cosignature says: at this time, this was the largest consistent tree of this log that the
witness had seen. Witnesses make it impossible to show two histories to two people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from placet.ledger.checkpoints import Checkpoint, SignedCheckpoint
from placet.ledger.encoding import LARGEST_SIZE
from placet.ledger.errors import BadSignatureError, LedgerError, UnfitError
from placet.ledger.keys import KeyKind, SignerKey, VerifierKey
from placet.ledger.notes import Note, Signature

__all__ = ["NotWitnessedError", "WitnessPolicy", "Witnessing", "cosign", "cosigned_at"]

_TIME_BYTES = 8


def _message(text: str, at: int) -> bytes:
    """Return what a witness signs: a header, the time, and the checkpoint (Signed message)."""
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def cosign(signed: SignedCheckpoint, signer: SignerKey, at: int) -> Signature:
    """Make a cosignature: 8 bytes of POSIX time, then Ed25519 (Format).

    A witness must not call this itself: `witness.decide` returns the only order in which it may.
    """
    signer.must_be(KeyKind.COSIGNATURE)
    if not 0 <= at <= LARGEST_SIZE:
        raise UnfitError(f"{at} is not a POSIX time from 0 to 2^63 - 1.")
    value = at.to_bytes(_TIME_BYTES, "big") + signer.sign(_message(signed.note.text, at))
    return Signature(signer.name, signer.verifier.key_id, value)


def cosigned_at(note: Note, witness: VerifierKey) -> int | None:
    """Return the latest POSIX time at which a witness cosigned, or None if it did not.

    Raises:
        BadSignatureError: there is a cosignature of this key and it is bad.
    """
    if witness.kind is not KeyKind.COSIGNATURE:
        raise UnfitError(f"{witness.name} has no witness's key: its type is not 0x04.")
    times: list[int] = []
    for claim in note.claimed_by(witness):
        at = int.from_bytes(claim.value[:_TIME_BYTES], "big")
        rest = claim.value[_TIME_BYTES:]
        if at > LARGEST_SIZE or not witness.signed(_message(note.text, at), rest):
            raise BadSignatureError(
                f"The cosignature of {witness.name} is not over this checkpoint; "
                "ask the log for the checkpoint again."
            )
        times.append(at)
    return max(times, default=None)


@dataclass(frozen=True, slots=True)
class Witnessing:
    """Who witnessed a checkpoint and who did not: never only whether enough did."""

    needed: int
    signed: Mapping[VerifierKey, int]
    """The witnesses whose cosignature is good, and when each cosigned (POSIX time)."""
    missing: tuple[VerifierKey, ...]
    """The witnesses of the policy that did not cosign."""
    strangers: tuple[str, ...] = ()
    """Whose other signatures are there, by the names they claim: not checked, and not counted."""

    @property
    def short(self) -> int:
        """How many more cosignatures are needed; 0 if none."""
        return max(0, self.needed - len(self.signed))

    def __bool__(self) -> bool:
        return self.short == 0

    def __str__(self) -> str:
        of = len(self.signed) + len(self.missing)
        signed = ", ".join(key.name for key in self.signed) or "nobody"
        missing = ", ".join(key.name for key in self.missing)
        text = f"{len(self.signed)} of {of} witnesses cosigned ({signed}); {self.needed} are needed"
        if not self.short:
            return f"{text}."
        others = f" No key is known here of {', '.join(self.strangers)}." if self.strangers else ""
        return f"{text}, {self.short} more, from {missing}.{others}"


class NotWitnessedError(LedgerError):
    """Fewer witnesses than the policy asks for. `witnessing` says who signed and who did not."""

    def __init__(self, witnessing: Witnessing) -> None:
        self.witnessing = witnessing
        super().__init__(str(witnessing))


@dataclass(frozen=True, slots=True)
class WitnessPolicy:
    """How many of which witnesses must have cosigned: k of n (c2sp.org/tlog-proof, Verifying).

    A policy without witnesses, or that asks for none, is no policy and is refused. So is one
    that counts a witness twice: a key under two names, or two keys of one name.
    """

    needed: int
    witnesses: tuple[VerifierKey, ...]

    def __post_init__(self) -> None:
        if not 1 <= self.needed <= len(self.witnesses):
            raise UnfitError(
                f"A witness policy cannot ask for {self.needed} of {len(self.witnesses)} "
                "witnesses; ask for at least one and at most all."
            )
        for key in self.witnesses:
            if key.kind is not KeyKind.COSIGNATURE:
                raise UnfitError(
                    f"The key of {key.name} is of type {key.kind:#04x}, and a witness has one of "
                    "type 0x04: a log's key is no witness."
                )
        if len({key.public for key in self.witnesses}) != len(self.witnesses):
            raise UnfitError("A witness policy names one public key twice; count it once.")
        names = [key.name for key in self.witnesses]
        if twice := sorted({each for each in names if names.count(each) > 1}):
            raise UnfitError(
                f"A witness policy names {', '.join(twice)} twice: whoever has two keys is one "
                "witness. Keep the key that cosigns now."
            )

    def check(self, note: Note, *, latest: int | None = None) -> Witnessing:
        """Say who cosigned. With `latest`, a time stamp after it does not count (it MAY not).

        Raises:
            BadSignatureError: a cosignature of one of the witnesses is bad.
        """
        signed: dict[VerifierKey, int] = {}
        for witness in self.witnesses:
            at = cosigned_at(note, witness)
            if at is not None and (latest is None or at <= latest):
                signed[witness] = at
        missing = tuple(key for key in self.witnesses if key not in signed)
        return Witnessing(self.needed, signed, missing, self._strangers(note))

    def _strangers(self, note: Note) -> tuple[str, ...]:
        """Return the names of other signatures than the witnesses' and the log's own."""
        log = Checkpoint.parse(note.text).origin
        found = [
            each.name
            for each in note.signatures
            if each.name != log and not any(each.by(key) for key in self.witnesses)
        ]
        return tuple(dict.fromkeys(found))

    def require(self, note: Note, *, latest: int | None = None) -> Witnessing:
        """Say who cosigned; raise `NotWitnessedError` if too few did."""
        witnessing = self.check(note, latest=latest)
        if not witnessing:
            raise NotWitnessedError(witnessing)
        return witnessing
