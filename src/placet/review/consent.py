"""How each party stands on each line, what is still owed, and which conditions wait in a circle.

A decision counts while it is of the present round, is not withdrawn, has not run out, and was taken
by somebody who has not stepped aside since; and while the case has stood, ever since, on answers of
the substance that it was taken on. Once voided it stays void: circumstances return, consent does
not. An office has spoken when as many persons as it takes have given the same text: to refuse or to
return takes as many as to approve. One refusal by a party takes the line out; one return returns
the case.

An approval takes effect when its conditions precedent are true, those of the rules and those of
the decision. `consent-of` is met where that party's own consent has taken effect: the least
fixpoint, so that two parties which wait for each other wait for ever, and are named. An assurance
that was asked for must be on file, of this round and of the request as it reads, and stands for
nothing else. That an event came about is said by whoever asked for it, on the case: whoever keeps
the facts of a register may be of the party that applies (DESIGN §3, rule 1).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from placet.policy import Precondition
from placet.review.case import (
    Assurance,
    Case,
    DecisionOnFile,
    Fulfilment,
    InformationRequest,
    PartyNeed,
    PermitOnFile,
    PermitStage,
    Stage,
)
from placet.review.commands import Verdict

__all__ = [
    "ACT",
    "ASSURANCE",
    "Effect",
    "Word",
    "acts_asked",
    "acts_owed",
    "answer",
    "answer_due",
    "awaited",
    "conditions_of",
    "counting",
    "fulfillable",
    "has_spoken",
    "in_effect",
    "lines_asked",
    "lines_left",
    "live_permits",
    "meeting",
    "name_of_act",
    "name_of_condition",
    "name_of_step",
    "opened",
    "parties_on",
    "recorded",
    "settled",
    "standing",
    "steps_owed",
    "taken",
    "voided",
]


class Word(StrEnum):
    """What a party says to a line."""

    CLEAR = "clear"
    PENDING = "pending"
    APPROVED = "approved"
    REFUSED = "refused"
    RETURNED = "returned"


def opened(case: Case) -> datetime:
    """Return when what is now decided was put: the request as it reads, in the present round.

    A step taken or advice given before then was about something else.
    """
    put = (each.at for each in case.moves if each.puts_request or each.kind == "reconsider")
    return max(put, default=case.submitted_at)


def answer_due(case: Case, question: InformationRequest) -> datetime | None:
    """Return by when an answer is due: a question of an earlier round has no day any more."""
    rounds = (each.at for each in case.moves if each.kind == "reconsider")
    return question.due if question.asked_at >= max(rounds, default=case.submitted_at) else None


def counting(case: Case, at: datetime) -> tuple[DecisionOnFile, ...]:
    """Return the decisions that count at a moment."""
    return tuple(each for each in standing(case) if each.until is None or at < each.until)


def standing(case: Case) -> tuple[DecisionOnFile, ...]:
    """Return the decisions of this round that stand, on what the case stands on now.

    One who stepped aside has decided nothing: it is owed again, from somebody else.
    """
    return tuple(
        each
        for each in case.decisions
        if case.determined is not None
        and each.round == case.round
        and each.withdrawn_at is None
        and each.voided_at is None
        and each.person not in case.recused
    )


def voided(case: Case, substance: str | None, at: datetime) -> tuple[DecisionOnFile, ...]:
    """Return the decisions after what they were taken on became another, or was taken back."""
    return tuple(
        each
        if each.substance == substance or each.voided_at is not None
        else each.model_copy(update={"voided_at": at})
        for each in case.decisions
    )


def answer(case: Case, party: str, line: str, decisions: Iterable[DecisionOnFile]) -> Word:
    """Return what a party says to a line, by decisions that count.

    An external consent speaks for all offices of its party; a refusal outweighs it.
    """
    need = case.determined.needs.get(party) if case.determined else None
    mine = [each for each in decisions if each.party == party and line in each.lines]
    external = {each.verdict for each in mine if each.external is not None}
    offices = dict(_offices_heard(need, mine))
    said = {*external, *offices.values()}
    if Verdict.REFUSE in said:
        return Word.REFUSED
    if Verdict.RETURN in said:
        return Word.RETURNED
    outcome = need.lines.get(line) if need else None
    if outcome == "clear":
        return Word.CLEAR
    by = need.by if need else ()
    every = bool(by) and all(each.office in offices for each in by)
    approved = Verdict.APPROVE in external or every
    return Word.APPROVED if approved and outcome != "refuse" else Word.PENDING


def _offices_heard(
    need: PartyNeed | None, decisions: list[DecisionOnFile]
) -> Iterator[tuple[str, Verdict]]:
    """Yield each office of a party for which enough persons have decided, and what."""
    for office in need.by if need else ():
        given = [each for each in decisions if each.office == office.office]
        if len({each.person for each in given}) >= office.persons:
            yield office.office, given[0].verdict


def parties_on(case: Case, line: str) -> tuple[str, ...]:
    """Return the parties that have a say on a line."""
    needs = case.determined.needs if case.determined else {}
    return tuple(sorted(party for party, need in needs.items() if line in need.lines))


def lines_asked(case: Case, party: str) -> tuple[str, ...]:
    """Return the lines that a party is asked about: by the rules, or by a condition precedent."""
    need = case.determined.needs.get(party) if case.determined else None
    known = need.lines if need else {}
    also = party in awaited(case)
    return tuple(
        line
        for line in sorted(case.request["lines"])
        if known.get(line, "review" if also else "clear") != "clear"
    )


def awaited(case: Case) -> frozenset[str]:
    """Return the parties whose consent is a condition precedent of somebody else's."""
    needs = case.determined.needs.values() if case.determined else ()
    every = (
        *(each for need in needs for each in need.provided),
        *(each for decision in case.decisions for each in decision.provided),
    )
    return frozenset(each.consent_of for each in every if each.consent_of)


def lines_left(case: Case, at: datetime) -> tuple[str, ...]:
    """Return the lines that no party has refused."""
    decisions = counting(case, at)
    return tuple(
        line
        for line in sorted(case.request["lines"])
        if not any(
            answer(case, party, line, decisions) is Word.REFUSED for party in parties_on(case, line)
        )
    )


def settled(case: Case, at: datetime) -> Stage:
    """Return the stage that the decisions on file come to.

    Conditions precedent are not weighed: a conditional approval is a decision, and what it waits
    for is owed before a permit.
    """
    if case.determined is None:
        return Stage.SUBMITTED
    decisions = counting(case, at)
    left = lines_left(case, at)
    words = {
        answer(case, party, line, decisions) for line in left for party in parties_on(case, line)
    }
    if Word.RETURNED in words:
        return Stage.RETURNED
    if not left:
        return Stage.REFUSED
    if Word.PENDING in words:
        return Stage.UNDER_REVIEW
    since = opened(case)
    permitted = any(each.issued_at >= since and not each.emergency for each in live_permits(case))
    return Stage.PERMITTED if permitted else Stage.DECIDED


def live_permits(case: Case) -> tuple[PermitOnFile, ...]:
    """Return the permits that no act has ended."""
    alive = (PermitStage.ISSUED, PermitStage.SUSPENDED)
    return tuple(each for each in case.permits.values() if each.stage in alive)


def taken(case: Case, at: datetime) -> frozenset[str]:
    """Return the lines for which no permit can be issued now, since there is or was one.

    An approval is spent by the permit that is issued on it, and two permits never run side by
    side for one line; but an emergency permit was issued on none, and what is permitted by the
    review it came before may begin while its hours last: they share their quantity (`validity`).
    """
    since, alive = opened(case), live_permits(case)
    return frozenset(
        line.line
        for each in case.permits.values()
        if not each.emergency
        and (each.issued_at >= since or (each in alive and at < each.terms.until))
        for line in each.terms.lines
    )


def has_spoken(case: Case, office: str) -> bool:
    """Say whether an office has done what it was asked for: what is left is not for it to do.

    It has decided for every party for which it decides, by as many persons as it takes, or need not
    any more; an office that decides for none has advised since the request was put. That a decision
    runs out is not weighed: the party is awaited again.
    """
    needs = case.determined.needs.values() if case.determined else ()
    asked = [(need, each) for need in needs for each in need.by if each.office == office]
    if not asked:
        return any(each.office == office and each.at >= opened(case) for each in case.advice)
    given = standing(case)
    return not any(
        answer(case, need.party, line, given) is Word.PENDING
        and len({e.person for e in given if e.office == office and line in e.lines}) < each.persons
        for need, each in asked
        for line in need.lines
    )


# --- steps

BEFORE_PERMIT = frozenset({"consult", "notify", "wait-days"})
"""The kinds of steps that have to be taken before a permit is issued."""


def name_of_step(step: dict[str, str]) -> str:
    """Return how a step is named where it is recorded as done: `notify Congress`."""
    (kind, value), *_ = step.items()
    return f"{kind} {value}"


def steps_owed(case: Case, need: PartyNeed, kinds: frozenset[str], at: datetime) -> tuple[str, ...]:
    """Return the steps of some kinds that a party's rules ask and nobody has taken yet."""
    return tuple(
        name_of_step(each)
        for each in need.steps
        if not kinds.isdisjoint(each) and not _step_taken(case, need.party, each, at)
    )


def _step_taken(case: Case, party: str, step: dict[str, str], at: datetime) -> bool:
    if days := step.get("wait-days"):
        return case.determined is not None and at >= case.determined.at + timedelta(int(days))
    since = opened(case)
    asked = step.get("consult")
    advised = any(each.office == asked and each.at >= since for each in case.advice)
    return advised or any(meeting(case, party, name_of_step(step)))


def acts_asked(case: Case, party: str) -> Mapping[str, bool]:
    """Return the offices whose act a party's rules or decisions ask for; whether they acted."""
    asked = (name for name, asking in fulfillable(case).items() if party in asking)
    acts = (name for name in asked if name.startswith(ACT))
    return {name.removeprefix(ACT): any(meeting(case, party, name)) for name in acts}


def acts_owed(case: Case, party: str) -> tuple[str, ...]:
    """Return those of them that have not acted, while an act can still be recorded."""
    open_ = case.stage in (Stage.UNDER_REVIEW, Stage.DECIDED, Stage.PERMITTED)
    return tuple(name for name, done in acts_asked(case, party).items() if open_ and not done)


ACT, ASSURANCE = "act of ", "assurance from "
"""How conditions are named that somebody may take back; what follows is an office, or a party."""


def meeting(case: Case, party: str, need: str) -> Iterator[Assurance | Fulfilment]:
    """Yield what meets a condition or step, of a name, that a party asks for; it came about since.

    That is the assurances of a party, by whomever they were recorded, and what was recorded for
    the party that asks; not what was given on another request, in another round, or taken back.
    """
    since = opened(case)
    for each in recorded(case, party, need):
        if each.at >= since and each.withdrawn_at is None:
            yield each


def recorded(case: Case, party: str, need: str) -> Iterator[Assurance | Fulfilment]:
    """Yield what was ever recorded of a name for a party, by which a condition or step is met."""
    yield from (each for each in case.assurances if f"{ASSURANCE}{each.party}" == need)
    yield from (each for each in case.fulfilled if each.need == need and party in each.parties)


def fulfillable(case: Case) -> Mapping[str, frozenset[str]]:
    """Return what can be recorded as done, by name: steps, events, acts of offices.

    Each with the parties whose rules, or decisions that stand, ask for it.
    """
    needs = case.determined.needs.values() if case.determined else ()
    asked = [
        *((need.party, name_of_step(each)) for need in needs for each in need.steps),
        *(
            (said.party, name_of_condition(each))
            for said in (*needs, *standing(case))
            for each in said.provided
            if each.event or each.act_of
        ),
    ]
    found: dict[str, set[str]] = {}
    for party, name in asked:
        if not name.startswith("wait-days "):
            found.setdefault(name, set()).add(party)
    return {name: frozenset(parties) for name, parties in sorted(found.items())}


# --- conditions precedent


def name_of_condition(condition: Precondition) -> str:
    """Return how a condition precedent is named: `event pilots-trained`, `consent of DE`."""
    if condition.consent_of:
        return f"consent of {condition.consent_of}"
    if condition.assurance_from:
        return f"{ASSURANCE}{condition.assurance_from}"
    return name_of_act(condition.act_of) if condition.act_of else f"event {condition.event}"


def name_of_act(office: str) -> str:
    """Return how the act of an office is named where it is recorded as done."""
    return f"{ACT}{office}"


def conditions_of(
    case: Case, party: str, line: str, decisions: Iterable[DecisionOnFile]
) -> tuple[Precondition, ...]:
    """Return what must be true before a party's consent to a line takes effect."""
    need = case.determined.needs.get(party) if case.determined else None
    found = list(need.provided if need and line in need.lines else ())
    for each in decisions:
        if each.party == party and line in each.lines:
            found.extend(each.provided)
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class Effect:
    """Whose consent to a line has taken effect, and for what the others wait."""

    parties: frozenset[str]
    waiting: dict[str, tuple[Precondition, ...]]

    @property
    def circle(self) -> frozenset[str]:
        """The parties that wait, directly or through others, for themselves."""
        graph = {
            party: {each.consent_of for each in unmet if each.consent_of}
            for party, unmet in self.waiting.items()
        }
        return frozenset(party for party in graph if party in _reached(graph, party))


def _reached(graph: Mapping[str, set[str]], start: str) -> set[str]:
    found: set[str] = set()
    pending = list(graph[start])
    while pending:
        each = pending.pop()
        if each not in found:
            found.add(each)
            pending.extend(graph.get(each, ()))
    return found


def in_effect(case: Case, line: str, at: datetime) -> Effect:
    """Return whose consent to a line has taken effect: the least fixpoint of the conditions."""
    decisions = counting(case, at)
    parties = {*parties_on(case, line), *(each.party for each in decisions)}
    given = (Word.CLEAR, Word.APPROVED)
    willing = {each for each in parties if answer(case, each, line, decisions) in given}
    conditions = {each: conditions_of(case, each, line, decisions) for each in willing}
    holding: frozenset[str] = frozenset()
    while True:
        unmet = {
            party: tuple(each for each in asked if not _met(case, party, each, holding))
            for party, asked in conditions.items()
        }
        found = frozenset(party for party, each in unmet.items() if not each)
        if found == holding:
            return Effect(found, {party: each for party, each in sorted(unmet.items()) if each})
        holding = found


def _met(case: Case, party: str, condition: Precondition, holding: frozenset[str]) -> bool:
    if condition.consent_of:
        return condition.consent_of in holding
    return any(meeting(case, party, name_of_condition(condition)))
