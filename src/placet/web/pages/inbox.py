"""The inbox: what needs the action of the person signed in."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from placet.operations.seeing import see_cases, see_inbox
from placet.web.people import looking

__all__ = ["inbox"]


@login_required
def inbox(request: HttpRequest) -> HttpResponse:
    """Show what waits for the person, and the cases they have a part in."""
    seen = looking(request)
    page = {
        "waiting": see_inbox(seen.house, seen.who),
        "cases": list(see_cases(seen.house, seen.who)),
    }
    return render(request, "inbox/inbox.html", page)
