"""Applying the migrations of the schema, by Django."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import django.db
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import load_backend

from placet.store.errors import not_up_to_date
from placet.store.settings import configure, database_settings

__all__ = ["apply"]

_ALIAS = "migrating"


def apply(url: str) -> tuple[str, ...]:
    """Apply every migration that is not applied yet; return the names, in their order.

    Raises:
        DatabaseError: the database cannot be reached, or refuses.
    """
    configure({})
    try:
        with _django(url) as connection:
            return _applied(connection)
    except django.db.Error as error:
        raise not_up_to_date(error) from error


def _applied(connection: BaseDatabaseWrapper) -> tuple[str, ...]:
    executor = MigrationExecutor(connection)
    ours = [node for node in executor.loader.graph.leaf_nodes() if node[0] == "store"]
    plan = executor.migration_plan(ours)
    if plan:
        executor.migrate(ours, plan)
    return tuple(migration.name for migration, _ in plan)


@contextmanager
def _django(url: str) -> Iterator[BaseDatabaseWrapper]:
    """Lend Django a connection to this very database, whatever the settings name."""
    settings = connections.configure_settings({"default": database_settings(url)})["default"]
    backend = load_backend(settings["ENGINE"])
    connection: BaseDatabaseWrapper = backend.DatabaseWrapper(settings, _ALIAS)
    connections[_ALIAS] = connection
    try:
        yield connection
    finally:
        connection.close()
        del connections[_ALIAS]
