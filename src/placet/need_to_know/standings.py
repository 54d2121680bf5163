"""Who is asked, and what each has said: the consent map of a case as one viewer may know it.

For the viewer's own parties this is how their review stands; for all others it is what they
announced, and the words that are released. Pure, and the same for two cases that agree on these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum

from placet.determination import Determination, PartyAnswer
from placet.need_to_know.own_case import knows_work, own_needs
from placet.need_to_know.shown import CaseStatus, status_of
from placet.need_to_know.view import Sight
from placet.registry import Occasion, Registry
from placet.registry.facts import Count, Moment, Once, Text, YesNo
from placet.review.case import Case, Kept, PartyNeed
from placet.review.commands import Verdict
from placet.review.consent import Word, answer, counting
from placet.review.course import asked_since
from placet.review.released import ReleasedWord, awaited, released
from placet.review.viewer import asked_to_advise

__all__ = ["ConsentStatus", "OfficeStanding", "PartyStanding", "standings", "waiting_since"]


class ConsentStatus(StrEnum):
    """What a party has said to a request, as the viewer may know it."""

    CLEAR = "clear"
    """Its yes is not needed, or was given in advance."""
    GIVEN = "given"
    WAITING = "waiting"
    POSSIBLE = "possible"
    """An open question decides whether its yes is needed."""
    REFUSED = "refused"
    RETURNED = "returned"
    RULES_REFUSE = "rules-refuse"
    """Its rules refuse this, and it has not spoken."""


_STRICTEST = (
    ConsentStatus.WAITING,
    ConsentStatus.RETURNED,
    ConsentStatus.REFUSED,
    ConsentStatus.RULES_REFUSE,
    ConsentStatus.POSSIBLE,
    ConsentStatus.GIVEN,
    ConsentStatus.CLEAR,
)


class OfficeStanding(Kept):
    """An office that decides for a party: by how many persons, and how many of them have.

    `given` is None for whoever does not see its decisions.
    """

    office: Text
    title: Text
    persons: Count
    given: Count | None = None
    reserved: YesNo
    due: Moment | None = None


class PartyStanding(Kept):
    """A party that is asked, why, and what it has said.

    `own` says that the viewer sees its review; then `offices` says who decides. `since` is since
    when it is waited for, or when it spoke; `given` when it did where that was elsewhere, and
    `since` when it was recorded. `items` are those over which it has a say. Of what it
    `disclosed`, what belongs to its `standing` comes last.
    """

    party: Text
    name: Text
    own: YesNo
    standing: ConsentStatus
    lines: dict[str, ConsentStatus] = {}
    since: Moment | None = None
    given: Once | None = None
    items: tuple[Text, ...] = ()
    because: str = ""
    cite: tuple[Text, ...] = ()
    disclosed: tuple[Text, ...] = ()
    conditional: YesNo = False
    provisos: tuple[Text, ...] = ()
    until: Moment | None = None
    offices: tuple[OfficeStanding, ...] = ()
    advice_from: tuple[Text, ...] = ()


def waiting_since(eyes: Sight, party: str) -> datetime:
    """Return since when a party is waited for: since it was asked, for whoever decides on the case.

    For everybody else since the request was put as it reads.
    """
    case = eyes.case
    deciding = any(knows_work(eyes, party) for party in own_needs(eyes))
    if case.determined is not None and deciding:
        return asked_since(case, party)
    return max(each.at for each in case.moves if each.puts_request)


def standings(
    eyes: Sight, answer: Determination, registry: Registry, at: datetime
) -> tuple[PartyStanding, ...]:
    """Return every party that is asked, in order of name.

    Args:
        eyes: the case before the eyes of the viewer.
        answer: the determination as the viewer may know it (`known_answer`).
        registry: gives the names.
        at: the moment of looking: a decision may have run out.
    """
    return tuple(_Table(eyes, answer, registry, at).rows())


class _Table:
    """Works out the standings."""

    def __init__(
        self, eyes: Sight, answer: Determination, registry: Registry, at: datetime
    ) -> None:
        self.eyes, self.answer, self.registry = eyes, answer, registry
        self.at = _settled_at(eyes.case, at)
        self.needs = own_needs(eyes)
        self.told = any(knows_work(eyes, party) for party in self.needs)
        self.awaits = frozenset(awaited(eyes.case)) if self.told else frozenset()
        self.outcomes: dict[str, list[ReleasedWord]] = {}
        for each in released(eyes.case):
            self.outcomes.setdefault(each.party, []).append(each)

    def rows(self) -> Iterator[PartyStanding]:
        answers = {each.party: each for each in self.answer.parties}
        for party in sorted({*answers, *self.outcomes, *self.awaits, *self.needs}):
            yield self.row(party, answers.get(party))

    def row(self, party: str, found: PartyAnswer | None) -> PartyStanding:
        need, outcomes = self.needs.get(party), self.outcomes.get(party, [])
        own = need is not None and knows_work(self.eyes, party)
        lines = self.own_lines(need) if need is not None and own else self.told_lines(party, found)
        standing = _joined(lines.values())
        told = sorted(outcomes, key=lambda each: _VERDICT[each.verdict] is standing)
        return PartyStanding(
            party=party,
            name=self.registry.name(party),
            own=own,
            standing=standing,
            lines=lines if len(set(lines.values())) > 1 else {},
            since=self.since(party, standing, outcomes),
            given=self.given(standing, outcomes),
            items=tuple(dict.fromkeys(each.item for each in found.rights)) if found else (),
            because=found.because if found else "",
            cite=_cited(found) if found else (),
            disclosed=tuple(dict.fromkeys(each.disclosed for each in told)),
            conditional=any(each.conditional for each in outcomes),
            provisos=tuple(
                dict.fromkeys(str(each.text) for out in outcomes for each in out.provisos)
            ),
            until=min((each.until for each in outcomes if each.until), default=None),
            offices=tuple(self.offices(need)) if need is not None else (),
            advice_from=tuple(sorted(asked_to_advise(need))) if need is not None else (),
        )

    def since(
        self, party: str, standing: ConsentStatus, outcomes: list[ReleasedWord]
    ) -> datetime | None:
        if standing in (ConsentStatus.WAITING, ConsentStatus.RULES_REFUSE):
            return waiting_since(self.eyes, party)
        return max((each.at for each in outcomes), default=None)

    def given(self, standing: ConsentStatus, outcomes: list[ReleasedWord]) -> Occasion | None:
        """Return when the latest word of a party was given, where that was elsewhere."""
        if standing in (ConsentStatus.WAITING, ConsentStatus.RULES_REFUSE) or not outcomes:
            return None
        return max(outcomes, key=lambda each: each.at).given

    def own_lines(self, need: PartyNeed) -> Mapping[str, ConsentStatus]:
        decisions = counting(self.eyes.case, self.at)
        found = {}
        for line, outcome in sorted(need.lines.items()):
            said = answer(self.eyes.case, need.party, line, decisions)
            refuses = said is Word.PENDING and outcome == "refuse"
            found[line] = ConsentStatus.RULES_REFUSE if refuses else _SAID[said]
        return found

    def told_lines(self, party: str, found: PartyAnswer | None) -> Mapping[str, ConsentStatus]:
        """Return what a party says to each line by what is announced and released."""
        by_rules = {
            line.line: line.parties[party] for line in self.answer.lines if party in line.parties
        }
        if found is not None and not by_rules:
            by_rules = {line.line: found.outcome for line in self.answer.lines}
        lines = {line: self.unspoken(party, word) for line, word in by_rules.items()}
        for each in self.outcomes.get(party, ()):
            lines |= dict.fromkeys(each.lines, _VERDICT[each.verdict])
        if not lines:
            lines = dict.fromkeys(sorted(self.eyes.case.request["lines"]), ConsentStatus.WAITING)
        return lines

    def unspoken(self, party: str, word: str) -> ConsentStatus:
        """Return how a party stands that has not spoken, by its announced rules."""
        if status_of(self.eyes.case) in (CaseStatus.PERMITTED, CaseStatus.CLOSED):
            return ConsentStatus.CLEAR if word == "clear" else ConsentStatus.GIVEN
        if self.told and party not in self.awaits:
            return ConsentStatus.CLEAR
        if word == "refuse":
            return ConsentStatus.RULES_REFUSE
        if word == "open" and not self.told:
            return ConsentStatus.POSSIBLE
        return ConsentStatus.CLEAR if word == "clear" and not self.told else ConsentStatus.WAITING

    def offices(self, need: PartyNeed) -> Iterator[OfficeStanding]:
        days = {each["of"]: each["due"] for each in self.eyes.deadlines()}
        decisions = counting(self.eyes.case, self.at)
        for each in need.by:
            given = {
                decision.person
                for decision in decisions
                if (decision.party, decision.office) == (need.party, each.office)
            }
            known = knows_work(self.eyes, need.party)
            yield OfficeStanding(
                office=each.office,
                title=self.registry.office_title(each.office),
                persons=each.persons,
                given=min(len(given), each.persons) if known else None,
                reserved=each.reserved,
                due=days.get(each.office),
            )


_SAID = {
    Word.CLEAR: ConsentStatus.CLEAR,
    Word.PENDING: ConsentStatus.WAITING,
    Word.APPROVED: ConsentStatus.GIVEN,
    Word.REFUSED: ConsentStatus.REFUSED,
    Word.RETURNED: ConsentStatus.RETURNED,
}
_VERDICT = {
    Verdict.APPROVE: ConsentStatus.GIVEN,
    Verdict.REFUSE: ConsentStatus.REFUSED,
    Verdict.RETURN: ConsentStatus.RETURNED,
}


def _settled_at(case: Case, at: datetime) -> datetime:
    """Return when what has been said is weighed: once a permit is out, when it was issued.

    That a decision ran out afterwards does not make it unsaid.
    """
    if status_of(case) in (CaseStatus.PERMITTED, CaseStatus.CLOSED):
        return max((each.issued_at for each in case.permits.values()), default=at)
    return at if status_of(case) is CaseStatus.UNDER_REVIEW else case.last


def _joined(found: Iterable[ConsentStatus]) -> ConsentStatus:
    """Return how a party stands on the whole: who is still waited for comes first."""
    seen = set(found)
    return next((each for each in _STRICTEST if each in seen), ConsentStatus.CLEAR)


def _cited(found: PartyAnswer) -> tuple[str, ...]:
    heard = (each for each in found.rules if each.effect not in ("overridden", "advises"))
    return tuple(dict.fromkeys(cite for each in heard for cite in each.cite))
