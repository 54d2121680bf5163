"""determine(): who has a say, what their rules say, and why."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial, reduce
from operator import or_
from typing import Any, TypeVar

import rfc8785

from placet.determination.answer import (
    AdviceGiven,
    Determination,
    FactUsed,
    LineAnswer,
    OpenQuestion,
    Outstanding,
    PartyAnswer,
    Required,
    Reviewer,
    RightFound,
    RuleHeard,
    SetAside,
)
from placet.determination.authority import authority_of
from placet.determination.completions import Group, Part, Question, complete
from placet.determination.connections import fact_of, item_of
from placet.determination.flags import flags_of
from placet.determination.judgement import Effect, Judged, Matched, Standing
from placet.determination.questions import asked
from placet.determination.route import route_of
from placet.determination.verdict import BOTTOM, Verdict
from placet.determination.world import Matter
from placet.policy import Outcome, Policy, Rule
from placet.registry import Grade, Presence, Record, Request, written

__all__ = ["determine", "request_digest"]

T = TypeVar("T")


def determine(matter: Matter) -> Determination:
    """Judge a matter, over all completions of what is not known, and give the reasons."""
    groups, questions = complete(matter)
    return _Writer(matter, groups, questions).determination()


def request_digest(request: Request) -> str:
    """Return the SHA-256 of a request's canonical form, as it was filed."""
    plain = request.model_dump(
        mode="json", by_alias=True, exclude_unset=True, exclude={"about"}, warnings=False
    )
    return f"sha256:{hashlib.sha256(rfc8785.dumps(plain)).hexdigest()}"


def _word(least: Verdict, most: Verdict) -> str:
    return most.outcome.word if least.outcome is most.outcome else "open"


def _data(records: Iterable[Record]) -> tuple[dict[str, Any], ...]:
    """Return records as plain data, in a fixed order."""
    plain = (each.model_dump(mode="json", by_alias=True, exclude_defaults=True) for each in records)
    return tuple(sorted(plain, key=rfc8785.dumps))


@dataclass(frozen=True, eq=False)
class _Writer:
    """Writes down what was judged, from the groups of parts and their completions."""

    matter: Matter
    groups: tuple[Group, ...]
    questions: tuple[Question, ...]

    def determination(self) -> Determination:
        matter = self.matter
        least, most = self.interval(lambda _: True)
        parties = tuple(self.party(each) for each in self.party_names)
        why_not = tuple(self.outstanding(most))
        return Determination(
            request=matter.request.request,
            at=written(matter.at),
            known_at=written(matter.known_at) if matter.known_at else None,
            announced_only=matter.announced_only,
            context=matter.context,
            request_digest=request_digest(matter.request),
            outcome=_word(least, most),
            at_least=least.outcome.word,
            at_most=most.outcome.word,
            interval={"at_least": self.required(least), "at_most": self.required(most)},
            proceed=not why_not,
            why_not=why_not,
            parties=parties,
            route=route_of(matter, parties, [each for each, _ in self.judged]),
            lines=tuple(self.line(each) for each in matter.request.lines),
            open_questions=self.open_questions,
            provisos=_data(most.provisos),
            steps=_data(most.steps),
            provided=_data(most.provided),
            advice=tuple(self.advice()),
            authority=tuple(authority_of(matter, most.offices)),
            set_aside=tuple(self.set_aside()),
            flags=flags_of(matter, self.groups, self.judged, most, self.questions),
            facts=self.facts([each for each, _ in self.judged]),
        )

    @cached_property
    def judged(self) -> tuple[tuple[Judged, bool], ...]:
        """Everything judged in any world, and whether it is so in every world."""
        found: dict[str, tuple[Judged, bool]] = {}
        for group in self.groups:
            worlds = [reading for each in group.completions for _, reading in each.readings]
            for position in range(len(group.parts)):
                seen = [each[position] for each in worlds]
                for result in seen:
                    if isinstance(result, Judged):
                        always = group.exact and all(each == result for each in seen)
                        found.setdefault(repr(result), (result, always))
        return tuple(each for _, each in sorted(found.items()))

    @cached_property
    def party_names(self) -> tuple[str, ...]:
        """The parties that have a say in some world."""
        counting = (each for each, _ in self.judged if each.standing is not Standing.SET_ASIDE)
        return tuple(sorted({each.connection.party for each in counting}))

    @cached_property
    def open_questions(self) -> tuple[OpenQuestion, ...]:
        return tuple(asked(each, self.matter) for each in self.questions)

    def interval(self, chosen: Callable[[Part], bool]) -> tuple[Verdict, Verdict]:
        """Return what the chosen parts require at least and at most, over all groups."""
        pairs = [group.interval(chosen) for group in self.groups]
        least = reduce(or_, (each for each, _ in pairs), BOTTOM)
        most = reduce(or_, (each for _, each in pairs), BOTTOM)
        return least, most

    def required(self, verdict: Verdict) -> Required:
        title = self.matter.registry.office_title
        reviewers = (
            Reviewer(office, title(office), quorum.persons, quorum.reserved)
            for office, quorum in sorted(verdict.offices.items())
        )
        return Required(
            verdict.outcome.word,
            tuple(reviewers),
            _data(verdict.provisos),
            _data(verdict.steps),
            _data(verdict.provided),
        )

    def party(self, party: str) -> PartyAnswer:
        found = [
            (each, always)
            for each, always in self.judged
            if each.connection.party == party and each.standing is not Standing.SET_ASIDE
        ]
        least, most = self.interval(partial(self.of_party, party=party))
        offices = self.matter.registry.record.offices
        book = self.matter.books.get(party)
        waits = {each.consent_of for each in most.provided if each.consent_of}
        return PartyAnswer(
            party=party,
            name=self.matter.registry.name(party),
            outcome=_word(least, most),
            at_least=self.required(least),
            at_most=self.required(most),
            by=tuple(sorted(each for each in most.offices if each in offices)),
            reserved=any(quorum.reserved for quorum in most.offices.values()),
            because=_strictest(found),
            waits_for=tuple(sorted(waits)),
            discharge=book.discharge if book else "each-right",
            rights=self.rights(found),
            rules=tuple(self.rules(found)),
            certain=any(always for _, always in found),
        )

    def of_party(self, part: Part, party: str, line: str = "") -> bool:
        """Say whether a part is a party's, on a line if one is named.

        The home authority's part is the actor's.
        """
        if line and part.line != line:
            return False
        if part.connection is None:
            return not part.service and party == self.matter.request.actor
        return part.connection.party == party

    def rights(self, found: list[tuple[Judged, bool]]) -> tuple[RightFound, ...]:
        """Return the rights found, each once, with the strictest outcome it has in any world."""
        strictest: dict[str, tuple[Judged, bool]] = {}
        for each, always in found:
            key = f"{each.connection!r} {each.standing}"
            known = strictest.get(key)
            if known is None or known[0].verdict.outcome < each.verdict.outcome:
                strictest[key] = (each, always)
        return tuple(self.right(each, always) for each, always in strictest.values())

    def right(self, judged: Judged, always: bool) -> RightFound:
        connection = judged.connection
        return RightFound(
            line=connection.line,
            basis=connection.basis,
            item=connection.item,
            activity=connection.activity,
            path=connection.path,
            through=connection.through,
            lot=connection.lot,
            agreement=connection.agreement,
            standing=judged.standing,
            certain=always,
            outcome=judged.verdict.outcome.word,
            because=judged.because,
            facts=self.facts([judged]),
        )

    def facts(self, judged: Iterable[Judged]) -> tuple[FactUsed, ...]:
        """Return the facts that rights hang on, each once."""
        found: dict[str, FactUsed] = {}
        for each in judged:
            for stands in each.connection.facts:
                fact = fact_of(self.matter.registry, stands)
                name = f"{stands.section}/{stands.id}"
                grade = fact.grade_known(self.matter.known_at) or fact.grade
                found[name] = FactUsed(name, grade, fact.all_sources())
        return tuple(each for _, each in sorted(found.items()))

    def rules(self, found: list[tuple[Judged, bool]]) -> Iterator[RuleHeard]:
        heard: dict[tuple[str, Effect], tuple[Matched, bool]] = {}
        for judged, always in found:
            for each in judged.matched:
                key = (each.name, each.effect)
                heard[key] = (each, always or heard.get(key, (each, False))[1])
        for _, (matched, always) in sorted(heard.items()):
            yield self.rule(matched, always)

    def rule(self, matched: Matched, always: bool) -> RuleHeard:
        policy, rule = self.text_of(matched)
        grade = policy.grade_known(self.matter.known_at) if policy else None
        return RuleHeard(
            rule=matched.name,
            policy=f"{matched.book}/{policy.id}" if policy else matched.book,
            title=policy.title if policy else "",
            effect=matched.effect,
            certain=always,
            then=_then(matched, rule),
            because=rule.because if rule else "nothing in force speaks of this",
            cite=rule.cite or policy.all_sources() if rule and policy else (),
            undeclared=policy is not None and not policy.announced_by(self.matter.at),
            standing=rule is not None and rule.standing,
            grade=grade or Grade.CONFIRMED,
            note=matched.note,
        )

    def text_of(self, matched: Matched) -> tuple[Policy | None, Rule | None]:
        policies = self.matter.books[matched.book].policies
        policy = policies.get(matched.policy)
        return policy, policy.rules.get(matched.rule) if policy else None

    def line(self, key: str) -> LineAnswer:
        least, most = self.interval(lambda part: part.line == key)
        outcomes = {}
        for party in self.party_names:
            mine = partial(self.of_party, party=party, line=key)
            if any(mine(part) for group in self.groups for part in group.parts):
                outcomes[party] = _word(*self.interval(mine))
        return LineAnswer(
            line=key,
            item=item_of(self.matter.request.lines[key], self.matter.registry),
            outcome=_word(least, most),
            at_least=least.outcome.word,
            at_most=most.outcome.word,
            parties=outcomes,
        )

    def advice(self) -> Iterator[AdviceGiven]:
        seen: set[AdviceGiven] = set()
        for judged, _ in self.judged:
            for matched in judged.matched:
                _, rule = self.text_of(matched)
                if rule is None or matched.effect is Effect.OVERRIDDEN:
                    continue
                for each in rule.advice:
                    sources = each.sources or rule.cite
                    given = AdviceGiven(
                        matched.book, each.by, each.stance, each.because, matched.name, sources
                    )
                    if given not in seen:
                        seen.add(given)
                        yield given

    def set_aside(self) -> Iterator[SetAside]:
        findings = self.matter.registry.record.findings
        seen: set[SetAside] = set()
        for judged, _ in self.judged:
            if judged.standing is Standing.SET_ASIDE:
                by = findings[judged.finding].by
                tie = judged.connection
                found = SetAside(judged.finding, tie.party, tie.basis, by, judged.because)
                if found not in seen:
                    seen.add(found)
                    yield found

    def outstanding(self, most: Verdict) -> Iterator[Outstanding]:
        """Yield what besides consents stands between the request and its execution."""
        if most.outcome is Outcome.REFUSE:
            for each in self.party_names:
                _, worst = self.interval(partial(self.of_party, party=each))
                if worst.outcome is Outcome.REFUSE:
                    name = self.matter.registry.name(each)
                    yield Outstanding("refused", each, f"{name}'s rules refuse this, or may.")
        for service in sorted(self.withdrawn()):
            name = self.matter.registry.item(service).name
            yield Outstanding("withdrawn", service, f"{name} is withdrawn, and this relies on it.")
        for need in sorted(most.provided, key=repr):
            if need.consent_of is None and not self.came_about(need.event):
                about = need.event or need.act_of or need.assurance_from or ""
                says = need.text or f"This must come true first: {about}."
                yield Outstanding("condition precedent", about, says)
        for question in self.open_questions:
            yield Outstanding("open question", question.key, question.asks)

    def came_about(self, event: str | None) -> bool:
        """Say whether an event is on record as having come about."""
        known = self.matter.registry.record.events.get(event or "")
        return known is not None and self.matter.presence(known) is Presence.IN

    def withdrawn(self) -> Iterator[str]:
        found: set[str] = set()
        for group in self.groups:
            for each in group.completions:
                for _, reading in each.readings:
                    results = zip(group.parts, reading, strict=True)
                    found.update(part.service for part, result in results if result is True)
        return iter(found)


def _then(matched: Matched, rule: Rule | None) -> str:
    """Return what a rule says, in its own word; for what holds otherwise, the outcome it gave."""
    if rule is None:
        return matched.verdict.outcome.word
    return "advise" if rule.then.outcome is None else rule.then.outcome.word


def _strictest(found: list[tuple[Judged, bool]]) -> str:
    order = sorted(found, key=lambda each: (-each[0].verdict.outcome, repr(each[0].connection)))
    return order[0][0].because if order else ""
