"""What a case that moved changes in the rows by which lists and sums find it: what differs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import UUID

from placet.need_to_know.brief import listing
from placet.need_to_know.case_on_desks import Laid, laid, stale_rows
from placet.need_to_know.desk import Row
from placet.need_to_know.staleness import Compared
from placet.review.case import Case
from placet.review.course import course
from placet.review.takings import takings

__all__ = [
    "DUE",
    "compared_of",
    "courses_of",
    "desk_of",
    "filled_by",
    "found_by",
    "stale_of",
    "takings_of",
]

Statements = Iterator[tuple[str, tuple[object, ...]]]


def found_by(case: Case, before: Case | None) -> Statements:
    """Yield all statements, each with its values, for a case that moved."""
    now, then = laid(case), laid(before) if before is not None else None
    for rows_of in (desk_of, takings_of, courses_of, compared_of):
        yield from rows_of(now, then)


def desk_of(new: Laid, old: Laid | None) -> Statements:
    """Yield the statements, each with its values, that bring the rows of a case up to date."""
    case, now, then = new.case, new.rows, old.rows if old is not None else frozenset()
    if gone := then - now:
        yield _DELETE, (case.id, [_name(each) for each in gone])
    if come := now - then:
        yield _LAY, (json.dumps([_plain(case.id, each) for each in come]),)
    known = listing(case)
    if old is None or listing(old.case) != known:
        yield _LIST, (case.id, known.status.value, list(known.awaited), list(known.words))


def filled_by(rows_of: Callable[[Laid, Laid | None], Statements]) -> Callable[[Any, Any], None]:
    """Return the step of a migration that works such rows out for the cases on file already."""

    def fill(_: Any, editor: Any) -> None:
        with editor.connection.cursor() as cursor:
            cursor.execute("SELECT state::text FROM case_head ORDER BY case_id")
            states = cursor.fetchall()
            for (state,) in states:
                for statement, values in rows_of(laid(Case.model_validate_json(state)), None):
                    cursor.execute(statement, values)

    return fill


def takings_of(new: Laid, old: Laid | None) -> Statements:
    """Yield the statements, each with its values, that bring what a case takes up to date."""
    case = new.case
    now, then = takings(case), takings(old.case) if old is not None else frozenset()
    if gone := then - now:
        yield _PUT_BACK, (case.id, sorted(each.line for each in gone))
    for each in sorted(now - then):
        words = (each.line, each.item, each.lot, each.activity, each.actor)
        yield _TAKE, (case.id, *words, each.approved, each.pending)


def courses_of(new: Laid, old: Laid | None) -> Statements:
    """Yield the statement that brings the course of a case up to date."""
    case, now = new.case, course(new.case)
    if old is None or course(old.case) != now:
        yield _COURSE, (case.id, now.filed, now.determined, now.answered, now.permitted)


def compared_of(new: Laid, old: Laid | None) -> Statements:
    """Yield the statements that have a case compared anew, where what it stands on has moved.

    Its rows as a stale case go with what they were true of; whether it is stale still, and for whom
    it is, is for the next comparison to say (`stale_of`).
    """
    case, now, then = new.case, new.stale, old.stale if old is not None else frozenset()
    if old is not None and now == then and _stands_on(case) == _stands_on(old.case):
        return
    if then:
        yield _DELETE, (case.id, [_name(each) for each in then])
    if now:
        yield _COMPARE, (case.id,)
    elif then:
        yield _LEAVE, (case.id,)


def _stands_on(case: Case) -> object:
    return case.request, case.determined.digest if case.determined is not None else None


def stale_of(found: Mapping[str, tuple[Case, Compared]], version: int) -> Statements:
    """Yield the statements that keep what a comparison with a version of the context found."""
    laid, gone = [], []
    for name, (case, result) in found.items():
        for row in stale_rows(case):
            if result.stale:
                laid.append(_plain(name, row))
            else:
                gone.append((name, _name(row)))
    if gone:
        yield _CLEAR, ([name for name, _ in gone], [row for _, row in gone])
    if laid:
        yield _LAY, (json.dumps(laid),)
    until = [each.until for _, each in found.values()]
    yield _COMPARED, (version, list(found), until)


_DELETE = "DELETE FROM desk WHERE case_id = %s AND id = ANY (%s::uuid[])"
_LAY = (
    "WITH come AS MATERIALIZED (SELECT * FROM jsonb_to_recordset(%s) AS r (case_id text, id uuid,"
    " tray uuid, key text, tab text, act text, about text, since timestamptz, due timestamptz,"
    " begins timestamptz, ends timestamptz, also text[], others text[], persons text[],"
    " told boolean)),"
    # In the order of their ids, so that two acts that lay the same trays do not wait in a circle.
    " laid AS (INSERT INTO tray (id, key, tab, also, not_for)"
    " SELECT DISTINCT ON (tray) tray, key, tab, also, others FROM come"
    " WHERE NOT EXISTS (SELECT FROM tray t WHERE t.id = come.tray) ORDER BY tray"
    " ON CONFLICT DO NOTHING)"
    " INSERT INTO desk (case_id, id, tray, act, about, since, due, begins, ends, not_for, told)"
    " SELECT case_id, id, tray, act, about, since, due, begins, ends, persons, told FROM come"
    " ON CONFLICT DO NOTHING"
)
_LIST = (
    "INSERT INTO listing (case_id, status, awaited, words) VALUES (%s, %s, %s, %s)"
    " ON CONFLICT (case_id) DO UPDATE SET status = excluded.status, awaited = excluded.awaited,"
    " words = excluded.words"
)

DUE = (
    "SELECT state FROM case_head WHERE case_id IN"
    " ((SELECT case_id FROM compared WHERE context < %(version)s"
    "   ORDER BY context, case_id LIMIT %(most)s)"
    "  UNION"
    "  (SELECT case_id FROM compared WHERE until <= %(at)s"
    "   ORDER BY until, case_id LIMIT %(most)s))"
    " ORDER BY case_id LIMIT %(most)s FOR NO KEY UPDATE SKIP LOCKED"
)
"""Cases to compare with a version of the context at a moment; one that is acted on can wait."""
_COMPARE = (
    "INSERT INTO compared (case_id) VALUES (%s)"
    " ON CONFLICT (case_id) DO UPDATE SET context = excluded.context, until = excluded.until"
)
_LEAVE = "DELETE FROM compared WHERE case_id = %s"
_COMPARED = (
    "UPDATE compared c SET context = %s, until = n.until"
    " FROM unnest(%s::text[], %s::timestamptz[]) AS n (case_id, until)"
    " WHERE c.case_id = n.case_id"
)
_CLEAR = (
    "DELETE FROM desk d USING unnest(%s::text[], %s::uuid[]) AS g (case_id, id)"
    " WHERE d.case_id = g.case_id AND d.id = g.id"
)
_COURSE = (
    "INSERT INTO course (case_id, filed, determined, answered, permitted)"
    " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (case_id) DO UPDATE SET filed = excluded.filed,"
    " determined = excluded.determined, answered = excluded.answered,"
    " permitted = excluded.permitted"
)

_PUT_BACK = "DELETE FROM taking WHERE case_id = %s AND line = ANY (%s::text[])"
_TAKE = (
    "INSERT INTO taking (case_id, line, item, lot, activity, actor, approved, pending)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
)


def _name(row: Row) -> UUID:
    return _uuid(row.line)


def _tray(row: Row) -> UUID:
    """Return the name of the tray that a row lies in: it is that of every row like it."""
    return _uuid("\x1f".join((row.key, row.tab, *map("\x1e".join, (row.also, row.others)))))


def _uuid(text: str) -> UUID:
    return UUID(bytes=hashlib.sha256(text.encode()).digest()[:16])


def _plain(case: str, row: Row) -> dict[str, object]:
    return {
        "case_id": case,
        "id": str(_name(row)),
        "tray": str(_tray(row)),
        "key": row.key,
        "tab": row.tab,
        "act": row.act,
        "about": row.about,
        "since": row.since.isoformat(),
        "due": row.due.isoformat(),
        "begins": row.begins.isoformat(),
        "ends": row.ends.isoformat(),
        "also": row.also,
        "others": row.others,
        "persons": row.persons,
        "told": row.told,
    }
