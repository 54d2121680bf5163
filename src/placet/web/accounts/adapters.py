"""How signing in goes here: nobody makes an account for themselves.

Whoever keeps authority in the register has accounts made, and says which subject of an identity
provider is whom.
"""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.providers.base.constants import AuthProcess
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.shortcuts import render
from django.utils.translation import gettext as _

from placet.web.accounts.subjects import subject_of

RELYING_PARTY = settings.ALLOWED_HOSTS[0]
"""Whom a passkey is for: the host of the pages, whatever a request says."""

__all__ = ["RELYING_PARTY", "AccountAdapter", "MFAAdapter", "SocialAdapter"]


class AccountAdapter(DefaultAccountAdapter):
    """Signing in by password."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up."""
        return False


class MFAAdapter(DefaultMFAAdapter):
    """The second factor and passkeys."""

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Name whom a passkey is for."""
        return {"id": RELYING_PARTY, "name": "Placet"}


class SocialAdapter(DefaultSocialAccountAdapter):
    """Signing in by an identity provider, as whom whoever administers accounts has said."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Nobody gets an account by signing in elsewhere."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Stop whom nobody has tied to a person, and say what they can do about it.

        Raises:
            PermissionDenied: somebody who is signed in would tie a subject to themselves.
            ImmediateHttpResponse: nobody is tied to the subject.
        """
        if sociallogin.state.get("process") != AuthProcess.LOGIN:
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
