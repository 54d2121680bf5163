"""The second factor: in real work nobody goes on with a password, or a provider's word, alone."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

__all__ = ["SecondFactorMiddleware"]

_FREE = (
    *("/account/", "/static/", "/api/", "/healthz", "/readyz", "/metrics"),
    *("/verify/", "/permit-keys.json", "/status-list", "/log/"),
)
"""Where nobody needs an account, where tokens are asked for, and where factors are added."""


class SecondFactorMiddleware:
    """Leads whoever signed in by one factor alone to adding a passkey or an authenticator app."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        if settings.DEMONSTRATION or request.path.startswith(_FREE):
            return self.answer(request)
        if not request.user.is_authenticated or _strong(request):
            return self.answer(request)
        if not is_mfa_enabled(request.user):
            messages.warning(
                request,
                _("Add a passkey or an authenticator app first: one factor is not enough."),
            )
        return redirect("mfa_index")


def _strong(request: HttpRequest) -> bool:
    """Say whether two factors were shown: one of them here, or both at a provider that says so."""
    methods = request.session.get("account_authentication_methods", [])
    return any(each.get("method") == "mfa" or each.get("second_factor") for each in methods)
