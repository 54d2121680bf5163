"""The working session: a key that the person certifies once a day signs their plain acts.

What was certified stands in the session of the pages; the private key only in a cookie of the
person's browser, so that whoever reads the database cannot act for them.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from placet.evidence import JSON, EvidenceError, OpenSession
from placet.operations.acting.signing_in import (
    DrawnSignIn,
    draw_sign_in,
    finish_sign_in,
    resume_demonstration,
    resume_session,
)
from placet.operations.house import SignedIn
from placet.web.people import looking

__all__ = ["draw", "finish", "keep_private", "working"]

_HELD, _DRAWN, _PRIVATE = "working", "drawn", "placet-key"


def working(request: HttpRequest) -> SignedIn | None:
    """Return the person signed in with a session that can act; None where they must open one."""
    seen = looking(request)
    if seen.person is None:
        return None
    held = request.session.get(_HELD)
    private = request.COOKIES.get(_PRIVATE)
    if held is not None and private:
        try:
            return resume_session(seen.house, OpenSession.parse({**held, "private": private}))
        except EvidenceError:
            request.session.pop(_HELD)
    if settings.DEMONSTRATION:
        return resume_demonstration(seen.house, seen.person)
    return None


def draw(request: HttpRequest) -> DrawnSignIn:
    """Draw what the person certifies; it is kept until they have."""
    seen = looking(request)
    drawn = draw_sign_in(seen.house, seen.person or "")
    request.session[_DRAWN] = drawn.challenge.decode()
    return drawn


def keep_private(response: HttpResponse, drawn: DrawnSignIn) -> None:
    """Give the key of a session to the browser of the person whose it is."""
    response.set_cookie(
        _PRIVATE,
        drawn.private.hex(),
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Strict",
    )


def finish(request: HttpRequest, evidence: JSON) -> SignedIn:
    """Open the session that was drawn, with what the person signed.

    Raises:
        EvidenceError: nothing was drawn in this browser, or it was not signed by their key.
    """
    seen = looking(request)
    challenge = str(request.session.pop(_DRAWN, ""))
    private = bytes.fromhex(request.COOKIES.get(_PRIVATE, ""))
    drawn = DrawnSignIn(seen.person or "", challenge.encode(), private)
    who = finish_sign_in(seen.house, drawn, evidence)
    if who.session is not None:
        kept = dict(who.session.document) if isinstance(who.session.document, dict) else {}
        kept.pop("private", None)
        request.session[_HELD] = kept
    return who
