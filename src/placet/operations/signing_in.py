"""Signing in: a person opens a session by certifying its key with one of their own on record."""

from __future__ import annotations

from datetime import timedelta

from placet.errors import QuestionError
from placet.evidence import (
    OpenSession,
    PublicKey,
    SshEvidence,
    parse_evidence,
    public_key,
    sign_in,
    verify_sign_in,
)
from placet.operations.acting import Signing
from placet.operations.house import House, SignedIn

__all__ = ["open_session", "resume_session"]

HOURS = 8
"""How long a session lasts unless said otherwise: a working day."""


def open_session(house: House, person: str, sign: Signing, hours: int = HOURS) -> SignedIn:
    """Open a session for a person who can sign with a key on record.

    Its nonce and its key are drawn here and for this session only. The private key is in what is
    returned, and nowhere else.

    Args:
        house: the installation.
        person: who signs in.
        sign: has the challenge signed.
        hours: for how long, up to twelve.

    Raises:
        QuestionError: the challenge was not signed by SSH.
        EvidenceError: it was not signed by a key of that person.
    """
    now = house.clock.now()
    nonce, private = house.references.nonce(), house.references.session_key()
    until = now + timedelta(hours=hours)
    challenge = sign_in(house.origin, person, nonce, now, until, public_key(private))
    signed = parse_evidence(sign(challenge))
    if not isinstance(signed, SshEvidence):
        raise QuestionError("A session is opened by an SSH signature. Sign in with an SSH key.")
    return resume_session(house, OpenSession(challenge.decode(), signed.signature, private))


def resume_session(house: House, session: OpenSession) -> SignedIn:
    """Return who is signed in by a session that was opened before.

    Raises:
        EvidenceError: it is over, or its key is no longer on record.
    """
    person, now = session.opened.person, house.clock.now()
    held = house.reading.context().keys_of(person, now)
    keys = [PublicKey.parse(each) for each in held.values()]
    verify_sign_in(session, house.origin, person, keys, now)
    return SignedIn(person, session)
