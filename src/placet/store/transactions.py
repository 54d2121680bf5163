"""Transactions: statements that are sent together, and prepared once for each connection.

What is asked is handed to libpq, and goes out in one message when a row is asked for, or at the
end: PostgreSQL's pipeline mode. psycopg has a way there too, which sends each statement by itself,
with a cursor made anew; an act is so few statements that this was a third of its CPU. And Python
runs one thread at a time: each message less is a turn less to wait for.

Values and rows are psycopg's to adapt, as ever.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Self, TypeAlias

import psycopg
from psycopg import pq
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import PipelineAborted, error_from_result
from psycopg.generators import fetch_many, send
from psycopg.sql import Composable

__all__ = ["Connection", "Rows", "Transaction"]

_MOST = 200
"""Statements that a connection prepares; any more are sent whole each time."""

_Row: TypeAlias = tuple[Any, ...]


class Connection(psycopg.Connection[_Row]):
    """A connection that knows which statements it has prepared, for values of which types."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.prepared: dict[tuple[str, tuple[int, ...] | None], bytes] = {}
        self.adapting = Transformer(self)


class Rows:
    """What a statement gives. It is waited for when a row is asked for."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._left: Iterator[_Row] | None = None
        self.said: bytes | None = None
        """What the server says that it did."""

    def give(self, rows: Sequence[_Row], said: bytes | None) -> None:
        """Take what the server gave."""
        self._left, self.said = iter(rows), said

    def __iter__(self) -> Self:
        """Go through the rows that are left."""
        return self

    def __next__(self) -> _Row:
        """Return the next row."""
        while self._left is None:
            self._transaction.receive()
        return next(self._left)

    def fetchone(self) -> _Row | None:
        """Return the next row, if there is one."""
        return next(self, None)

    def fetchall(self) -> list[_Row]:
        """Return the rows that are left."""
        return list(self)


class Transaction:
    """A transaction on a connection that is in none; begun with the first statement.

    What a statement has against its values comes up as a psycopg.Error, when rows of it or of a
    later one are asked for, or at the end. The connection is of no use then: close it.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._server = connection.pgconn
        self._awaited: deque[Rows | None] = deque()
        self._sent = False
        self._server.enter_pipeline_mode()
        self.execute("BEGIN")

    def execute(
        self,
        asked: str | Composable,
        values: Sequence[Any] | Mapping[str, Any] | None = None,
        *,
        binary: bool = False,
    ) -> Rows:
        """Ask something; `%s` or `%(name)s` stand for values, `%b` for one that goes in binary."""
        statement = asked if isinstance(asked, str) else asked.as_string()
        written = _written(statement, values is not None)
        adapting, form = self._connection.adapting, pq.Format(binary)
        dumped = adapting.dump_sequence(written.ordered(values), written.formats)
        types, formats = adapting.types, adapting.formats
        name = self._name(statement, written.text, types)
        if name is None:
            self._server.send_query_params(written.text, dumped, types, formats, form)
        else:
            self._server.send_query_prepared(name, dumped, formats, form)
        rows = Rows(self)
        self._awaited.append(rows)
        self._sent = False
        return rows

    def _name(self, statement: str, text: bytes, types: tuple[int, ...] | None) -> bytes | None:
        """Return by which name a statement is prepared for values of some types, if it is."""
        prepared, kind = self._connection.prepared, (statement, types)
        if kind not in prepared and len(prepared) < _MOST:
            prepared[kind] = b"placet_%d" % len(prepared)
            self._server.send_prepare(prepared[kind], text, types)
            self._awaited.append(None)
        return prepared.get(kind)

    def receive(self) -> None:
        """Wait for what comes next from the server, once it has all that was asked."""
        if not self._awaited:
            raise PipelineAborted("What was asked before it had failed.")
        if not self._sent:
            self._server.send_flush_request()
            self._flush()
        rows = self._awaited.popleft()
        result = self._connection.wait(fetch_many(self._server))[-1]
        if result.status == pq.ExecStatus.FATAL_ERROR:
            raise error_from_result(result, self._connection.info.encoding)
        if result.status == pq.ExecStatus.PIPELINE_ABORTED:
            raise PipelineAborted("What was asked before it had failed.")
        if rows is not None:
            adapting = self._connection.adapting
            adapting.set_pgresult(result)
            rows.give(adapting.load_rows(0, result.ntuples, tuple), result.command_status)

    def commit(self) -> bool:
        """End it; return whether all of it is kept."""
        return self._end("COMMIT")

    def undo(self) -> None:
        """End it as if nothing had been asked."""
        try:
            self._end("ROLLBACK")
        except psycopg.Error:
            self._connection.close()  # which undoes it too

    def _end(self, how: str) -> bool:
        ended = self.execute(how)
        self._server.pipeline_sync()
        self._awaited.append(None)
        self._flush()
        while self._awaited:
            self.receive()
        self._server.exit_pipeline_mode()
        return ended.said == how.encode()

    def _flush(self) -> None:
        self._connection.wait(send(self._server))
        self._sent = True


@dataclass(frozen=True, slots=True)
class _Written:
    """A statement as PostgreSQL reads it, and in which order and form its values go."""

    text: bytes
    names: tuple[str, ...]
    formats: tuple[PyFormat, ...]

    def ordered(self, values: Sequence[Any] | Mapping[str, Any] | None) -> Sequence[Any]:
        if isinstance(values, Mapping):
            return [values[each] for each in self.names]
        return values or ()


_PLACE = re.compile(r"%(?:%|(?:\((\w+)\))?([sb]))")
_FORMATS = {"s": PyFormat.AUTO, "b": PyFormat.BINARY}


@cache
def _written(statement: str, with_values: bool) -> _Written:
    """Number the places for values; a name that stands twice is one value."""
    names: list[str] = []
    formats: list[PyFormat] = []

    def number(place: re.Match[str]) -> str:
        name, form = place.groups()
        if form is None:
            return "%"
        if name is None or name not in names:
            names.append(name or f"{len(names) + 1}")
            formats.append(_FORMATS[form])
        return f"${names.index(name) + 1 if name else len(names)}"

    text = _PLACE.sub(number, statement) if with_values else statement
    return _Written(text.encode(), tuple(names), tuple(formats))
