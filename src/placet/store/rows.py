"""What a change comes to in rows: the state of cases, who may see them, permits, lists."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString, Protocol

from placet.ledger import JSON
from placet.operations.ports import Change, parties_of
from placet.review.case import Case, PermitOnFile, PermitStage
from placet.review.context import Context
from placet.review.grounds import falls
from placet.store.desk_rows import found_by
from placet.store.errors import UnfitChangeError
from placet.store.transactions import Transaction

__all__ = ["Claims", "case_of", "check_change", "write_falls", "write_rows"]

Claims = Callable[[Case, PermitOnFile, bytes], JSON]
"""Makes the claims of a permit to sign, of its case and the public leaf of the act that issues."""

_STATUS = {
    PermitStage.ISSUED: 0,
    PermitStage.REVOKED: 1,
    PermitStage.SURRENDERED: 1,
    PermitStage.AMENDED: 1,
    PermitStage.SUSPENDED: 2,
}
"""The status on the list (Token Status List, §7.1): valid, invalid, suspended."""


def case_of(state: Mapping[str, Any]) -> Case:
    """Read a case's state."""
    return Case.model_validate(state)


def text_of(plain: object) -> str:
    """Write plain data with its keys in order.

    What is read back has them in this order too, whoever built it and however: nothing that
    is worked out from a case may depend on how it came to be.
    """
    return json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def check_change(change: Change, before: Mapping[str, Case], context: Context | None) -> None:
    """Make sure that a change follows from the cases and the context that it was made on.

    Raises:
        UnfitChangeError: it skips a version, or moves a case that was not locked.
    """
    for case in change.cases:
        known = before.get(case.id)
        version = known.version if known is not None else 0
        if case.version != version + 1:
            raise UnfitChangeError(
                f"The act {change.event.command.kind} brings case {case.id} from version "
                f"{version} to {case.version}; an act brings it one further."
            )
    version = context.version if context is not None else 0
    if change.context is not None and change.context.version != version + 1:
        raise UnfitChangeError(
            f"The act {change.event.command.kind} brings the context from version {version} to "
            f"{change.context.version}; an act brings it one further."
        )


@dataclass(frozen=True, slots=True)
class _Write:
    """One statement and what goes into it."""

    statement: str
    values: tuple[object, ...]


def write_rows(
    connection: Transaction,
    change: Change,
    before: Mapping[str, Case],
    ticket: int,
    leaf: bytes,
    claims: Claims,
    context: Context | None,
) -> None:
    """Write the state that follows from an act, done in a context, in the act's own transaction."""
    for case in change.cases:
        for each in _moves(case, before.get(case.id), ticket):
            connection.execute(each.statement, each.values)
        for each in _permits(case, before.get(case.id), leaf, claims):
            connection.execute(each.statement, each.values)
        for statement, values in found_by(case, before.get(case.id)):
            connection.execute(statement, values)
    if change.context is not None:
        connection.execute(
            "INSERT INTO context (version, ticket, plain, digest) VALUES (%s, %s, %s, %s)",
            (change.context.version, ticket, text_of(change.context.plain), change.context.digest),
        )
    now = change.context or context
    moved = {each.id: each for each in change.cases}
    concerned = {**before, **moved} if change.context is not None else moved
    if now is not None:
        write_falls(connection, concerned.values(), now, change.event.at)


class _Executing(Protocol):
    """A transaction of ours, or the cursor of a migration."""

    def execute(self, statement: LiteralString, values: Sequence[object], /) -> object:
        """Execute a statement."""


def write_falls(
    connection: _Executing, cases: Iterable[Case], context: Context, at: datetime
) -> None:
    """Write from when on the permits of cases no longer hold by what a context knows."""
    found = {
        name: falls(permit, case, context, at)
        for case in cases
        for name, permit in sorted(case.permits.items())
    }
    if found:
        connection.execute(_FALLS, (at, at, list(found), list(found.values())))


_FALLS: LiteralString = (
    "UPDATE permit p SET falls = n.falls FROM (SELECT permit,"
    " CASE WHEN falls <= %s AND was <= %s THEN was ELSE falls END AS falls FROM"
    " (SELECT n.permit, n.falls, o.falls AS was"
    " FROM unnest(%s::text[], %s::timestamptz[]) AS n (permit, falls) JOIN permit o USING (permit))"
    " AS found) AS n WHERE p.permit = n.permit AND p.falls IS DISTINCT FROM n.falls"
)


def _moves(case: Case, before: Case | None, ticket: int) -> Iterator[_Write]:
    state = text_of(case.model_dump(mode="json", by_alias=True, exclude_defaults=True))
    head = (case.version, case.stage.value, case.applicant, state, case.last, case.id)
    yield _Write(_BEGIN if before is None else _MOVE, (case.id, case.version, ticket, *head))
    now, then = parties_of(case), parties_of(before) if before is not None else frozenset()
    for party in sorted(now - then):
        yield _Write("INSERT INTO case_party (case_id, party) VALUES (%s, %s)", (case.id, party))
    for party in sorted(then - now):
        yield _Write("DELETE FROM case_party WHERE case_id = %s AND party = %s", (case.id, party))


_BEGIN = (
    "WITH moved AS (INSERT INTO moved (case_id, version, ticket) VALUES (%s, %s, %s))"
    " INSERT INTO case_head (version, stage, applicant, state, moved_at, case_id)"
    " VALUES (%s, %s, %s, %s, %s, %s)"
)
_MOVE = (
    "WITH moved AS (INSERT INTO moved (case_id, version, ticket) VALUES (%s, %s, %s))"
    " UPDATE case_head SET version = %s, stage = %s, applicant = %s, state = %s,"
    " moved_at = %s WHERE case_id = %s"
)


def _permits(case: Case, before: Case | None, leaf: bytes, claims: Claims) -> Iterator[_Write]:
    known = before.permits if before is not None else {}
    for name, permit in case.permits.items():
        status = _STATUS[permit.stage]
        if name not in known:
            terms = text_of(claims(case, permit, leaf))
            yield _Write(
                "INSERT INTO permit (permit, case_id, status_index, status, terms)"
                " VALUES (%s, %s, %s, %s, %s)",
                (name, case.id, permit.status, status, terms),
            )
        elif status != _STATUS[known[name].stage]:
            yield _Write("UPDATE permit SET status = %s WHERE permit = %s", (status, name))
