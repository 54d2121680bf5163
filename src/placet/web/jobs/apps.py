"""Background work as a Django application."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["JobsConfig"]


class JobsConfig(AppConfig):
    """Names the application."""

    name = "placet.web.jobs"
    label = "jobs"
