"""Permits over the API; what anybody may ask of one needs no token."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import ConfigDict, StringConstraints

from placet.need_to_know.permit_view import WholePermit
from placet.operations.answers import PermitsSeen, VerifiedPermit
from placet.operations.seeing.permits import (
    LARGEST,
    permit_file,
    see_permit,
    see_permits,
    status_list,
    verify_publicly,
)
from placet.permit import write_jwks
from placet.web.api.admitting import Bearer, holder
from placet.web.api.problems import may_fail
from placet.web.api.words import JSON_TYPE, Day, Limit, Name, found, text, written_json
from placet.web.house import house
from placet.web.pages.permits import issuers

__all__ = ["router"]

router = Router(tags=["permits"], by_alias=True)
_READ = Bearer("read")
_ONE = may_fail(401, 403, 404, 422, 429)


class Pasted(Schema):
    """A permit as somebody holds it: its token, or the text of a permit file."""

    model_config = ConfigDict(extra="forbid")
    permit: Annotated[str, StringConstraints(min_length=1, max_length=LARGEST)]


@router.post(
    "/permits/verify",
    auth=None,
    response={200: VerifiedPermit},
    openapi_extra=may_fail(400, 413, 422),
)
def verify(request: HttpRequest, pasted: Pasted) -> HttpResponse:
    """Say to anybody what a permit that they hold is worth; nothing that they send is kept."""
    del request
    seen = verify_publicly(house(), pasted.permit, issuers())
    answer = VerifiedPermit(
        permit=seen.reading.permit.terms.id,
        now=seen.now,
        why=list(seen.why),
        at=seen.at,
        says=list(seen.reading.sentences()),
    )
    written = HttpResponse(written_json(VerifiedPermit, answer), content_type=JSON_TYPE)
    written["Cache-Control"] = "no-store"
    return written


@router.get(
    "/permits",
    auth=_READ,
    response={200: PermitsSeen, 304: None},
    openapi_extra=_ONE,
)
def permits(request: HttpRequest, *, limit: Limit = 50, after: Name | None = None) -> HttpResponse:
    """Return permits of at most so many cases that the holder has a part in."""
    seen = see_permits(house(), holder(request).who, limit, after)
    page = PermitsSeen(permits=list(seen.permits), next=seen.after)
    return found(request, written_json(PermitsSeen, page))


@router.get(
    "/permits/{permit}",
    auth=_READ,
    response={200: WholePermit, 304: None},
    openapi_extra=may_fail(401, 403, 404, 405, 422, 429),  # `verify` is an address of its own
)
def permit(request: HttpRequest, permit: Name) -> HttpResponse:
    """Return a permit, whether it holds now, its history, and what was used and is left of it."""
    seen = see_permit(house(), holder(request).who, permit)
    return found(request, written_json(WholePermit, seen))


@router.get(
    "/permits/{permit}/file",
    auth=_READ,
    response={200: dict[str, Any], 304: None},
    openapi_extra=_ONE,
)
def file(request: HttpRequest, permit: Name) -> HttpResponse:
    """Return a permit to hand on: the token, the receipt of its issue, the status list."""
    return found(request, permit_file(house(), holder(request).who, permit).render())


@router.get(
    "/permit-keys",
    auth=None,
    response={200: dict[str, Any], 304: None},
    openapi_extra=may_fail(422),
)
def permit_keys(request: HttpRequest) -> HttpResponse:
    """Return the public keys by which permits are signed, as a JWK set."""
    return found(request, write_jwks(issuers()))


@router.get(
    "/status-list",
    auth=None,
    response={200: None},
    openapi_extra=may_fail(422, text="application/statuslist+jwt"),
)
def statuses(request: HttpRequest, at: Day = None) -> HttpResponse:
    """Return the signed status list (IETF Token Status List): it is public, and names no permit.

    With `at` the version that was the latest then.
    """
    del request
    answer = text(status_list(house(), at), "application/statuslist+jwt")
    answer["Cache-Control"] = "public, max-age=60"
    return answer
