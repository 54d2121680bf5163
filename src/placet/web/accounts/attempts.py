"""What all processes of the pages count together: wrong guesses, and codes that were used.

It is Django's cache, kept in the database that the processes share. Django's own of that kind
stores pickles: whoever can write to the database, or has a backup restored, could run code where
people sign in. Here values are JSON. The clock is the database's, one for all machines.
"""

from __future__ import annotations

import json
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connection

__all__ = ["Attempts"]

_GET = "SELECT value FROM accounts_attempt WHERE key = %s AND (until <= now()) IS NOT TRUE"
_SET = """
    INSERT INTO accounts_attempt (key, value, until)
    VALUES (%s, %s, now() + make_interval(secs => %s))
    ON CONFLICT (key) DO UPDATE SET value = excluded.value, until = excluded.until
"""
_ADD = f"{_SET} WHERE accounts_attempt.until <= now()"
_DELETE = "DELETE FROM accounts_attempt WHERE key = %s"


class Attempts(BaseCache):
    """Keeps values under keys for a time; each question and each change is one statement."""

    def __init__(self, _location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """Return what is kept under a key and has not run out."""
        with connection.cursor() as cursor:
            cursor.execute(_GET, [self.make_and_validate_key(key, version)])
            found = cursor.fetchone()
        return json.loads(found[0]) if found else default

    def set(
        self,
        key: Any,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> None:
        """Keep a value for a number of seconds; for good where that is None."""
        self._put(_SET, key, value, timeout, version)

    def add(
        self,
        key: Any,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> bool:
        """Keep a value unless there is one; of several who try at once, one is told True."""
        return self._put(_ADD, key, value, timeout, version)

    def delete(self, key: Any, version: int | None = None) -> bool:
        """Forget what is kept under a key; say whether there was anything."""
        with connection.cursor() as cursor:
            cursor.execute(_DELETE, [self.make_and_validate_key(key, version)])
            return bool(cursor.rowcount)

    def clear(self) -> None:
        """Forget everything."""
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM accounts_attempt")

    def _put(
        self, statement: str, key: Any, value: Any, timeout: float | None, version: int | None
    ) -> bool:
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        named = self.make_and_validate_key(key, version)
        with connection.cursor() as cursor:
            cursor.execute(statement, [named, json.dumps(value), seconds])
            return bool(cursor.rowcount)
