"""Django without a web site: its settings name the same database in another role each."""

from __future__ import annotations

import subprocess
import sys

from placet.store.settings import database_settings
from server_for_tests import Databases

_SCRIPT = """
import sys
from placet.store.settings import configure
urls = {name: sys.argv[1].replace("placet_act", name) for name in sys.argv[2:]}
configure(urls)
configure({})
from django.db import connections
for alias in connections:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT current_user")
        print(alias, *cursor.fetchone())
"""


def test_a_url_becomes_settings() -> None:
    """Proves that every part of a URL of libpq arrives, those that Django has no name for too."""
    found = database_settings("postgresql://ann:pw@db.example:5433/placet?sslmode=verify-full")
    assert found == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "placet",
        "USER": "ann",
        "PASSWORD": "pw",
        "HOST": "db.example",
        "PORT": "5433",
        "OPTIONS": {"sslmode": "verify-full"},
    }


def test_a_process_has_the_doors_that_it_was_given(databases: Databases) -> None:
    """Proves that each name leads to its role, and that a second call changes nothing."""
    url = databases.new("settings")("placet_act")
    command = [sys.executable, "-c", _SCRIPT, url, "placet_act", "placet_read"]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    assert done.stdout.splitlines() == ["default placet_act", "read placet_read"]
