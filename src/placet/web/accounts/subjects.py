"""Subjects of identity providers, and the people that they are tied to.

A subject is written `provider:subject`: the id of a provider in the settings, and what that
provider calls a person and gives to nobody else.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.conf import settings

from placet.review import UnlawfulError
from placet.web.accounts.models import User

__all__ = ["LONGEST", "provider_names", "subject_of", "subjects", "tie", "untie"]

LONGEST = 191
"""How long a subject may be."""


def provider_names() -> Mapping[str, str]:
    """Return the names of the providers in the settings by their ids."""
    apps = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    return {str(each["provider_id"]): str(each["name"]) for each in apps}


def subject_of(account: Any) -> str:
    """Return a subject as it is written."""
    return f"{account.provider}:{account.uid}"


def subjects(accounts: Collection[int]) -> Mapping[int, tuple[str, ...]]:
    """Return the subjects that are tied to each of some accounts, in one question."""
    found: dict[int, tuple[str, ...]] = {}
    for each in SocialAccount.objects.filter(user_id__in=accounts).order_by("id"):
        found[each.user_id] = (*found.get(each.user_id, ()), subject_of(each))
    return found


def tie(user: User, subject: str) -> None:
    """Let whoever a provider signs in as a subject in as a person.

    Raises:
        UnlawfulError: it is not written as a subject of a provider in the settings, or it is tied.
    """
    provider, _, uid = subject.strip().partition(":")
    if provider not in provider_names() or not 0 < len(uid) <= LONGEST:
        known = ", ".join(f"{each}:…" for each in provider_names()) or "of which none is set up"
        raise UnlawfulError(
            f"{subject[:80]!r} is no subject of an identity provider ({known}). Enter it as the "
            "page showed it to the person when they tried to sign in."
        )
    if other := SocialAccount.objects.filter(provider=provider, uid=uid).first():
        raise UnlawfulError(f"{subject[:80]!r} is tied to {other.user}; untie it there first.")
    SocialAccount.objects.create(user=user, provider=provider, uid=uid)


def untie(user: User) -> None:
    """Let no provider sign anybody in as a person any more."""
    SocialAccount.objects.filter(user=user).delete()
