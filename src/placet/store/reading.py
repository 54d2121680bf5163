"""Reading what is on record. Shares no code with what writes it but the way to the database.

Every question is asked in the role `placet_read`, under row-level security, in a transaction of
its own whose settings say for whom it is asked. Without such settings no row of a case is seen:
a forgotten filter shows nothing. It does not stop whoever can run statements of their own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any, LiteralString

from placet.analysis.projection import Draw
from placet.ledger import (
    MissingError,
    SignedCheckpoint,
    Tile,
    TileReader,
    VerifierKey,
    parse_body,
    parse_checkpoint,
)
from placet.need_to_know.desk import Held, Tab
from placet.need_to_know.reporting import AGES, Figures
from placet.operations.ports import (
    EntryOnFile,
    EntryUnread,
    Heads,
    KeyUse,
    OnDesk,
    PermitRow,
    Sought,
    Taken,
    Tally,
)
from placet.permit import PermitVerifierKey, parse_jwks
from placet.registry import parse_moment
from placet.review.case import Case
from placet.review.context import Context, load_context
from placet.review.errors import UnknownError
from placet.store.connections import DAEMON, PLACET, Database
from placet.store.desk_reading import (
    STATES,
    TAKEN,
    TALLIES,
    held_of,
    page_of,
    tallied,
)
from placet.store.document_rows import ONE
from placet.store.heads_reading import ENDED, PERMIT, heads_in
from placet.store.report_reading import FIGURES, OLDEST, counted
from placet.store.structure import differences
from placet.store.transactions import Transaction

__all__ = ["DatabaseReading"]

_CASES = 2000
"""Cases that a reader keeps, those seen last: reading a state takes longer than finding it."""

_CONTEXTS = 8
"""Contexts that a reader keeps, those asked for last: cases are shown as they were judged."""

_PRESENT: ContextVar[dict[object, Context] | None] = ContextVar("present", default=None)
"""The present contexts of readers that are asked at one moment."""

_AT_ONCE = 500
"""Rows read with one question, so that no transaction lasts long."""

_ENTRY = (
    "SELECT index, leaf, body, body.case_id"
    " FROM numbered JOIN entry USING (ticket) LEFT JOIN body USING (ticket)"
)
_TILES = (
    "SELECT level, n, bytes FROM tile"
    " JOIN unnest(%s::smallint[], %s::bigint[]) AS wanted (level, n) USING (level, n)"
)


class DatabaseReading:
    """Reads a database; implements `operations.ports.Reading`. For many threads.

    Args:
        database: connections in the role `placet_read`.
        parties: for which parties it reads: it sees the cases in which one of them is the
            applicant or has a say, and no context. None to read everything, for audit and
            for what works out a view.
    """

    def __init__(self, database: Database, parties: Collection[str] | None = None) -> None:
        self._database = database
        self._parties = parties
        self._contexts: dict[int, Context] = {}
        self._cases: dict[str, Case] = {}

    def for_viewer(self, parties: Collection[str]) -> DatabaseReading:
        """Return a reader that sees only what concerns these parties."""
        return DatabaseReading(self._database, frozenset(parties))

    def context(self, version: int | None = None) -> Context:
        """Return a context, by default the present one.

        Raises:
            UnknownError: the log has not begun, there is no such version, or it may not be seen.
        """
        present = _PRESENT.get() if version is None else None
        known = (present or {}).get(self) if version is None else self._contexts.get(version)
        if known is None:
            known = self._context(version)
            if present is not None:
                present[self] = known
        return known

    @contextmanager
    def at_one_moment(self) -> Iterator[None]:
        """Within this, a thread goes by one present context, that of its first asking."""
        before = _PRESENT.set({})
        try:
            yield
        finally:
            _PRESENT.reset(before)

    def _context(self, version: int | None) -> Context:
        with self._asking() as connection:
            found = connection.execute(
                "SELECT version FROM context WHERE version = %(version)s OR %(version)s IS NULL"
                " ORDER BY version DESC LIMIT 1",
                {"version": version},
            ).fetchone()
            if found is None:
                which = "The log has not begun" if version is None else f"no version {version}"
                raise UnknownError(f"There is no context: {which}.")
            context = self._contexts.get(found[0])
            if context is None:
                row = connection.execute("SELECT plain FROM context WHERE version = %s", found)
                context = load_context(found[0], next(row)[0])
        kept = {each: one for each, one in self._contexts.items() if each != context.version}
        latest = list(kept.items())[1 - _CONTEXTS :]
        self._contexts = {**dict(latest), context.version: context}
        return context

    def case(self, case: str) -> Case:
        """Return a case as it stands.

        Raises:
            UnknownError: there is no such case, or it may not be seen.
        """
        return _case(
            self._row("SELECT state FROM case_head WHERE case_id = %s", case, f"no case {case}")
        )

    def cases(self, *, open_only: bool = False) -> Iterator[Case]:
        """Yield cases, the latest moved first.

        What is yielded is as it stands when its part is read; a case that moves meanwhile
        may come twice or not at all.
        """
        ended = ENDED if open_only else []
        at, case = None, ""
        while True:
            with self._asking() as connection:
                rows = connection.execute(
                    "SELECT moved_at, case_id, state FROM case_head WHERE stage <> ALL(%(ended)s)"
                    " AND (%(at)s::timestamptz IS NULL OR moved_at < %(at)s"
                    "  OR moved_at = %(at)s AND case_id > %(case)s)"
                    " ORDER BY moved_at DESC, case_id LIMIT %(most)s",
                    {"ended": ended, "at": at, "case": case, "most": _AT_ONCE},
                ).fetchall()
            yield from (_case((state,)) for _, _, state in rows)
            if len(rows) < _AT_ONCE:
                return
            at, case, _ = rows[-1]

    def desk(self, sought: Sought) -> Sequence[OnDesk]:
        """Return a page of what is on somebody's desk, in order, each thing once.

        What is found is what the keys of the viewer let through, whoever this reader reads for.
        """
        statement, values = page_of(sought)
        with self._asking("REPEATABLE READ", sought.held) as connection:
            found = connection.execute(statement, values).fetchall()
            connection.execute("SELECT set_config('placet.viewer_audit', 'on', true)")
            cases = self._as_they_stand(connection, {place[2] for place in found})
        return [OnDesk(cases[place[2]], place) for place in found]

    def tallies(self, held: Held, at: datetime) -> Mapping[Tab, Tally]:
        """Return how much there is on each tab for somebody at a moment."""
        most = Tally.MOST_COUNTED
        values = held_of(held) | {"at": at, "most": most}
        with self._asking(held=held) as connection:
            return tallied(connection.execute(TALLIES, values).fetchall())

    def figures(self, held: Held, at: datetime) -> Figures:
        """Return what the cases that lie before somebody come to, of an age at a moment."""
        values = {"marks": sorted(held.marks), "at": at, "ages": list(AGES), "oldest": OLDEST}
        with self._asking("REPEATABLE READ", held) as connection:
            found = counted(connection.execute(FIGURES, values).fetchall())
            connection.execute("SELECT set_config('placet.viewer_audit', 'on', true)")
            cases = self._as_they_stand(connection, set(found.oldest))
        oldest = [cases[each] for each in found.oldest]
        return Figures(found.outcomes, found.spans, found.ages, found.awaited, oldest)

    def taken(self, held: Held, items: Collection[str], lots: Collection[str]) -> Sequence[Taken]:
        """Return what the cases that lie before somebody take of items and lots."""
        values = {
            "marks": sorted(held.marks),
            "items": sorted(items),
            "lots": sorted(lots),
            "most": Taken.MOST_NAMED,
        }
        with self._asking(held=held) as connection:
            rows = connection.execute(TAKEN, values).fetchall()
        return [
            Taken(item, lot, activity, actor, int(approved), int(pending), count, draws)
            for item, lot, activity, actor, approved, pending, count, *named in rows
            for draws in [tuple(map(_draw, *named))]
        ]

    def _as_they_stand(
        self, connection: Transaction, wanted: Collection[str]
    ) -> Mapping[str, Case]:
        """Return cases as they stand; those that have not moved since are not read again."""
        if not wanted:
            return {}
        known = {each: self._cases[each] for each in wanted & self._cases.keys()}
        versions = [each.version for each in known.values()]
        rows = connection.execute(STATES, (list(known), versions, list(wanted))).fetchall()
        found = {case: known[case] if state is None else _case((state,)) for case, _, state in rows}
        kept = {case: each for case, each in self._cases.items() if case not in found} | found
        self._cases = dict(islice(kept.items(), max(0, len(kept) - _CASES), None))
        return found

    def permitted(
        self, count: int, parties: Collection[str] | None, after: str | None = None
    ) -> Sequence[Case]:
        """Return cases with permits, the latest moved first, with one question.

        `parties` keeps those in which one of them applies, acts, raised the request or has a say;
        `after` those that come after that case.
        """
        with self._asking() as connection:
            rows = connection.execute(
                "SELECT state FROM case_head h"
                " WHERE EXISTS (SELECT FROM permit p WHERE p.case_id = h.case_id)"
                # One lookup for each case in the order of the list, and not one of them all.
                " AND (%(parties)s::text[] IS NULL OR (SELECT true FROM case_party s"
                " WHERE s.case_id = h.case_id AND s.party = ANY (%(parties)s::text[]) LIMIT 1)"
                " OR h.state -> 'request' ->> 'raised-by' = ANY (%(parties)s::text[])"
                " OR h.state -> 'request' ->> 'actor' = ANY (%(parties)s::text[]))"
                " AND (%(after)s::text IS NULL OR (h.moved_at, h.case_id) < (SELECT moved_at,"
                " case_id FROM case_head WHERE case_id = %(after)s))"
                " ORDER BY h.moved_at DESC, h.case_id DESC LIMIT %(count)s",
                {
                    "parties": None if parties is None else sorted(parties),
                    "after": after,
                    "count": count,
                },
            )
            return [_case(row) for row in rows]

    def case_of_permit(self, permit: str) -> Case:
        """Return the case under which a permit was issued.

        Raises:
            UnknownError: there is no such permit, or it may not be seen.
        """
        statement = "SELECT state FROM permit JOIN case_head USING (case_id) WHERE permit = %s"
        return _case(self._row(statement, permit, f"no permit {permit}"))

    def document(self, case: str, digest: str) -> bytes | None:
        """Return a document that was filed on a case; None where there is none, or not any more."""
        with self._asking() as connection:
            row = connection.execute(ONE, (case, digest), binary=True).fetchone()
        return bytes(row[0]) if row is not None else None

    def permit_row(self, permit: str) -> PermitRow:
        """Return a permit's row, with its token once it is signed.

        Raises:
            UnknownError: there is no such permit, or it may not be seen.
        """
        return PermitRow(*self._row(f"{PERMIT} WHERE permit = %s", permit, f"no permit {permit}"))

    def is_taken(self, status_index: int) -> bool:
        """Say whether a permit has this place on the status list."""
        with self._asking() as connection:
            row = connection.execute(
                "SELECT EXISTS (SELECT FROM permit WHERE status_index = %s)", (status_index,)
            ).fetchone()
        return bool(row and row[0])

    def status_list(self, at: datetime | None = None) -> str | None:
        """Return the latest signed status list token, or that which was the latest at a moment."""
        with self._asking() as connection:
            row = connection.execute(
                "SELECT token FROM status_list WHERE %(at)s::timestamptz IS NULL OR at <= %(at)s"
                " ORDER BY version DESC LIMIT 1",
                {"at": at},
            ).fetchone()
        return row[0] if row is not None else None

    def status_lists(self) -> Iterator[str]:
        """Yield every signed version of the status list, the first first."""
        after = -1
        while True:
            with self._asking() as connection:
                rows = connection.execute(
                    "SELECT version, token FROM status_list WHERE version > %s"
                    " ORDER BY version LIMIT %s",
                    (after, _AT_ONCE),
                ).fetchall()
            yield from (token for _, token in rows)
            if len(rows) < _AT_ONCE:
                return
            after = rows[-1][0]

    def entries(self, start: int = 0, end: int | None = None) -> Iterator[EntryOnFile]:
        """Yield numbered entries in order of index, from `start` to before `end`."""
        return (each.read() for each in self.unread(start, end))

    def unread(self, start: int = 0, end: int | None = None) -> Iterator[EntryUnread]:
        """Yield the same with their bodies as they are stored."""
        while end is None or start < end:
            until = start + _AT_ONCE if end is None else min(end, start + _AT_ONCE)
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

    def heads(self) -> Heads:
        """Return the present state and all beside it, as of one moment."""
        with self._asking("REPEATABLE READ") as connection:
            return heads_in(connection)

    def structure(self) -> Sequence[str]:
        """Return in what the structure of the database differs from what migrations lay."""
        with self._asking() as connection:
            return list(differences(connection))

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
                    (after, _AT_ONCE),
                ).fetchall()
            yield from (parse_checkpoint(note) for _, note in rows)
            if len(rows) < _AT_ONCE:
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


def _case(row: tuple[Any, ...]) -> Case:
    state: Mapping[str, Any] = row[0]
    return Case.model_validate(state)


def _draw(case: str, approved: Decimal, pending: Decimal) -> Draw:
    return Draw(case, int(approved), int(pending))


def _entry(row: tuple[Any, ...]) -> EntryOnFile:
    return EntryUnread(*row).read()
