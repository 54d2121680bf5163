"""Handing out a document that was filed: to be saved, never shown or run by a browser."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from placet.operations.acting.documents import Document, document_of
from placet.web.people import looking

__all__ = ["document", "handed_out"]


@login_required
@require_GET
def document(request: HttpRequest, case: str, digest: str) -> HttpResponse:
    """Hand out a document of a case to who has a part in it."""
    seen = looking(request)
    return handed_out(document_of(seen.house, seen.who, case, digest))


def handed_out(found: Document, media: str = "") -> HttpResponse:
    """Answer with a document as a file to save, in a box in which nothing runs."""
    kind = media or found.attachment.media
    text = "; charset=utf-8" if kind.startswith("text/") else ""
    answer = HttpResponse(found.data, content_type=f"{kind}{text}")
    named = content_disposition_header(as_attachment=True, filename=found.attachment.name)
    answer["Content-Disposition"] = named or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'; frame-ancestors 'none'"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    answer["Cache-Control"] = "private, no-store"
    return answer
