"""What waits for somebody: on each case, what their offices could do now, most urgent first.

Pure, and from nothing but what `view` shows: a case that a viewer has no part in is not here,
nor is the work of another party. That something is here promises nothing: whether the act can
be done is decided when it is performed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from placet.need_to_know.shown import CaseStatus, status_of
from placet.need_to_know.view import Sight
from placet.registry import Duty
from placet.review.appeals import ANSWERED_AT, lying_appeal, owing_answer
from placet.review.case import (
    OF_THE_APPLICANT,
    OF_THE_CASE,
    UNDECIDED,
    Case,
    PartyNeed,
    PermitOnFile,
    Reviewer,
    Role,
    Stage,
)
from placet.review.consent import (
    Word,
    acts_owed,
    answer,
    answer_due,
    counting,
    has_spoken,
    lines_left,
    live_permits,
    opened,
)
from placet.review.course import agreed_since, asked_since
from placet.review.permit_files import parties_behind
from placet.review.released import asked_or_heard, awaited
from placet.review.viewer import (
    Relation,
    Viewer,
    asked_to_advise,
    has_review,
    not_issuing,
    relation,
    sides_of,
)

__all__ = [
    "AT_ONCE",
    "FOREVER",
    "Waiting",
    "finished_by",
    "first_day",
    "inbox",
    "urgency",
]

AT_ONCE = datetime(1, 1, 1, tzinfo=UTC)
"""Where something stands in lists that comes before whatever has a day."""
FOREVER = datetime(9999, 12, 31, tzinfo=UTC)
"""When something is due that is never due."""


@dataclass(frozen=True)
class Waiting:
    """One thing that waits for a viewer.

    `act` is the kind of command that would do it; `about` the office, question, permit or
    report it is about; `since` when it began to wait; `due` the earliest day that is set for it,
    or for the case as a whole, which everybody knows who has a part in it. A use beyond its permit
    is due at once: as soon as it waits. `day` is the earliest that is set on the case for anybody,
    as far as the viewer knows: what waits stands in lists by whichever is `first`.
    """

    case: str
    act: str
    about: str
    since: datetime
    due: datetime | None = None
    day: datetime | None = None

    @property
    def at_once(self) -> bool:
        """Whether it comes before all that is routine, however late that is: a use beyond."""
        return self.act == "resolve-violation" and self.due == self.since

    @property
    def first(self) -> datetime | None:
        """The earliest of its days."""
        return min(filter(None, (self.due, self.day)), default=None)


def inbox(cases: Iterable[Case], viewer: Viewer, at: datetime) -> tuple[Waiting, ...]:
    """Return what waits for a viewer at a moment, the most urgent first.

    Nothing waits for an auditor, and nothing for somebody who stepped aside from a case. What an
    office owes twice, as by the rules of two parties, waits once.
    """
    found = {
        waiting
        for case in cases
        if viewer.person is not None and viewer.person not in case.recused
        for waiting in _Desk(case, viewer, relation(case, viewer), at).dated()
    }
    return tuple(sorted(found, key=urgency))


def urgency(waiting: Waiting) -> tuple[datetime, datetime, str, str, str]:
    """Return by what things that wait are ordered: what is due first, then what waits longest."""
    first = AT_ONCE if waiting.at_once else waiting.first or FOREVER
    return (first, waiting.since, waiting.case, waiting.act, waiting.about)


def first_day(seen: Sight) -> tuple[datetime | None, str]:
    """Return the earliest day that is set on an open case, as far as it is seen, and for whom.

    The day of an office that has spoken presses nobody.
    """
    if status_of(seen.case) is not CaseStatus.UNDER_REVIEW:
        return None, ""
    set_ = (each for each in seen.deadlines_seen() if not has_spoken(seen.case, each.of))
    days = ((each.due, each.of) for each in set_)
    return min(days, default=(None, ""))


def finished_by(
    case: Case, need: PartyNeed, reviewer: Reviewer, at: datetime
) -> frozenset[str] | None:
    """Return the persons who have said all they can for an office, if it still has to speak.

    None where it has spoken to every line, or need not.
    """
    decisions = counting(case, at)
    open_ = []
    for line in lines_left(case, at):
        if line in need.lines and answer(case, need.party, line, decisions) is Word.PENDING:
            given = {
                each.person
                for each in decisions
                if (each.party, each.office) == (need.party, reviewer.office) and line in each.lines
            }
            if len(given) < reviewer.persons:
                open_.append(frozenset(given))
    return frozenset.intersection(*open_) if open_ else None


@dataclass(frozen=True)
class _Desk:
    """A case on a viewer's desk."""

    case: Case
    viewer: Viewer
    relation: Relation
    at: datetime

    def dated(self) -> Iterator[Waiting]:
        """Yield what waits, with the earliest day of the case that the viewer knows of."""
        day, _of = first_day(Sight(self.case, self.viewer, self.relation))
        return (replace(each, day=day) for each in self.waiting())

    def waiting(self) -> Iterator[Waiting]:
        yield from self.questions()
        yield from self.leading()
        yield from self.appeals()
        yield from self.consents()
        yield from self.decisions()
        yield from self.advice()
        yield from self.acts()
        yield from self.permits()

    def one(self, act: str, about: str, since: datetime, of: str = OF_THE_CASE) -> Waiting:
        """Return something that waits: due by whichever comes first, its own day or the case's."""
        due = [each.due for each in self.case.deadlines if each.of in (of, OF_THE_CASE)]
        return Waiting(self.case.id, act, about, since, min(due, default=None))

    def asked(self, act: str, of: str) -> Waiting:
        """Return something that waits for whoever speaks for a party or in an office."""
        return self.one(act, of, asked_since(self.case, of), of)

    def may_be(self, role: Role) -> bool:
        """Say whether the person could act in a role: they have no other on the case."""
        return self.case.roles.get(self.viewer.person or "", role) is role

    def has(self, duty: Duty) -> bool:
        """Say whether the viewer has a duty for a party that reviews the case."""
        return any((party, duty) in self.viewer.duties for party in self.relation.inside)

    def needs(self) -> Iterator[PartyNeed]:
        """Yield what is asked of the parties in whose review the viewer has a place."""
        needs = self.case.determined.needs if self.case.determined else {}
        for party, need in sorted(needs.items()):
            if party in self.relation.inside and has_review(self.case, need):
                yield need

    # --- the applicant

    def questions(self) -> Iterator[Waiting]:
        if self.relation.applicant and self.case.stage in UNDECIDED and self.may_be(Role.APPLICANT):
            for number, each in enumerate(self.case.questions):
                if each.answered_at is None:
                    found = self.one("supply", str(number), each.asked_at, OF_THE_APPLICANT)
                    due = min(filter(None, [answer_due(self.case, each), found.due]), default=None)
                    yield replace(found, due=due)

    # --- case officers

    def leading(self) -> Iterator[Waiting]:
        case = self.case
        if not self.has(Duty.CASES) or not self.may_be(Role.OFFICER):
            return
        if case.stage is Stage.SUBMITTED and case.determined is None:
            yield self.one("determine", case.id, opened(case))

    # --- an appeal that lies

    def appeals(self) -> Iterator[Waiting]:
        """Yield what answers an appeal: a new round, or its dismissal by whose word it is against.

        While a permit stands no round is opened.
        """
        case = self.case
        lying = lying_appeal(case) if case.stage in ANSWERED_AT else None
        if lying is None:
            return
        owing = owing_answer(case)
        answered = self.one("dismiss-appeal", str(lying), case.appeals[lying].at)
        if any(self.answers(party, offices) for party, offices in owing.items()):
            yield answered
        if self.has(Duty.CASES) and self.may_be(Role.OFFICER):
            if not live_permits(case):
                yield replace(answered, act="reconsider")
            elif not owing and not not_issuing(case, asked_or_heard(case)) & self.viewer.parties:
                yield answered

    def answers(self, party: str, offices: Iterable[str | None]) -> bool:
        """Say whether the viewer answers an appeal of a party's word, as its office or liaison."""
        if self.viewer.offices & set(offices) and party in self.relation.inside:
            return self.may_be(Role.DECIDER)
        return None in offices and party not in self.viewer.parties and self.attests()

    def consents(self) -> Iterator[Waiting]:
        """Yield the parties whose word, given on paper, a liaison official would record.

        Where somebody here holds the office that decides, it decides here.
        """
        case = self.case
        if case.determined is None or case.stage is not Stage.UNDER_REVIEW:
            return
        if self.attests():
            for party in awaited(case):
                need = case.determined.needs.get(party)
                here = need is not None and any(e.office in self.viewer.filled for e in need.by)
                if party not in self.viewer.parties and not here:
                    yield self.asked("record-consent", party)

    def attests(self) -> bool:
        """Say whether the viewer records other parties' words: never from the applicant's side."""
        attests = self.has(Duty.LIAISON) and not sides_of(self.case) & self.viewer.parties
        return attests and self.may_be(Role.OFFICER)

    # --- deciders and advisers

    def decisions(self) -> Iterator[Waiting]:
        if self.case.stage is not Stage.UNDER_REVIEW:
            return
        for need in self.needs() if self.may_be(Role.DECIDER) else ():
            for each in need.by:
                acting = self.viewer.offices if each.reserved else self.viewer.acts_for
                if each.office in acting and self.undecided(need, each):
                    yield self.asked("decide", each.office)

    def undecided(self, need: PartyNeed, reviewer: Reviewer) -> bool:
        """Say whether an office still has to speak to a line, and the viewer has not."""
        finished = finished_by(self.case, need, reviewer, self.at)
        return finished is not None and self.viewer.person not in finished

    def advice(self) -> Iterator[Waiting]:
        case = self.case
        if case.stage is not Stage.UNDER_REVIEW or not self.may_be(Role.ADVISER):
            return
        asked = {office for need in self.needs() for office in asked_to_advise(need)}
        deciding = {each.office for need in self.needs() for each in need.by}
        own = {office for party, office in self.viewer.held if party in self.relation.inside}
        invited = {each.of for each in case.deadlines} & own - deciding
        given = {each.office for each in case.advice if each.at >= opened(case)}
        if self.relation.inside and case.determined:
            for office in sorted(self.viewer.offices & (asked | invited) - given):
                yield self.asked("advise", office)

    def acts(self) -> Iterator[Waiting]:
        """Yield the viewer's own offices whose act a party asks for."""
        if self.may_be(Role.DECIDER):
            owed = {each for need in self.needs() for each in acts_owed(self.case, need.party)}
            for office in owed & self.viewer.offices:
                yield self.asked("fulfil", office)

    # --- permits

    def permits(self) -> Iterator[Waiting]:
        case = self.case
        barred = not_issuing(case, asked_or_heard(case)) & self.viewer.parties
        issues = self.has(Duty.PERMITS) and not barred and self.may_be(Role.OFFICER)
        if issues and case.stage is Stage.DECIDED and case.determined is not None:
            yield self.one("issue", case.id, agreed_since(case))
        for each in case.reports:
            if each.open and each.reported_by != self.viewer.person and self.controls(each.permit):
                found = self.one("resolve-violation", each.report, each.reported_at)
                yield replace(found, due=found.since) if each.beyond else found
        for permit in case.permits.values():
            if permit.emergency and permit.after_review is None and self.reviews(permit):
                yield self.one("review-after", permit.permit, permit.issued_at)

    def controls(self, permit: str) -> bool:
        """Say whether the viewer controls permits for a party that a permit rests on."""
        behind = parties_behind(self.case.permits[permit]) & self.relation.inside.keys()
        duties = {(party, Duty.PERMITS) for party in behind}
        return bool(duties & self.viewer.duties) and self.may_be(Role.OFFICER)

    def reviews(self, permit: PermitOnFile) -> bool:
        """Say whether the viewer may review an emergency: not who acted in it."""
        grounds = [each for each in permit.grounds if each.kind == "break-glass"]
        parties = {each.party for each in grounds} & self.relation.inside.keys()
        deciding = {each.by for each in grounds}
        deciding |= {each.office for need in self.needs() for each in need.by}
        leads = {(party, Duty.CASES) for party in parties} & self.viewer.duties
        own = {office for party, office in self.viewer.held if party in parties}
        decides = deciding & own and self.may_be(Role.DECIDER)
        may = decides or (leads and self.may_be(Role.OFFICER))
        return bool(may) and permit.issued_by != self.viewer.person
