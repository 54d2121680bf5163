"""The store as a Django application: it owns the database's schema, and nothing else of Django."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["StoreConfig"]


class StoreConfig(AppConfig):
    """Names the application whose migrations make the schema."""

    name = "placet.store"
    label = "store"
