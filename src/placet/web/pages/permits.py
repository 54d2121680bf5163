"""Permits: those one has a part in, one with its code and on paper, and verifying one in public."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from placet.errors import PlacetError
from placet.operations.seeing.cases import see_case
from placet.operations.seeing.handling import handling_of, handling_of_lists
from placet.operations.seeing.permit_words import words_of
from placet.operations.seeing.permits import (
    LARGEST,
    paper_permit,
    permit_file,
    see_permits,
    status_list,
    verify_publicly,
)
from placet.permit import qr_svg
from placet.permit.keys import PermitVerifierKey, write_jwks
from placet.permit.wording import sentences_of
from placet.web.errors import of_asker
from placet.web.house import house, names
from placet.web.pages.days import picture
from placet.web.people import looking

__all__ = [
    "issuers",
    "keys",
    "permit",
    "permit_download",
    "permit_list",
    "status",
    "verified_at",
    "verify",
]

ON_A_PAGE = 50


def issuers() -> Sequence[PermitVerifierKey]:
    """Return the public keys by which permits of this installation are signed, or were."""
    return house().reading.permit_keys()


def verified_at() -> str:
    """Return the address of the page at which anybody verifies a permit."""
    return f"{settings.ADDRESS}{reverse('verify')}"


@login_required
def permit_list(request: HttpRequest) -> HttpResponse:
    """List the permits that the person has a part in."""
    seen = looking(request)
    page = {
        "page": see_permits(seen.house, seen.who, ON_A_PAGE, request.GET.get("after")),
        "handling": handling_of_lists(seen.viewer, names().registry),
    }
    return render(request, "permits/permits.html", page)


@login_required
def permit(request: HttpRequest, permit: str) -> HttpResponse:
    """Show a permit: whether it holds, what it allows, its code; made to be printed as well."""
    seen = looking(request)
    paper = paper_permit(seen.house, seen.who, permit, issuers())
    page = {
        "paper": paper,
        "handling": handling_of(see_case(seen.house, seen.who, paper.seen.case), names().registry),
        "terms": paper.signed.terms,
        "sentences": sentences_of(paper.signed.terms, words_of(names().registry)),
        "code": picture(qr_svg(paper.signed, verified_at())),
        "reports": seen.has("applications"),
        "controls": seen.has("permits"),
    }
    return render(request, "permits/permit.html", page)


@login_required
def permit_download(request: HttpRequest, permit: str) -> HttpResponse:
    """Hand out the permit file: token, receipt and status list."""
    seen = looking(request)
    file = permit_file(seen.house, seen.who, permit)
    answer = HttpResponse(file.render(), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{permit}.permit.json"'
    return answer


@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Say to anybody what a permit that they hold is worth; nothing that they send is kept."""
    page: dict[str, object] = {"pasted": ""}
    if request.method == "POST":
        try:
            pasted = _pasted(request)
            page["pasted"] = pasted
            found = verify_publicly(looking(request).house, pasted, issuers())
            words = words_of(names().registry)
            page["found"] = found
            page["sentences"] = sentences_of(found.reading.permit.terms, words)
        except PlacetError as error:
            page["problem"] = of_asker(error)
    return render(request, "permits/verify.html", page, status=422 if "problem" in page else 200)


def _pasted(request: HttpRequest) -> str:
    file = request.FILES.get("file")
    if file is None:
        return request.POST.get("permit", "")[:LARGEST]
    return str(file.read(LARGEST), "utf-8", "replace")


def keys(_request: HttpRequest) -> HttpResponse:
    """Publish the public keys of permits as a JWK set."""
    return _published(write_jwks(issuers()), "application/jwk-set+json")


def status(request: HttpRequest) -> HttpResponse:
    """Publish the latest status list."""
    return _published(status_list(looking(request).house), "application/statuslist+jwt")


def _published(data: bytes | str, kind: str) -> HttpResponse:
    return HttpResponse(data, content_type=kind, headers={"Cache-Control": "public, max-age=60"})
