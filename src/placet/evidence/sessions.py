"""Sessions: a person certifies, once, a key that was drawn for a session; it signs the acts in it.

The sign-in statement has the purpose `sign-in` and, beside origin and person, a `nonce` that the
origin drew, the period `from` (held) to `until` (no longer held), in UTC, and the public `key` of
the session. Whether the nonce is the one drawn is for the origin to check, once, when the session
is opened. The private key stays with whoever holds the session, and never reaches the log.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from placet.evidence.errors import (
    ForgedEvidenceError,
    MalformedEvidenceError,
    StaleEvidenceError,
)
from placet.evidence.keys import PublicKey
from placet.evidence.kinds import (
    PasskeyEvidence,
    SessionEvidence,
    parse_opening,
    written_opening,
)
from placet.evidence.signatures import sign_with
from placet.evidence.statements import (
    JSON,
    SESSION_ACT_NAMESPACE,
    SIGN_IN,
    Statement,
    statement,
)

__all__ = ["LONGEST_SESSION", "OpenSession", "Session", "public_key", "sign_in"]

LONGEST_SESSION = timedelta(hours=12)
"""The longest session: a working day. Who steals a session has it no longer than that."""

_FIELDS = {"purpose", "origin", "person", "nonce", "from", "until", "key"}
_NONCE = re.compile(r"[A-Za-z0-9_-]{22,86}", re.ASCII)
_PRIVATE = re.compile(r"[0-9a-f]{64}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)


@dataclass(frozen=True, slots=True)
class Session:
    """What a sign-in statement says: who, where, from when until when, and the session's key."""

    person: str
    origin: str
    nonce: str
    begin: datetime
    until: datetime
    key: PublicKey

    @classmethod
    def parse(cls, challenge: bytes) -> Session:
        """Read a sign-in statement.

        Raises:
            MalformedEvidenceError: it is none, or its period is empty or too long.
        """
        read = Statement.parse(challenge)
        if read["purpose"] != SIGN_IN or set(read.fields) != _FIELDS:
            raise MalformedEvidenceError(
                f"A sign-in statement has the purpose {SIGN_IN} and the fields "
                f"{', '.join(sorted(_FIELDS))}; this has others."
            )
        nonce = read.fields["nonce"]
        if not isinstance(nonce, str) or not _NONCE.fullmatch(nonce):
            raise MalformedEvidenceError("A nonce is 22 to 86 characters of base64url.")
        begin, until = _instant(read.fields["from"]), _instant(read.fields["until"])
        if not timedelta(0) < until - begin <= LONGEST_SESSION:
            hours = LONGEST_SESSION // timedelta(hours=1)
            raise MalformedEvidenceError(
                f"A session ends after it begins and within {hours} hours; sign in again."
            )
        key = _key(read.fields["key"])
        return cls(read["person"], read["origin"], nonce, begin, until, key)

    def check(self, origin: str, person: str, at: datetime) -> None:
        """Check that this is a session of that person, there, open at a moment.

        Raises:
            ForgedEvidenceError: it is of another person or another place.
            StaleEvidenceError: it was not open.
        """
        if (self.origin, self.person) != (origin, person):
            raise ForgedEvidenceError(
                f"The session is that of {self.person} at {self.origin}, not that of {person} at "
                f"{origin}; sign in there."
            )
        if not self.begin <= at < self.until:
            raise StaleEvidenceError(
                f"The session was open from {_written(self.begin)} until {_written(self.until)}, "
                f"not at {_written(at)}; sign in again."
            )


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session at hand: what opened it, and the private key that signs the acts in it.

    `private` are the 32 bytes of an Ed25519 key (RFC 8032). Whoever has them acts in the session.
    """

    challenge: str
    signature: str | PasskeyEvidence
    private: bytes = field(repr=False)

    @classmethod
    def parse(cls, document: JSON) -> OpenSession:
        """Read a session as `document` writes it.

        Raises:
            MalformedEvidenceError: it is none, or its key is not the one that was certified.
        """
        match document:
            case {"challenge": str(text), "signature": opening, "private": str(key), **rest}:
                if not rest and _PRIVATE.fullmatch(key):
                    session = cls(text, parse_opening(opening), bytes.fromhex(key))
                    if public_key(session.private) == session.opened.key:
                        return session
        raise MalformedEvidenceError("This is no session that can be acted in; sign in again.")

    @property
    def document(self) -> JSON:
        """The session as its holder keeps it, private key included: never in an entry."""
        return {
            "challenge": self.challenge,
            "signature": written_opening(self.signature),
            "private": self.private.hex(),
        }

    @property
    def opened(self) -> Session:
        """What the sign-in statement says.

        Raises:
            MalformedEvidenceError: it is none.
        """
        return Session.parse(self.challenge.encode("utf-8", "surrogatepass"))

    def sign(self, statement: bytes) -> SessionEvidence:
        """Sign the statement of an act by the session's key."""
        key = Ed25519PrivateKey.from_private_bytes(self.private)
        by_session = sign_with(key, statement, SESSION_ACT_NAMESPACE)
        return SessionEvidence(self.challenge, self.signature, by_session)


def public_key(private: bytes) -> PublicKey:
    """Return the public key of a session's private one."""
    key = Ed25519PrivateKey.from_private_bytes(private)
    return PublicKey(key.public_key().public_bytes_raw())


def sign_in(
    origin: str, person: str, nonce: str, begin: datetime, until: datetime, key: PublicKey
) -> bytes:
    """Write the statement that opens a session when it is signed.

    Args:
        origin: the log where it is opened.
        person: who opens it.
        nonce: 22 to 86 unpredictable characters of base64url, drawn by the origin for this only.
        begin: the first instant, in whole seconds.
        until: the instant at which it ends, in whole seconds.
        key: the public key that was drawn for this session, and signs the acts in it.

    Raises:
        MalformedEvidenceError: one of these is not as described.
    """
    fields: dict[str, JSON] = {
        "person": person,
        "nonce": nonce,
        "from": _written(begin),
        "until": _written(until),
        "key": str(key),
    }
    challenge = statement(SIGN_IN, origin, fields)
    Session.parse(challenge)
    return challenge


def _key(text: JSON) -> PublicKey:
    """Read the key of a session, in its one spelling."""
    key = PublicKey.parse(text) if isinstance(text, str) else None
    if key is None or str(key) != text:
        raise MalformedEvidenceError(
            "The key of a session is an Ed25519 key as a .pub file has it, without a comment."
        )
    return key


def _instant(text: JSON) -> datetime:
    wrong = MalformedEvidenceError(
        "The period of a session is written in whole seconds of UTC, as in 2025-08-23T12:00:00Z."
    )
    if not isinstance(text, str) or not _INSTANT.fullmatch(text):
        raise wrong
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise wrong from None


def _written(at: datetime) -> str:
    if at.tzinfo is None:
        raise MalformedEvidenceError(f"The time {at} has no time zone; give it in UTC.")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
