"""Showing anew who one is, at a provider: it has to ask now, find the same person, and say so.

For people who have no password and no second factor here. django-allauth asks who may confirm
how, keeps what was confirmed when, and goes on with what was asked for; this adds a way to it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from allauth.account import app_settings
from allauth.account.internal.flows.login import (
    get_authentication_records,
    record_authentication,
)
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.account.views._reauthenticate import BaseReauthenticateView
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _

from placet.web.accounts.models import User
from placet.web.accounts.openid import LEEWAY, Shown, ask_again
from placet.web.accounts.subjects import provider_names

__all__ = ["ConfirmingView", "confirm", "confirmed", "keep", "ways"]

METHOD = "socialaccount"


def ways(user: User) -> list[dict[str, str]]:
    """Return the providers at which a person can show anew who they are, as allauth lists ways."""
    tied = SocialAccount.objects.filter(user=user).values_list("provider", flat=True)
    return [
        {
            "id": f"reauthenticate_by_provider:{provider}",
            "description": _("Sign in again with %s") % name,
            "url": reverse("reauthenticate_by_provider", args=[provider]),
        }
        for provider, name in provider_names().items()
        if provider in set(tied)
    ]


def confirmed(request: HttpRequest) -> bool:
    """Say whether a provider confirmed, recently enough, who is signed in."""
    since = datetime.now(UTC).timestamp() - app_settings.REAUTHENTICATION_TIMEOUT
    return any(
        each.get("method") == METHOD and each.get("reauthenticated") and each["at"] > since
        for each in get_authentication_records(request, request.user)
    )


def confirm(request: HttpRequest, login: Any) -> None:
    """Take what came back for a confirmation of who is signed in, as of when the provider asked.

    Raises:
        PermissionDenied: nobody was asked to confirm anything.
        ImmediateHttpResponse: it is none; the page says why, and what can be done.
    """
    asked, shown = login.state.get("data"), login.shown
    if not asked:
        raise PermissionDenied("No confirmation was asked for.")
    now = int(datetime.now(UTC).timestamp())
    if problem := _problem(request.user == login.user, shown, asked["since"], now):
        told = {"provider": login.provider.name, "problem": problem, "at": shown.at}
        raise ImmediateHttpResponse(render(request, "account/not_confirmed.html", told, status=403))
    keep(request, login, reauthenticated=True, at=min(shown.at, now))


def _problem(same: bool, shown: Shown, since: int, now: int) -> str:
    """Name what keeps an answer from being a confirmation, in a word for the page; "" if none."""
    if not same:
        return "other"
    if shown.at is None:
        return "untold"
    return "" if since - LEEWAY <= shown.at <= now + LEEWAY else "untimely"


def keep(request: HttpRequest, login: Any, **more: Any) -> None:
    """Keep in the session that a provider signed somebody in, and by how many factors."""
    record_authentication(
        request,
        login.user,
        METHOD,
        provider=login.account.provider,
        uid=login.account.uid,
        second_factor=login.shown.second_factor or None,
        **more,
    )


@method_decorator(login_required, name="dispatch")
class ConfirmingView(BaseReauthenticateView):
    """Asks a person to show anew who they are, leads them to the provider, and goes on after it."""

    reauthentication_method = METHOD
    form_class = Form
    template_name = "account/reauthenticate_by_provider.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Go on where a page was asked for; what would change something, a click asks again."""
        if confirmed(request) and STATE_SESSION_KEY not in request.session:
            return self.form_valid(Form())
        answer: HttpResponse = super().get(request, *args, **kwargs)
        return answer

    def form_valid(self, form: Form) -> HttpResponse:
        """Lead to the provider, or go on with what was asked for."""
        if confirmed(self.request):
            answer: HttpResponse = super().form_valid(form)
            return answer
        here = self.passthrough_next_url(self.request.path)
        return ask_again(self.request, self.kwargs["provider_id"], here)

    def get_context_data(self, **given: Any) -> dict[str, Any]:
        """Say which provider, and whether it has confirmed."""
        provider = provider_names()[self.kwargs["provider_id"]]
        page: dict[str, Any] = super().get_context_data(**given)
        return {**page, "provider": provider, "confirmed": confirmed(self.request)}
