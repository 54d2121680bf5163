"""Need to know: what of a case somebody sees. Every interface shows this and nothing else.

`view` is pure. Two cases that agree on everything disclosed to a viewer give that viewer the
same bytes, whatever else differs between them (DESIGN §3). `audience` holds the table of
fields; the reasons are in `docs/explanation/need-to-know.md`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from placet.need_to_know.audience import AUDIENCES, MOVES, Audience, Openness
from placet.need_to_know.shown import TOLD_WHY, Inside, Shown, View, status_of
from placet.registry import Record
from placet.review.case import (
    TOLD_TO_APPLICANTS,
    UNDECIDED,
    Case,
    Deadline,
    Kept,
    Move,
    PermitOnFile,
    PermitStage,
    Stage,
    Suspension,
)
from placet.review.consent import acts_asked
from placet.review.errors import UnknownError
from placet.review.released import asked_or_heard, awaited, released
from placet.review.viewer import (
    Place,
    Relation,
    Viewer,
    announced_parties,
    asked_to_advise,
    not_issuing,
    relation,
)

__all__ = ["Sight", "advice_at", "no_such_case", "sight", "view"]


def no_such_case(name: str) -> UnknownError:
    """Return the error for a case that there is not, or that the viewer has no part in."""
    return UnknownError(f"There is no case {name[:80]!r} that you have a part in.")


def view(case: Case, viewer: Viewer) -> View:
    """Return what a viewer sees of a case.

    Raises:
        UnknownError: the viewer has no part in the case; it reads as if there were none.
    """
    return sight(case, viewer).view()


def sight(case: Case, viewer: Viewer) -> Sight:
    """Return a case before the eyes of a viewer.

    Raises:
        UnknownError: the viewer has no part in the case; it reads as if there were none.
    """
    related = relation(case, viewer)
    if not related:
        raise no_such_case(case.id)
    return Sight(case, viewer, related)


def advice_at(case: Case, viewer: Viewer, number: int) -> int:
    """Return the place in the case of a piece of advice that a viewer sees as `number`, from 0.

    A viewer's numbers run over what they see: the places in the case would tell how much
    advice others gave.

    Raises:
        UnknownError: the viewer sees no such advice, or no such case.
    """
    seen = sight(case, viewer).advice
    if not 0 <= number < len(seen):
        raise UnknownError(f"The case {case.id} has no advice {number}.")
    return seen[number]


def _plain(record: Record) -> Shown:
    return record.model_dump(mode="json", by_alias=True)


def _shown(record: Kept, audience: Audience) -> Shown:
    """Return the fields of a record that an audience sees."""
    table = AUDIENCES[type(record)]
    fields = {name for name, least in table.items() if least <= audience}
    return record.model_dump(mode="json", by_alias=True, include=fields)


def _suspended(permit: PermitOnFile) -> Iterator[dict[str, str | None]]:
    """Yield the times for which a permit was suspended, whatever for and however often at once."""
    since: datetime | None = None
    until: datetime | None = None
    for each in sorted(permit.suspensions, key=lambda suspension: suspension.at):
        if since is not None and until is not None and each.at > until:
            yield {"since": _instant(since), "until": _instant(until)}
            since = None
        if since is None:
            since, until = each.at, each.lifted_at
        elif until is not None:
            until = max(until, each.lifted_at) if each.lifted_at else None
    if since is not None:
        yield {"since": _instant(since), "until": _instant(until) if until else None}


def _instant(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True)
class Sight:
    """A case before the eyes of a viewer who has a part in it; made by `sight`."""

    case: Case
    viewer: Viewer
    relation: Relation

    def view(self) -> View:
        """Return the whole view."""
        case = self.case
        return View(
            case=case.id,
            status=status_of(case),
            round=case.round,
            request=case.request,
            applicant=case.applicant,
            submitted_by=case.submitted_by,
            submitted_at=case.submitted_at,
            attachments=tuple(_plain(each) for each in case.attachments),
            announced=case.announced,
            outcomes=released(case),
            questions=tuple(_shown(each, self.own(None, each.asked_by)) for each in case.questions),
            deadlines=tuple(self.deadlines()),
            permits=tuple(self.permit(each) for _, each in sorted(case.permits.items())),
            reports=tuple(_shown(each, Audience.FILE) for each in case.reports),
            appeals=tuple(_shown(each, Audience.FILE) for each in case.appeals),
            ended=case.ended if case.stage in TOLD_WHY else None,
            moves=tuple(self.moves()),
            **self.work(),
            whole=_plain(case) if self.relation.auditor else None,
        )

    def work(self) -> dict[str, Any]:
        """Return the work of the viewer's own parties, and whose word the case waits for.

        To an auditor the work of every party is shown, and whole.
        """
        case, whole = self.case, self.relation.auditor
        own: dict[str, list[tuple[Audience, Kept]]] = {
            "decisions": [
                (self.own(each.party, each.person if each.external else None), each)
                for each in case.decisions
            ],
            "assurances": [
                (self.own(each.party, each.recorded_by), each) for each in case.assurances
            ],
            "fulfilled": [(self.own(None, each.person), each) for each in case.fulfilled],
            "checks": [(self.own(None, each.person), each) for each in case.checks],
        }
        return {
            name: tuple(
                _shown(record, Audience.AUDIT if whole else audience)
                for audience, record in found
                if whole or audience >= Audience.DECIDING
            )
            for name, found in own.items()
        } | {
            "inside": {party: self.inside(party) for party in self.relation.inside},
            "awaits": self.awaits,
            "undetermined_by": self.undetermined_by,
            "advice": tuple(_shown(case.advice[each], Audience.ADVISING) for each in self.advice),
        }

    @property
    def awaits(self) -> tuple[str, ...]:
        """The parties whose word the case waits for, as deciders, officers and auditors know.

        Once an outcome is out it waits for nobody.
        """
        told = self.relation.auditor or self.place >= Audience.DECIDING
        return awaited(self.case) if told and self.case.stage in UNDECIDED else ()

    @property
    def undetermined(self) -> bool:
        """Whether nobody has determined the case yet, as the same people know."""
        told = self.relation.auditor or self.place >= Audience.DECIDING
        return told and self.case.determined is None and self.case.stage in UNDECIDED

    @property
    def undetermined_by(self) -> tuple[str, ...]:
        """The parties whose officers have still to determine the case, as the same people know.

        By the announced policies: of others nobody knows before. By those it may be nobody's.
        """
        return tuple(sorted(announced_parties(self.case))) if self.undetermined else ()

    @property
    def unissued_by(self) -> tuple[str, ...]:
        """The parties whose officers have the permit to issue, as those and auditors know.

        Officers know it of their own party: that all have decided is internal.
        """
        if self.case.stage is not Stage.DECIDED:
            return ()
        heard = asked_or_heard(self.case)
        leading = {
            party for party, each in self.relation.inside.items() if each >= Audience.LEADING
        }
        told = heard if self.relation.auditor else leading
        return tuple(sorted(told - not_issuing(self.case, heard)))

    @property
    def place(self) -> Audience:
        """How deep inside the viewer stands, in whichever party's review."""
        return Audience(max(self.relation.inside.values(), default=0))

    def own(self, party: str | None, person: str | None = None) -> Audience:
        """Return how much the viewer sees of what is a party's, or what a person did for theirs."""
        parties = {party, *(party for party, each in self.viewer.people if each == person)}
        return Audience(max(self.relation.inside.get(each or "", 0) for each in parties))

    # --- the file

    def deadlines(self) -> Iterator[Shown]:
        """Yield the deadlines that are seen, as far as they are."""
        for each in self.deadlines_seen():
            yield _shown(each, self.own(None, each.set_by))

    def deadlines_seen(self) -> Iterator[Deadline]:
        """Yield the applicant's deadlines and those of offices of one's own."""
        own = {office: self.own(party) for party, office in self.viewer.house}
        known = self.viewer.days_known.union(TOLD_TO_APPLICANTS)
        for each in self.case.deadlines:
            if each.of in known:
                hidden = own.get(each.escalated_to or "", Audience.FILE) < Audience.DECIDING
                yield each.model_copy(update={"escalated_to": None}) if hidden else each

    def acts_for(self, office: str) -> bool:
        """Say whether the viewer, being inside, acts for an office."""
        return bool(self.relation.inside) and office in self.viewer.acts_for

    def permit(self, permit: PermitOnFile) -> Shown:
        """Show a permit, when it was suspended, and why for what is the viewer's own party's."""
        listed = ("grounds", "suspensions", "spared")
        shown = _shown(permit, self.own(None, permit.issued_by))
        found = {name: each for name, each in shown.items() if name not in listed}
        if permit.stage is PermitStage.SURRENDERED:
            found["ended-because"] = permit.ended_because
        own: dict[str, list[tuple[Audience, Kept]]] = {
            "grounds": [(self.own(each.party), each) for each in permit.grounds],
            "suspensions": [
                (Audience.DECIDING if self.orders(each) else Audience.FILE, each)
                for each in permit.suspensions
            ],
            "spared": [(self.own(each.ground.party), each) for each in permit.spared],
        }
        found["suspended"] = list(_suspended(permit))
        return found | {
            name: [
                _shown(each, audience) for audience, each in every if audience >= Audience.DECIDING
            ]
            for name, every in own.items()
            if self.place >= Audience.DECIDING
        }

    def decides(self, party: str) -> bool:
        """Say whether the viewer is among a party's deciders or officers."""
        return self.own(party) >= Audience.DECIDING

    def orders(self, suspension: Suspension) -> bool:
        """Say whether a suspension is the viewer's own party's: its ground, or its order."""
        if suspension.ground is not None:
            return self.decides(suspension.ground.party)
        by = None if suspension.party else suspension.by
        return self.own(suspension.party, by) >= Audience.DECIDING

    def moves(self) -> Iterator[Shown]:
        """Yield the time line: filings, what was released, and the work of one's own party."""
        for each in self.case.moves:
            if (shown := self.move(each)) is not None:
                yield shown

    def move(self, each: Move) -> Shown | None:
        """Return a line of the time line as it is shown; None where it is not."""
        audience = self.reads(each)
        return None if audience is None else _shown(each, audience)

    def reads(self, each: Move) -> Audience | None:
        """Return as whom the viewer reads a line of the time line; None where they do not."""
        openness = MOVES.get(each.kind, Openness.INTERNAL)
        own = self.own(each.party, each.person) >= Audience.DECIDING
        mine = self.viewer.did(each.person, each.at, each.office) and bool(self.relation.inside)
        if own or mine or openness is Openness.FILING:
            return Audience.DECIDING
        return Audience.FILE if openness is Openness.RELEASED else None

    # --- inside

    @property
    def advice(self) -> tuple[int, ...]:
        """The places of the advice that the viewer sees.

        Deciders and officers see what their party's offices gave, and whom its rules asked;
        advisers that of their own offices, so that each advises by itself. Auditors see it all.
        """
        if self.relation.auditor:
            return tuple(range(len(self.case.advice)))
        needs = self.case.determined.needs if self.case.determined else {}
        led = {each for each in self.relation.inside if self.own(each) >= Audience.DECIDING}
        asked = {office for each in led & needs.keys() for office in asked_to_advise(needs[each])}
        return tuple(
            number
            for number, each in enumerate(self.case.advice)
            if each.party in led or each.office in asked or self.acts_for(each.office)
        )

    def inside(self, party: str) -> Inside:
        """Return what a party's rules ask, and how its review stands."""
        determined, audience = self.case.determined, self.own(party)
        need = determined.needs.get(party) if determined else None
        told = determined.model_copy(update={"needs": {}}) if determined else None
        seen = _shown(told, audience) if told else {}
        return Inside(
            place=Place(audience).name.lower(),
            need=_shown(need, audience) if need else {},
            acts=self.acts(party),
            digest=seen.get("digest"),
            determined_at=seen.get("at"),
            process=self.process(seen) if audience >= Audience.LEADING else {},
        )

    def acts(self, party: str) -> dict[str, bool]:
        """Return the viewer's own offices whose act a party asks for: whether they have acted."""
        asked = acts_asked(self.case, party)
        return {name: done for name, done in asked.items() if name in self.viewer.offices}

    def process(self, determined: Shown) -> Shown:
        """Return the officers' part: of persons, those of their own party."""
        case = self.case
        people = {*case.roles, *case.recused, *filter(None, [case.officer])}
        own = {each for each in people if self.own(None, each) >= Audience.LEADING}
        return {
            "stage": case.stage,
            "officer": case.officer if case.officer in own else None,
            "roles": {each: role for each, role in case.roles.items() if each in own},
            "recused": [each for each in case.recused if each in own],
            "outstanding": determined.get("outstanding", []),
            "open-questions": determined.get("open-questions", []),
        }
