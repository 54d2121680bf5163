"""Reading what is on record. Shares no code with what writes it but the way to the database.

The state of cases and what stands beside it: contexts, permits, status lists, desks. The log itself
is in `log_reading`, and for whom every question is asked in `asking`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from placet.analysis.projection import Draw
from placet.need_to_know.desk import Held, Tab
from placet.need_to_know.reporting import AGES, Figures
from placet.operations.ports import (
    Heads,
    OnDesk,
    PermitRow,
    Sought,
    Taken,
    Tally,
)
from placet.review.case import Case
from placet.review.context import Context, load_context
from placet.review.errors import UnknownError
from placet.store.asking import AT_ONCE
from placet.store.connections import Database
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
from placet.store.log_reading import LogReading
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


class DatabaseReading(LogReading):
    """Reads a database; implements `operations.ports.Reading`. For many threads.

    Args:
        database: connections in the role `placet_read`.
        parties: for which parties it reads: it sees the cases in which one of them is the
            applicant or has a say, and no context. None to read everything, for audit and
            for what works out a view.
    """

    def __init__(self, database: Database, parties: Collection[str] | None = None) -> None:
        super().__init__(database, parties)
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
                    {"ended": ended, "at": at, "case": case, "most": AT_ONCE},
                ).fetchall()
            yield from (_case((state,)) for _, _, state in rows)
            if len(rows) < AT_ONCE:
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
                    (after, AT_ONCE),
                ).fetchall()
            yield from (token for _, token in rows)
            if len(rows) < AT_ONCE:
                return
            after = rows[-1][0]

    def heads(self) -> Heads:
        """Return the present state and all beside it, as of one moment."""
        with self._asking("REPEATABLE READ") as connection:
            return heads_in(connection)

    def structure(self) -> Sequence[str]:
        """Return in what the structure of the database differs from what migrations lay."""
        with self._asking() as connection:
            return list(differences(connection))


def _case(row: tuple[Any, ...]) -> Case:
    state: Mapping[str, Any] = row[0]
    return Case.model_validate(state)


def _draw(case: str, approved: Decimal, pending: Decimal) -> Draw:
    return Draw(case, int(approved), int(pending))
