"""Making the schema, and bringing it up to date."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import django.db
import psycopg
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import load_backend
from psycopg import sql

from placet.store.cluster import ROLES
from placet.store.connections import MIGRATING, PLACET
from placet.store.errors import DatabaseError, RolesError
from placet.store.settings import configure, database_settings

__all__ = ["make_roles", "migrate"]

_ALIAS = "migrating"
_OWNER = "placet_owner"

# The owner may have roles that it created; nobody else has another's rights, or those of the
# roles that come with PostgreSQL and see or do more than tables say.
_ALSO = """
SELECT ours.rolname, other.rolname FROM pg_roles ours, pg_roles other
WHERE ours.rolname = ANY(%s) AND ours.rolname <> 'placet_owner' AND ours.oid <> other.oid
    AND (other.rolname = ANY(%s) OR other.rolsuper OR other.rolbypassrls OR
        starts_with(other.rolname, 'pg_'))
    AND pg_has_role(ours.oid, other.oid, 'MEMBER')
ORDER BY 1, 2
"""


def migrate(url: str) -> tuple[str, ...]:
    """Bring the schema of a database up to date; return the names of what was applied.

    Run by the owner, before anything else. Several at once take turns. Roles that are missing
    are created where the owner may; they get no password and no way in: that is for the
    administrator to give (`docs/reference`, DATABASE_URL).

    Raises:
        DatabaseError: the database cannot be reached, refuses, or keeps bytes and not text.
        RolesError: roles are missing, with the statements that create them; or a role that
            should be bound by row-level security is not, or has the rights of another.
    """
    configure({})
    try:
        with psycopg.connect(url, autocommit=True) as held:
            _must_keep_text(held)
            held.execute("SELECT pg_advisory_lock(%s, %s)", (PLACET, MIGRATING))
            make_roles(held)
            with _django(url) as connection:
                applied = _apply(connection)
            _must_be_bound(held)
            return applied
    except (psycopg.Error, django.db.Error) as error:
        raise DatabaseError(
            f"The schema of the database could not be brought up to date: {error}. "
            "Nothing of the migration that failed was kept"
        ) from error


def _must_keep_text(connection: psycopg.Connection) -> None:
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise DatabaseError(
            f"The database {connection.info.dbname} keeps text as {encoding}, and Placet needs "
            "UTF8. Have the administrator drop it and run: CREATE DATABASE "
            f"{connection.info.dbname} OWNER {_OWNER} ENCODING 'UTF8' TEMPLATE template0"
        )


def make_roles(connection: psycopg.Connection) -> None:
    """Make sure that there are all roles, and that none may pass by what is granted to it.

    Raises:
        RolesError: one may do too much, or is missing and the owner may not create it.
    """
    found = connection.execute(
        "SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = ANY(%s)",
        (list(ROLES),),
    ).fetchall()
    too_strong = sorted(name for name, strong in found if strong and name != _OWNER)
    if too_strong:
        raise RolesError(
            f"{', '.join(too_strong)}: superuser, or exempt from row-level security; a mistake in "
            "a query could then show everything. Run: ALTER ROLE … NOSUPERUSER NOBYPASSRLS"
        )
    others = connection.execute(_ALSO, (list(ROLES), list(ROLES))).fetchall()
    if others:
        role, also = others[0]
        raise RolesError(
            f"{role}: has the rights of {also} as well, and could do or see with them what its own "
            f"do not allow. Run: REVOKE {also} FROM {role}, or from whatever role it has them by"
        )
    missing = sorted({*ROLES} - {_OWNER} - {name for name, _ in found})
    try:
        for name in missing:
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))
    except psycopg.errors.InsufficientPrivilege as error:
        statements = " ".join(f"CREATE ROLE {name} LOGIN;" for name in missing)
        raise RolesError(
            f"The database has no role {', '.join(missing)}, and its owner may not create any. "
            f"Have the administrator run: {statements}"
        ) from error


def _must_be_bound(connection: psycopg.Connection) -> None:
    """Make sure that row-level security is on for every table that has rules for it.

    Raises:
        RolesError: it was turned off.
    """
    found = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND oid IN (SELECT polrelid FROM pg_policy)"
        " AND NOT (relrowsecurity AND relforcerowsecurity) ORDER BY relname"
    ).fetchall()
    if found:
        names = ", ".join(name for (name,) in found)
        raise RolesError(
            f"{names}: row-level security was turned off, so that everybody's rows are seen. Run "
            "for each: ALTER TABLE … ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; then "
            "find out who turned it off, and audit the log"
        )


def _apply(connection: BaseDatabaseWrapper) -> tuple[str, ...]:
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
