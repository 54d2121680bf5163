"""Django without a web site: settings for whoever needs the schema or, later, the pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import django
from django.conf import settings
from psycopg.conninfo import conninfo_to_dict

from placet.store.cluster import Role

__all__ = ["ALIASES", "configure", "database_settings"]

ALIASES: Mapping[str, Role] = {
    "default": "placet_act",
    "owner": "placet_owner",
    "read": "placet_read",
    "sequencer": "placet_sequencer",
    "worker": "placet_worker",
}
"""Django's names for the databases, each the same database in another role."""


def configure(urls: Mapping[Role, str]) -> None:
    """Set Django up, once in a process; a second call changes nothing.

    Args:
        urls: by which URL each role connects; roles that this process does not need may be left
            out, so that a process has no more doors than it uses.
    """
    if settings.configured:
        return
    settings.configure(
        DATABASES={
            alias: database_settings(urls[role]) for alias, role in ALIASES.items() if role in urls
        },
        INSTALLED_APPS=["placet.store.apps.StoreConfig"],
        USE_TZ=True,
        TIME_ZONE="UTC",
    )
    django.setup()


def database_settings(url: str) -> dict[str, Any]:
    """Return a URL or connection string of libpq as Django's settings of one database."""
    parts = conninfo_to_dict(url)
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host"}
    found = {ours: str(parts.pop(theirs, "") or "") for ours, theirs in names.items()}
    port = str(parts.pop("port", "") or "")
    return {"ENGINE": "django.db.backends.postgresql", **found, "PORT": port, "OPTIONS": parts}
