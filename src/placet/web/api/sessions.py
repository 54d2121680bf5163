"""Working sessions over the API: the key stays with the client, which signs plain acts by it."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import ConfigDict, Field, StringConstraints

from placet.evidence import (
    JSON,
    LONGEST_SESSION,
    SIGN_IN_NAMESPACE,
    ForgedEvidenceError,
    Session,
    WeakEvidenceError,
)
from placet.operations.acting.signing_elsewhere import certify, challenge_for
from placet.operations.answers import Challenge, OpenedUntil
from placet.review import UnknownError
from placet.web.api.admitting import Bearer, holder
from placet.web.api.idempotency import REPLAYED, Repeatable, once
from placet.web.api.models import Opened
from placet.web.api.problems import may_fail
from placet.web.api.words import JSON_TYPE, written_json
from placet.web.house import house

__all__ = ["must_be_opened", "router"]

router = Router(auth=Bearer("act"), tags=["sessions"], by_alias=True)
_MAY = may_fail(400, 401, 403, 404, 422, 429)
_MAY_ONCE = may_fail(400, 401, 403, 404, 409, 422, 429, heads={201: REPLAYED})
_HOURS = int(LONGEST_SESSION.total_seconds()) // 3600


class Wanted(Schema):
    """A session that is wanted: the public key that the client drew for it, as a `.pub` line."""

    model_config = ConfigDict(extra="forbid")
    key: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    hours: Annotated[int, Field(ge=1, le=_HOURS)] = 8


class Certified(Schema):
    """The challenge that was given out, and what the person signed."""

    model_config = ConfigDict(extra="forbid")
    challenge: Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
    evidence: dict[str, Any]


@router.post("/sessions/challenge", response={200: Challenge}, openapi_extra=_MAY)
def draw_challenge(request: HttpRequest, wanted: Wanted) -> HttpResponse:
    """Draw what the holder signs to open a session of a key that stays with them."""
    person = holder(request).person
    challenge = challenge_for(house(), person, wanted.key, wanted.hours)
    now = house().clock.now()
    Opened.objects.filter(until__lte=now).delete()
    Opened.objects.create(digest=_digest(challenge), person=person, until=_until(challenge))
    drawn = Challenge(
        challenge=challenge.decode(),
        digest=f"sha256:{_digest(challenge)}",
        namespace=SIGN_IN_NAMESPACE,
    )
    return HttpResponse(written_json(Challenge, drawn), content_type=JSON_TYPE)


@router.post("/sessions", response={201: OpenedUntil}, openapi_extra=_MAY_ONCE)
def open_session(
    request: HttpRequest, certified: Certified, *, key: Repeatable = None
) -> HttpResponse:
    """Open the session of a challenge that was given out here, once, with what was signed."""
    who = holder(request).who
    return once(request, who, key, house().clock.now(), lambda: _opened(who.person, certified))


def _opened(person: str, certified: Certified) -> HttpResponse:
    """Open a session.

    Raises:
        UnknownError: its challenge was not given to that person, or was used.
    """
    challenge = certified.challenge.encode()
    drawn = Opened.objects.filter(digest=_digest(challenge), person=person, opened_at=None)
    if not drawn.exists():
        raise UnknownError("This challenge was not given to you, or was used; draw another.")
    session = certify(house(), person, challenge, certified.evidence)
    if not drawn.update(opened_at=house().clock.now()):
        raise UnknownError("This challenge was used; draw another.")
    answer = OpenedUntil(until=session.until)
    return HttpResponse(written_json(OpenedUntil, answer), status=201, content_type=JSON_TYPE)


def must_be_opened(person: str, evidence: JSON, at: datetime) -> None:
    """Refuse the evidence of a session that was not opened here by that person.

    Raises:
        WeakEvidenceError: it is of another kind than a session's.
        ForgedEvidenceError: the session was not opened here, or not by them.
    """
    challenge = evidence.get("challenge") if isinstance(evidence, dict) else None
    if not isinstance(challenge, str):
        raise WeakEvidenceError("This act is signed in a session: open one, and sign by its key.")
    digest = _digest(challenge.encode())
    opened = Opened.objects.filter(digest=digest, person=person, until__gt=at)
    if not opened.exclude(opened_at=None).exists():
        raise ForgedEvidenceError("The session was not opened here, or is over; open another.")


def _until(challenge: bytes) -> datetime:
    return Session.parse(challenge).until


def _digest(challenge: bytes) -> str:
    return hashlib.sha256(challenge).hexdigest()
