"""Does this evidence show that this person did this act?

What is asked: the statement of the act, rebuilt by whoever asks; the keys that the person had at
the time; and the time. What comes back says how much was shown, by which key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from placet.evidence.errors import (
    ForgedEvidenceError,
    MalformedEvidenceError,
    UnknownSignerError,
    WeakEvidenceError,
)
from placet.evidence.framing import write_base64url
from placet.evidence.keys import KeyOnRecord, Passkey
from placet.evidence.kinds import (
    DemonstrationEvidence,
    PasskeyEvidence,
    SessionEvidence,
    SshEvidence,
    Strength,
    UnknownEvidence,
    parse_evidence,
)
from placet.evidence.passkeys import check_passkey
from placet.evidence.sessions import OpenSession, Session
from placet.evidence.signatures import check_signature, sign
from placet.evidence.statements import JSON, SESSION_ACT_NAMESPACE, SIGN_IN, Statement

__all__ = ["Verified", "sign_statement", "verify", "verify_sign_in"]

_SESSIONS = 256
"""How many sign-ins a process remembers to have verified: each stands in many entries."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What evidence showed: of which kind it is, how strong, and whose key made it.

    `key` is its fingerprint, and None where no key was used.
    """

    kind: str
    strength: Strength
    person: str
    key: str | None

    def must_reach(self, least: Strength) -> None:
        """Refuse evidence that shows less than is asked for.

        Raises:
            WeakEvidenceError: it does.
        """
        if self.strength < least:
            raise WeakEvidenceError(
                f"The evidence of {self.person} is of strength {self.strength}; this act asks for "
                f"{least} or more."
            )


def verify(
    evidence: JSON, statement: bytes | Statement, keys: Sequence[KeyOnRecord], at: datetime
) -> Verified:
    """Verify the evidence of an act.

    Args:
        evidence: as it stands in the entry.
        statement: the exact bytes that say what was done, and by whom; or the statement, read or
            written already.
        keys: the keys that were this person's at the time, and no others.
        at: when the act was done; a session must have been open then.

    Raises:
        MalformedEvidenceError: the evidence or the statement cannot be read.
        ForgedEvidenceError: it is not of this statement, person, place or use.
        UnknownSignerError: the signature is good, the key is not among `keys`.
        StaleEvidenceError: the session was not open.
        WeakEvidenceError: there is none, or its kind is unknown, so that it shows nothing.
    """
    act = statement if isinstance(statement, Statement) else Statement.parse(statement)
    if act["purpose"] == SIGN_IN:
        raise MalformedEvidenceError("A sign-in is no act; check it with verify_sign_in.")
    if evidence is None:
        raise WeakEvidenceError(f"There is no evidence that {act['person']} did this.")
    match parse_evidence(evidence):
        case SshEvidence(signature):
            key, strength = _signer(signature, act, keys)
            return Verified(SshEvidence.KIND, strength, act["person"], key.fingerprint)
        case PasskeyEvidence() as passkey:
            key, strength = _signer(passkey, act, keys)
            return Verified(PasskeyEvidence.KIND, strength, act["person"], key.fingerprint)
        case SessionEvidence(challenge, signature, by_session):
            session, key = _opened(challenge, signature, tuple(keys))
            session.check(act["origin"], act["person"], at)
            if check_signature(by_session, act.data, SESSION_ACT_NAMESPACE) != session.key:
                raise ForgedEvidenceError(
                    "The act was signed by a key that is not that of the session; sign in again."
                )
            return _in_session(act["person"], key)
        case DemonstrationEvidence(digest):
            if digest != hashlib.sha256(act.data).hexdigest():
                raise ForgedEvidenceError("The evidence was made for another statement.")
            kind = DemonstrationEvidence.KIND
            return Verified(kind, Strength.DEMONSTRATION, act["person"], None)
        case UnknownEvidence(kind):
            raise WeakEvidenceError(
                f"Evidence of the kind {kind} is not known to this version, so it shows nothing "
                "here; verify it with a newer Placet."
            )


def verify_sign_in(
    session: OpenSession | SessionEvidence,
    origin: str,
    person: str,
    keys: Sequence[KeyOnRecord],
    at: datetime,
) -> Verified:
    """Verify that a person opened this session, and that it is open at a moment.

    Whether the challenge is the one that was given out is for the origin to compare.

    Raises:
        MalformedEvidenceError: the sign-in statement or the signature cannot be read.
        ForgedEvidenceError: it is of another person, place or use, or was changed.
        UnknownSignerError: the signature is good, the key is not among `keys`.
        StaleEvidenceError: the session was not open.
    """
    opened, key = _opened(session.challenge, session.signature, tuple(keys))
    opened.check(origin, person, at)
    return _in_session(person, key)


def sign_statement(private_key: bytes, statement: bytes) -> str:
    """Sign a statement, for the use that its purpose gives it; return the armored signature.

    For demonstrations and tests: a person's key stays with the person, who signs with ssh-keygen.

    Args:
        private_key: an Ed25519 key without passphrase, in OpenSSH's PEM form.
        statement: the statement's bytes.

    Raises:
        MalformedEvidenceError: the statement or the key cannot be read.
    """
    return sign(private_key, statement, Statement.parse(statement).namespace)


@lru_cache(maxsize=_SESSIONS)
def _opened(
    challenge: str, signature: str | PasskeyEvidence, keys: tuple[KeyOnRecord, ...]
) -> tuple[Session, KeyOnRecord]:
    """Return what a sign-in statement says, and the person's key that signed it."""
    signed = Statement.parse(challenge.encode("utf-8", "surrogatepass"))
    session = Session.parse(signed.data)
    return session, _signer(signature, signed, keys)[0]


def _in_session(person: str, key: KeyOnRecord) -> Verified:
    return Verified(SessionEvidence.KIND, Strength.SESSION, person, key.fingerprint)


def _signer(
    signature: str | PasskeyEvidence, signed: Statement, keys: Sequence[KeyOnRecord]
) -> tuple[KeyOnRecord, Strength]:
    """Return the person's key that signed a statement, and how much that shows."""
    if isinstance(signature, PasskeyEvidence):
        passkey = _named(signature, signed["person"], keys)
        return passkey, check_passkey(signature, signed.data, passkey)
    key = check_signature(signature, signed.data, signed.namespace)
    if key not in keys:
        raise UnknownSignerError(
            f"The signature is good, but its key {key.fingerprint} was not one of "
            f"{signed['person']} at that time. Register the key first, or sign with another."
        )
    return key, Strength.SIGNATURE


def _named(evidence: PasskeyEvidence, person: str, keys: Sequence[KeyOnRecord]) -> Passkey:
    """Return the person's passkey that the evidence names; it alone can say whether it signed."""
    for each in keys:
        if isinstance(each, Passkey) and each.credential == evidence.credential:
            return each
    raise UnknownSignerError(
        f"The passkey with the credential {write_base64url(evidence.credential)} was not one of "
        f"{person} at that time. Register it first, or sign with another key."
    )
