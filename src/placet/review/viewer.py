"""Who looks: a person with the offices they hold at a moment, and what each is to a case.

A viewer is derived from the context, never claimed. What they are to a case follows from
the case: the same person files one, advises on another and has no part in a third.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from placet.registry import UNKNOWN, Delegation, Duty, Official, Presence
from placet.review.case import Case, PartyNeed
from placet.review.consent import standing
from placet.review.context import Context

__all__ = [
    "Place",
    "Relation",
    "Viewer",
    "announced_parties",
    "asked_to_advise",
    "called_in",
    "concerned",
    "has_review",
    "in_place",
    "named",
    "not_issuing",
    "relation",
    "sides_of",
    "viewer",
]


class Place(IntEnum):
    """How deep inside a controlling party's review somebody stands; each sees what is above it."""

    NAMED = 0
    """Of an office that is to be told, or to act: it sees the file, and what is asked of it."""
    ADVISER = 1
    """Of an office that is asked to advise, or that a deadline was set for."""
    DECIDER = 2
    """Of an office that decides, that a case was brought before, or that records consents."""
    OFFICER = 3
    """Of an office that leads cases or issues permits."""


@dataclass(frozen=True)
class Viewer:
    """Somebody who looks, with what they hold at a moment. Nobody signed in: no person.

    `held` are pairs of party and office; `stands_in` the offices for which a delegation that
    counts lets one of theirs act; `duties` pairs of party and duty; `emergency` the parties
    whose book lets an office of theirs act before the review; `house` every office and
    `people` everybody who holds or held one, in pairs with the party, of their own parties.

    To who records consents given elsewhere, `filled` are the offices that somebody holds here.

    Whoever looks in one `office` alone has nothing of the others that they hold or held, which
    stand under `elsewhere`.
    """

    person: str | None = None
    held: frozenset[tuple[str, str]] = frozenset()
    stands_in: frozenset[str] = frozenset()
    duties: frozenset[tuple[str, Duty]] = frozenset()
    emergency: frozenset[str] = frozenset()
    house: frozenset[tuple[str, str]] = frozenset()
    people: frozenset[tuple[str, str]] = frozenset()
    office: str | None = None
    elsewhere: tuple[Official, ...] = ()
    filled: frozenset[str] = frozenset()

    def did(self, person: str, at: datetime, office: str | None = None) -> bool:
        """Say whether something done then, in an office or in all, is the viewer's own deed.

        In one office alone a person's own are the deeds that they did in it, and those from
        before which they can have done in no other.
        """
        if person != self.person or self.office in (None, office):
            return person == self.person
        others = (each.standing(at, None).presence is not Presence.OUT for each in self.elsewhere)
        return office is None and not any(others)

    @property
    def parties(self) -> frozenset[str]:
        """The parties that the viewer acts for."""
        return frozenset(party for party, _ in self.held)

    @property
    def offices(self) -> frozenset[str]:
        """The offices that the viewer holds."""
        return frozenset(office for _, office in self.held)

    @property
    def acts_for(self) -> frozenset[str]:
        """The offices that the viewer holds or may act for under a delegation."""
        return self.offices | self.stands_in

    @property
    def days_known(self) -> frozenset[str]:
        """The offices whose deadlines the viewer knows: that they act for, or of a party they lead.

        Whoever leads a party's cases or issues its permits does.
        """
        leading = {party for party, duty in self.duties if duty in (Duty.CASES, Duty.PERMITS)}
        return self.acts_for | {office for party, office in self.house if party in leading}

    @property
    def audits(self) -> bool:
        """Whether the viewer has the duty to audit."""
        return any(duty is Duty.AUDIT for _, duty in self.duties)


@dataclass(frozen=True)
class Relation:
    """What a viewer is to a case; `inside` gives their place in each controlling party's review.

    `decides` are the parties whose answer the viewer is among the deciders or officers of.
    """

    applicant: bool
    auditor: bool
    inside: Mapping[str, Place]
    decides: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return self.applicant or self.auditor or bool(self.inside)


def viewer(context: Context, person: str | None, at: datetime, office: str | None = None) -> Viewer:
    """Return a person as a viewer, with what they hold at a moment.

    Args:
        context: says who holds which office.
        person: who is signed in; None for nobody.
        at: the moment of looking, in UTC.
        office: in which they look alone; None where all that they hold count.
    """
    if person is None:
        return Viewer()
    record = context.registry.record
    held = frozenset(
        (context.party_of(each.office), each.office)
        for each in context.offices_of(person, at, office)
    )
    offices = {office for _, office in held}
    parties = {party for party, _ in held}
    return Viewer(
        person=person,
        held=held,
        stands_in=frozenset(
            each.of
            for each in record.delegations.values()
            if each.to in offices and _counts(each, at)
        ),
        duties=frozenset(
            (party, duty) for party, office in held for duty in record.offices[office].duties
        ),
        emergency=frozenset(
            party
            for party in parties & context.books.keys()
            if (glass := context.books[party].break_glass) and glass.by in offices
        ),
        house=frozenset(
            (each.party, key) for key, each in record.offices.items() if each.party in parties
        ),
        people=frozenset(
            (party, each.who)
            for each in record.officials.values()
            if (party := record.offices[each.office].party) in parties
        ),
        office=office,
        elsewhere=context.elsewhere(person, office) if office is not None else (),
        filled=_filled(context, offices, at),
    )


def _filled(context: Context, offices: Collection[str], at: datetime) -> frozenset[str]:
    """Return the offices that somebody certainly holds, for whoever records consents."""
    record = context.registry.record
    if not any(Duty.LIAISON in record.offices[each].duties for each in offices):
        return frozenset()
    return frozenset(each.office for each in record.officials.values() if each.is_certain(at))


def relation(case: Case, viewer: Viewer) -> Relation:
    """Say what a viewer is to a case.

    The applicant's side are offices with the duty of applications, of the party that applies or
    acts, and those through which a party raised the request for another. Inside are offices of
    a party with a say that have a part in its review. Until it is determined who has a say, they
    are the officers of the parties that have one by the announced policies. A party whose say
    falls away no longer sees the case.
    """
    raised = case.request.get("raised-by")
    sides = sides_of(case)
    applies = any(
        (duty is Duty.APPLICATIONS and party in sides) or (duty is Duty.CASES and party == raised)
        for party, duty in viewer.duties
    )
    if case.determined is None:
        officers = {party for party, duty in viewer.duties if duty is Duty.CASES}
        leading = sorted(officers & announced_parties(case))
        return Relation(applies, viewer.audits, dict.fromkeys(leading, Place.OFFICER))
    inside: dict[str, Place] = {}
    decides = set()
    for need, parties, place in _places(case, viewer):
        inside |= {each: max(place, inside.get(each, place)) for each in parties}
        if place >= Place.DECIDER:
            decides.add(need.party)
    return Relation(applies, viewer.audits, dict(sorted(inside.items())), frozenset(decides))


def sides_of(case: Case) -> frozenset[str]:
    """Return the parties on the applicant's side: that apply, act, or raised the request."""
    request = case.request
    sides = {case.applicant, request.get("actor"), request.get("raised-by")}
    return frozenset(each for each in sides if each)


def called_in(case: Case) -> frozenset[str]:
    """Return the offices that were called in for parties which have a say and nobody here."""
    return frozenset(each.of for each in case.deadlines if each.called_in)


def in_place(case: Case, need: PartyNeed) -> frozenset[str]:
    """Return the offices by whose parties a need is reviewed as by its own: they decide it.

    Or they were called in; never for the applicant's side.
    """
    deciding = frozenset(each.office for each in need.by)
    return deciding if need.party in sides_of(case) else deciding | called_in(case)


def not_issuing(case: Case, say: Iterable[str]) -> frozenset[str]:
    """Return the parties whose officers issue no permit, given which parties have a `say`.

    They are those that will hold the permit or act by it, unless nobody else has a say.
    """
    own = frozenset({case.applicant, case.request["actor"]})
    return own if frozenset(say) - own - {UNKNOWN} else frozenset()


def concerned(case: Case) -> frozenset[str]:
    """Return the parties that a case concerns: on the applicant's side, or with a say."""
    needs = case.determined.needs.keys() if case.determined else announced_parties(case)
    return sides_of(case) | needs


def has_review(case: Case, need: PartyNeed) -> bool:
    """Say whether a party reviews a case: not the applicant's own that its rules leave free."""
    return need.outcome != "clear" or need.party != case.applicant


def asked_to_advise(need: PartyNeed) -> frozenset[str]:
    """Return the offices that a party's rules name, to advise or to be consulted."""
    consulted = {str(step["consult"]) for step in need.steps if "consult" in step}
    return frozenset({*need.advice_from, *consulted})


def named(case: Case, need: PartyNeed) -> frozenset[str]:
    """Return the offices that a party's rules notify, or whose act its rules or decisions await.

    One that has acted keeps its place while a rule, or a decision that stands, asks for it.
    """
    notified = {str(step["notify"]) for step in need.steps if "notify" in step}
    said = (each.provided for each in standing(case) if each.party == need.party)
    asked = (each for provided in (need.provided, *said) for each in provided)
    return frozenset(notified | {each.act_of for each in asked if each.act_of})


def announced_parties(case: Case) -> frozenset[str]:
    """Return the parties with a say by the announced policies; the actor's for an unknown one."""
    answers: Mapping[str, str] = case.announced.get("parties", {})
    found = {
        party for party, outcome in answers.items() if outcome != "clear" or party != case.applicant
    }
    return frozenset(found | {case.request["actor"]} if "unknown" in found else found)


def _places(case: Case, viewer: Viewer) -> Iterator[tuple[PartyNeed, frozenset[str], Place]]:
    """Yield the reviews that a viewer has a place in, and the parties for which they have it."""
    for need in case.determined.needs.values() if case.determined else ():
        if has_review(case, need):
            parties = _reviewing(case, need, viewer)
            place = _place(need, parties, case, viewer)
            if place is not None:
                yield need, parties, place


def _reviewing(case: Case, need: PartyNeed, viewer: Viewer) -> frozenset[str]:
    """Return the party of a need, and those of the viewer's of which an office is in its place."""
    offices = in_place(case, need)
    return frozenset({need.party, *(party for party, office in viewer.house if office in offices)})


def _place(need: PartyNeed, parties: frozenset[str], case: Case, viewer: Viewer) -> Place | None:
    """Return a viewer's place in the review of what a party's rules ask, if they have one."""
    duties = {duty for party, duty in viewer.duties if party in parties}
    own = {office for party, office in viewer.held if party in parties}
    if duties & {Duty.CASES, Duty.PERMITS}:
        return Place.OFFICER
    brought = {each.escalated_to for each in case.deadlines} & own
    deciding = {each.office for each in need.by} & viewer.acts_for
    if deciding or brought or Duty.LIAISON in duties or parties & viewer.emergency:
        return Place.DECIDER
    invited = {each.of for each in case.deadlines} & own
    if invited or asked_to_advise(need) & viewer.offices:
        return Place.ADVISER
    return Place.NAMED if named(case, need) & viewer.offices else None


def _counts(delegation: Delegation, at: datetime) -> bool:
    """Say whether a delegation gives authority; a disputed one gives none (DESIGN §3, rule 5)."""
    revoked = delegation.revoked
    return delegation.is_certain(at) and (revoked is None or revoked.on.reached(at) is Presence.OUT)
