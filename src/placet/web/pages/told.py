"""How somebody wants to be told of what concerns them: their own addresses, and nobody else's."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from placet.web.jobs.hooks import secret_of
from placet.web.jobs.models import Channel, Subscription
from placet.web.people import looking

__all__ = ["MOST", "told", "untold"]

MOST = 10
"""Addresses that one person may have."""


@login_required
def told(request: HttpRequest) -> HttpResponse:
    """Show the addresses of the person signed in; add one."""
    person = looking(request).person or ""
    problem, given = "", request.POST.get("address", "").strip()
    if request.method == "POST":
        problem = _add(person, request.POST.get("channel", ""), given)
        if not problem:
            return redirect("told")
    mine = Subscription.objects.filter(person=person).order_by("id")
    page = {
        "mine": [
            (each, secret_of(each.salt) if each.channel == "webhook" else "") for each in mine
        ],
        "channels": Channel.choices,
        "problem": problem,
        "given": given,
    }
    return render(request, "told/told.html", page, status=400 if problem else 200)


@login_required
@require_POST
def untold(request: HttpRequest, key: int) -> HttpResponse:
    """Remove an address of the person signed in; what was still to be sent there is forgotten."""
    get_object_or_404(Subscription, id=key, person=looking(request).person).delete()
    return redirect("told")


def _add(person: str, channel: str, address: str) -> str:
    """Add an address; return why it cannot be, if so."""
    if Subscription.objects.filter(person=person).count() >= MOST:
        return _("You have as many addresses as one person may have. Remove one first.")
    wish = Subscription(person=person, channel=channel, address=address)
    try:
        wish.full_clean()
    except ValidationError as error:
        return " ".join(error.messages)
    wish.save()
    return ""
