"""Sessions: a person signs, once, that a session is opened; the acts in it rest on that.

The sign-in statement has the purpose `sign-in` and, beside origin and person, a `nonce` that the
origin drew, and the period `from` (held) to `until` (no longer held), in UTC. Whether the nonce is
the one drawn is for the origin to check, once, when the session is opened.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from placet.evidence.errors import (
    ForgedEvidenceError,
    MalformedEvidenceError,
    StaleEvidenceError,
)
from placet.evidence.statements import JSON, SIGN_IN, Statement, statement

__all__ = ["LONGEST_SESSION", "Session", "sign_in"]

LONGEST_SESSION = timedelta(hours=12)
"""The longest session: a working day. Who steals a session has it no longer than that."""

_FIELDS = {"purpose", "origin", "person", "nonce", "from", "until"}
_NONCE = re.compile(r"[A-Za-z0-9_-]{22,86}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)


@dataclass(frozen=True, slots=True)
class Session:
    """What a sign-in statement says: who, where, and from when until when."""

    person: str
    origin: str
    nonce: str
    begin: datetime
    until: datetime

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
        return cls(read["person"], read["origin"], nonce, begin, until)

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


def sign_in(origin: str, person: str, nonce: str, begin: datetime, until: datetime) -> bytes:
    """Write the statement that opens a session when it is signed.

    Args:
        origin: the log where it is opened.
        person: who opens it.
        nonce: 22 to 86 unpredictable characters of base64url, drawn by the origin for this only.
        begin: the first instant, in whole seconds.
        until: the instant at which it ends, in whole seconds.

    Raises:
        MalformedEvidenceError: one of these is not as described.
    """
    fields: dict[str, JSON] = {
        "person": person,
        "nonce": nonce,
        "from": _written(begin),
        "until": _written(until),
    }
    challenge = statement(SIGN_IN, origin, fields)
    Session.parse(challenge)
    return challenge


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
