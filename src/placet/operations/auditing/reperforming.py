"""Doing acts on cases again: each on the state to which the acts before it came.

A `Shard` holds some of the cases, each whole; cases meet only in the context, so shards work
side by side. Nothing here reads anything: entries come with what the database says of their
case, where they bring it to the version that the database has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from placet.determination import SEMANTICS, earlier_semantics
from placet.errors import PlacetError
from placet.ledger import (
    Body,
    Entry,
    canonical,
)
from placet.need_to_know.case_on_desks import digest as desk_digest
from placet.operations.acting.act import check_evidence, check_session
from placet.operations.auditing.entries import (
    WrongError,
    documents_of,
    entry_of,
    event_of,
    read_body,
    same,
    semantics_of,
    written,
)
from placet.operations.auditing.keys import PermitKeys
from placet.operations.auditing.report import AuditVerdict
from placet.operations.ports import PermitRow, parties_of
from placet.operations.seeing.permit_terms import claims_with, status_ref, terms_of
from placet.permit import PermitError, Status, Terms, must_be_issuable, open_permit
from placet.registry import parse_moment
from placet.review import (
    CASE_COMMANDS,
    Case,
    Context,
    Determined,
    Event,
    PermitOnFile,
    PermitStage,
    fold,
    perform,
    suspended,
)
from placet.review.assuming import assuming

__all__ = [
    "CaseOnFile",
    "Item",
    "Redone",
    "Shard",
    "status_of",
]


@dataclass(frozen=True, slots=True)
class CaseOnFile:
    """What the database says of one case: its state, its permits, the parties that may see it.

    `desk` is the digest of the rows by which lists find it.
    """

    case: Case
    permits: tuple[PermitRow, ...]
    parties: frozenset[str]
    desk: str


@dataclass(frozen=True, slots=True)
class Item:
    """An entry to do again: the case that it is on, and its body as it is stored.

    `on_file` comes with the entry that leads to what is on file.
    """

    index: int
    leaf: bytes
    case: str
    data: bytes
    on_file: CaseOnFile | None = None


@dataclass(frozen=True, slots=True)
class Redone:
    """What one entry came to.

    `erased` are the fields whose absence is in the way, `cause` the entry that lacks them.
    `evidence` is the kind of evidence that was verified; None where there is none any more.
    `documents` are those that it names, by digest; None where nobody can say any more. `statuses`
    are those of permits that it changed, by their places on the status list, `at` the moment.
    """

    index: int
    verdict: AuditVerdict
    says: str = ""
    cause: int | None = None
    erased: frozenset[str] = frozenset()
    evidence: str | None = None
    documents: Mapping[str, str] | None = field(default_factory=dict)
    statuses: Mapping[int, Status] = field(default_factory=dict)
    at: datetime | None = None


@dataclass
class Shard:
    """Some cases of a log as they were when its entries were written.

    `lost` are cases whose state cannot be known, each with the entry that was erased and the
    version it has come to, and `unread` the places and leaves of their entries from there on.
    `left` are cases of which an entry did not follow. `semantics` are
    those by which each case was last determined.
    """

    origin: str
    permit_keys: PermitKeys
    context: Context | None = None
    cases: dict[str, Case] = field(default_factory=dict)
    lost: dict[str, tuple[int, int]] = field(default_factory=dict)
    unread: dict[str, list[tuple[int, bytes]]] = field(default_factory=dict)
    left: set[str] = field(default_factory=set)
    tolerant: bool = False
    leaves: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    semantics: dict[str, str] = field(default_factory=dict)

    def take(self, items: Sequence[Item], *, tolerant: bool = False) -> list[Redone]:
        """Do entries again, in order; a case is left where one of its entries is wrong.

        `tolerant` goes on from what an entry says where it differs and was made under other
        semantics.
        """
        outcomes: list[Redone] = []
        if tolerant and not self.tolerant:
            self.tolerant = True
            self.left.clear()
        for item in items:
            if item.case in self.left:
                continue
            outcome = self._outcome(item, tolerant=tolerant)
            outcomes.append(outcome)
            differs = outcome.verdict is AuditVerdict.DIFFERS and not tolerant
            if differs or outcome.verdict is AuditVerdict.WRONG:
                self.left.add(item.case)
        return outcomes

    def permitted(self) -> dict[str, Case]:
        """Return the cases that have a permit which no act has ended."""
        return {
            name: case
            for name, case in self.cases.items()
            if any(status_of(each) is not Status.INVALID for each in case.permits.values())
        }

    def touch(self, event: Event, index: int, on_file: Mapping[str, CaseOnFile]) -> list[Redone]:
        """Apply an act on the context to the cases of this shard that it touches.

        What is wrong is returned, and whose permits' statuses changed.
        """
        outcomes: list[Redone] = []
        for name in event.touches:
            found = on_file.get(name)
            if name in self.lost:
                cause, version = self.lost[name]
                self.lost[name] = (cause, version + 1)
                after = found.case if found is not None else None
            elif name in self.cases:
                before = self.cases[name]
                after = self.cases[name] = suspended(before, event)
                if statuses := _changed(before, after):
                    done = Redone(index, AuditVerdict.REPRODUCED, statuses=statuses, at=event.at)
                    outcomes.append(done)
            else:
                continue
            try:
                self._compare(after, found)
            except PlacetError as error:
                outcomes.append(Redone(index, AuditVerdict.WRONG, str(error)))
        return outcomes

    def _outcome(self, item: Item, *, tolerant: bool) -> Redone:
        try:
            body = read_body(item.data)
            outcome, named = self._of_body(item, body, tolerant=tolerant), documents_of(body)
        except (PlacetError, ValidationError) as error:
            return Redone(item.index, AuditVerdict.WRONG, str(error))
        return outcome if named == {} else replace(outcome, documents=named)

    def _of_body(self, item: Item, body: Body, *, tolerant: bool) -> Redone:
        entry, erased = entry_of(body, item.leaf)
        if item.case in self.lost or erased - {"evidence"}:
            return self._lost(item, entry, erased)
        return self._again(item, body, entry, erased, tolerant=tolerant)

    def _lost(self, item: Item, entry: Entry, erased: frozenset[str]) -> Redone:
        """Count an entry that cannot be done again; what is on file is all that is known of it.

        All that stands beside the case there still has to follow from it, and the entry has to be
        an act that its actor may have done then.
        """
        index, name = item.index, item.case
        known = self.cases.pop(name, None)
        cause, version = self.lost.get(name, (index, known.version if known is not None else 0))
        self._must_be_an_act(entry, erased, version)
        self.lost[name] = (cause, version + 1)
        self.unread.setdefault(name, []).append((index, item.leaf))
        self._compare(item.on_file.case if item.on_file is not None else None, item.on_file)
        says = f"case {name} is taken as it is on file from entry {cause} on"
        return Redone(index, AuditVerdict.ERASED, says, cause, erased)

    def _must_be_an_act(self, entry: Entry, erased: frozenset[str], version: int) -> None:
        """Make sure of all that can be known of an act without the case that it was done on.

        Raises:
            PlacetError: it builds on another version, is no act on such a case, or is of a session
                that was not the actor's; says what.
        """
        context = self._context_of(entry, version)
        if erased & {"actor", "payload"}:
            return
        event = event_of(entry)
        if event.command.kind not in CASE_COMMANDS:
            raise WrongError(f"the act {entry.kind} is on no case.")
        if (event.command.kind == "submit") != (version == 0):
            raise WrongError("a case begins with submit, and with nothing else.")
        if "evidence" not in erased:
            check_session(self.origin, event, entry.evidence, context)

    def _again(
        self, item: Item, body: Body, entry: Entry, erased: frozenset[str], *, tolerant: bool
    ) -> Redone:
        case = self.cases.get(entry.case or "")
        recorded = event_of(entry)
        context = self._context_of(entry, case.version if case is not None else 0)
        kind: str | None = None
        if not erased:
            kind = check_evidence(self.origin, recorded, entry.evidence, case, context).kind
        payload = body.written("payload")
        differs = _difference(case, context, recorded, payload)
        semantics = semantics_of(entry) or self.semantics.get(entry.case or "")
        if differs:
            if semantics == SEMANTICS:
                raise WrongError(differs)
            _must_be_explicable(case, context, recorded, payload, semantics)
            if not tolerant:
                return Redone(item.index, AuditVerdict.DIFFERS, differs)
        after = fold(case, recorded)
        if semantics is not None:
            self.semantics[after.id] = semantics
        for name in after.permits.keys() - (case.permits.keys() if case is not None else ()):
            self.leaves[name] = (item.index, item.leaf)
        self.cases[after.id] = after
        self._compare(after, item.on_file)
        done = Redone(item.index, AuditVerdict.REPRODUCED, evidence=kind)
        if differs:
            done = Redone(item.index, AuditVerdict.DIFFERS, differs, evidence=kind)
        elif erased:
            says = "its evidence is gone; the act itself was done again"
            done = Redone(item.index, AuditVerdict.ERASED, says, item.index, erased)
        return replace(done, statuses=_changed(case, after), at=entry.time)

    def _context_of(self, entry: Entry, version: int) -> Context:
        """Return the context, if it and the case, at a version, are those that an entry says."""
        if entry.case_version != version:
            raise WrongError(
                f"it builds on version {entry.case_version} of case {entry.case}, "
                f"which is at {version}."
            )
        if self.context is None or entry.context_version != self.context.version:
            held = self.context.version if self.context is not None else 0
            raise WrongError(
                f"it builds on version {entry.context_version} of the context, which is at {held}."
            )
        return self.context

    def _compare(self, case: Case | None, on_file: CaseOnFile | None) -> None:
        """Compare a case with what the database says of it.

        Raises:
            WrongError: the database says something else; says what.
        """
        if on_file is None or case is None:
            return
        if on_file.case != case:
            parts = (
                name
                for name in Case.model_fields
                if getattr(case, name) != getattr(on_file.case, name)
            )
            raise WrongError(
                f"the database has another state of case {case.id} than the one it leads to: "
                f"{', '.join(parts)} differ."
            )
        if on_file.parties != parties_of(case):
            raise WrongError(f"the database lets other parties see case {case.id} than may.")
        if all(on_file.desk != desk_digest(case, stale=stale) for stale in (False, True)):
            raise WrongError(
                f"the database lists case {case.id} for others than it is for, or counts it so."
            )
        rows = {each.permit: each for each in on_file.permits}
        if rows.keys() != case.permits.keys():
            odd = ", ".join(sorted(rows.keys() ^ case.permits.keys()))
            raise WrongError(f"the database has other permits of case {case.id}: {odd}.")
        for name, permit in case.permits.items():
            self._compare_permit(case, permit, rows[name])

    def _compare_permit(self, case: Case, permit: PermitOnFile, row: PermitRow) -> None:
        status = status_of(permit)
        if row.status != status or row.status_index != permit.status:
            raise WrongError(
                f"the database has permit {permit.permit} at {row.status_index} of the status "
                f"list with status {row.status}; it is at {permit.status} with {int(status)}."
            )
        issued, terms = self._issued(case, permit, row)
        problem = None if row.token else self._unsignable(permit, terms)
        if row.problem is not None and row.problem != problem:
            raise WrongError(
                f"the database says that permit {permit.permit} could not be signed: {row.problem}"
            )
        if row.token is None or not self.permit_keys.held:
            return
        try:
            token = open_permit(row.token, self.permit_keys.since(issued))
        except PermitError as error:
            raise WrongError(f"the token of permit {permit.permit}: {error}") from error
        same_place = token.status == status_ref(self.origin, permit.status)
        if token.terms != terms or not same_place or token.issued_at != permit.issued_at:
            raise WrongError(
                f"the token of permit {permit.permit} is signed and says something else than "
                "the permit that was issued."
            )

    def _issued(self, case: Case, permit: PermitOnFile, row: PermitRow) -> tuple[int, Terms]:
        """Return by which entry a permit was issued, and its terms, if the database has these.

        Of a case whose state cannot be known any of its entries may have issued it.
        """
        known = self.leaves.get(permit.permit)
        for issued, leaf in [known] if known is not None else self.unread.get(case.id, ()):
            terms = terms_of(case, permit, self.origin, leaf)
            if isinstance(row.terms, Mapping) and same(row.terms, claims_with(terms, permit)):
                return issued, terms
        raise WrongError(f"the database has other terms of permit {permit.permit} to sign.")

    def _unsignable(self, permit: PermitOnFile, terms: Terms) -> str | None:
        """Return why no key at all could sign a permit; None where one could."""
        try:
            must_be_issuable(terms, status_ref(self.origin, permit.status), permit.issued_at)
        except PlacetError as error:
            return str(error)
        return None


def _changed(before: Case | None, after: Case) -> dict[int, Status]:
    """Return the statuses that an act changed; a permit is valid before it is issued, if any."""
    known = before.permits if before is not None else {}
    return {
        each.status: status_of(each)
        for name, each in after.permits.items()
        if status_of(each) is not (status_of(known[name]) if name in known else Status.VALID)
    }


def status_of(permit: PermitOnFile) -> Status:
    """Return how a permit stands on the status list, by what acts have made of it."""
    if permit.stage is PermitStage.ISSUED:
        return Status.VALID
    return Status.SUSPENDED if permit.stage is PermitStage.SUSPENDED else Status.INVALID


_JUDGED = {
    "submit": ("announced",),
    "supply": ("announced",),
    "determine": ("determination", "digest", "determined"),
}
"""What the judgement says, of what acts come to: all of it that other semantics may explain."""


def _must_be_explicable(
    case: Case | None,
    context: Context,
    recorded: Event,
    payload: bytes,
    semantics: str | None,
) -> None:
    """Refuse a difference that no change of semantics could explain.

    It is one by which an earlier program judged, and all else follows: with the determination as
    it is on record the same person may do the same act, and it comes to the same.

    Raises:
        WrongError: says what does not follow.
    """
    if semantics not in (None, *earlier_semantics()):
        raise WrongError(
            f"it was determined by the semantics {semantics}, which this program never had."
        )
    if left := _difference(case, context, recorded, payload, as_judged=True):
        raise WrongError(left)


def _difference(
    case: Case | None,
    context: Context,
    recorded: Event,
    payload: bytes,
    *,
    as_judged: bool = False,
) -> str:
    """Do an act again; say in what it comes to something else, or nothing if it does not.

    `as_judged` takes the determination as it is on record, and judges nothing anew: of what permits
    rest on, what is judged may then have held, or not, or until the permit ends that it issues.
    """
    if not as_judged:
        return _done_again(case, context, recorded, payload, {}, None)
    names = _JUDGED.get(recorded.command.kind, ())
    judged = {name: recorded.found[name] for name in names if name in recorded.found}
    present = case.determined if case is not None else None
    if "determined" in judged:
        present = Determined.model_validate(judged["determined"])
    left = [
        _done_again(case, assuming(context, until), recorded, payload, judged, present)
        for until in (None, *_ends_judged(recorded))
    ]
    return left[0] if all(left) else ""


def _ends_judged(recorded: Event) -> Iterator[datetime]:
    """Yield when what was judged may have ended: before the act, or where its permit does."""
    yield datetime.min.replace(tzinfo=UTC)
    match recorded.found.get("terms"):
        case {"until": str(until)}:
            yield parse_moment(until)


def _done_again(
    case: Case | None,
    context: Context,
    recorded: Event,
    payload: bytes,
    judged: Mapping[str, Any],
    present: Determined | None,
) -> str:
    try:
        event = perform(
            case, context, recorded.command, recorded.actor, recorded.at, recorded.office, present
        )
    except PlacetError as error:
        return f"the act {recorded.command.kind} could not have been done: {error}"
    event = replace(event, found={**event.found, **judged})
    again = canonical(event.payload, "what it comes to")
    if again == payload and event.case == recorded.case:
        return ""
    parts = sorted(
        name
        for name in {*event.found, *recorded.found}
        if written(event.found.get(name)) != written(recorded.found.get(name))
    )
    what = ", ".join(parts) or "the command as written, or the cases it touches"
    return f"done again, the act {recorded.command.kind} comes to something else: {what}."
