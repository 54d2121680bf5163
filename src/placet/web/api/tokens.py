"""Tokens: made for a person's office, shown once, found by the digest of their secret.

A process asks the database about a token every few seconds at most. Whoever revokes one waits
that long until every process knows.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from placet.determination import Kept
from placet.operations.house import House, SignedIn, viewer_of
from placet.review import NoAuthorityError, UnknownError, UnlawfulError
from placet.web.accounts.models import User
from placet.web.api.models import Token

__all__ = [
    "LONGEST",
    "SCOPES",
    "Holder",
    "holder_of",
    "made",
    "revoke",
    "tokens_of",
]

SCOPES = {
    "read": "See what the office may see.",
    "act": "Act in the office, with evidence that the person did.",
    "determine": "Ask what the rules say of a request.",
    "accounts": "See who has an account, and close ways in.",
}
"""What a token may be for, with what that means."""

LONGEST = timedelta(days=366)
_MARK = "placet_"
_ASKED_EVERY = 5.0
_found: Kept[str, tuple[float, Holder | None]] = Kept(4096)


@dataclass(frozen=True)
class Holder:
    """Whoever holds a token: the person, the office it is for, what it is for and until when."""

    reference: str
    person: str
    office: str
    scopes: frozenset[str]
    expires_at: datetime

    @property
    def who(self) -> SignedIn:
        """The person as operations take them: in the office of the token, and in no other."""
        return SignedIn(self.person, None, office=self.office)


def made(
    house: House,
    who: SignedIn,
    office: str,
    scopes: Collection[str],
    until: datetime,
    label: str,
) -> tuple[str, Token]:
    """Make a token; return its secret, which is kept nowhere, and what is kept.

    Raises:
        NoAuthorityError: the person does not hold the office.
        UnlawfulError: the scopes are none, or it would end in the past or too late.
    """
    now = house.clock.now()
    if office not in viewer_of(house, who).offices:
        raise NoAuthorityError(f"You do not hold the office {office[:80]}.")
    if not scopes or not set(scopes) <= SCOPES.keys():
        raise UnlawfulError(f"A token is for one or more of {', '.join(SCOPES)}.")
    if not now < until <= now + LONGEST:
        raise UnlawfulError(f"A token ends in the future, and within {LONGEST.days} days.")
    secret = f"{_MARK}{secrets.token_urlsafe(32)}"
    token = Token.objects.create(
        reference=house.references.reference("T"),
        digest=_digest(secret),
        label=label,
        person=who.person,
        office=office,
        scopes=" ".join(each for each in SCOPES if each in scopes),
        made_at=now,
        expires_at=until,
    )
    return secret, token


def tokens_of(who: SignedIn) -> list[Token]:
    """Return the tokens of a person that are not revoked, the latest first."""
    return list(_of(who))


def _of(who: SignedIn) -> QuerySet[Token]:
    """Return the tokens of a person; of whoever comes in one office, those for it."""
    every = Token.objects.filter(person=who.person, revoked_at=None)
    return every if who.office is None else every.filter(office=who.office)


def revoke(who: SignedIn, reference: str, at: datetime) -> None:
    """Revoke a token of a person's.

    Raises:
        UnknownError: they have no such token.
    """
    mine = _of(who).filter(reference=reference)
    token = mine.first()
    if token is None:
        raise UnknownError(f"You have no token {reference[:80]!r}.")
    mine.update(revoked_at=at)
    _found.keep(token.digest, (time.monotonic(), None))


def holder_of(secret: str) -> Holder | None:
    """Return who holds a token that is not revoked, or None."""
    if not secret.startswith(_MARK):
        return None
    digest, now = _digest(secret), time.monotonic()
    known = _found.get(digest)
    if known is None or now - known[0] >= _ASKED_EVERY:
        known = _found.keep(digest, (now, _read(digest)))
    return known[1]


def _read(digest: str) -> Holder | None:
    token = Token.objects.filter(digest=digest, revoked_at=None).first()
    if token is None or not User.objects.filter(username=token.person, is_active=True).exists():
        return None
    scopes = frozenset(token.scopes.split())
    return Holder(token.reference, token.person, token.office, scopes, token.expires_at)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
