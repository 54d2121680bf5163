"""Making the schema, and bringing it up to date."""

from __future__ import annotations

from pkgutil import iter_modules

import psycopg
from psycopg import sql

from placet.store import migrations
from placet.store.cluster import ROLES
from placet.store.connections import MIGRATING, PLACET
from placet.store.errors import DatabaseError, RolesError, not_up_to_date

__all__ = ["is_up_to_date", "make_roles", "migrate"]

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
    try:
        with psycopg.connect(url, autocommit=True) as held:
            _must_keep_text(held)
            held.execute("SELECT pg_advisory_lock(%s, %s)", (PLACET, MIGRATING))
            make_roles(held)
            applied = () if is_up_to_date(held) else _apply(url)
            _must_be_bound(held)
            return applied
    except psycopg.Error as error:
        raise not_up_to_date(error) from error


def is_up_to_date(connection: psycopg.Connection) -> bool:
    """Say whether each migration is applied, as Django would by what it noted of them.

    The names are enough: ours follow one another, and none replaces another.
    """
    (noted,) = connection.execute("SELECT to_regclass('django_migrations')").fetchone() or (None,)
    if noted is None:
        return False
    found = connection.execute("SELECT name FROM django_migrations WHERE app = 'store'")
    return {each.name for each in iter_modules(migrations.__path__)} <= {name for (name,) in found}


def _apply(url: str) -> tuple[str, ...]:
    """Apply what is not applied yet; return the names."""
    # Django is long to load: a command that finds the schema up to date does without.
    from placet.store.applying import apply

    return apply(url)


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
