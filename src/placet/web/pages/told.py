"""How somebody wants to be told of what concerns them: their own addresses, and nobody else's."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from placet.review import UnlawfulError
from placet.web.jobs.models import Channel
from placet.web.jobs.wishes import add_wish, remove_wish, secret_for, wishes_of
from placet.web.people import looking

__all__ = ["told", "untold"]


@login_required
def told(request: HttpRequest) -> HttpResponse:
    """Show the addresses of the person signed in; add one."""
    who = looking(request).who
    problem, given = "", request.POST.get("address", "").strip()
    if request.method == "POST":
        try:
            add_wish(who, request.POST.get("channel", ""), given)
            return redirect("told")
        except UnlawfulError as error:
            problem = str(error)
    page = {
        "mine": [(each, secret_for(each)) for each in wishes_of(who)],
        "channels": Channel.choices,
        "problem": problem,
        "given": given,
    }
    return render(request, "told/told.html", page, status=400 if problem else 200)


@login_required
@require_POST
def untold(request: HttpRequest, key: int) -> HttpResponse:
    """Remove an address of the person signed in; what was still to be sent there is forgotten."""
    remove_wish(looking(request).who, key)
    return redirect("told")
