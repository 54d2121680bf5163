"""One PostgreSQL per test process, and empty databases in it.

    def test_something(new_database: Callable[..., Url]) -> None:
        url = new_database("something")            # or new_database("copy", template="migrated")
        with psycopg.connect(url("placet_act")) as connection: ...

A database of `new_database` is dropped after its test; one of `databases`, for templates that
several tests copy, at the end of the session. A copy takes about 30 ms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from placet.store.embedded import EmbeddedServer
from server_for_tests import Databases, Url


@pytest.fixture(scope="session")
def databases(server: EmbeddedServer) -> Iterator[Databases]:
    """Databases that live as long as the session: templates to copy."""
    made = Databases(server)
    yield made
    made.drop()


@pytest.fixture
def new_database(server: EmbeddedServer) -> Iterator[Callable[..., Url]]:
    """Make a database for one test: `new_database(name, template="template1")` gives `url`."""
    made = Databases(server)
    yield made.new
    made.drop()
