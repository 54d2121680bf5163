"""Signing elsewhere: a person whose session key stays with their own program.

The program draws a key, has the person certify its public half, and signs each plain act by it.
What comes here are signatures alone; they are checked as all evidence is, under an act's locks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from placet.evidence import (
    JSON,
    DemonstrationEvidence,
    PublicKey,
    Session,
    WeakEvidenceError,
    parse_evidence,
    sign_in,
)
from placet.operations.acting.signing_in import HOURS, DrawnSignIn, finish_sign_in
from placet.operations.house import House, SignedIn

__all__ = ["SignedElsewhere", "certify", "challenge_for"]


@dataclass(frozen=True)
class SignedElsewhere(SignedIn):
    """A person with the evidence of one act, signed in a session that they hold elsewhere."""

    evidence: JSON = None

    def sign(self, statement: bytes) -> JSON:
        """Return the evidence that came; whether it is of this statement is checked after."""
        del statement
        return self.evidence


def challenge_for(house: House, person: str, key: str, hours: int = HOURS) -> bytes:
    """Draw what a person signs to open a session of a key that they hold themselves.

    Raises:
        MalformedEvidenceError: the key is none, or the hours are too many.
    """
    now = house.clock.now()
    until = now + timedelta(hours=hours)
    nonce = house.references.nonce()
    return sign_in(house.origin, person, nonce, now, until, PublicKey.parse(key))


def certify(house: House, person: str, challenge: bytes, evidence: JSON) -> Session:
    """Check that a person opened the session of a challenge, and return what it says.

    Raises:
        WeakEvidenceError: it is the word of a demonstration, which only the system gives.
        QuestionError: the evidence is of a kind that opens no session.
        EvidenceError: the challenge was not signed by a key of that person, or the session is over.
    """
    if isinstance(parse_evidence(evidence), DemonstrationEvidence):
        raise WeakEvidenceError("The word of a demonstration is the system's to give: sign it.")
    finish_sign_in(house, DrawnSignIn(person, challenge, b""), evidence)
    return Session.parse(challenge)
