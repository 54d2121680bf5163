"""Connections to the database: one role each, and the numbers of the locks they share.

The commit path speaks psycopg and not Django's layer over it: it sends several statements in
one message, and holds no state that belongs to a thread.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from placet.errors import PlacetError
from placet.store.errors import DatabaseError, UnfitValueError
from placet.store.transactions import Connection, Rows, Transaction

__all__ = [
    "BATCH",
    "CONTEXT",
    "DAEMON",
    "MIGRATING",
    "NUMBERED",
    "PENDING",
    "PLACET",
    "Database",
    "one",
]

PLACET = 0x504C43
"""The first number of every advisory lock of ours but those of cases."""

CONTEXT = 1
"""Shared by every act on a case; alone for an act that changes the context."""
DAEMON = 2
"""Held by the process that numbers all entries; shared by one that numbers a batch meanwhile."""
BATCH = 3
"""Held for the time of one batch."""
MIGRATING = 4
"""Held while the schema is changed."""

NUMBERED = "placet_numbered"
"""The channel on which a batch that is numbered is announced."""
PENDING = "placet_pending"
"""The channel on which whoever waits for a number says so."""

# What is acknowledged has to survive, whatever the server's own settings say; and nothing stands
# before the record, whatever those of a role say.
# Questions are short: compiling them takes longer than answering.
_OPTIONS = (
    "-c synchronous_commit=on -c application_name=placet -c timezone=UTC -c jit=off"
    " -c search_path=public"
)


class Database:
    """Connections of one role to one database, kept open for the next who needs one.

    For any number of threads: each use has a connection to itself, and waits if `most` are in
    use. So no more than that act at once in one process; who waits for a checkpoint has given
    the connection back. With fewer the server is idle while they wait for it, and fewer share a
    checkpoint; with more they only hinder one another (record 46).
    """

    def __init__(self, url: str, *, most: int = 12) -> None:
        self._url = url
        self._free = threading.BoundedSemaphore(most)
        self._idle: list[Connection] = []
        self._lock = threading.Lock()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Lend a connection in autocommit mode.

        Raises:
            DatabaseError: the database cannot be reached, or refuses; what was begun is undone.
            UnfitValueError: a value is none that it keeps; what was begun is undone.
        """
        connection = None
        self._free.acquire()
        try:
            connection = self._take()
            yield connection
        except psycopg.DataError as error:
            raise UnfitValueError(
                "A text holds the character NUL, or a number is too large to be kept. Leave it out."
            ) from error
        except psycopg.Error as error:
            if isinstance(error, psycopg.OperationalError):
                self.close()
            # The primary message only: the detail of an error can hold the values of a row.
            said = error.diag.message_primary or str(error).strip()
            raise DatabaseError(f"The database says: {said}") from error
        finally:
            if connection is not None:
                self._put(connection)
            self._free.release()

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Lend a connection for one transaction: committed at the end, undone by an exception.

        Statements are sent together, BEGIN and COMMIT with them, and none is waited for before a
        row of it or of a later one is asked for: what a statement has against its values may
        come up later.

        Raises:
            DatabaseError: as `connection`.
        """
        with self.connection() as connection:
            try:
                transaction = Transaction(connection)
                yield transaction
                kept = transaction.commit()
            except PlacetError:
                transaction.undo()
                raise
            except BaseException:
                connection.close()  # which undoes it too
                raise
            if not kept:  # PostgreSQL undoes what failed without an error
                raise DatabaseError("The transaction had failed; nothing of it was kept.")

    def close(self) -> None:
        """Close the connections that nobody uses."""
        with self._lock:
            idle, self._idle = self._idle, []
        for each in idle:
            each.close()

    def _take(self) -> Connection:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return Connection.connect(self._url, autocommit=True, options=_OPTIONS)

    def _put(self, connection: Connection) -> None:
        """Keep a connection for the next; one in the middle of something is closed."""
        if connection.info.transaction_status is psycopg.pq.TransactionStatus.IDLE:
            with self._lock:
                self._idle.append(connection)
        else:
            connection.close()


def one(rows: psycopg.Cursor[Any] | Rows) -> tuple[Any, ...]:
    """Return the one row that a statement must give.

    Raises:
        DatabaseError: it gave none: something is missing that the schema promises.
    """
    row: tuple[Any, ...] | None = rows.fetchone()
    if row is None:
        raise DatabaseError("The database lacks a row that must be there; audit it.")
    return row
