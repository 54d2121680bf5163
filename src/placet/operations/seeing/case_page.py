"""Seeing a case whole: all that its page and its interface show, for one viewer and no more.

Everything here is made of the case before the viewer's eyes (`sight`), of what they may know of
the rules (`known_answer`), and of public facts. The place of an act in the log goes with it: the
log is public, and who sees a line may prove it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from placet.determination import Determination
from placet.drawing.consent_map import Said, consent_maps
from placet.need_to_know import View
from placet.need_to_know.audience import Audience
from placet.need_to_know.comparing import compared
from placet.need_to_know.inbox import inbox
from placet.need_to_know.knowing import basis, known_answer, own_parties
from placet.need_to_know.missing import Missing, missing
from placet.need_to_know.offered import Offer
from placet.need_to_know.offers import offers
from placet.need_to_know.own_decisions import OwnDecision, own_decisions
from placet.need_to_know.permit_view import PermitView, view_permit
from placet.need_to_know.shown import Shown
from placet.need_to_know.standings import ConsentStatus, OfficeStanding, PartyStanding, standings
from placet.need_to_know.stands import stands, was_used_outside
from placet.need_to_know.stock_effect import StockEffect, stock_effect
from placet.need_to_know.telling import Answer, Tone, request_words, tell, things
from placet.need_to_know.time_line import TimeLine, time_line
from placet.need_to_know.view import Sight, no_such_case, sight
from placet.operations.house import House, SignedIn
from placet.operations.log.proving import receipt
from placet.operations.log.reading import kind_of_evidence
from placet.operations.ports import EntryOnFile
from placet.registry import Registry, Request
from placet.registry.facts import Moment, Text, YesNo
from placet.review import Case, Context, UnknownError
from placet.review.case import Kept

__all__ = [
    "CasePage",
    "Cited",
    "Comparison",
    "Mind",
    "RuleSeen",
    "compare_case",
    "receipt_of_line",
    "see_asked",
    "see_case_page",
    "see_time_line",
]

Link = Callable[[str], str]


class Cited(Kept):
    """A source that a rule is cited from: what it is, and where it stands."""

    source: Text
    title: str = ""
    url: str = ""


class RuleSeen(Kept):
    """A rule that bears on the request, to what effect, with its reason and its sources."""

    party: Text
    rule: Text
    title: str
    effect: Text
    then: str
    because: str
    note: str = ""
    cites: tuple[Cited, ...] = ()
    undeclared: YesNo = False
    standing: YesNo = False
    certain: YesNo = True
    grade: Text


class Mind(Kept):
    """Something a reader must know about the answer."""

    about: Text
    says: Text


class CasePage(Kept):
    """A case as its page shows it to one viewer.

    `view` is what need to know gives them; the rest is worked out for the page. `stands` says
    what holds of it now, `used_outside` that a use outside a permit is on file. `judged_at` is
    when what stands here of the rules was determined, where the viewer may know it. `picture` is
    the consent map as SVG, `picture_down` the same from top to bottom, for a narrow screen;
    `parties` are the same facts as a table. `things` says of what each line of the request is.
    """

    view: View
    asks: Text
    things: dict[str, str]
    stands: Text
    used_outside: YesNo = False
    answer: Answer
    place: str = ""
    judged_at: Moment | None = None
    parties: tuple[PartyStanding, ...]
    missing: tuple[Missing, ...]
    offers: tuple[Offer, ...]
    rules: tuple[RuleSeen, ...]
    minds: tuple[Mind, ...]
    ruled_advice: tuple[Shown, ...]
    decisions: tuple[OwnDecision, ...]
    permits: tuple[PermitView, ...]
    stock: tuple[StockEffect, ...]
    time_line: tuple[TimeLine, ...]
    people: dict[str, str]
    offices: dict[str, str]
    items: dict[str, str]
    picture: str = ""
    picture_down: str = ""


class Comparison(Kept):
    """What would be determined at another moment, by what is on record now, and what differs."""

    at: Moment
    before: Moment | None = None
    outcome: Text
    differences: tuple[Text, ...]


@dataclass(frozen=True)
class _Material:
    """What a page is made of: read once."""

    eyes: Sight
    context: Context
    judged_in: Context
    judged_at: datetime
    places: Sequence[int]
    answer: Determination
    now: datetime


def see_case_page(house: House, who: SignedIn, case: str, link: Link | None = None) -> CasePage:
    """Return a case with everything that its page shows.

    Args:
        house: the installation.
        who: the person signed in.
        case: which case.
        link: gives the address of what a box of the picture stands for (`consent_map`).

    Raises:
        UnknownError: there is no such case, or they have no part in it: it reads the same.
    """
    return _page(house, _material(house, who, case), link)


def compare_case(house: House, who: SignedIn, case: str, at: datetime) -> Comparison:
    """Return in what the determination would differ at another moment, as far as they may know.

    Raises:
        UnknownError: there is no such case, or they have no part in it: it reads the same.
        RequestError: the request names what is no longer on record.
    """
    of = _material(house, who, case)
    own = own_parties(of.eyes.case, of.eyes.relation)
    then = known_answer(of.eyes.case, of.context, own, at, house.clock.now())
    return Comparison(
        at=at,
        before=of.judged_at if _told_when(of.eyes) else None,
        outcome=then.outcome,
        differences=compared(of.answer, then, of.context.registry),
    )


def see_asked(house: House, who: SignedIn, case: str) -> tuple[View, Request, Registry]:
    """Return a case as the person signed in sees it, with its request, and the names of its time.

    Raises:
        UnknownError: there is no such case, or they have no part in it: it reads the same.
    """
    of = _material(house, who, case)
    view = of.eyes.view()
    return view, of.judged_in.request(view.request), of.judged_in.registry


def see_time_line(house: House, who: SignedIn, case: str) -> tuple[TimeLine, ...]:
    """Return what was done on a case and what followed by itself, as far as they may know.

    Raises:
        UnknownError: there is no such case, or they have no part in it: it reads the same.
    """
    eyes, context, now = _before_eyes(house, who, case)
    return time_line(eyes, context.people, now, house.reading.places_of_case(eyes.case.id))


def receipt_of_line(house: House, who: SignedIn, case: str, entry: int) -> bytes:
    """Return the receipt of the entry of a line that the viewer sees on a case's time line.

    Raises:
        UnknownError: they see no such line, or no such case.
    """
    if entry not in {each.entry for each in see_time_line(house, who, case)}:
        raise UnknownError(f"The case {case[:80]} has no entry {entry}.")
    return receipt(house.reading, entry)


def _before_eyes(house: House, who: SignedIn, name: str) -> tuple[Sight, Context, datetime]:
    # The context comes first, so that both refusals ask the same questions.
    context, now = house.reading.context(), house.clock.now()
    try:
        case = house.reading.case(name)
    except UnknownError:
        raise no_such_case(name) from None
    return sight(case, who.looking(context, now)), context, now


def _material(house: House, who: SignedIn, name: str) -> _Material:
    eyes, context, now = _before_eyes(house, who, name)
    case = eyes.case
    judged = basis(case, eyes.relation)
    version = judged.context_version
    if version is None:
        version = _filed_in(case, house.reading.entries_of_case(case.id), judged.at)
    judged_in = context if version == context.version else house.reading.context(version)
    own = own_parties(case, eyes.relation)
    answer = known_answer(case, judged_in, own, judged.at)
    places = house.reading.places_of_case(case.id)
    return _Material(eyes, context, judged_in, judged.at, places, answer, now)


def _filed_in(case: Case, entries: Sequence[EntryOnFile], at: datetime) -> int:
    """Return the version of the context in which the request was last put."""
    for move, each in zip(case.moves, entries, strict=False):
        if move.puts_request and move.at == at and each.body is not None:
            version = each.body.shown.get("context_version")
            if isinstance(version, int):
                return version
    raise UnknownError(f"What stood behind the filing of {case.id} is not on record.")


def _page(house: House, of: _Material, link: Link | None) -> CasePage:
    eyes, context, now = of.eyes, of.context, of.now
    found = standings(eyes, of.answer, context.registry, now)
    view = eyes.view()
    permits = tuple(
        view_permit(eyes.case, name, context, eyes.viewer, now)
        for name in sorted(eyes.case.permits)
    )
    statuses = {str(each.permit["permit"]): each.status for each in permits}
    answer = tell(eyes, found, statuses, context.registry)
    request = of.judged_in.request(eyes.case.request)
    lacking = missing(eyes, context, found, now)
    acts = tuple(_with_next(offers(eyes, context, now), eyes, lacking, now))
    lines = time_line(of.eyes, context.people, now, of.places)
    advised = [
        {"by": each.by, "stance": each.stance, "because": each.because, "rule": each.rule}
        for each in of.answer.advice
    ]
    plain = [each.model_dump(mode="json") for each in (view, *found, *acts, *lines)]
    shown = frozenset(_texts([*plain, *advised]))
    record = context.registry.record
    across, down = _pictures(of, found, answer, link)
    return CasePage(
        view=view,
        asks=request_words(request, of.judged_in.registry),
        things=things(eyes.case.request["lines"], context.registry),
        stands=stands(eyes, statuses, now),
        used_outside=was_used_outside(eyes.case),
        answer=answer,
        place=eyes.place.name.lower() if eyes.relation.inside else "",
        judged_at=of.judged_at if _told_when(eyes) else None,
        parties=found,
        missing=lacking,
        offers=acts,
        rules=tuple(_rules(of.answer, of.judged_in.registry)),
        minds=tuple(Mind(about=each.about, says=each.says) for each in of.answer.flags),
        ruled_advice=tuple(advised),
        decisions=tuple(_with_evidence(house, own_decisions(eyes, now), eyes.case)),
        permits=permits,
        stock=stock_effect(eyes, context, now),
        time_line=lines,
        people=dict(_people(of, shown)),
        offices={key: each.title for key, each in record.offices.items() if key in shown},
        items={key: each.name for key, each in record.items.items() if key in shown},
        picture=across,
        picture_down=down,
    )


def _with_evidence(
    house: House, decisions: Sequence[OwnDecision], case: Case
) -> Iterator[OwnDecision]:
    """Say of each decision what shows that its person took it, by the entry that it is in."""
    entries = house.reading.entries_of_case(case.id) if decisions else ()
    shows = {
        (move.kind, move.person, move.at): kind_of_evidence(entry)
        for move, entry in zip(case.moves, entries, strict=False)
    }
    for each in decisions:
        kind = "record-consent" if each.decision.external else "decide"
        found = shows.get((kind, each.decision.person, each.decision.at), "")
        yield each.model_copy(update={"evidence": found})


def _with_next(
    found: Iterable[Offer], eyes: Sight, lacking: Iterable[Missing], now: datetime
) -> Iterator[Offer]:
    """Say of each act whether it waits for the viewer, as in their inbox, or comes before all."""
    waits = {each.act for each in inbox([eyes.case], eyes.viewer, now)}
    waits |= {"determine"} if any(each.first for each in lacking) else set()
    for each in found:
        yield each.model_copy(update={"next": each.possible and each.act in waits})


def _told_when(eyes: Sight) -> bool:
    """Say whether a viewer may know when it was determined: deciders and officers, or at filing."""
    inside = bool(eyes.relation.inside) and eyes.case.determined is not None
    return eyes.relation.auditor or not inside or eyes.place >= Audience.DECIDING


def _rules(answer: Determination, registry: Registry) -> Iterator[RuleSeen]:
    for party in answer.parties:
        for each in party.rules:
            yield RuleSeen(
                party=party.party,
                rule=each.rule,
                title=each.title,
                effect=each.effect,
                then=each.then,
                because=each.because,
                note=each.note,
                cites=tuple(_cited(cite, registry) for cite in each.cite),
                undeclared=each.undeclared,
                standing=each.standing,
                certain=each.certain,
                grade=each.grade,
            )


def _cited(name: str, registry: Registry) -> Cited:
    known = registry.record.sources.get(name)
    title = (known.title or known.outlet) if known else None
    return Cited(source=name, title=title or name, url=(known.url if known else None) or "")


def _people(of: _Material, shown: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield the names of the people shown: of one's own parties, and who filed."""
    case, eyes = of.eyes.case, of.eyes
    filing = {
        case.submitted_by,
        *(each.person for each in case.appeals),
        *(each.reported_by for each in case.reports),
    }
    own = {person for _, person in eyes.viewer.people}
    for person, name in sorted(of.context.people.items()):
        if person in shown and (eyes.relation.auditor or person in filing | own):
            yield person, name


def _texts(value: Any) -> Iterator[str]:
    """Yield every text in plain data, keys as well."""
    match value:
        case str():
            yield value
        case Mapping():
            for key, each in value.items():
                yield from (str(key), *_texts(each))
        case list() | tuple():
            for each in value:
                yield from _texts(each)


_SHORT: Mapping[ConsentStatus, str] = {
    ConsentStatus.REFUSED: "Refused by",
    ConsentStatus.RETURNED: "Returned by",
    ConsentStatus.RULES_REFUSE: "Refused by the rules of",
    ConsentStatus.WAITING: "Waiting for",
}
_STATUSES: Mapping[ConsentStatus, tuple[str, str]] = {
    ConsentStatus.CLEAR: ("clear", "no yes needed"),
    ConsentStatus.GIVEN: ("given", "agreed"),
    ConsentStatus.WAITING: ("waiting", "waiting"),
    ConsentStatus.POSSIBLE: ("open", "may have to say yes"),
    ConsentStatus.REFUSED: ("refuse", "refused"),
    ConsentStatus.RETURNED: ("returned", "returned it"),
    ConsentStatus.RULES_REFUSE: ("refuse", "its rules refuse this"),
}


def _pictures(
    of: _Material, found: Sequence[PartyStanding], answer: Answer, link: Link | None
) -> tuple[str, str]:
    said = {each.party: _said(each) for each in found}
    request, registry = of.judged_in.request(of.eyes.case.request), of.judged_in.registry
    judged = of.answer if _told_when(of.eyes) else replace(of.answer, at="")
    return consent_maps(
        judged, request, registry, link=link, said=said, answer=_shortly(found, answer)
    )


def _shortly(found: Sequence[PartyStanding], answer: Answer) -> str:
    """Return the answer in the few words that the first box of the picture has room for."""
    by = {each: [one.name for one in found if one.standing is each] for each in ConsentStatus}
    if answer.tone is not Tone.OVER:
        for standing, words in _SHORT.items():
            if by[standing]:
                count = len(by[standing])
                return f"{words} {by[standing][0] if count == 1 else f'{count} parties'}"
    return answer.headline


def _said(found: PartyStanding) -> Said:
    status, word = _STATUSES[found.standing]
    since = f" since {found.since:%-d %b %Y}" if found.since and status == "waiting" else ""
    on, said_at = "", found.given.first if found.given else found.since
    if said_at and (status in ("given", "returned") or found.standing is ConsentStatus.REFUSED):
        on = f" {said_at:%-d %b %Y}"
    offices = tuple(map(_office, found.offices))
    return Said(status, f"{word}{since}{on}", offices if status == "waiting" else ())


def _office(found: OfficeStanding) -> str:
    if found.persons < 2 or found.given is None:
        return found.title
    return f"{found.title} · {found.given} of {found.persons} persons"
