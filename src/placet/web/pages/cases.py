"""A case, as the person who looks may see it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from placet.operations.seeing import see_case
from placet.web.people import looking

__all__ = ["case"]


@login_required
def case(request: HttpRequest, case: str) -> HttpResponse:
    """Show a case."""
    seen = looking(request)
    found = see_case(seen.house, seen.who, case)
    return render(request, "cases/case.html", {"case": found})
