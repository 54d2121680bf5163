"""The page of a person's tokens: made for an office that they hold, shown once, revoked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from placet.errors import PlacetError
from placet.review import UnlawfulError
from placet.web.api.tokens import LONGEST, SCOPES, made, revoke, tokens_of
from placet.web.errors import of_asker
from placet.web.people import looking

__all__ = ["revoke_page", "tokens_page"]

_confirmed: Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]] = (
    reauthentication_required
)
"""Lets those in who showed a moment ago who they are."""

DAYS = (1, 7, 30, 90, 366)
_LONGEST_LABEL = 100


@login_required
@_confirmed
@require_http_methods(["GET", "POST"])
def tokens_page(request: HttpRequest) -> HttpResponse:
    """List the person's tokens, and make one; the secret is on the page that answers, only."""
    seen = looking(request)
    page: dict[str, object] = {"scopes": SCOPES, "days": DAYS, "longest": _LONGEST_LABEL}
    status = 200
    if request.method == "POST":
        try:
            page["secret"], page["made"] = made(
                seen.house,
                seen.who,
                request.POST.get("office", ""),
                request.POST.getlist("scope"),
                seen.house.clock.now() + _lasting(request.POST.get("days", "")),
                request.POST.get("label", "").strip()[:_LONGEST_LABEL] or _("without a name"),
            )
        except PlacetError as error:
            page["problem"], status = of_asker(error), 422
    page["tokens"] = tokens_of(seen.who)
    return render(request, "tokens/tokens.html", page, status=status)


@login_required
@_confirmed
@require_POST
def revoke_page(request: HttpRequest, token: str) -> HttpResponse:
    """Revoke one of the person's tokens."""
    seen = looking(request)
    revoke(seen.who, token, seen.house.clock.now())
    messages.success(request, _("The token is revoked: within five seconds it opens nothing."))
    return redirect("tokens")


def _lasting(days: str) -> timedelta:
    if days not in map(str, DAYS):
        raise UnlawfulError(f"A token lasts for up to {LONGEST.days} days; choose how long.")
    return timedelta(days=int(days))
