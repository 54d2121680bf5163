"""How signing in goes here: nobody makes an account for themselves.

Whoever keeps authority in the register has accounts made, and says which subject of an identity
provider is whom.
"""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.providers.base.constants import AuthProcess
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from placet.web.accounts.confirming import confirm, confirmed, keep, ways
from placet.web.accounts.models import User
from placet.web.accounts.subjects import subject_of

RELYING_PARTY = settings.ALLOWED_HOSTS[0]
"""Whom a passkey is for: the host of the pages, whatever a request says."""

__all__ = ["RELYING_PARTY", "AccountAdapter", "MFAAdapter", "SocialAdapter"]


class AccountAdapter(DefaultAccountAdapter):
    """Signing in, and showing anew who one is."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up."""
        return False

    def pre_login(self, request: HttpRequest, user: User, **given: Any) -> HttpResponse | None:
        """Keep whether a provider says that it saw two factors."""
        login = (given["signal_kwargs"] or {}).get("sociallogin")
        if login is not None and login.shown.second_factor:
            keep(request, login)
        answer: HttpResponse | None = super().pre_login(request, user, **given)
        return answer

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, str]]:
        """Return how a person can show anew who they are: here, or at their provider."""
        found: list[dict[str, str]] = super().get_reauthentication_methods(user)
        return [*found, *ways(user)] if user.is_authenticated else found

    def reauthenticate(self, user: User, password: str) -> bool:
        """Say whether that is the person's password, counted as where they sign in: by name.

        django-allauth counts by the address for mail where there is one, and so anew.

        Raises:
            ValidationError: too many were wrong; this one was not looked at.
        """
        found = self.authenticate(context.request, username=user.username, password=password)
        return found is not None and found.pk == user.pk

    def is_reauthentication_required(self, *, app: str, **given: Any) -> bool:
        """Say that it is, unless a provider has just confirmed who it is.

        django-allauth asks this before it looks at what else was confirmed, for which it wants
        a password or a second factor that is here.
        """
        required: bool = super().is_reauthentication_required(app=app, **given)
        return required and not confirmed(context.request)


class MFAAdapter(DefaultMFAAdapter):
    """The second factor and passkeys."""

    def generate_authenticator_name(self, user: Any, kind: Any) -> str:
        """Name a new passkey by its number: none of them is the master of the others."""
        number = Authenticator.objects.filter(user_id=user.pk, type=kind).count() + 1
        return _("Passkey %d") % number if number > 1 else _("Passkey")

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Name whom a passkey is for."""
        return {"id": RELYING_PARTY, "name": "Placet"}


class SocialAdapter(DefaultSocialAccountAdapter):
    """Signing in by an identity provider, as whom whoever administers accounts has said."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Nobody gets an account by signing in elsewhere."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Take a confirmation; stop whom nobody has tied to a person, and say what they can do.

        Raises:
            PermissionDenied: somebody who is signed in would tie a subject to themselves.
            ImmediateHttpResponse: nobody is tied to the subject, or it confirms nothing.
        """
        process = sociallogin.state.get("process")
        if process == AuthProcess.REDIRECT:
            confirm(request, sociallogin)
            return
        if process != AuthProcess.LOGIN:
            raise PermissionDenied("Whoever administers accounts ties a subject to a person.")
        if not sociallogin.is_existing:
            account = sociallogin.account
            told = {"provider": sociallogin.provider.name, "subject": subject_of(account)}
            page = render(request, "account/unknown_subject.html", told, status=403)
            raise ImmediateHttpResponse(page)

    def validate_disconnect(self, account: Any, accounts: Any) -> None:
        """Let nobody untie themselves.

        Raises:
            ValidationError: always.
        """
        raise ValidationError(_("Whoever administers accounts unties a subject from a person."))
