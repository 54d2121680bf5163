"""The link by which a person chooses a password: once, and for a few days."""

from __future__ import annotations

from allauth.account import app_settings
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse

from placet.web.accounts.models import User

__all__ = ["invitation"]


def invitation(user: User) -> str:
    """Return the link; whoever has it gets in as that person, so it goes to nobody else."""
    key = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    parts = {"uidb36": user_pk_to_url_str(user), "key": key}
    return f"{settings.ADDRESS}{reverse('account_reset_password_from_key', kwargs=parts)}"
