"""Where the log ends, and its tiles as rows: what a batch starts from, and what it writes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import psycopg
from psycopg.errors import NotNullViolation

from placet.ledger import (
    ENTRIES,
    FULL,
    Checkpoint,
    Edge,
    MissingError,
    Tile,
    hash_leaf,
    pack,
)
from placet.store.connections import NUMBERED
from placet.store.errors import DatabaseError
from placet.store.transactions import Transaction

__all__ = ["End", "overwrites", "tiles_in", "write_batch"]


@dataclass(frozen=True, slots=True)
class End:
    """Where the log ends: the edge of its tree, and the bundle of entries that is being filled."""

    edge: Edge
    filling: bytes = b""

    @classmethod
    def read(cls, connection: Transaction, size: int) -> End:
        """Take up the log where it ends."""
        # No join, and both ends of the range: no plan for this reads more than one bundle.
        filling = connection.execute(
            "SELECT (SELECT leaf FROM entry WHERE entry.ticket = numbered.ticket)"
            " FROM numbered WHERE index >= %s AND index < %s ORDER BY index",
            (size - size % FULL, size),
        ).fetchall()
        leaves = [leaf for (leaf,) in filling]
        return cls(Edge.read(size, tiles_in(connection)), pack(leaves) if leaves else b"")

    @property
    def size(self) -> int:
        """How many entries the log has."""
        return self.edge.frontier.size

    def checkpoint(self, origin: str) -> Checkpoint:
        """Return the checkpoint of the log as it is here."""
        return Checkpoint(origin, self.size, self.edge.frontier.root)

    def append(self, leaves: Sequence[bytes]) -> tuple[End, dict[Tile, bytes]]:
        """Add entries; return the new end, and every tile and bundle to write."""
        edge, tiles = self.edge.append([hash_leaf(leaf) for leaf in leaves])
        number, width = divmod(self.size, FULL)
        filling, left = self.filling, leaves
        while left:
            part, left = left[: FULL - width], left[FULL - width :]
            filling, width = filling + pack(part), width + len(part)
            tiles[Tile(ENTRIES, number, width)] = filling
            if width == FULL:
                filling, width, number = b"", 0, number + 1
        return End(edge, filling), tiles


def tiles_in(
    connection: psycopg.Connection | Transaction,
) -> Callable[[Sequence[Tile]], Sequence[bytes]]:
    """Read tiles within a batch."""

    def read(tiles: Sequence[Tile]) -> Sequence[bytes]:
        found = {
            (level, number): data
            for level, number, data in connection.execute(
                "SELECT level, n, bytes FROM tile"
                " JOIN unnest(%s::smallint[], %s::bigint[]) AS wanted (level, n) USING (level, n)",
                ([each.level for each in tiles], [each.number for each in tiles]),
            )
        }
        missing = next((each for each in tiles if each[:2] not in found), None)
        if missing is not None:
            raise MissingError(f"{missing.path} is not in the database.", path=missing.path)
        return [found[each[:2]] for each in tiles]

    return read


_WRITE = """
WITH taken AS (DELETE FROM pending WHERE ticket = ANY(%(tickets)s::bigint[])),
placed AS (
    INSERT INTO numbered (index, ticket) SELECT %(before)s + n - 1, ticket
    FROM unnest(%(tickets)s::bigint[]) WITH ORDINALITY AS t (ticket, n)),
signed AS (INSERT INTO checkpoint (size, note) VALUES (%(size)s, %(note)b)),
widened AS (
    INSERT INTO tile (level, n, width, bytes)
    SELECT * FROM
        unnest(%(levels)s::smallint[], %(numbers)s::bigint[], %(widths)s::smallint[], %(bytes)b)
    ON CONFLICT (level, n) DO UPDATE SET width = excluded.width, bytes =
    CASE WHEN substr(excluded.bytes, 1, length(tile.bytes)) = tile.bytes THEN excluded.bytes END)
SELECT pg_notify(%(channel)s, '')
"""
"""Writes a batch and announces it. A tile that is there is only ever continued: where it were not,
its bytes would become null, and the table takes none. So nothing of this has to be waited for."""


def _array(numbers: Iterable[int]) -> str:
    """Write an array of numbers as PostgreSQL reads it, without looking at each one's type."""
    return "{" + ",".join(map(str, numbers)) + "}"


def write_batch(
    connection: Transaction,
    before: int,
    tickets: Sequence[int],
    tiles: Mapping[Tile, bytes],
    note: bytes,
) -> None:
    """Write the numbers of a batch, its tiles in the place of narrower ones, and its checkpoint.

    That what is there is the beginning of what is written shows at the commit: see `overwrites`.
    """
    order = sorted(tiles)
    values = {
        "channel": NUMBERED,
        "tickets": _array(tickets),
        "before": before,
        "size": before + len(tickets),
        "note": note,
        "levels": _array(each.level for each in order),
        "numbers": _array(each.number for each in order),
        "widths": _array(each.width for each in order),
        "bytes": [tiles[each] for each in order],
    }
    connection.execute(_WRITE, values)


def overwrites(error: DatabaseError) -> bool:
    """Whether a batch was refused because a tile holds other bytes than the log gave it."""
    cause = error.__cause__
    return isinstance(cause, NotNullViolation) and cause.diag.table_name == "tile"
