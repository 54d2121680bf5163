"""The pages as a Django application: its tables are drafts and what else only pages keep."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["WebConfig"]


class WebConfig(AppConfig):
    """Names the application."""

    name = "placet.web"
    label = "web"
