"""Whether the schema is up to date: asked at every command, and so without Django."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import psycopg
import store_sample as sample

from placet.store.applying import apply
from placet.store.migrating import is_up_to_date
from server_for_tests import Databases, Url

_SCRIPT = """
import sys
from placet.store.migrating import migrate
assert migrate(sys.argv[1]) == ()
assert "django.db" not in sys.modules
"""


def test_what_is_not_applied_is_what_django_would_apply(
    databases: Databases, new_database: Callable[..., Url]
) -> None:
    """Proves of each migration, and of a database with none, that its absence is seen."""
    with psycopg.connect(new_database("bare")("placet_owner"), autocommit=True) as bare:
        assert not is_up_to_date(bare)
    url = sample.migrated(databases, new_database)("placet_owner")
    with psycopg.connect(url, autocommit=True) as owner:
        assert is_up_to_date(owner)
        assert apply(url) == ()
        noted = owner.execute("SELECT name FROM django_migrations WHERE app = 'store'").fetchall()
        assert noted
        for each in noted:
            with owner.transaction(force_rollback=True):
                owner.execute("DELETE FROM django_migrations WHERE name = %s", each)
                assert not is_up_to_date(owner)
        owner.execute("UPDATE django_migrations SET app = 'another' WHERE name = %s", noted[-1])
        assert not is_up_to_date(owner)


def test_migrations_of_a_later_version_are_in_nobodys_way(
    databases: Databases, new_database: Callable[..., Url]
) -> None:
    """Proves that a name which is not ours is taken as Django takes it: for nothing to apply."""
    url = sample.migrated(databases, new_database)("placet_owner")
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('store', '9999_x', now())"
        )
        assert is_up_to_date(owner)
    assert apply(url) == ()


def test_django_is_not_loaded_where_there_is_nothing_to_apply(
    databases: Databases, new_database: Callable[..., Url]
) -> None:
    """Proves that a command which finds the schema up to date does not wait for Django's models."""
    url = sample.migrated(databases, new_database)("placet_owner")
    subprocess.run([sys.executable, "-c", _SCRIPT, url], check=True)
