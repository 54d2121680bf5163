"""Signing in: a person opens a session by certifying its key with one of their own on record.

Two steps, since the person signs elsewhere: `draw_sign_in` draws what is to be signed, and
`finish_sign_in` takes what was signed. Between them whoever asked keeps what was drawn, and
shows the person the challenge. In a demonstration the system's word may stand in for a session.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from placet.errors import QuestionError
from placet.evidence import (
    JSON,
    DemonstrationEvidence,
    ForgedEvidenceError,
    OpenSession,
    PasskeyEvidence,
    SshEvidence,
    parse_evidence,
    public_key,
    sign_in,
    verify_sign_in,
)
from placet.operations.acting.act import Signing, must_be_demonstration
from placet.operations.acting.keys_on_record import keys_of
from placet.operations.house import House, SignedIn

__all__ = [
    "HOURS",
    "DrawnSignIn",
    "draw_sign_in",
    "finish_sign_in",
    "open_session",
    "resume_demonstration",
    "resume_session",
]

HOURS = 8
"""How long a session lasts unless said otherwise: a working day."""


@dataclass(frozen=True, slots=True)
class DrawnSignIn:
    """What was drawn for one sign-in: the statement to be signed, and the session's private key.

    Whoever asked keeps both until the statement is signed, and gives the key to nobody: with the
    signature it acts in the session. It is used once.
    """

    person: str
    challenge: bytes
    private: bytes = field(repr=False)


def draw_sign_in(house: House, person: str, hours: int = HOURS) -> DrawnSignIn:
    """Draw nonce and key of a session, for this sign-in only, and write what the person signs.

    Nothing is asked of the person here, so it tells nobody whether there is one of that id.

    Raises:
        MalformedEvidenceError: the person's id is none, or the hours are too many.
    """
    now = house.clock.now()
    nonce, private = house.references.nonce(), house.references.session_key()
    until = now + timedelta(hours=hours)
    challenge = sign_in(house.origin, person, nonce, now, until, public_key(private))
    return DrawnSignIn(person, challenge, private)


def finish_sign_in(house: House, drawn: DrawnSignIn, evidence: JSON) -> SignedIn:
    """Open the session that was drawn, by evidence over its challenge.

    In a demonstration the system's word opens it too: what is then done in it rests on that.

    Raises:
        QuestionError: the evidence is of a kind that opens no session.
        EvidenceError: the challenge was not signed by a key of that person, or the session is over.
    """
    text = drawn.challenge.decode()
    match parse_evidence(evidence):
        case SshEvidence(signature):
            return resume_session(house, OpenSession(text, signature, drawn.private))
        case PasskeyEvidence() as passkey:
            return resume_session(house, OpenSession(text, passkey, drawn.private))
        case DemonstrationEvidence() as word:
            who = resume_demonstration(house, drawn.person)
            if word != DemonstrationEvidence.of(drawn.challenge):
                raise ForgedEvidenceError("The evidence was made for another statement.")
            return who
        case _:
            raise QuestionError(
                "A session is opened by an SSH signature or a passkey. Sign in with a key of yours."
            )


def open_session(house: House, person: str, sign: Signing, hours: int = HOURS) -> SignedIn:
    """Open a session for a person who can sign here and now: both steps in one.

    Args:
        house: the installation.
        person: who signs in.
        sign: has the challenge signed.
        hours: for how long, up to twelve.

    Raises:
        QuestionError: the evidence is of a kind that opens no session.
        EvidenceError: the challenge was not signed by a key of that person.
    """
    drawn = draw_sign_in(house, person, hours)
    return finish_sign_in(house, drawn, sign(drawn.challenge))


def resume_session(house: House, session: OpenSession) -> SignedIn:
    """Return who is signed in by a session that was opened before.

    Raises:
        EvidenceError: it is over, or its key is no longer on record.
    """
    person, now = session.opened.person, house.clock.now()
    keys = keys_of(house.reading.context(), person, now)
    verify_sign_in(session, house.origin, person, keys, now)
    return SignedIn(person, session)


def resume_demonstration(house: House, person: str) -> SignedIn:
    """Return who is signed in by the system's word alone, in a demonstration.

    That the person was asked, and for how long that holds, is for whoever calls to see to.

    Raises:
        WeakEvidenceError: the log is no demonstration.
        QuestionError: the log knows nobody of that id.
    """
    context = house.reading.context()
    must_be_demonstration(context)
    if person not in context.people:
        raise QuestionError(f"Nobody in this log has the id {person[:80]!r}.")
    return SignedIn(person, None, demonstration=True)
