"""On whose desk a case lies: its rows, worked out from the case alone.

Pure: no row depends on who looks, on what the registry says of an office, or on what time it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise

from placet.need_to_know.brief import due_of, is_asked, listing, since_of
from placet.need_to_know.desk import BEGINNING, Row, Tab, knows_days_of
from placet.need_to_know.inbox import (
    AT_ONCE,
    FOREVER,
    finished_by,
)
from placet.need_to_know.shown import CaseStatus, status_of
from placet.registry import Duty
from placet.review.appeals import ANSWERED_AT, lying_appeal, owing_answer
from placet.review.case import (
    OF_THE_APPLICANT,
    OF_THE_CASE,
    TOLD_TO_APPLICANTS,
    UNDECIDED,
    Case,
    PartyNeed,
    PermitOnFile,
    Reviewer,
    Role,
    Stage,
)
from placet.review.consent import acts_owed, answer_due, has_spoken, live_permits, opened
from placet.review.course import agreed_since, asked_since, course
from placet.review.permit_files import parties_behind
from placet.review.released import asked_or_heard, awaited
from placet.review.takings import takings
from placet.review.viewer import (
    Place,
    announced_parties,
    asked_to_advise,
    has_review,
    in_place,
    named,
    not_issuing,
    sides_of,
)

__all__ = ["Laid", "can_be_stale", "digest", "laid", "rows", "stale_rows"]


def digest(case: Case, *, stale: bool = False) -> str:
    """Return the SHA-256 of all that lists and sums know of a case: audit holds rows against it.

    It is over lines in the order of their bytes, with the unit separator between fields. `stale`
    says that the case was found to be stale: that does not follow from the case alone.
    """
    known = listing(case)
    first = "\x1f".join(("", known.status, *map("\x1e".join, (known.awaited, known.words))))
    taken = (each.text for each in takings(case))
    desks = _Desks(case)
    every = desks.rows() | desks.stale() if stale else desks.rows()
    compares = ["compares"] if can_be_stale(case) else []
    lines = sorted([first, course(case).text, *(each.line for each in every), *taken, *compares])
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@dataclass(frozen=True)
class Laid:
    """The rows of a case, and those that it has besides while its determination is stale."""

    case: Case
    rows: frozenset[Row]
    stale: frozenset[Row]


def laid(case: Case) -> Laid:
    """Return the rows of a case of both kinds: together they take less than one by one."""
    desks = _Desks(case)
    return Laid(case, desks.rows(), desks.stale())


def rows(case: Case) -> frozenset[Row]:
    """Return all rows of a case."""
    return _Desks(case).rows()


def can_be_stale(case: Case) -> bool:
    """Say whether a case stands on a determination that may cease to follow."""
    return case.determined is not None and case.stage in UNDECIDED


def stale_rows(case: Case) -> frozenset[Row]:
    """Return the rows that a case has besides while its determination is stale.

    They are for whoever is told so: all who are told whom the case waits for.
    """
    return _Desks(case).stale()


class _Desks:
    """Works out on whose desk a case lies."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.needs = tuple(
            need
            for _, need in sorted(case.determined.needs.items() if case.determined else ())
            if has_review(case, need)
        )
        self.awaited = awaited(case)
        self.since = since_of(case)
        self.closed = status_of(case) is not CaseStatus.UNDER_REVIEW
        self.due = due_of(case) or FOREVER
        days = (
            (each.due, each.of)
            for each in case.deadlines
            if each.of not in TOLD_TO_APPLICANTS and not has_spoken(case, each.of)
        )
        marked = ((due, knows_days_of(office)) for due, office in sorted(days))
        self.days = () if self.closed else tuple(marked)
        self.every = frozenset(self.every_part())

    def rows(self) -> frozenset[Row]:
        return frozenset(row for each in self.undated() for row in self.by_day(each))

    def stale(self) -> frozenset[Row]:
        if not can_be_stale(self.case):
            return frozenset()
        told = (each._replace(tab=Tab.STALE) for each in self.every if each.told)
        return frozenset(row for each in told for row in self.by_day(each))

    def by_day(self, row: Row) -> Iterator[Row]:
        """Yield a row in its place: by the earliest day set on the case that its holder knows of.

        Days of the applicant and of the whole are known to all who see the case. Where an office
        has an earlier one the row stands twice: for who knows of it, and for who does not.
        """
        if self.due < row.due:
            row = row._replace(due=self.due)
        sooner = set[str]()
        for due, mark in self.days:
            if due < row.due and mark not in sooner:
                also = (*row.also, mark)
                not_for = tuple(sorted(sooner.union(row.not_for)))
                yield row._replace(due=due, also=also, not_for=not_for)
                sooner.add(mark)
        if sooner:
            row = row._replace(not_for=tuple(sorted(sooner.union(row.not_for))))
        yield row

    def undated(self) -> Iterator[Row]:
        """Yield the rows by the days of what they are about alone."""
        yield from self.parts()
        yield from self.questions()
        yield from self.leading()
        yield from self.appeals()
        yield from self.consents()
        yield from self.decisions()
        yield from self.advice()
        yield from self.acts()
        yield from self.permits()

    # --- who has a part in the case

    def parts(self) -> Iterator[Row]:
        """Yield the case for everybody who has a part in it, each row on the tab where it lies.

        A case with somebody's team is not with others for them: its rows there are not for whoever
        holds a row of it among their team's, so that a list passes over them all at once.
        """
        team = {each.key for each in self.every if each.tab is Tab.TEAM}
        deciding = {f"office:{key.removeprefix('acts-for:')}" for key in team}
        for each in self.every:
            if each.tab is not Tab.OTHERS:
                yield each
            elif each.key not in team | deciding:
                yield each._replace(not_for=tuple(sorted(team)))

    def every_part(self) -> Iterator[Row]:
        asked = Tab.TEAM if is_asked(self.case) else Tab.OTHERS
        for key in self.applicants():
            yield self.part(key, asked)
        yield self.part("audits", Tab.OTHERS, told=True)
        if self.case.determined is None:
            for party in announced_parties(self.case):
                yield self.part(f"{Duty.CASES} party:{party}", Tab.TEAM, told=True)
        for need in self.needs:
            yield from self.reviewers(need)

    def reviewers(self, need: PartyNeed) -> Iterator[Row]:
        """Yield the places in the review of what one party's rules ask."""
        own = Tab.TEAM if need.party in self.awaited else Tab.OTHERS
        for key, place in self.places(need):
            decides = place >= Place.DECIDER
            yield self.part(key, own if decides else Tab.OTHERS, told=decides)

    def places(self, need: PartyNeed) -> Iterator[tuple[str, Place]]:
        """Yield what those hold who have a place in the review of what one party's rules ask."""
        for name in self.names_of(need):
            yield f"reviews {name}", Place.DECIDER
            for each in self.case.deadlines:
                if each.escalated_to is not None:
                    yield f"{each.escalated_to} in {name}", Place.DECIDER
                if each.of not in TOLD_TO_APPLICANTS:
                    yield f"{each.of} in {name}", Place.ADVISER
        for by in need.by:
            yield f"acts-for:{by.office}", Place.DECIDER
        for office in asked_to_advise(need):
            yield f"office:{office}", Place.ADVISER
        for office in named(self.case, need):
            yield f"office:{office}", Place.NAMED

    def part(self, key: str, tab: Tab, *, told: bool = False) -> Row:
        where = Tab.CLOSED if self.closed else tab
        return Row(key, where, since=self.since, told=told)

    def applicants(self) -> Iterator[str]:
        """Yield what those hold who speak for the applicant."""
        for side in sides_of(self.case):
            yield f"{Duty.APPLICATIONS} party:{side}"
        if raised := self.case.request.get("raised-by"):
            yield f"{Duty.CASES} party:{raised}"

    # --- what waits

    def one(
        self, key: str, act: str, about: str, since: datetime, role: Role, of: str = OF_THE_CASE
    ) -> Row:
        """Return a row for something that waits for whoever has no other role on the case."""
        days = (each.due for each in self.case.deadlines if each.of in (of, OF_THE_CASE))
        due = min(days, default=FOREVER)
        not_for = tuple(sorted(f"person:{each}" for each in self.barred(role)))
        return Row(key, Tab.ACTION, act, about, since, due, not_for=not_for)

    def asked(self, key: str, act: str, of: str, role: Role) -> Row:
        """Return a row for whoever speaks for a party or in an office."""
        return self.one(key, act, of, asked_since(self.case, of), role, of)

    def barred(self, role: Role) -> frozenset[str]:
        """Return who cannot act in a role: who has another, or stepped aside."""
        other = {person for person, has in self.case.roles.items() if has is not role}
        return frozenset({*other, *self.case.recused})

    def names(self) -> tuple[str, ...]:
        """Return the names of all parties that review the case."""
        return tuple(dict.fromkeys(name for need in self.needs for name in self.names_of(need)))

    def names_of(self, need: PartyNeed) -> Iterator[str]:
        """Yield the names of who reviews for a need: its party, and those in its place."""
        yield f"party:{need.party}"
        yield from (f"house:{each}" for each in sorted(in_place(self.case, need)))

    def duties(self, duty: Duty) -> Iterator[str]:
        """Yield what those hold who have a duty for a party that reviews the case."""
        if self.case.determined is not None:
            yield from (f"{duty} {name}" for name in self.names())
        elif duty is Duty.CASES:
            yield from (f"{duty} party:{party}" for party in announced_parties(self.case))

    def duties_of(self, duty: Duty, party: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield what those hold who have a duty for one party, where that reviews the case."""
        key = f"{duty} party:{party}"
        if self.case.determined is not None:
            for name in self.names():
                if name.startswith("house:") or name == f"party:{party}":
                    yield key, (f"{party} as {name}",)
        elif party in announced_parties(self.case):
            yield key, (f"{Duty.CASES} party:{party}",)

    def questions(self) -> Iterator[Row]:
        for number, each in enumerate(self.case.questions):
            if each.answered_at is None and self.case.stage in UNDECIDED:
                for key in self.applicants():
                    role, of = Role.APPLICANT, OF_THE_APPLICANT
                    row = self.one(key, "supply", str(number), each.asked_at, role, of)
                    yield row._replace(due=min(answer_due(self.case, each) or FOREVER, row.due))

    def leading(self) -> Iterator[Row]:
        case = self.case
        if case.stage is Stage.SUBMITTED and case.determined is None:
            for key in self.duties(Duty.CASES):
                yield self.led(key, "determine", case.id, self.since)

    def appeals(self) -> Iterator[Row]:
        """Yield for whom an appeal waits: whose word it is against, and the desk."""
        case = self.case
        lying = lying_appeal(case) if case.stage in ANSWERED_AT else None
        if lying is None:
            return
        about, since = str(lying), case.appeals[lying].at
        owing = owing_answer(case)
        for party, offices in owing.items():
            for office in offices:
                if office is None:
                    yield from self.attested("dismiss-appeal", about, since, party)
                else:
                    row = self.one(f"office:{office}", "dismiss-appeal", about, since, Role.DECIDER)
                    yield row._replace(told=True)
        stands = live_permits(case)
        for key in self.duties(Duty.CASES):
            if not stands:
                yield self.led(key, "reconsider", about, since)
            elif not owing:
                yield self.unless_holding(self.led(key, "dismiss-appeal", about, since))

    def attested(self, act: str, about: str, since: datetime, party: str) -> Iterator[Row]:
        """Yield rows for who records another party's word: never on the applicant's side."""
        others = sorted(f"party:{each}" for each in {party, *sides_of(self.case)})
        for key in self.duties(Duty.LIAISON):
            if key != f"{Duty.LIAISON} party:{party}":
                row = self.led(key, act, about, since)
                yield row._replace(not_for=(*row.not_for, *others))

    def unless_holding(self, row: Row) -> Row:
        """Return a row that is not for those who will hold the permit, where others have a say."""
        barred = not_issuing(self.case, asked_or_heard(self.case))
        return row._replace(not_for=(*row.not_for, *sorted(f"party:{each}" for each in barred)))

    def led(self, key: str, act: str, about: str, since: datetime) -> Row:
        return self.one(key, act, about, since, Role.OFFICER)._replace(told=True)

    def consents(self) -> Iterator[Row]:
        if self.case.determined is None or self.case.stage is not Stage.UNDER_REVIEW:
            return
        for key in self.duties(Duty.LIAISON):
            for party in self.awaited:
                if key != f"{Duty.LIAISON} party:{party}":
                    role = Role.OFFICER
                    row = self.asked(key, "record-consent", party, role)
                    sides = {f"party:{each}" for each in {party, *sides_of(self.case)}}
                    need = self.case.determined.needs.get(party)
                    here = {f"held:{each.office}" for each in (need.by if need else ())}
                    others = sorted(sides | here)
                    yield row._replace(not_for=(*row.not_for, *others), told=True)

    def decisions(self) -> Iterator[Row]:
        if self.case.stage is Stage.UNDER_REVIEW:
            for need in self.needs:
                for reviewer in need.by:
                    yield from self.decision(need, reviewer)

    def decision(self, need: PartyNeed, reviewer: Reviewer) -> Iterator[Row]:
        """Yield the times in which an office has to decide: a decision on file may run out."""
        key = f"{'office' if reviewer.reserved else 'acts-for'}:{reviewer.office}"
        row = self.asked(key, "decide", reviewer.office, Role.DECIDER)
        ends = {each.until for each in self.case.decisions if each.until is not None}
        spans = pairwise([BEGINNING, *sorted(ends), FOREVER])
        known = ((finished_by(self.case, need, reviewer, begins), begins, e) for begins, e in spans)
        for finished, group in groupby(known, key=lambda each: each[0]):
            if finished is not None:
                times = list(group)
                not_for = tuple(sorted({*row.not_for, *(f"person:{each}" for each in finished)}))
                during = row._replace(begins=times[0][1], ends=times[-1][2])
                yield during._replace(not_for=not_for, told=True)

    def advice(self) -> Iterator[Row]:
        case = self.case
        if case.stage is not Stage.UNDER_REVIEW or case.determined is None:
            return
        put = opened(case)
        given = {each.office for each in case.advice if each.at >= put}
        deciding = {each.office for need in self.needs for each in need.by}
        asked = {office for need in self.needs for office in asked_to_advise(need)}
        invited = {each.of for each in case.deadlines} - deciding - asked - given
        for office in asked - given:
            yield self.asked(f"office:{office}", "advise", office, Role.ADVISER)
        for office in invited:
            for name in self.names():
                row = self.asked(f"office:{office}", "advise", office, Role.ADVISER)
                yield row._replace(also=(f"{office} in {name}",))

    def acts(self) -> Iterator[Row]:
        owed = {each for need in self.needs for each in acts_owed(self.case, need.party)}
        for office in owed:
            yield self.asked(f"office:{office}", "fulfil", office, Role.DECIDER)

    def permits(self) -> Iterator[Row]:
        case = self.case
        if case.stage is Stage.DECIDED and case.determined is not None:
            for key in self.duties(Duty.PERMITS):
                yield self.unless_holding(self.led(key, "issue", case.id, agreed_since(case)))
        for each in case.reports:
            if each.open:
                for party in parties_behind(case.permits[each.permit]):
                    for key, also in self.duties_of(Duty.PERMITS, party):
                        row = self.led(key, "resolve-violation", each.report, each.reported_at)
                        row = row._replace(due=AT_ONCE) if each.beyond else row
                        yield _but(row._replace(also=also), each.reported_by)
        for permit in case.permits.values():
            if permit.emergency and permit.after_review is None:
                yield from self.emergency(permit)

    def emergency(self, permit: PermitOnFile) -> Iterator[Row]:
        """Yield for whom the review of an emergency waits."""
        grounds = [each for each in permit.grounds if each.kind == "break-glass"]
        broke = {each.by for each in grounds if each.by is not None}
        for party in {each.party for each in grounds}:
            for key, also in self.duties_of(Duty.CASES, party):
                yield self.after(permit, Role.OFFICER, key, also)
            for key, also in self.deciders(party, broke):
                yield self.after(permit, Role.DECIDER, key, also)

    def after(self, permit: PermitOnFile, role: Role, key: str, also: tuple[str, ...]) -> Row:
        row = self.one(key, "review-after", permit.permit, permit.issued_at, role)
        return _but(row._replace(also=also, told=True), permit.issued_by)

    def deciders(self, party: str, broke: Iterable[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield what those hold who decide for a party, or hold an office that broke the glass."""
        deciding = {each.office for need in self.needs for each in need.by}
        for office in deciding:
            yield f"office:{office}", (f"{office} in party:{party}",)
        for office in set(broke) - deciding:
            held = (f"office:{office}", f"{office} in party:{party}")
            for need in self.needs:
                for key, _ in self.places(need):
                    for name in self.names_of(need):
                        yield key, (*held, f"{party} as {name}")


def _but(row: Row, person: str) -> Row:
    """Return a row that is not for one person more."""
    return row._replace(not_for=tuple(sorted({*row.not_for, f"person:{person}"})))
