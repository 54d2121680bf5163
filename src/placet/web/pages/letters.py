"""Letters to download: what was decided, and permits."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from placet.operations.house import House, SignedIn
from placet.operations.seeing.letters import Letter, decision_letter, permit_letter
from placet.web.letters import pdf_of
from placet.web.pages.permits import issuers, verified_at
from placet.web.people import looking

__all__ = ["as_file", "decision", "letter_of_permit", "permit"]


@login_required
@require_GET
def decision(request: HttpRequest, case: str) -> HttpResponse:
    """Give the letter that says what was decided on a case."""
    seen = looking(request)
    letter = decision_letter(seen.house, seen.who, case)
    return as_file(letter, letter.reference)


@login_required
@require_GET
def permit(request: HttpRequest, permit: str) -> HttpResponse:
    """Give the letter that says what a permit allows, with its code."""
    seen = looking(request)
    return as_file(letter_of_permit(seen.house, seen.who, permit), permit)


def letter_of_permit(house: House, who: SignedIn, permit: str) -> Letter:
    """Return the letter of a permit, which names the address of the page that verifies it.

    Raises:
        UnknownError: they have no part in its case, or its token is not signed yet.
    """
    return permit_letter(house, who, permit, issuers(), verified_at())


def as_file(letter: Letter, about: str) -> HttpResponse:
    """Answer with a letter as a file to save, named by what it is about and its day."""
    name = f"{about}-{letter.at:%Y-%m-%d}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(pdf_of(letter), content_type="application/pdf", headers=headers)
