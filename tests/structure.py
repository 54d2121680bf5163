"""The structure of a database as migrations lay it, read from one that they have just laid.

Run (`make structure`), it writes that where the program has it.
"""

from __future__ import annotations

import json
from pathlib import Path

import psycopg

import placet.store
from placet.store.migrating import migrate
from placet.store.structure import structure_of
from server_for_tests import Databases, Url, server_for_tests

WRITTEN = Path(placet.store.__file__).parent / "structure.json"


def structure_in(url: Url) -> str:
    """Return the structure of a database, as it is written."""
    with psycopg.connect(url("placet_read")) as connection:
        found = structure_of(connection)
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    with server_for_tests() as server:
        databases = Databases(server)
        url = databases.new("structure")
        migrate(url("placet_owner"))
        WRITTEN.write_text(structure_in(url), encoding="utf-8")
        databases.drop()
