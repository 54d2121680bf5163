"""Letters over the API: what was decided, and permits, as the pages hand them out."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from placet.operations.seeing.letters import decision_letter
from placet.web.api.admitting import Bearer, holder
from placet.web.api.problems import may_fail
from placet.web.api.words import Name
from placet.web.house import house
from placet.web.pages.letters import as_file, letter_of_permit

__all__ = ["router"]

router = Router(auth=Bearer("read"), tags=["letters"], by_alias=True)
_PDF = may_fail(401, 403, 404, 422, 429, text="application/pdf")


@router.get("/cases/{case}/decision.pdf", response={200: None}, openapi_extra=_PDF)
def decision(request: HttpRequest, case: Name) -> HttpResponse:
    """Return the letter that says what was decided on a case, with the reasons disclosed."""
    letter = decision_letter(house(), holder(request).who, case)
    return as_file(letter, letter.reference)


@router.get("/permits/{permit}/letter.pdf", response={200: None}, openapi_extra=_PDF)
def permit_on_paper(request: HttpRequest, permit: Name) -> HttpResponse:
    """Return the letter that says what a permit allows, with its code."""
    return as_file(letter_of_permit(house(), holder(request).who, permit), permit)
