"""Letters to download: what was decided, and permits."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from placet.operations.letters import Letter, decision_letter
from placet.web.letters import pdf_of
from placet.web.people import looking

__all__ = ["decision"]


@login_required
@require_GET
def decision(request: HttpRequest, case: str) -> HttpResponse:
    """Give the letter that says what was decided on a case."""
    seen = looking(request)
    return _file(decision_letter(seen.house, seen.who, case))


def _file(letter: Letter) -> HttpResponse:
    name = f"{letter.reference}-{letter.at:%Y-%m-%d}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(pdf_of(letter), content_type="application/pdf", headers=headers)
