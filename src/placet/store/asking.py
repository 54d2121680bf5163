"""For whom a question is asked of the database.

Every question is asked in the role `placet_read`, under row-level security, in a transaction of
its own whose settings say for whom it is asked. Without such settings no row of a case is seen:
a forgotten filter shows nothing. It does not stop whoever can run statements of their own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any, LiteralString

from placet.need_to_know.desk import Held
from placet.review.errors import UnknownError
from placet.store.connections import Database
from placet.store.transactions import Transaction

__all__ = ["AT_ONCE", "Asking"]

AT_ONCE = 500
"""Rows read with one question, so that no transaction lasts long."""


class Asking:
    """Asks for some parties, or, with none named, for whoever may read everything."""

    def __init__(self, database: Database, parties: Collection[str] | None = None) -> None:
        self._database = database
        self._parties = parties

    @contextmanager
    def _asking(
        self, isolation: LiteralString = "READ COMMITTED", held: Held | None = None
    ) -> Iterator[Transaction]:
        """Begin a transaction that says for whom it asks; its settings end with it.

        With `held` it asks for whoever holds that: it sees what is on their desk.
        """
        audit = self._parties is None and held is None
        parties = sorted(self._parties or ())
        if any("," in party for party in parties):
            raise UnknownError("There is no party with a comma in its name.")
        with self._database.transaction() as connection:
            connection.execute(f"SET TRANSACTION ISOLATION LEVEL {isolation}, READ ONLY")
            connection.execute(
                "SELECT set_config('placet.viewer_audit', %s, true),"
                " set_config('placet.viewer_parties', %s, true),"
                " set_config('placet.viewer_keys', %s, true)",
                ("on" if audit else "off", ",".join(parties), "\n".join(held.keys if held else ())),
            )
            yield connection

    def _row(self, statement: str, key: str, missing: str) -> tuple[Any, ...]:
        with self._asking() as connection:
            row: tuple[Any, ...] | None = connection.execute(statement, (key,)).fetchone()
        if row is None:
            raise UnknownError(f"There is {missing[:120]}.")
        return row
