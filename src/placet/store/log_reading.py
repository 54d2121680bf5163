"""Reading the log: its entries and what stands behind them, checkpoints, tiles, keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from placet.ledger import (
    MissingError,
    SignedCheckpoint,
    Tile,
    TileReader,
    VerifierKey,
    parse_body,
    parse_checkpoint,
)
from placet.operations.ports import EntryOnFile, EntryUnread, KeyUse
from placet.permit import PermitVerifierKey, parse_jwks
from placet.registry import parse_moment
from placet.store.asking import AT_ONCE, Asking
from placet.store.connections import DAEMON, PLACET

__all__ = ["LogReading"]

_ENTRY = (
    "SELECT index, leaf, body, body.case_id"
    " FROM numbered JOIN entry USING (ticket) LEFT JOIN body USING (ticket)"
)
_TILES = (
    "SELECT level, n, bytes FROM tile"
    " JOIN unnest(%s::smallint[], %s::bigint[]) AS wanted (level, n) USING (level, n)"
)


class LogReading(Asking):
    """Reads the log of a database."""

    def entries(self, start: int = 0, end: int | None = None) -> Iterator[EntryOnFile]:
        """Yield numbered entries in order of index, from `start` to before `end`."""
        return (each.read() for each in self.unread(start, end))

    def unread(self, start: int = 0, end: int | None = None) -> Iterator[EntryUnread]:
        """Yield the same with their bodies as they are stored."""
        while end is None or start < end:
            until = start + AT_ONCE if end is None else min(end, start + AT_ONCE)
            with self._asking() as connection:
                rows = connection.execute(
                    f"{_ENTRY} WHERE index >= %s AND index < %s ORDER BY index", (start, until)
                ).fetchall()
            yield from (EntryUnread(*row) for row in rows)
            if not rows:
                return
            start = until

    def entries_of_case(self, case: str) -> Sequence[EntryOnFile]:
        """Return the entries that move a case, in order."""
        with self._asking() as connection:
            return [
                _entry(row)
                for row in connection.execute(
                    f"{_ENTRY} JOIN moved USING (ticket) WHERE moved.case_id = %s ORDER BY version",
                    (case,),
                )
            ]

    def places_of_case(self, case: str) -> Sequence[int]:
        """Return the places in the log of the entries that move a case, in order."""
        with self._asking() as connection:
            rows = connection.execute(
                "SELECT index FROM moved JOIN numbered USING (ticket) WHERE case_id = %s"
                " ORDER BY version",
                (case,),
            )
            return [index for (index,) in rows]

    def entries_of_no_case(self, start: int = 0) -> Sequence[EntryOnFile]:
        """Return the numbered entries from `start` on that are acts on no single case, in order."""
        with self._asking() as connection:
            rows = connection.execute(
                f"{_ENTRY} WHERE index >= %s AND body.case_id IS NULL ORDER BY index", (start,)
            )
            return [_entry(row) for row in rows]

    def entries_of_context(self) -> Sequence[EntryOnFile]:
        """Return the numbered entries that made the versions of the context, in order."""
        with self._asking() as connection:
            rows = connection.execute(f"{_ENTRY} JOIN context USING (ticket) ORDER BY version")
            return [_entry(row) for row in rows]

    def unnumbered(self) -> int:
        """Return how many acts are committed and not yet numbered."""
        with self._asking() as connection:
            return int(next(connection.execute("SELECT count(*) FROM pending"))[0])

    def waiting_since(self) -> datetime | None:
        """Return when the oldest act was done that has no number yet; None where none waits."""
        with self._asking() as connection:
            row = connection.execute(
                "SELECT body FROM body WHERE ticket = (SELECT min(ticket) FROM pending)"
            ).fetchone()
        return parse_moment(str(parse_body(row[0]).shown["time"])) if row is not None else None

    def has_sequencer(self) -> bool:
        """Say whether a process holds the sequencer's lock."""
        with self._asking() as connection:
            row = connection.execute(
                "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted"
                " AND mode = 'ExclusiveLock' AND (classid, objid, objsubid) = (%s, %s, 2) AND"
                " database = (SELECT oid FROM pg_database WHERE datname = current_database()))",
                (PLACET, DAEMON),
            ).fetchone()
        return row == (True,)

    def checkpoint(self) -> SignedCheckpoint | None:
        """Return the latest signed checkpoint."""
        with self._asking() as connection:
            row = connection.execute(
                "SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1"
            ).fetchone()
        return parse_checkpoint(row[0]) if row is not None else None

    def checkpoints(self) -> Iterator[SignedCheckpoint]:
        """Yield every signed checkpoint, the smallest first."""
        after = -1
        while True:
            with self._asking() as connection:
                rows = connection.execute(
                    "SELECT size, note FROM checkpoint WHERE size > %s ORDER BY size LIMIT %s",
                    (after, AT_ONCE),
                ).fetchall()
            yield from (parse_checkpoint(note) for _, note in rows)
            if len(rows) < AT_ONCE:
                return
            after = rows[-1][0]

    def latest_checkpoints(
        self, count: int, below: int | None = None
    ) -> Sequence[SignedCheckpoint]:
        """Return the latest signed checkpoints, the largest first; `below` leaves out larger."""
        with self._asking() as connection:
            rows = connection.execute(
                "SELECT note FROM checkpoint WHERE %(below)s::bigint IS NULL OR size < %(below)s"
                " ORDER BY size DESC LIMIT %(count)s",
                {"below": below, "count": count},
            )
            return [parse_checkpoint(note) for (note,) in rows]

    def tiles(self) -> TileReader:
        """Return a reader of the log's tiles; each question is one to the database."""
        return self._tiles

    def log_keys(self) -> Sequence[VerifierKey]:
        """Return the public keys that sign for this log or did, the oldest first."""
        keys = self._keys("log")
        return [replace(VerifierKey.parse(key), until=until) for key, until in keys]

    def permit_keys(self) -> Sequence[PermitVerifierKey]:
        """Return the public keys that sign permits or did, the oldest first."""
        keys = self._keys("permit")
        return [replace(parse_jwks(key.encode())[0], until=until) for key, until in keys]

    def next_keys(self) -> Mapping[KeyUse, str]:
        """Return the public keys that were made and do not sign yet."""
        with self._asking() as connection:
            return dict(
                connection.execute("SELECT use, key FROM signing_key WHERE next").fetchall()
            )

    def _keys(self, use: KeyUse) -> Sequence[tuple[str, int | None]]:
        with self._asking() as connection:
            return connection.execute(
                "SELECT key, until FROM signing_key WHERE use = %s AND NOT next"
                " ORDER BY until NULLS LAST, key",
                (use,),
            ).fetchall()

    def _tiles(self, tiles: Sequence[Tile], /) -> Sequence[bytes]:
        with self._database.connection() as connection:  # tiles are public: no settings are needed
            rows = connection.execute(
                _TILES,
                ([each.level for each in tiles], [each.number for each in tiles]),
                binary=True,
            )
            found = {(level, number): data for level, number, data in rows}
        for tile in tiles:
            if (tile.level, tile.number) not in found:
                raise MissingError(f"{tile.path} is not in the database.", path=tile.path)
        return [found[tile.level, tile.number] for tile in tiles]


def _entry(row: tuple[Any, ...]) -> EntryOnFile:
    return EntryUnread(*row).read()
