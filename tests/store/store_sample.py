"""Little acts, and a store to record them in, for tests that care about the record only."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from placet.ledger import JSON
from placet.operations.ports import Acknowledgement, Change, Recording
from placet.review.case import (
    Case,
    Determined,
    Ground,
    PartyNeed,
    PermitOnFile,
    PermitStage,
    Reviewer,
    Stage,
    Terms,
    TermsLine,
)
from placet.review.commands import Advise, Begin, ChangeSemantics, Erase, RecordFact, Submit
from placet.review.context import Context, load_context
from placet.review.event import Event
from placet.store.connections import Database
from placet.store.coverage import Coverage
from placet.store.keys import Keys
from placet.store.migrating import migrate
from placet.store.reading import DatabaseReading
from placet.store.recording import DatabaseRecording
from placet.store.sequencer import Sequencer
from server_for_tests import Databases, Url
from waiting import PATIENCE

ORIGIN = "example.gov/placet"
BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)
DIGEST = f"sha256:{'0' * 64}"
EVIDENCE: JSON = {"session": "proof"}

_TEMPLATE = "migrated"
_numbers = itertools.count()
_templates: dict[int, str] = {}


def migrated(databases: Databases, new_database: Callable[..., Url]) -> Url:
    """Make an empty database with the schema in it."""
    template = _templates.get(id(databases))
    if template is None:
        template = _templates[id(databases)] = _TEMPLATE
        migrate(databases.new(template)("placet_owner"))
    return new_database(f"store_{next(_numbers)}", template=template)


class Ticking:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.at = BEGAN

    def now(self) -> datetime:
        return self.at


def claims(case: Case, permit: PermitOnFile, leaf: bytes) -> JSON:
    """Make claims that show where they came from."""
    return {"case": case.id, "leaf": leaf.hex(), "permit": permit.permit}


def sign_permit(terms: JSON) -> str:
    """Stand in for a signature."""
    assert isinstance(terms, Mapping)
    return f"signed {terms['permit']}"


def sign_status_list(version: int, statuses: Mapping[int, int]) -> str:
    """Stand in for a signature."""
    return f"version {version}: {sorted(statuses.items())}"


@dataclass
class System:
    """One database and what stands around it."""

    url: Url
    folder: Path
    clock: Ticking = field(default_factory=Ticking)
    sign_permit: Callable[[JSON], str] = sign_permit
    made: list[Database] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.keys = (
            Keys.create(self.folder, ORIGIN) if not self.folder.exists() else Keys(self.folder)
        )

    def database(self, role: Any) -> Database:
        self.made.append(Database(self.url(role)))
        return self.made[-1]

    def sequencer(self, **more: Any) -> Sequencer:
        return Sequencer(
            self.database("placet_sequencer"),
            self.keys,
            sign_permit=self.sign_permit,
            sign_status_list=sign_status_list,
            clock=self.clock,
            **more,
        )

    def recording(
        self, sequencer: Sequencer | None, *, patience: float = PATIENCE
    ) -> DatabaseRecording:
        act = self.database("placet_act")
        coverage = Coverage(act, sequencer, patience=patience)
        return DatabaseRecording(act, coverage, claims=claims, played=True)

    def reading(self) -> DatabaseReading:
        return DatabaseReading(self.database("placet_read"))

    def close(self) -> None:
        for each in self.made:
            each.close()


def context(version: int = 1, **registry: Any) -> Context:
    """Make a context of nearly nothing."""
    return load_context(version, {"registry": registry, "books": []})


def begin(recording: Recording) -> Acknowledgement:
    """Begin the log."""
    event = Event(Begin(origin=ORIGIN, registry={}, books=()), "root", BEGAN)
    change = Change(event, (), context(), EVIDENCE)
    return recording.on_context(lambda _context, _cases: change)


def learn(recording: Recording, title: str) -> Acknowledgement:
    """Change the context: it gets a title."""

    def make(known: Context | None, _cases: Mapping[str, Case]) -> Change:
        assert known is not None
        command = RecordFact(because="b", section="title", id=title, record={})
        event = Event(command, "root", BEGAN)
        return Change(event, (), context(known.version + 1, title=title), EVIDENCE)

    return recording.on_context(make)


def new_case(case: str, applicant: str = "UA", **more: Any) -> Case:
    """Make a case as it is after its first act."""
    request = {"purpose": "p", "activity": "use", "lines": {"one": {"quantity": "2"}}}
    return Case(
        id=case,
        version=1,
        stage=Stage.SUBMITTED,
        request=request,
        applicant=applicant,
        submitted_by="ann",
        submitted_at=BEGAN,
        last=BEGAN,
        **more,
    )


def submit(
    recording: Recording, case: str, documents: Mapping[str, bytes] = {}, **more: Any
) -> Acknowledgement:
    """Open a case, with documents by what is said to be their digest."""

    def make(known: Case | None, _context: Context) -> Change:
        assert known is None
        opened = new_case(case, **more)
        command = Submit(case=case, request=opened.request)
        event = Event(command, "ann", BEGAN, case)
        return Change(event, (opened,), evidence=EVIDENCE, documents=documents)

    return recording.on_case(case, make)


def move(recording: Recording, case: str, says: str = "s", **update: Any) -> Acknowledgement:
    """Move a case by some act: it gets another version, and what `update` says."""

    def make(known: Case | None, _context: Context) -> Change:
        assert known is not None
        at = known.last + timedelta(seconds=1)
        after = known.model_copy(update={"version": known.version + 1, "last": at, **update})
        command = Advise(office="o", stance="for", says=says)
        return Change(Event(command, "ben", at, case), (after,), evidence=EVIDENCE)

    return recording.on_case(case, make)


def erase(recording: Recording, entry: int, *fields: Any) -> Acknowledgement:
    """Erase fields of an entry."""
    command = Erase(entry=entry, fields=fields, because="the law")
    change = Change(Event(command, "root", BEGAN), evidence=EVIDENCE)
    return recording.erase(lambda _known, _cases: change)


def note(recording: Recording) -> Acknowledgement:
    """Record an act that concerns no case and changes no context."""
    event = Event(ChangeSemantics(to="2", because="b"), "root", BEGAN)
    return recording.on_context(lambda _known, _cases: Change(event, evidence=EVIDENCE))


def permit(name: str, status: int, stage: PermitStage = PermitStage.ISSUED) -> PermitOnFile:
    """Make a permit."""
    return PermitOnFile(
        permit=name,
        status=status,
        stage=stage,
        terms=Terms(
            activity="use",
            holder="UA",
            actor="UA",
            lines=(TermsLine(line="1", item="missile"),),
            from_=BEGAN,
            until=BEGAN + timedelta(days=9),
        ),
        grounds=(Ground(kind="clear", party="US", about="US"),),
        issued_by="ben",
        issued_at=BEGAN,
        determination=DIGEST,
    )


def together(*acts: Callable[[], object]) -> list[BaseException]:
    """Perform acts at the same time; return what they raised."""
    gate = threading.Barrier(len(acts))

    def perform(act: Callable[[], object]) -> object:
        gate.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as threads:
        futures = [threads.submit(perform, act) for act in acts]
        found = [each.exception() for each in futures]
    return [each for each in found if each is not None]


def determined(*parties: str) -> Determined:
    """Make a determination by which an office of each of some parties decides."""
    needs = {
        party: PartyNeed(
            party=party,
            outcome="review",
            by=(Reviewer(office=f"{party.lower()}/council", persons=1, reserved=False),),
            lines={"one": "review"},
        )
        for party in parties
    }
    return Determined(
        digest=DIGEST,
        substance=DIGEST,
        at=BEGAN,
        context_version=1,
        outcome="review",
        needs=needs,
    )


def under_review(recording: Recording, *cases: str) -> None:
    """File cases and bring them before the officers of DE, on a determination."""
    for case in cases:
        submit(recording, case)
        move(recording, case, stage=Stage.UNDER_REVIEW, determined=determined("DE"))
