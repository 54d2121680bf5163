"""Documents over the API: sent first, then named by the act that files them; handed out again."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import File, Router, Schema
from ninja.files import UploadedFile

from placet.operations.acting.documents import document_of
from placet.web.api.admitting import Bearer, holder
from placet.web.api.problems import may_fail
from placet.web.api.words import Digest, Name, created
from placet.web.house import house
from placet.web.pages.documents import handed_out
from placet.web.uploads import keep

__all__ = ["router"]

router = Router(tags=["documents"], by_alias=True)


class Sent(Schema):
    """A document as an act names it among its `attachments`: send this back as it is."""

    name: str
    media: str
    size: int
    digest: Digest


@router.post(
    "/documents",
    auth=Bearer("act"),
    response={201: Sent},
    openapi_extra=may_fail(400, 401, 403, 413, 422, 429),
)
def send_document(request: HttpRequest, document: File[UploadedFile]) -> HttpResponse:
    """Send a document, to be named by an act within a day; till then it is yours."""
    of = holder(request)
    (kept,) = keep(of.person, [document], house().clock.now(), of.office)
    sent = Sent(name=kept.name, media=kept.media, size=kept.size, digest=kept.digest)
    return created(Sent, sent)


@router.get(
    "/cases/{case}/documents/{digest}",
    auth=Bearer("read"),
    response={200: None},
    openapi_extra=may_fail(401, 403, 404, 422, 429, text="application/octet-stream"),
)
def case_document(request: HttpRequest, case: Name, digest: Digest) -> HttpResponse:
    """Return a document of a case, as it was filed; its type stands beside its digest there."""
    found = document_of(house(), holder(request).who, case, digest)
    return handed_out(found, "application/octet-stream")
