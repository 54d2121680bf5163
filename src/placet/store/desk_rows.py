"""What a case that moved changes in the rows by which lists and sums find it: what differs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from placet.review.brief import listing
from placet.review.case import Case
from placet.review.desk import Row
from placet.review.desks import rows
from placet.review.takings import takings

__all__ = ["desk_of", "filled_by", "takings_of"]

Statements = Iterator[tuple[str, tuple[object, ...]]]


def desk_of(case: Case, before: Case | None) -> Statements:
    """Yield the statements, each with its values, that bring the rows of a case up to date."""
    now, then = rows(case), rows(before) if before is not None else frozenset()
    if gone := then - now:
        yield _DELETE, (case.id, [_name(each) for each in gone])
    if come := now - then:
        yield _INSERT, (json.dumps([_plain(each) for each in come]), case.id)
    known = listing(case)
    if before is None or listing(before) != known:
        yield _LIST, (case.id, known.status.value, list(known.awaited), list(known.words))


def filled_by(rows_of: Callable[[Case, Case | None], Statements]) -> Callable[[Any, Any], None]:
    """Return the step of a migration that works such rows out for the cases on file already."""

    def fill(_: Any, editor: Any) -> None:
        with editor.connection.cursor() as cursor:
            cursor.execute("SELECT state::text FROM case_head ORDER BY case_id")
            states = cursor.fetchall()
            for (state,) in states:
                for statement, values in rows_of(Case.model_validate_json(state), None):
                    cursor.execute(statement, values)

    return fill


def takings_of(case: Case, before: Case | None) -> Statements:
    """Yield the statements, each with its values, that bring what a case takes up to date."""
    now, then = takings(case), takings(before) if before is not None else frozenset()
    if gone := then - now:
        yield _PUT_BACK, (case.id, sorted(each.line for each in gone))
    for each in sorted(now - then):
        words = (each.line, each.item, each.lot, each.activity, each.actor)
        yield _TAKE, (case.id, *words, each.approved, each.pending)


_DELETE = "DELETE FROM desk WHERE case_id = %s AND id = ANY (%s::uuid[])"
_INSERT = (
    "WITH come AS MATERIALIZED (SELECT * FROM jsonb_to_recordset(%s) AS r (id uuid, tray uuid,"
    " key text, tab text, act text, about text, since timestamptz, due timestamptz,"
    " begins timestamptz, ends timestamptz, also text[], others text[], persons text[],"
    " told boolean)),"
    # In the order of their ids, so that two acts that lay the same trays do not wait in a circle.
    " laid AS (INSERT INTO tray (id, key, tab, also, not_for)"
    " SELECT DISTINCT ON (tray) tray, key, tab, also, others FROM come"
    " WHERE NOT EXISTS (SELECT FROM tray t WHERE t.id = come.tray) ORDER BY tray"
    " ON CONFLICT DO NOTHING)"
    " INSERT INTO desk (case_id, id, tray, act, about, since, due, begins, ends, not_for, told)"
    " SELECT %s, id, tray, act, about, since, due, begins, ends, persons, told FROM come"
)
_LIST = (
    "INSERT INTO listing (case_id, status, awaited, words) VALUES (%s, %s, %s, %s)"
    " ON CONFLICT (case_id) DO UPDATE SET status = excluded.status, awaited = excluded.awaited,"
    " words = excluded.words"
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


def _plain(row: Row) -> dict[str, object]:
    return {
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
