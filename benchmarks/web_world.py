"""The register of `web`: a hundred thousand cases, made of a few that people really made.

Real acts make a case of each kind: untouched, asked, advised, decided, permitted, withdrawn. Each
is written again at other times by what writes any case. The database copies these until there are
enough: state, rows of lists, permits and entries, under references of their own. The entries get
numbers, tiles and a checkpoint like any others. What they say inside is what they said of the case
that was made: to read them costs what it costs, but an audit would refuse them. The background has
compared them with the context: on a working day few cases wait for that, and not all at once.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import psycopg

from benchmarks.register_world import AT, Log
from placet.need_to_know.staleness import compared
from placet.operations.ports import parties_of
from placet.review.case import Case
from placet.store.desk_rows import found_by
from placet.store.rows import text_of

__all__ = ["bring"]

_TIMES = 300
"""How often each kind is written again at other times."""
_NAMED = 2000
"""How many references are returned."""


def bring(log: Log, count: int) -> list[str]:
    """Bring a log to about so many cases; return the references of some of them."""
    kinds = [_made(log, act) for act in (_nothing, _asked, _advised, _decided, _permitted)]
    kinds.append(_made(log, _withdrawn))
    times = max(1, min(_TIMES, count // len(kinds) - 1))
    drawn = random.Random(7)  # noqa: S311
    again = [(kind, _again(kind, drawn)) for _ in range(times) for kind in kinds]
    numbered = [(kind, f"C-{number:07d}", case) for number, (kind, case) in enumerate(again)]
    with psycopg.connect(log.environ["DATABASE_URL"]) as owner:
        _write(owner, [_named(case, name) for _, name, case in numbered])
    _compare(log)
    with psycopg.connect(log.environ["DATABASE_URL"]) as owner:
        rest = range(len(numbered), count - len(kinds))
        copies = [(f"C-{each:07d}", numbered[each % len(numbered)][1]) for each in rest]
        of = {name: kind.id for kind, name, _ in numbered}
        _copy(owner, copies, of)
        owner.commit()
    log.submitted()  # gives a number to everything that waits for one
    with psycopg.connect(log.environ["DATABASE_URL"], autocommit=True) as owner:
        owner.execute("VACUUM (ANALYZE)")
    names = [*of, *(name for name, _ in copies)]
    return drawn.sample(names, min(_NAMED, len(names)))


def _compare(log: Log) -> None:
    """Do what the background does of open cases, as of now: in a day's work that is done."""
    while log.house.recording.compare(datetime.now(UTC), _TIMES, compared):
        pass


# --- a case of each kind, by real acts


def _made(log: Log, act: Callable[[Log, str], None]) -> Case:
    case = log.submitted()
    act(log, case)
    return log.house.reading.case(case)


def _nothing(_: Log, __: str) -> None:
    """Leave it to the deciding authority."""


def _asked(log: Log, case: str) -> None:
    log.do("whitfield", "ask", case, asks="which depot", due="2025-08-01")


def _advised(log: Log, case: str) -> None:
    log.do("hart", "advise", case, office="us/usd-policy", stance="for", says="within the limits")
    log.do("whitfield", "set-deadline", case, of="us/secdef", due="2025-07-20", because="soon")


def _decided(log: Log, case: str) -> None:
    determined = log.house.reading.case(case).determined
    assert determined is not None  # noqa: S101
    log.do(
        "secretary",
        "decide",
        case,
        party="US",
        office="us/secdef",
        verdict="approve",
        because="for the file",
        disclosed="as told",
        determination=determined.digest,
    )


def _permitted(log: Log, case: str) -> None:
    _decided(log, case)
    references = log.house.references
    permit, status = references.reference("P"), references.status_index()
    log.do("whitfield", "issue", case, permit=permit, status=status)


def _withdrawn(log: Log, case: str) -> None:
    log.do("marchenko", "withdraw", case, because="no longer needed")


# --- the same at other times, and under other names


def _again(kind: Case, drawn: random.Random) -> Case:
    """Return a case like another, with times of its own."""
    at = AT - timedelta(days=drawn.randrange(300), seconds=drawn.randrange(86_400))
    determined = kind.determined
    return kind.model_copy(
        update={
            "moves": tuple(each.model_copy(update={"at": at}) for each in kind.moves),
            "determined": determined and determined.model_copy(update={"at": at}),
            "submitted_at": at,
            "last": at,
        }
    )


def _named(case: Case, name: str) -> Case:
    """Return a case under a reference of its own, and with a permit of that number."""
    permits = {
        name.replace("C", "P"): each.model_copy(update={"permit": name.replace("C", "P")})
        for each in case.permits.values()
    }
    return case.model_copy(update={"id": name, "permits": permits})


def _write(owner: psycopg.Connection, cases: Sequence[Case]) -> None:
    """Write the rows that an act writes of a case, but for its entry and its permit."""
    with owner.pipeline(), owner.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO case_head (case_id, version, stage, applicant, state, moved_at)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            [
                (each.id, each.version, each.stage.value, each.applicant, _state(each), each.last)
                for each in cases
            ],
        )
        cursor.executemany(
            "INSERT INTO case_party (case_id, party) VALUES (%s, %s)",
            [(each.id, party) for each in cases for party in sorted(parties_of(each))],
        )
        for each in cases:
            for statement, values in found_by(each, None):
                owner.execute(statement, values)


def _state(case: Case) -> str:
    return text_of(case.model_dump(mode="json", by_alias=True, exclude_defaults=True))


def _copy(
    owner: psycopg.Connection, copies: Sequence[tuple[str, str]], kinds: dict[str, str]
) -> None:
    """Copy cases, then give entries and permits to all that have none, from those really made."""
    owner.execute("CREATE TEMP TABLE copied (name text, of text)")
    owner.execute("CREATE TEMP TABLE brought (name text, of text)")
    with owner.cursor() as cursor:
        with cursor.copy("COPY copied FROM STDIN") as rows:
            for each in copies:
                rows.write_row(each)
        with cursor.copy("COPY brought FROM STDIN") as rows:
            for name, kind in [*kinds.items(), *((name, kinds[of]) for name, of in copies)]:
                rows.write_row((name, kind))
    for statement in (*_COPIES, *_ENTRIES):
        owner.execute(statement)


_COPIES = (
    (
        "INSERT INTO case_head SELECT c.name, version, stage, applicant,"
        " replace(state::text, substr(c.of, 2), substr(c.name, 2))::json, moved_at"
        " FROM copied c JOIN case_head h ON h.case_id = c.of"
    ),
    (
        "INSERT INTO case_party SELECT c.name, party FROM copied c JOIN case_party p"
        " ON p.case_id = c.of"
    ),
    (
        "INSERT INTO desk SELECT c.name, id, tray, act,"
        " replace(about, substr(c.of, 2), substr(c.name, 2)), since, due, begins, ends,"
        " not_for, told FROM copied c JOIN desk d ON d.case_id = c.of"
    ),
    (
        "INSERT INTO taking SELECT c.name, line, item, lot, activity, actor, approved, pending"
        " FROM copied c JOIN taking t ON t.case_id = c.of"
    ),
    (
        "INSERT INTO course SELECT c.name, filed, determined, answered, permitted"
        " FROM copied c JOIN course t ON t.case_id = c.of"
    ),
    (
        "INSERT INTO compared SELECT c.name, context, until"
        " FROM copied c JOIN compared t ON t.case_id = c.of"
    ),
    (
        "INSERT INTO listing SELECT c.name, status, awaited,"
        " array_replace(words, substr(c.of, 3), substr(c.name, 3))"
        " FROM copied c JOIN listing l ON l.case_id = c.of"
    ),
)
_ENTRIES = (
    (
        "WITH made AS MATERIALIZED (SELECT nextval('ticket') AS ticket, b.name, version, leaf, body"
        "  FROM brought b JOIN moved m ON m.case_id = b.of JOIN entry USING (ticket)"
        "  JOIN body USING (ticket)),"
        " logged AS (INSERT INTO entry SELECT ticket, leaf FROM made),"
        " kept AS (INSERT INTO body (ticket, case_id, body) SELECT ticket, name, body FROM made),"
        " counted AS (INSERT INTO moved SELECT name, version, ticket FROM made)"
        " INSERT INTO pending SELECT ticket FROM made"
    ),
    (
        "INSERT INTO permit (permit, case_id, status_index, status, listed, terms, token)"
        " SELECT replace(b.name, 'C', 'P'), b.name, (SELECT max(status_index) FROM permit)"
        " + row_number() OVER (), status, status, terms, token"
        " FROM brought b JOIN permit p ON p.case_id = b.of"
    ),
)
