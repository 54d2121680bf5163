"""Accounts as a Django application."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["AccountsConfig"]


class AccountsConfig(AppConfig):
    """Names the application, and counts a second factor when it is added."""

    name = "placet.web.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Listen for factors that people add."""
        from allauth.mfa.signals import authenticator_added

        from placet.web.accounts.second_factor import count_first

        authenticator_added.connect(count_first, dispatch_uid="count_first")
