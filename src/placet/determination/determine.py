"""determine(): who has a say, what their rules say, and why."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial, reduce
from operator import or_
from typing import Any, TypeVar

from placet.canonical import canonical_json
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
from placet.determination.completions import Group, complete
from placet.determination.connections import fact_of, item_of
from placet.determination.flags import flags_of
from placet.determination.judgement import Effect, Judged, Matched, Standing
from placet.determination.looking import looked_at
from placet.determination.mattering import Question, mattering
from placet.determination.parts import Part
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
    completed = complete(matter)
    return _Writer(matter, completed.groups, mattering(completed)).determination()


def request_digest(request: Request) -> str:
    """Return the SHA-256 of a request's canonical form, as it was filed."""
    plain = request.model_dump(
        mode="json", by_alias=True, exclude_unset=True, exclude={"about"}, warnings=False
    )
    return f"sha256:{hashlib.sha256(canonical_json(plain)).hexdigest()}"


def _word(least: Verdict, most: Verdict) -> str:
    return most.outcome.word if least.outcome is most.outcome else "open"


def _data(records: Iterable[Record]) -> tuple[dict[str, Any], ...]:
    """Return records as plain data, in a fixed order."""
    plain = (each.model_dump(mode="json", by_alias=True, exclude_defaults=True) for each in records)
    return tuple(sorted(plain, key=canonical_json))


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
            route=route_of(matter, parties, self.judged),
            lines=tuple(self.line(each) for each in sorted(matter.request.lines)),
            open_questions=self.open_questions,
            provisos=_data(most.provisos),
            steps=_data(most.steps),
            provided=_data(most.provided),
            advice=tuple(self.advice()),
            authority=tuple(authority_of(matter, most.offices)),
            set_aside=tuple(self.set_aside()),
            flags=flags_of(matter, self.groups, self.judged, most, self.questions),
            facts=self.facts(self.judged, rules=True),
        )

    @cached_property
    def judged(self) -> tuple[Judged, ...]:
        """Everything judged in any world."""
        found: dict[str, Judged] = {}
        for group in self.groups:
            for each in {id(each): each for each in group.found()}.values():  # few, in many worlds
                found.setdefault(repr(each), each)
        return tuple(each for _, each in sorted(found.items()))

    def always(self, seen_in: Callable[[Judged], Iterable[T]]) -> frozenset[T]:
        """Return what is seen in every world, though not always in the same right.

        Groups being independent, it is so only where one of them alone sees to it.
        """
        return frozenset[T]().union(*(group.always(seen_in) for group in self.groups))

    @cached_property
    def certain_parties(self) -> frozenset[str]:
        """The parties that have a say in every world."""
        return self.always(lambda each: [each.connection.party] if _counts(each) else [])

    @cached_property
    def certain_rights(self) -> frozenset[tuple[object, ...]]:
        """The rights that are there in every world, as they are shown."""
        return self.always(lambda each: [_as_shown(each)])

    @cached_property
    def certain_rules(self) -> frozenset[tuple[str, Effect]]:
        """The rules that speak in every world, each with what it does."""
        return self.always(lambda each: map(_as_heard, each.matched))

    @cached_property
    def party_names(self) -> tuple[str, ...]:
        """The parties that have, or may have, a say in some world."""
        counting = filter(_counts, self.judged)
        bounded = (part for group in self.groups if not group.exact for part in group.parts)
        unseen = {each.connection.party for each in bounded if each.connection}
        return tuple(sorted({each.connection.party for each in counting} | unseen))

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
        found = [each for each in self.judged if _speaks_for(party, each)]
        least, most = self.interval(partial(self.of_party, party=party))
        offices = self.matter.registry.record.offices
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
            rights=self.rights(found),
            rules=tuple(self.rules(found)),
            certain=party in self.certain_parties,
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

    def rights(self, found: Iterable[Judged]) -> tuple[RightFound, ...]:
        """Return the rights found, each once, with the strictest outcome it has in any world."""
        strictest: dict[tuple[object, ...], Judged] = {}
        for each in found:
            known = strictest.get(_as_shown(each))
            if known is None or known.verdict.outcome < each.verdict.outcome:
                strictest[_as_shown(each)] = each
        return tuple(self.right(each) for each in strictest.values())

    def right(self, judged: Judged) -> RightFound:
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
            certain=_as_shown(judged) in self.certain_rights,
            outcome=judged.verdict.outcome.word,
            because=judged.because,
            facts=self.facts([judged]),
        )

    def facts(self, judged: Iterable[Judged], *, rules: bool = False) -> tuple[FactUsed, ...]:
        """Return the facts that rights hang on, and those their rules looked at, each once."""
        found: dict[str, FactUsed] = {}
        for each in judged:
            registry = self.matter.registry
            named = (
                (f"{on.section}/{on.id}", fact_of(registry, on)) for on in each.connection.facts
            )
            for name, fact in (*named, *(looked_at(each, self.matter) if rules else ())):
                grade = fact.grade_known(self.matter.known_at) or fact.grade
                found[name] = FactUsed(name, grade, fact.all_sources())
        return tuple(each for _, each in sorted(found.items()))

    def rules(self, found: Iterable[Judged]) -> Iterator[RuleHeard]:
        heard = {_as_heard(each): each for judged in found for each in judged.matched}
        for _, matched in sorted(heard.items()):
            yield self.rule(matched)

    def rule(self, matched: Matched) -> RuleHeard:
        policy, rule = self.text_of(matched)
        grade = policy.grade_known(self.matter.known_at) if policy else None
        return RuleHeard(
            rule=matched.name,
            policy=f"{matched.book}/{policy.id}" if policy else matched.book,
            title=policy.title if policy else "",
            effect=matched.effect,
            certain=_as_heard(matched) in self.certain_rules,
            then=_then(matched, rule),
            because=rule.because if rule else _SILENT[matched.effect],
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
        for judged in self.judged:
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
        for judged in self.judged:
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
                    yield Outstanding("refused", each, f"The rules of {name} refuse this, or may.")
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


_SILENT = {
    Effect.OTHERWISE: "nothing in force speaks of this",
    Effect.FAILED: "whether the policy covers this cannot be evaluated",
}


def _speaks_for(party: str, judged: Judged) -> bool:
    """Say whether something judged gives a party a say."""
    return judged.connection.party == party and _counts(judged)


def _counts(judged: Judged) -> bool:
    """Say whether something judged gives anybody a say."""
    return judged.standing is not Standing.SET_ASIDE


def _as_shown(judged: Judged) -> tuple[object, ...]:
    """Return what tells one right from another to a reader: its guards and verdict do not."""
    each = judged.connection
    tie = (each.party, each.basis, each.line, each.item, each.activity, each.path)
    return (*tie, each.through, each.lot, each.agreement, judged.standing)


def _as_heard(matched: Matched) -> tuple[str, Effect]:
    return matched.name, matched.effect


def _strictest(found: Iterable[Judged]) -> str:
    order = sorted(found, key=lambda each: (-each.verdict.outcome, repr(each.connection)))
    return order[0].because if order else ""
