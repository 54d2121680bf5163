"""The API as a Django application: it keeps tokens, sessions opened by it, and answers given."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["ApiConfig"]


class ApiConfig(AppConfig):
    """Names the application."""

    name = "placet.web.api"
    label = "api"
    verbose_name = "API"
