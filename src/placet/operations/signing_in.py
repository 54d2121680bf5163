"""Signing in: a person opens a session by signing a challenge with a key on record."""

from __future__ import annotations

from datetime import timedelta

from placet.errors import QuestionError
from placet.evidence import PublicKey, Session, SessionEvidence, parse_evidence, sign_in
from placet.evidence import verify_sign_in as verify_session
from placet.ledger import JSON
from placet.operations.acting import Signing
from placet.operations.house import House, SignedIn

__all__ = ["open_session", "resume_session"]

HOURS = 8
"""How long a session lasts unless said otherwise: a working day."""


def open_session(
    house: House, person: str, nonce: str, sign: Signing, hours: int = HOURS
) -> SignedIn:
    """Open a session for a person who can sign with a key on record.

    Args:
        house: the installation.
        person: who signs in.
        nonce: 22 to 86 unpredictable characters of base64url, drawn for this session only.
        sign: has the challenge signed.
        hours: for how long, up to twelve.

    Raises:
        EvidenceError: it was not signed by a key of that person.
    """
    now = house.clock.now()
    challenge = sign_in(house.origin, person, nonce, now, now + timedelta(hours=hours))
    return resume_session(house, sign(challenge))


def resume_session(house: House, evidence: JSON) -> SignedIn:
    """Return who is signed in by a session that was opened before.

    Raises:
        QuestionError: it is no session.
        EvidenceError: it is over, or its key is no longer on record.
    """
    session = parse_evidence(evidence)
    if not isinstance(session, SessionEvidence):
        raise QuestionError("Nobody is signed in: this is no session. Sign in.")
    opened = Session.parse(session.opening.data)
    now = house.clock.now()
    held = house.reading.context().keys_of(opened.person, now)
    keys = [PublicKey.parse(each) for each in held.values()]
    verify_session(session, house.origin, opened.person, keys, now)
    return SignedIn(opened.person, evidence)
