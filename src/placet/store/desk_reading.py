"""The questions by which a page of somebody's desk is found, in the order of an index.

Of each tray before a viewer one index is read from where the page begins, and no further than the
page is long: what is on other desks, and how much is on this one, costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from psycopg.sql import SQL, Composed

from placet.need_to_know.brief import words_of
from placet.need_to_know.desk import Held, Tab
from placet.operations.ports import Sought, Tally

__all__ = ["DIGESTS", "STATES", "TAKEN", "TALLIES", "held_of", "page_of", "tallied"]

_TRAYS = SQL(
    "SELECT id, tab FROM tray WHERE key = ANY (%(keys)s::text[]) AND also <@ %(marks)s::text[]"
    " AND NOT not_for && %(marks)s::text[]"
)
_IS_FOR = SQL(
    "d.tray = t.id AND d.begins <= %(at)s AND %(at)s < d.ends"
    " AND NOT d.not_for && %(persons)s::text[]"
)
_PAGE = SQL(
    "SELECT DISTINCT found.due, found.since, found.case_id, found.act, found.about"
    " FROM ({} AND tab = %(tab)s) AS t CROSS JOIN LATERAL"
    " (SELECT d.due, d.since, d.case_id, d.act, d.about FROM desk d"
    "  WHERE {} ORDER BY {} LIMIT %(most)s) AS found ORDER BY {} LIMIT %(most)s"
)
_FORWARD = SQL("due, since, case_id, act, about")
_BACK = SQL("due DESC, since DESC, case_id DESC, act DESC, about DESC")
_AFTER = SQL(
    "(d.due, d.since, d.case_id, d.act, d.about)"
    " > (%(due)s, %(since)s, %(case)s, %(act)s, %(about)s)"
)
_BEFORE = SQL(
    "(d.due, d.since, d.case_id, d.act, d.about)"
    " < (%(due)s, %(since)s, %(case)s, %(act)s, %(about)s)"
)
_DUE = SQL("d.due <= %(due_by)s")
_STATUS = SQL(
    "EXISTS (SELECT FROM listing l WHERE l.case_id = d.case_id"
    " AND l.status = ANY (%(statuses)s::text[]))"
)
_TOLD = SQL(
    " AND EXISTS (SELECT FROM desk o JOIN tray u ON u.id = o.tray WHERE o.case_id = d.case_id"
    " AND o.told AND u.tab <> 'action' AND u.key = ANY (%(keys)s::text[]))"
)
"""Whoever has several parts in a case is told what any of them is told, on whichever tab it is."""
_AWAITS = (
    SQL(
        "EXISTS (SELECT FROM listing l WHERE l.case_id = d.case_id"
        " AND %(awaiting)s = ANY (l.awaited))"
    )
    + _TOLD
)
_UNDETERMINED = (
    SQL(
        "EXISTS (SELECT FROM listing l JOIN course c USING (case_id) WHERE l.case_id = d.case_id"
        " AND l.status = 'under-review' AND c.determined IS NULL)"
    )
    + _TOLD
)
_FOUND = SQL("WITH found AS MATERIALIZED (SELECT sought(%(words)s::tsquery, %(few)s + 1) AS it) ")
_WORDS = SQL(
    "CASE WHEN (SELECT count(*) FROM found) <= %(few)s THEN d.case_id IN (SELECT it FROM found)"
    " ELSE EXISTS (SELECT FROM listing l WHERE l.case_id = d.case_id"
    " AND array_to_tsvector(l.words) @@ %(words)s::tsquery) END"
)
_FEW = 1000
"""Up to how many cases a search lists; of more, a page is found by looking in the list's order."""


def held_of(held: Held) -> dict[str, Any]:
    """Return what a viewer holds as values of a question."""
    persons = [each for each in held.marks if each.startswith("person:")]
    return {"keys": sorted(held.keys), "marks": sorted(held.marks), "persons": persons}


def page_of(sought: Sought) -> tuple[Composed, dict[str, Any]]:
    """Return the question for a page, and its values."""
    back = sought.tab is Tab.CLOSED
    order = _BACK if back else _FORWARD
    narrowed = [
        (_BEFORE if back else _AFTER, sought.after is not None),
        (_DUE, sought.due_by is not None),
        (_STATUS, bool(sought.statuses)),
        (_AWAITS, sought.awaiting is not None),
        (_UNDETERMINED, sought.undetermined),
        (_WORDS, bool(sought.words)),
    ]
    conditions = SQL(" AND ").join([_IS_FOR, *(each for each, asked in narrowed if asked)])
    due, since, case, act, about = sought.after or (None,) * 5
    values = held_of(sought.held) | {
        "tab": sought.tab.value,
        "at": sought.at,
        "most": sought.most,
        "due": due,
        "since": since,
        "case": case,
        "act": act,
        "about": about,
        "statuses": [each.value for each in sought.statuses],
        "awaiting": sought.awaiting,
        "due_by": sought.due_by,
        "few": _FEW,
        "words": " & ".join(f"'{each}':*" for each in words_of(" ".join(sought.words))),
    }
    page = _PAGE.format(_TRAYS, conditions, order, order)
    return (_FOUND + page if sought.words else page), values


TALLIES = SQL(
    "SELECT tab, count(*), count(*) FILTER (WHERE due <= %(at)s) FROM (SELECT DISTINCT t.tab,"
    " found.case_id, found.act, found.about, found.due FROM ({}) AS t CROSS JOIN LATERAL"
    " (SELECT d.case_id, d.act, d.about, d.due FROM desk d"
    "  WHERE {} ORDER BY {} LIMIT %(most)s) AS found) AS every GROUP BY tab"
).format(_TRAYS, _IS_FOR, _FORWARD)
"""How much there is on each tab; no more is read of a tray than is counted."""

TAKEN = (
    "SELECT item, lot, activity, actor, sum(approved), sum(pending), count(*),"
    " array_agg(case_id ORDER BY nth) FILTER (WHERE nth <= %(most)s),"
    " array_agg(approved ORDER BY nth) FILTER (WHERE nth <= %(most)s),"
    " array_agg(pending ORDER BY nth) FILTER (WHERE nth <= %(most)s)"
    " FROM (SELECT *, row_number() OVER"
    "  (PARTITION BY item, lot, activity, actor ORDER BY case_id, line) AS nth"
    "  FROM takings_before(%(marks)s::text[], %(items)s::text[], %(lots)s::text[])) AS line"
    " GROUP BY item, lot, activity, actor ORDER BY item, lot, activity, actor"
)
"""What the cases that lie before somebody take, by what says whose stock it is."""

STATES = (
    "SELECT h.case_id, h.version, CASE WHEN h.version IS DISTINCT FROM k.version THEN h.state END"
    " FROM case_head h LEFT JOIN unnest(%s::text[], %s::bigint[]) AS k (case_id, version)"
    " USING (case_id) WHERE h.case_id = ANY (%s)"
)
"""Cases as they stand, each with its state where that is of another version than is known."""

_MOMENT = SQL("replace(to_char({}, 'YYYY-MM-DD\"T\"HH24:MI:SS.US'), '.000000', '')")
_TIMES = ("since", "due", "begins", "ends", "filed", "determined", "answered", "permitted")
DIGESTS = SQL(
    "WITH laid AS (SELECT case_id, d.id, concat_ws(E'\\x1f', key, tab, act, about,"
    " {since}, {due}, {begins}, {ends},"
    " array_to_string(also, E'\\x1e'), array_to_string(t.not_for || d.not_for, E'\\x1e'),"
    " CASE WHEN told THEN 'told' ELSE '' END) AS line FROM desk d JOIN tray t ON t.id = d.tray)"
    " SELECT case_id, encode(sha256(convert_to(string_agg(line, E'\\n' ORDER BY line COLLATE"
    " \"C\"), 'UTF8')), 'hex') FROM (SELECT case_id, CASE id WHEN left(encode(sha256("
    "convert_to(line, 'UTF8')), 'hex'), 32)::uuid THEN line ELSE 'misnamed' END AS line FROM laid"
    " UNION ALL SELECT case_id, concat_ws(E'\\x1f', '', status, array_to_string(awaited, E'\\x1e'),"
    " array_to_string(words, E'\\x1e')) FROM listing"
    " UNION ALL SELECT case_id, concat_ws(E'\\x1f', 'takes', line, item, lot, activity, actor,"
    " approved, pending) FROM taking"
    " UNION ALL SELECT case_id, 'compares' FROM compared"
    " UNION ALL SELECT case_id, concat_ws(E'\\x1f', 'course', {filed}, coalesce({determined}, ''),"
    " coalesce({answered}, ''), coalesce({permitted}, '')) FROM course) AS lines GROUP BY case_id"
).format(**{each: _MOMENT.format(SQL(each)) for each in _TIMES})
"""What `need_to_know.case_on_desks.digest` is over, as it is on file; times are in UTC.

A row is known by the digest of its line (`desk_rows`); by another name it could not be taken away.
"""


def tallied(rows: Iterable[tuple[str, int, int]]) -> dict[Tab, Tally]:
    """Return the tallies that were counted, none missing."""
    found = {Tab(tab): (count, late) for tab, count, late in rows}
    counted = {tab: found.get(tab, (0, 0)) for tab in Tab}
    most = Tally.MOST_COUNTED
    return {tab: Tally(min(count, most), min(late, most)) for tab, (count, late) in counted.items()}
