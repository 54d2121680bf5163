"""The commit point: an act's entry and the state it changes, in one transaction.

Locks, always in this order, so that no two acts wait for each other:

1. the context: shared by acts on a case, alone for acts that change it;
2. the case, by its id: one that does not exist yet can be locked as well;
3. the ticket, drawn from a sequence under these locks. Whoever builds on an act draws after that
   act's commit, so in the order of tickets every act comes after what it builds on.

What a failure leaves:

| failure                            | left behind                                                |
|------------------------------------|------------------------------------------------------------|
| locks or reading                   | nothing                                                    |
| the act is dated ahead, or back    | nothing: others would have to wait, or it counts as of then|
| `make` raises                      | nothing; the ticket is nobody's, and the log has no gap    |
| the entry is too large             | nothing, as above                                          |
| a row cannot be written            | nothing, as above; a permit's name may be taken            |
| the connection ends before commit  | nothing, as above                                          |
| the connection ends at the commit  | all or nothing; found out by asking for the ticket         |
| after the commit, no checkpoint    | the act is on record and will be numbered; the caller gets |
|                                    | an error that says so, and must not repeat the act         |
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from psycopg.errors import UniqueViolation

from placet.ledger import Entry, MalformedError, erase, parse_body, seal
from placet.operations.acting.dating import must_be_in_step
from placet.operations.ports import Acknowledgement, Change, Comparing, ContextMaking, Making
from placet.review.case import Case
from placet.review.commands import Erase
from placet.review.context import Context, load_context
from placet.review.errors import RepeatedError, UnknownError
from placet.store.connections import CONTEXT, PLACET, Database, one
from placet.store.coverage import Coverage
from placet.store.desk_rows import DUE, stale_of
from placet.store.document_rows import erase_documents, write_documents
from placet.store.errors import DatabaseError, UnfitChangeError
from placet.store.rows import Claims, case_of, check_change, write_rows
from placet.store.transactions import Rows, Transaction

__all__ = ["DatabaseRecording"]

_CONTEXTS = 4
"""How many versions of the context a process keeps: reading one takes long, and most acts share."""


class DatabaseRecording:
    """Records acts in a database; implements `operations.ports.Recording`. For many threads.

    Args:
        database: connections in the role `placet_act`.
        coverage: waits until a checkpoint covers an act.
        claims: makes the claims of a new permit.
        salt: makes that many unpredictable bytes.
        played: acts are dated as they are told, and not by a clock.
    """

    def __init__(
        self,
        database: Database,
        coverage: Coverage,
        *,
        claims: Claims,
        salt: Callable[[int], bytes] = secrets.token_bytes,
        played: bool = False,
    ) -> None:
        self._database = database
        self._coverage = coverage
        self._claims = claims
        self._salt = salt
        self._played = played
        self._contexts: dict[int, Context] = {}

    def on_case(self, case: str, make: Making) -> Acknowledgement:
        """Record an act on a case.

        Raises:
            UnknownError: the log has not begun.
            UnfitChangeError: `make` came to something else than an act on this case.
            RepeatedError: a permit's name, or its place on the status list, is taken.
            ClockError: it is dated otherwise than it is recorded; nothing is written.
            MalformedError: the act does not fit into an entry; nothing is written.
            DatabaseError: nothing is written; or, where it says so, it is not known.
            NotCoveredError: it is on record, and nobody numbers entries.
        """
        with self._act() as act:
            before, context = self._read_case(act, case)
            if context is None:
                raise UnknownError("The log has not begun; there is no context to act in.")
            change = make(before, context)
            if (
                change.context
                or change.event.case != case
                or [c.id for c in change.cases] != [case]
            ):
                raise UnfitChangeError(
                    f"The act {change.event.command.kind} on case {case} moves something else."
                )
            known = {case: before} if before is not None else {}
            act.write(change, known, context)
        return self._acknowledge(act)

    def on_context(self, make: ContextMaking) -> Acknowledgement:
        """Record an act on the context or on the log as a whole, while no other act runs.

        Raises:
            As `on_case`.
        """
        with self._act() as act:
            context, cases = self._read_all(act)
            act.write(make(context, cases), cases, context)
        return self._acknowledge(act)

    def erase(self, make: ContextMaking) -> Acknowledgement:
        """Record an erasure, and put tombstones into the body that it names.

        The old body is gone from the database once PostgreSQL has cleaned up after the update
        (`VACUUM`), and from backups when they are.

        Raises:
            As `on_case`; `UnknownError` also where there is no such entry.
        """
        with self._act() as act:
            context, cases = self._read_all(act)
            change = make(context, cases)
            act.write(change, cases, context)
            _put_tombstones(act, change)
        return self._acknowledge(act)

    def compare(self, at: datetime, most: int, comparing: Comparing) -> int:
        """Compare some open cases with the present context, where that has not been done.

        No act on them comes in between: each is locked, and one that is locked is left for later.

        Raises:
            DatabaseError: nothing is written.
        """
        with self._database.transaction() as connection:
            connection.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", (PLACET, CONTEXT))
            (version,) = one(connection.execute("SELECT max(version) FROM context"))
            context = self._context(connection, version)
            if context is None:
                return 0
            due = connection.execute(DUE, {"version": version, "at": at, "most": most})
            cases = [case_of(state) for (state,) in due]
            found = {each.id: (each, comparing(each, context, at)) for each in cases}
            for statement, values in stale_of(found, version) if found else ():
                connection.execute(statement, values)
        return len(found)

    @contextmanager
    def _act(self) -> Iterator[_Act]:
        """Run an act's transaction, and find out how it ended."""
        act = None
        try:
            with self._database.transaction() as connection:
                act = _Act(connection, self._claims, self._salt, played=self._played)
                yield act
        except DatabaseError as error:
            if act is None or act.leaf is None:
                raise
            if _is_taken(error):
                raise RepeatedError(
                    "The name of the permit, or its place on the status list, is taken by another "
                    "permit. Nothing is written; draw new ones."
                ) from error
            self._find_out(act, error)

    def _find_out(self, act: _Act, error: DatabaseError) -> None:
        """Return if the act is on record after all; else raise.

        The lock of the context is free for us alone only when the act's own session is over.
        """
        try:
            with self._database.transaction() as connection:
                connection.execute("SELECT pg_advisory_xact_lock(%s, %s)", (PLACET, CONTEXT))
                found = connection.execute(
                    "SELECT leaf FROM entry WHERE ticket = %s", (act.ticket,)
                ).fetchone()
        except DatabaseError as again:
            raise DatabaseError(
                f"The connection to the database ended while the act was committed: {error}. "
                "Whether it is on record is not known: look at the case before you repeat it."
            ) from again
        if found != (act.leaf,):
            raise error

    def _acknowledge(self, act: _Act) -> Acknowledgement:
        if act.change is None or act.leaf is None:
            raise UnfitChangeError("The act came to nothing.")
        covered = self._coverage.wait(act.ticket)
        return Acknowledgement(act.change, covered.index, act.leaf, covered.size)

    def _read_case(self, act: _Act, case: str) -> tuple[Case | None, Context | None]:
        """Take both locks; draw the ticket and read what stands under them."""
        act.connection.execute(
            "SELECT pg_advisory_xact_lock_shared(%s, %s),"
            " pg_advisory_xact_lock(hashtextextended(%s, 0))",
            (PLACET, CONTEXT, case),
        )
        version, state = act.draw(case)
        before = case_of(state) if state is not None else None
        return before, self._context(act.connection, version)

    def _read_all(self, act: _Act) -> tuple[Context | None, dict[str, Case]]:
        """Take the lock of the context alone; draw the ticket, read the context and its cases.

        Those are the cases with a permit that has not ended. They are read before others have to
        wait, and under the lock only where they have moved since.
        """
        read = {case: (version, case_of(state)) for case, version, state in _standing(act, {})}
        act.connection.execute("SELECT pg_advisory_xact_lock(%s, %s)", (PLACET, CONTEXT))
        heads = _standing(act, {case: version for case, (version, _) in read.items()})
        version, _ = act.draw(None)
        cases = {
            case: read[case][1] if state is None else case_of(state) for case, _, state in heads
        }
        return self._context(act.connection, version), cases

    def _context(self, connection: Transaction, version: int | None) -> Context | None:
        if version is None:
            return None
        if version not in self._contexts:
            # As it stands in the database, even by whoever wrote it: what is worked out from it
            # must be the same everywhere, and the order of its keys may show in that.
            found = connection.execute("SELECT plain FROM context WHERE version = %s", (version,))
            kept = {**self._contexts, version: load_context(version, one(found)[0])}
            self._contexts = {each: kept[each] for each in sorted(kept)[-_CONTEXTS:]}
        return self._contexts[version]


class _Act:
    """One act on its way into the database; `leaf` is set once it is being written.

    `clock` is what the database's clock says, `newest` when the last case moved and the last
    version of the status list was signed, where there are any.
    """

    def __init__(
        self,
        connection: Transaction,
        claims: Claims,
        salt: Callable[[int], bytes],
        *,
        played: bool,
    ) -> None:
        self.connection = connection
        self.ticket = 0
        self.clock = datetime.min.replace(tzinfo=UTC)
        self.newest: Sequence[datetime | None] = ()
        self.leaf: bytes | None = None
        self.change: Change | None = None
        self._claims = claims
        self._salt = salt
        self._played = played

    def draw(self, case: str | None) -> tuple[int | None, Any]:
        """Draw the ticket, under the locks; return what the context's version and the case are."""
        found = self.connection.execute(_DRAW, (case,))
        self.ticket, self.clock, *self.newest, version, state = one(found)
        return version, state

    def write(self, change: Change, before: Mapping[str, Case], context: Context | None) -> None:
        """Write the entry, then the state that follows from it."""
        event = change.event
        self._must_be_in_step(change, context)
        check_change(change, before, context)
        known = before.get(event.case) if event.case is not None else None
        version = known.version if known is not None else 0
        body = seal(
            Entry(
                kind=event.command.kind,
                time=event.at,
                actor=event.actor,
                case=event.case,
                case_version=version if event.case is not None else None,
                context_version=context.version if context is not None else 0,
                evidence=change.evidence,
                payload=event.payload,
            ),
            self._salt,
        )
        rendered = body.render()
        if _NUL in rendered and _WRITTEN_NUL.search(rendered):
            raise MalformedError(
                "A text of the act holds the character NUL. The database could not read it again, "
                "so the entry could never be erased. Leave it out."
            )
        self.leaf, self.change = body.commitment, change
        self.connection.execute(
            _WRITE,
            {
                "ticket": self.ticket,
                "leaf": self.leaf,
                "case": event.case,
                "body": rendered,
            },
        )
        claims = self._claims
        write_rows(self.connection, change, before, self.ticket, self.leaf, claims, context)
        if event.case is not None:
            write_documents(self.connection, event.case, self.ticket, change.documents)

    def _must_be_in_step(self, change: Change, context: Context | None) -> None:
        """Refuse a moment that is not that of the record.

        In a demonstration acts are dated as they are told, and its status lists are not.
        """
        known = context or change.context
        told = known is not None and known.demonstration
        newest = [each for each in self.newest[: 1 if told else None] if each is not None]
        must_be_in_step(
            change.event.at, self.clock, max(newest, default=None), played=self._played or told
        )


_DRAW = (
    "SELECT nextval('ticket'), clock_timestamp(), (SELECT max(moved_at) FROM case_head),"
    " (SELECT at FROM status_list ORDER BY version DESC LIMIT 1),"
    " (SELECT max(version) FROM context), (SELECT state FROM case_head WHERE case_id = %s)"
)


def _standing(act: _Act, known: Mapping[str, int]) -> Rows:
    """Ask for the cases with a permit that has not ended; of a version that is known, no state."""
    return act.connection.execute(_STANDING, ([*known], [*known.values()]))


_STANDING = (
    "SELECT case_id, h.version, CASE WHEN h.version IS DISTINCT FROM k.version THEN state END"
    " FROM case_head h LEFT JOIN unnest(%s::text[], %s::bigint[]) AS k (case_id, version)"
    " USING (case_id)"
    " WHERE case_id IN (SELECT case_id FROM permit WHERE status <> 1) ORDER BY case_id"
)

_NUL = rb"\u0000"
_WRITTEN_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""The character NUL as JSON writes it; the same letters after a backslash are a text."""

_WRITE = (
    "WITH logged AS (INSERT INTO entry (ticket, leaf) VALUES (%(ticket)s, %(leaf)s)),"
    " kept AS (INSERT INTO body (ticket, case_id, body) VALUES (%(ticket)s, %(case)s, %(body)s))"
    " INSERT INTO pending (ticket) VALUES (%(ticket)s)"
)


def _is_taken(error: DatabaseError) -> bool:
    """Whether another case has a permit of that name, or in that place of the status list."""
    cause = error.__cause__
    return isinstance(cause, UniqueViolation) and cause.diag.table_name == "permit"


def _put_tombstones(act: _Act, change: Change) -> None:
    command = change.event.command
    if not isinstance(command, Erase):
        raise UnfitChangeError(f"The act {command.kind} is no erasure.")
    found = act.connection.execute(
        "SELECT ticket, body FROM numbered JOIN body USING (ticket) WHERE index = %s",
        (command.entry,),
    ).fetchone()
    if found is None:
        raise UnknownError(f"The log has no entry {command.entry}.")
    ticket, body = found
    tombstoned = erase(parse_body(body), {*command.fields} - {"documents"}).render()
    act.connection.execute("SELECT erase_body(%s, %s, %s)", (ticket, act.ticket, tombstoned))
    if {*command.fields} & {"documents", "payload"}:
        erase_documents(act.connection, ticket, act.ticket)
