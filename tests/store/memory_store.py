"""Recording and reading in memory: the second implementation that the contract suite runs on."""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from placet.analysis.projection import Draw
from placet.ledger import (
    ENTRIES,
    FULL,
    JSON,
    Body,
    Checkpoint,
    Edge,
    Entry,
    KeyKind,
    MissingError,
    SignedCheckpoint,
    SignerKey,
    Tile,
    TileReader,
    VerifierKey,
    erase,
    hash_leaf,
    pack,
    seal,
    sign_checkpoint,
    tiles_of,
)
from placet.need_to_know.brief import listing
from placet.need_to_know.case_on_desks import digest, rows, stale_rows
from placet.need_to_know.desk import Held, Row, Tab
from placet.need_to_know.reporting import AGES, STAGES, Figures, Span
from placet.need_to_know.shown import CaseStatus
from placet.operations.acting.dating import must_be_in_step
from placet.operations.ports import (
    Acknowledgement,
    Change,
    Clock,
    Comparing,
    ContextMaking,
    DocumentRow,
    EntryOnFile,
    EntryUnread,
    Heads,
    KeyUse,
    ListRow,
    Making,
    OnDesk,
    Order,
    PermitRow,
    Sought,
    Taken,
    Tally,
    columns_of,
    parties_of,
)
from placet.permit import PermitVerifierKey
from placet.review.case import Case, PermitOnFile
from placet.review.commands import Erase
from placet.review.context import Context
from placet.review.course import Course, course
from placet.review.errors import UnknownError
from placet.review.grounds import falls
from placet.review.takings import takings
from placet.store.errors import UnfitChangeError

STATUS = {"issued": 0, "suspended": 2, "revoked": 1, "surrendered": 1, "amended": 1}


class MemoryStore:
    """Both ports over dictionaries, one act at a time."""

    def __init__(
        self,
        origin: str,
        clock: Clock,
        claims: Callable[[Case, PermitOnFile, bytes], JSON],
        sign_permit: Callable[[JSON], str],
        sign_status_list: Callable[[int, Mapping[int, int]], str],
    ) -> None:
        self._signer = SignerKey(origin, KeyKind.NOTE, secrets.token_bytes(32))
        self._clock, self._claims = clock, claims
        self._sign_permit, self._sign_status_list = sign_permit, sign_status_list
        self._lock = threading.Lock()
        self._bodies: list[Body] = []
        self._edge = Edge()
        self._tiles: dict[tuple[int, int], bytes] = {}
        self._checkpoints: list[SignedCheckpoint] = []
        self._contexts: dict[int, Context] = {}
        self._present: Context | None = None
        self._made_contexts: list[int] = []
        self._cases: dict[str, Case] = {}
        self._moved: dict[str, list[int]] = {}
        self._permits: dict[str, PermitRow] = {}
        self._lists: list[str] = []
        self._documents: dict[int, dict[str, bytes | None]] = {}
        self._list_rows: dict[int, ListRow] = {}
        self._erasures: dict[int, int] = {}
        self._signed_by: dict[VerifierKey, None] = {}
        self.published: list[PermitVerifierKey] = []
        self.prepared: dict[KeyUse, str] = {}
        self._compared: dict[str, tuple[int, datetime]] = {}
        self._stale: set[str] = set()

    def on_case(self, case: str, make: Making) -> Acknowledgement:
        with self._lock:
            if not self._contexts:
                raise UnknownError("The log has not begun.")
            change = make(self._cases.get(case), self.context())
            if (
                change.context
                or change.event.case != case
                or [c.id for c in change.cases] != [case]
            ):
                raise UnfitChangeError("The act moves something else.")
            return self._record(change)

    def on_context(self, make: ContextMaking) -> Acknowledgement:
        with self._lock:
            return self._record(make(self._now(), self._with_permits()))

    def erase(self, make: ContextMaking) -> Acknowledgement:
        with self._lock:
            change = make(self._now(), self._with_permits())
            command = change.event.command
            if not isinstance(command, Erase):
                raise UnfitChangeError("The act is no erasure.")
            if command.entry >= len(self._bodies):
                raise UnknownError(f"The log has no entry {command.entry}.")
            fields = {*command.fields}
            self._bodies[command.entry] = erase(self._bodies[command.entry], fields - {"documents"})
            if fields & {"documents", "payload"}:
                held = self._documents.get(command.entry, {})
                self._documents[command.entry] = dict.fromkeys(held)
            self._erasures[len(self._bodies)] = command.entry
            return self._record(change)

    def compare(self, at: datetime, most: int, comparing: Comparing) -> int:
        with self._lock:
            context = self._now()
            if context is None:
                return 0
            due = [
                case
                for case, (version, until) in sorted(self._compared.items())
                if version < context.version or until <= at
            ][:most]
            for case in due:
                found = comparing(self._cases[case], context, at)
                self._compared[case] = (context.version, found.until)
                (self._stale.add if found.stale else self._stale.discard)(case)
            return len(due)

    def _compare_anew(self, case: Case, before: Case | None) -> None:
        """Have a case compared anew where what it stands on has moved."""
        now, then = stale_rows(case), stale_rows(before) if before else frozenset()
        stood = before and (before.request, before.determined)
        if now != then or stood != (case.request, case.determined):
            self._stale.discard(case.id)
            self._compared.pop(case.id, None)
            if now:
                self._compared[case.id] = (0, case.submitted_at)

    def _now(self) -> Context | None:
        return self._contexts[max(self._contexts)] if self._contexts else None

    def _with_permits(self) -> dict[str, Case]:
        open_ = {row.case for row in self._permits.values() if row.status != 1}
        return {case: self._cases[case] for case in sorted(open_)}

    def _record(self, change: Change) -> Acknowledgement:
        for case in change.cases:
            known = self._cases.get(case.id)
            if case.version != (known.version if known else 0) + 1:
                raise UnfitChangeError(f"The act skips a version of case {case.id}.")
        known_context = self._now()
        version = known_context.version if known_context else 0
        if change.context is not None and change.context.version != version + 1:
            raise UnfitChangeError("The act skips a version of the context.")
        event = change.event
        told = known_context is not None and known_context.demonstration
        dates = [case.last for case in self._cases.values()]
        dates += [] if told else [self._list_rows[each].at for each in sorted(self._list_rows)[-1:]]
        must_be_in_step(event.at, datetime.now(UTC), max(dates, default=None), played=True)
        builds_on = self._cases.get(event.case or "")
        body = seal(
            Entry(
                kind=event.command.kind,
                time=event.at,
                actor=event.actor,
                case=event.case,
                case_version=(builds_on.version if builds_on else 0) if event.case else None,
                context_version=version,
                evidence=change.evidence,
                payload=event.payload,
            ),
            secrets.token_bytes,
        )
        for case in change.cases:
            for name in case.permits.keys() - self._permits.keys():
                self._claims(
                    case, case.permits[name], body.commitment
                )  # what it refuses, leaves nothing
        index = self._append(body)
        if change.documents:
            self._documents[index] = dict(change.documents)
        for case in change.cases:
            state = case.model_dump(mode="json", by_alias=True, exclude_defaults=True)
            before = self._cases.pop(case.id, None)
            self._cases[case.id] = Case.model_validate(
                json.loads(json.dumps(state, sort_keys=True))
            )
            self._compare_anew(self._cases[case.id], before)
            self._moved.setdefault(case.id, []).append(index)
            self._take_permits(case, body.commitment)
        if change.context is not None:
            self._contexts[change.context.version] = change.context
            self._made_contexts.append(index)
        self._take_falls(change)
        return Acknowledgement(change, index, body.commitment, index + 1)

    def _take_permits(self, case: Case, leaf: bytes) -> None:
        changed = False
        for name, permit in case.permits.items():
            status = STATUS[permit.stage]
            known = self._permits.get(name)
            changed = changed or known is None or known.status != status
            terms = known.terms if known else self._claims(case, permit, leaf)
            token = known.token if known else self._sign_permit(terms)
            listed, was = (known.listed, known.falls) if known else (None, None)
            row = PermitRow(name, case.id, permit.status, status, token, terms, listed, falls=was)
            self._permits[name] = row
        if changed:
            self._list()

    def _take_falls(self, change: Change) -> None:
        """Work out when permits fall, and list those that did."""
        context, at = self._now(), change.event.at
        named = self._cases if change.context is not None else [each.id for each in change.cases]
        for case in [self._cases[name] for name in named]:
            for name, permit in case.permits.items():
                row = self._permits[name]
                when = falls(permit, case, context, at) if context is not None else None
                fell = when is not None and row.falls is not None and max(when, row.falls) <= at
                self._permits[name] = replace(row, falls=row.falls if fell else when)
        now = self._clock.now()
        if any(row.listed != row.status_at(now) for row in self._permits.values()):
            self._list()

    def _list(self) -> None:
        rows = self._permits.values()
        now = self._clock.now()
        token = self._sign_status_list(
            len(self._lists) + 1,
            {row.status_index: each for row in rows if (each := row.status_at(now))},
        )
        self._permits = {
            name: replace(row, listed=row.status_at(now)) for name, row in self._permits.items()
        }
        self._lists.append(token)
        digest = f"sha256:{hashlib.sha256(token.encode()).hexdigest()}"
        entry = Entry(
            kind="status-list",
            time=self._clock.now(),
            actor="placet",
            context_version=max(self._contexts),
            payload={"version": len(self._lists), "digest": digest},
        )
        self._list_rows[len(self._lists)] = ListRow(digest, digest, entry.time)
        self._append(seal(entry, secrets.token_bytes))

    def _append(self, body: Body) -> int:
        index = len(self._bodies)
        self._bodies.append(body)
        self._edge, tiles = self._edge.append([hash_leaf(body.commitment)])
        first = index - index % FULL
        tiles[Tile(ENTRIES, index // FULL)] = pack(each.commitment for each in self._bodies[first:])
        self._tiles |= {(tile.level, tile.number): data for tile, data in tiles.items()}
        root = self._edge.frontier.root
        checkpoint = Checkpoint(self._signer.name, index + 1, root)
        self._checkpoints.append(sign_checkpoint(checkpoint, self._signer))
        self._signed_by[self._signer.verifier] = None
        return index

    def context(self, version: int | None = None) -> Context:
        present = self._present or self._now()
        found = present if version is None else self._contexts.get(version)
        if found is None:
            raise UnknownError("There is no such context.")
        return found

    @contextmanager
    def at_one_moment(self) -> Iterator[None]:
        before, self._present = self._present, self._now()
        try:
            yield
        finally:
            self._present = before

    def case(self, case: str) -> Case:
        if case not in self._cases:
            raise UnknownError(f"There is no case {case}.")
        return self._cases[case]

    def cases(self, *, open_only: bool = False) -> Iterator[Case]:
        ended = {"closed", "withdrawn", "lapsed"} if open_only else set()
        found = sorted(self._cases.values(), key=lambda each: each.id)
        found.sort(key=lambda each: each.last, reverse=True)
        yield from (each for each in found if each.stage not in ended)

    def desk(self, sought: Sought) -> Sequence[OnDesk]:
        found = {
            (row.due, row.since, case.id, row.act, row.about)
            for case in self._cases.values()
            for row in self._rows(case, sought.held, sought.at)
            if row.tab is sought.tab and self._narrowed(case, row, sought)
        }
        back = sought.tab is Tab.CLOSED
        after = sought.after
        beyond = [p for p in found if after is None or (p < after if back else p > after)]
        places = sorted(beyond, reverse=back)[: sought.most]
        return [OnDesk(self._cases[place[2]], place) for place in places]

    def tallies(self, held: Held, at: datetime) -> Mapping[Tab, Tally]:
        every = {
            (row.tab, case.id, row.act, row.about, row.due)
            for case in self._cases.values()
            for row in self._rows(case, held, at)
        }
        return {
            tab: Tally(
                sum(each[0] is tab for each in every),
                sum(each[0] is tab and each[4] <= at for each in every),
            )
            for tab in Tab
        }

    def figures(self, held: Held, at: datetime) -> Figures:
        seen = [case for case in self._cases.values() if self._parts(case, held)]
        still = [case for case in seen if listing(case).status is CaseStatus.UNDER_REVIEW]
        ages = Counter(
            sum((at - case.submitted_at).days >= each for each in AGES) for case in still
        )
        awaited = Counter(
            party for case in still if self._told(case, held) for party in listing(case).awaited
        )
        taken: dict[str, list[int]] = {}
        for case in seen:
            for stage, span in _stages(course(case), told=self._told(case, held)):
                taken.setdefault(stage, []).append(int(span.total_seconds()) // 3600)
        outcomes = Counter(listing(case).status for case in seen)
        return Figures(
            {status: outcomes[status] for status in CaseStatus if outcomes[status]},
            tuple(_span(stage, sorted(taken[stage])) for stage in STAGES if stage in taken),
            tuple(ages[number] for number in range(len(AGES) + 1)),
            dict(sorted(awaited.items(), key=lambda each: (-each[1], each[0]))),
            sorted(still, key=lambda case: (case.submitted_at, case.id))[:20],
        )

    def _parts(self, case: Case, held: Held) -> bool:
        """Say whether somebody has a part in a case, at whatever moment."""
        tabs = (Tab.TEAM, Tab.OTHERS, Tab.CLOSED)
        return any(row.tab in tabs for row in self._rows(case, held, case.last))

    def taken(self, held: Held, items: Collection[str], lots: Collection[str]) -> Sequence[Taken]:
        found: dict[tuple[str, str, str, str], list[Draw]] = {}
        for case in sorted(self._cases.values(), key=lambda each: each.id):
            if self._parts(case, held):
                for each in sorted(takings(case)):
                    if each.item not in items and each.lot not in lots:
                        continue
                    words = (each.item, each.lot, each.activity, each.actor)
                    draw = Draw(case.id, each.approved, each.pending)
                    found.setdefault(words, []).append(draw)
        return [
            Taken(
                *words,
                sum(each.approved for each in draws),
                sum(each.pending for each in draws),
                len(draws),
                tuple(draws[: Taken.MOST_NAMED]),
            )
            for words, draws in sorted(found.items())
        ]

    def _rows(self, case: Case, held: Held, at: datetime) -> list[Row]:
        laid = rows(case) | stale_rows(case) if case.id in self._stale else rows(case)
        return [row for row in laid if row.is_for(held, at)]

    def _narrowed(self, case: Case, row: Row, sought: Sought) -> bool:
        known = listing(case)
        return (
            (not sought.statuses or known.status in sought.statuses)
            and (
                sought.awaiting is None
                or (self._told(case, sought.held) and sought.awaiting in known.awaited)
            )
            and (not sought.undetermined or self._undetermined(case, sought.held))
            and (sought.due_by is None or row.due <= sought.due_by)
            and all(any(each.startswith(word) for each in known.words) for word in sought.words)
        )

    def _undetermined(self, case: Case, held: Held) -> bool:
        told = listing(case).status is CaseStatus.UNDER_REVIEW and self._told(case, held)
        return told and course(case).determined is None

    def _told(self, case: Case, held: Held) -> bool:
        parts = (row for row in rows(case) if row.tab is not Tab.ACTION)
        return any(row.told and row.key in held.keys for row in parts)

    def permitted(
        self, count: int, parties: Collection[str] | None, after: str | None = None
    ) -> Sequence[Case]:
        found = sorted(self._cases.values(), key=lambda each: (each.last, each.id), reverse=True)
        if after is not None:
            found = found[[each.id for each in found].index(after) + 1 :]
        kept = [
            each
            for each in found
            if each.permits
            and (
                parties is None
                or {*parties_of(each), each.request.get("raised-by"), each.request.get("actor")}
                & set(parties)
            )
        ]
        return kept[:count]

    def case_of_permit(self, permit: str) -> Case:
        return self.case(self.permit_row(permit).case)

    def document(self, case: str, digest: str) -> bytes | None:
        for index in self._moved.get(case, []):
            if found := self._documents.get(index, {}).get(digest):
                return found
        return None

    def permit_row(self, permit: str) -> PermitRow:
        if permit not in self._permits:
            raise UnknownError(f"There is no permit {permit}.")
        return self._permits[permit]

    def status_list(self, at: datetime | None = None) -> str | None:
        rows = sorted(self._list_rows.items())
        held = [self._lists[number - 1] for number, row in rows if at is None or row.at <= at]
        return held[-1] if held else None

    def entries(self, start: int = 0, end: int | None = None) -> Iterator[EntryOnFile]:
        for index, body in list(enumerate(self._bodies))[start:end]:
            yield _on_file(index, body)

    def unread(self, start: int = 0, end: int | None = None) -> Iterator[EntryUnread]:
        for each in self.entries(start, end):
            data = each.body.render() if each.body is not None else None
            yield EntryUnread(each.index, each.leaf, data, each.under)

    def entries_of_case(self, case: str) -> Sequence[EntryOnFile]:
        wanted = self._moved.get(case, [])
        return [_on_file(at, self._bodies[at]) for at in wanted]

    def places_of_case(self, case: str) -> Sequence[int]:
        return list(self._moved.get(case, []))

    def entries_of_no_case(self, start: int = 0) -> Sequence[EntryOnFile]:
        return [
            each
            for each in self.entries(start)
            if each.body is not None and each.body.shown["case"] is None
        ]

    def entries_of_context(self) -> Sequence[EntryOnFile]:
        return [_on_file(at, self._bodies[at]) for at in self._made_contexts]

    def unnumbered(self) -> int:
        return 0

    def waiting_since(self) -> datetime | None:
        return None

    def has_sequencer(self) -> bool:
        return True

    def status_lists(self) -> Iterator[str]:
        return iter(list(self._lists))

    def structure(self) -> Sequence[str]:
        return ()

    def heads(self) -> Heads:
        return Heads(
            dict(self._cases),
            {version: dict(each.plain) for version, each in self._contexts.items()},
            dict(self._permits),
            {case.id: parties_of(case) for case in self._cases.values()},
            {name: digest(each, stale=name in self._stale) for name, each in self._cases.items()},
            {case.id: columns_of(case) for case in self._cases.values()},
            {version: each.digest for version, each in self._contexts.items()},
            dict(self._list_rows),
            {index: self._document_rows(index) for index in sorted(self._documents)},
            self.checkpoint(),
            self.status_list(),
            (),
            self._order(),
            {each[:2]: each.width for each in tiles_of(len(self._bodies))},
            dict(self._erasures),
        )

    def _document_rows(self, index: int) -> tuple[DocumentRow, ...]:
        case = str(self._bodies[index].shown["case"])
        return tuple(
            DocumentRow(case, digest, data and f"sha256:{hashlib.sha256(data).hexdigest()}")
            for digest, data in sorted(self._documents[index].items())
        )

    def _order(self) -> Order:
        return Order(
            [each.id for each in self.cases()],
            [each.id for each in self.cases(open_only=True)],
            dict(self._moved),
            list(self._made_contexts),
        )

    def checkpoint(self) -> SignedCheckpoint | None:
        return self._checkpoints[-1] if self._checkpoints else None

    def checkpoints(self) -> Iterator[SignedCheckpoint]:
        yield from self._checkpoints

    def latest_checkpoints(
        self, count: int, below: int | None = None
    ) -> Sequence[SignedCheckpoint]:
        found = [
            each for each in self._checkpoints if below is None or each.checkpoint.size < below
        ]
        return found[::-1][:count]

    def tiles(self) -> TileReader:
        def read(tiles: Sequence[Tile], /) -> Sequence[bytes]:
            for tile in tiles:
                if (tile.level, tile.number) not in self._tiles:
                    raise MissingError(f"{tile.path} is not there.", path=tile.path)
            return [self._tiles[tile.level, tile.number] for tile in tiles]

        return read

    def log_keys(self) -> Sequence[VerifierKey]:
        return [*self._signed_by] or [self._signer.verifier]

    def permit_keys(self) -> Sequence[PermitVerifierKey]:
        return self.published

    def next_keys(self) -> Mapping[KeyUse, str]:
        return self.prepared


def _on_file(index: int, body: Body) -> EntryOnFile:
    case = body.shown.get("case")
    return EntryOnFile(index, body.commitment, body, case if isinstance(case, str) else None)


def _stages(went: Course, *, told: bool) -> Iterator[tuple[str, timedelta]]:
    """Yield how long a case took for each stage that it has been through, as far as is told."""
    determined = went.determined if told else None
    for stage, begun, ended in (
        (STAGES[0], went.filed, determined),
        (STAGES[1], determined, went.answered),
        (STAGES[2], went.filed, went.answered),
        (STAGES[3], went.filed, went.permitted),
    ):
        if begun is not None and ended is not None and ended >= begun:
            yield stage, ended - begun


def _span(stage: str, hours: list[int]) -> Span:
    count = len(hours)
    half, ninth = -(-count // 2) - 1, -(-9 * count // 10) - 1
    return Span(stage, count, hours[half], hours[ninth], hours[-1])
