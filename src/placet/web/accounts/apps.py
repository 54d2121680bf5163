"""Accounts as a Django application."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["AccountsConfig"]


class AccountsConfig(AppConfig):
    """Names the application."""

    name = "placet.web.accounts"
    label = "accounts"
