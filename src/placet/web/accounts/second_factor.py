"""The second factor: in real work nobody goes on with a password, or a provider's word, alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

__all__ = ["SecondFactorMiddleware", "count_first"]

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
        messages.warning(request, _next(request.user))
        return redirect("mfa_index")


def count_first(request: HttpRequest, user: AbstractBaseUser, authenticator: Any, **_: Any) -> None:
    """Count in this session the first factor that a person adds: its code or key was just checked.

    A further one counts from the next sign-in: a session that showed none of those before does not
    become stronger by adding another.
    """
    codes = Authenticator.Type.RECOVERY_CODES
    factors = Authenticator.objects.filter(user=user).exclude(type=codes)
    if authenticator.type != codes and not factors.exclude(pk=authenticator.pk).exists():
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)


def _next(user: AbstractBaseUser) -> str:
    """Say what somebody has to do whose session is not strong enough."""
    if is_mfa_enabled(user):
        return _("Sign out, and in again with your passkey or authenticator app as well.")
    return _("Add a passkey or an authenticator app first: one factor is not enough.")


def _strong(request: HttpRequest) -> bool:
    """Say whether two factors were shown: one of them here, or both at a provider that says so."""
    methods = request.session.get("account_authentication_methods", [])
    return any(each.get("method") == "mfa" or each.get("second_factor") for each in methods)
