"""Reading what the database says is the present state, whole and as of one moment, for audit.

What waits for a number is given the place that it would have now: next after the log, in the order
of tickets. So an audit can do it again like any other act, and no state is left to trust.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import LiteralString, TypeVar

from psycopg.sql import SQL, Identifier

from placet.ledger import parse_checkpoint
from placet.operations.ports import Heads, ListRow, Order, PermitRow, Stray, Waiting
from placet.review.case import Case
from placet.store.connections import one
from placet.store.desk_reading import DIGESTS
from placet.store.document_rows import documents_by_entry
from placet.store.errors import DatabaseError
from placet.store.structure import Reference, references
from placet.store.transactions import Transaction

__all__ = ["ENDED", "PERMIT", "heads_in"]

K = TypeVar("K")
V = TypeVar("V")

ENDED = ["closed", "withdrawn", "lapsed"]
"""The stages of cases that are not listed as open."""

PERMIT: LiteralString = (
    "SELECT permit, case_id, status_index, status, token, terms, listed, problem, falls FROM permit"
)
_CASE = (
    "SELECT h.case_id, h.state, h.version, h.stage, h.applicant, h.moved_at, m.moves"
    " FROM case_head h LEFT JOIN (SELECT case_id,"
    " count(*) || ', from ' || min(version) || ' to ' || max(version) AS moves"
    " FROM moved GROUP BY case_id) m USING (case_id)"
)
_COLUMNS = ("version", "stage", "applicant", "moved_at", "moves")
_LIST = (
    "SELECT version, 'sha256:' || encode(sha256(convert_to(token, 'UTF8')), 'hex'), digest, at"
    " FROM status_list"
)
_LATEST = "SELECT token FROM status_list ORDER BY version DESC LIMIT 1"
_SIGNED = "SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1"
_MISFILED = (
    "SELECT size, stated::bigint FROM (SELECT size,"
    " split_part(encode(note, 'escape'), E'\\n', 2) AS stated FROM checkpoint) AS filed"
    " WHERE stated <> size::text AND stated ~ '^[0-9]{1,18}$'"
)
_PLACED: LiteralString = (
    "WITH placed AS (SELECT ticket, index, true AS numbered FROM numbered UNION ALL"
    " SELECT ticket, (SELECT coalesce(max(size), 0) FROM checkpoint) - 1"
    " + row_number() OVER (ORDER BY ticket), false FROM pending JOIN entry USING (ticket)"
    " WHERE NOT EXISTS (SELECT FROM numbered n WHERE n.ticket = pending.ticket)) "
)
_WAITING: LiteralString = (
    "SELECT ticket, p.index, p.numbered, leaf,"
    " (SELECT body FROM body WHERE body.ticket = coalesce(e.ticket, q.ticket)),"
    " (SELECT case_id FROM body WHERE body.ticket = coalesce(e.ticket, q.ticket)),"
    " q.ticket IS NOT NULL"
    " FROM entry e FULL JOIN pending q USING (ticket) LEFT JOIN placed p USING (ticket)"
    " WHERE q.ticket IS NOT NULL OR p.index IS NULL ORDER BY ticket"
)
_DOCUMENTS: LiteralString = (
    "SELECT p.index, d.case_id, d.digest,"
    " 'sha256:' || encode(sha256(d.bytes), 'hex')"
    " FROM document d JOIN placed p USING (ticket) ORDER BY p.index, d.digest"
)
_ERASURES: LiteralString = (
    "SELECT p.index, o.index FROM erasure e JOIN placed p USING (ticket)"
    " JOIN placed o ON o.ticket = e.erased"
)
_TILES = (
    "SELECT level, n, CASE octet_length(bytes) WHEN width * CASE level WHEN -1 THEN 34 ELSE 32 END"
    " THEN width ELSE -1 END FROM tile"
)
_NUMBERED = "SELECT coalesce(max(index) + 1, 0) FROM numbered"
_STRAYS = SQL(
    "SELECT count(*), min(r.{column}::text) FROM {table} r"
    " WHERE NOT EXISTS (SELECT FROM {of} o WHERE o.{key} = r.{column})"
)
_CASES_IN_ORDER = "SELECT case_id, stage <> ALL(%s) FROM case_head ORDER BY moved_at DESC, case_id"
_MOVES: LiteralString = (
    "SELECT case_id, array_agg(index ORDER BY version)"
    " FROM moved JOIN placed USING (ticket) GROUP BY case_id"
)
_CONTEXTS: LiteralString = "SELECT index FROM context JOIN placed USING (ticket) ORDER BY version"


def heads_in(connection: Transaction) -> Heads:
    """Read everything in a transaction that sees one moment.

    Raises:
        DatabaseError: something that there is once stands there twice: its key was taken away.
    """
    cases = connection.execute(_CASE).fetchall()
    contexts = connection.execute("SELECT version, plain, digest FROM context").fetchall()
    permits = [PermitRow(*row) for row in connection.execute(PERMIT)]
    parties: dict[str, set[str]] = {}
    for case, party in connection.execute("SELECT case_id, party FROM case_party"):
        parties.setdefault(case, set()).add(party)
    signed = connection.execute(_SIGNED).fetchone()
    token = connection.execute(_LATEST).fetchone()
    return Heads(
        _once("case", ((case, Case.model_validate(state)) for case, state, *_ in cases)),
        _once("context", ((version, plain) for version, plain, _ in contexts)),
        _once("permit", ((permit.permit, permit) for permit in permits)),
        {case: frozenset(found) for case, found in parties.items()},
        dict(connection.execute(DIGESTS).fetchall()),
        {case: dict(zip(_COLUMNS, row, strict=True)) for case, _, *row in cases},
        {version: digest for version, _, digest in contexts},
        _once("status list", ((row[0], ListRow(*row[1:])) for row in connection.execute(_LIST))),
        documents_by_entry(connection.execute(_PLACED + _DOCUMENTS)),
        parse_checkpoint(signed[0]) if signed is not None else None,
        token[0] if token is not None else None,
        [
            Waiting(ticket, index, leaf, data, under, bool(numbered), queued)
            for ticket, index, numbered, leaf, data, under, queued in connection.execute(
                _PLACED + _WAITING
            )
        ],
        _order_in(connection),
        _once("tile", (((level, n), width) for level, n, width in connection.execute(_TILES))),
        dict(connection.execute(_PLACED + _ERASURES).fetchall()),
        dict(connection.execute(_MISFILED).fetchall()),
        one(connection.execute(_NUMBERED))[0],
        [stray for each in references() for stray in _strays(connection, each)],
    )


def _strays(connection: Transaction, each: Reference) -> Iterator[Stray]:
    """Yield the rows that a foreign key forbids, if it was taken away and there are any."""
    names = {name: Identifier(held) for name, held in each._asdict().items()}
    count, first = one(connection.execute(_STRAYS.format(**names)))
    if count:
        yield Stray(each.table, count, each.of, str(first))


def _once(what: str, rows: Iterable[tuple[K, V]]) -> dict[K, V]:
    """Return rows by their key, which the database lets stand once."""
    found: dict[K, V] = {}
    for key, each in rows:
        if key in found:
            raise DatabaseError(f"The {what} {key} stands there twice.")
        found[key] = each
    return found


def _order_in(connection: Transaction) -> Order:
    """Read the order in which lists have cases and entries."""
    cases = connection.execute(_CASES_IN_ORDER, (ENDED,)).fetchall()
    moves = connection.execute(_PLACED + _MOVES).fetchall()
    contexts = connection.execute(_PLACED + _CONTEXTS).fetchall()
    return Order(
        [case for case, _ in cases],
        [case for case, still_open in cases if still_open],
        dict(moves),
        [index for (index,) in contexts],
    )
