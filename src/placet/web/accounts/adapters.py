"""How signing in goes here: nobody makes an account for themselves.

Whoever keeps authority in the register has accounts made; an identity provider may sign in
people who have one, by their id in the register.
"""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest

from placet.web.accounts.models import User

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
    """Signing in by an identity provider."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Nobody gets an account by signing in elsewhere."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Let a person in whose id the provider vouches for, if they have an account."""
        if sociallogin.is_existing:
            return
        name = sociallogin.account.extra_data.get("preferred_username")
        user = User.objects.filter(username=name, is_active=True).first() if name else None
        if user is not None:
            sociallogin.connect(request, user)
