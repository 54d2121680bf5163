"""Issuing: a person gives out the permit that every required consent now allows.

Rule 1 is checked again here, at the moment of issue: nothing has changed since the determination,
every decision still counts and was taken by somebody who held the office or a delegation that
still stands, every condition precedent is true, every step has been taken. What is missing is
listed whole, with who could do it.

A line gets one permit in a round: an approval is spent by the permit that is issued on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property

from placet.policy import Proviso
from placet.registry import Duty, Request, listed
from placet.review.case import (
    Case,
    DecisionOnFile,
    Determined,
    Ground,
    PartyNeed,
    PermitOnFile,
    PermitStage,
    Stage,
    Terms,
)
from placet.review.commands import Issue, Verdict
from placet.review.consent import (
    BEFORE_PERMIT,
    Effect,
    Word,
    answer,
    conditions_of,
    counting,
    in_effect,
    lines_left,
    meeting,
    name_of_condition,
    name_of_step,
    parties_on,
    steps_owed,
    taken,
)
from placet.review.errors import OwedError, RepeatedError, UnknownError, UnlawfulError
from placet.review.event import Event
from placet.review.grounds import Footing, ends
from placet.review.kinds import applying, performing
from placet.review.limits import asked, narrowed, unstated, window
from placet.review.parties import act_with, current, issuing
from placet.review.permit_files import must_be_new, with_permit
from placet.review.scene import Applier, Performer, Scene

__all__ = ["APPLIERS", "PERFORMERS", "Foundation"]

_NAMED_ELSEWHERE = frozenset({"decision", "external-consent", "delegation", "service", "condition"})
"""The grounds of which what is owed is said with who could do it, or by the determination."""


def issue(scene: Scene, command: Issue) -> Event:
    """Issue a permit for lines that every party allows.

    Raises:
        NotAllowedError: the actor issues for no reviewing party, or for the one that will hold the
            permit or act by it though others have a say; or has another role.
        StaleError: what the case stands on has changed since it was determined.
        UnknownError: a line is none of the request.
        UnlawfulError: a line was refused, nothing is left of a limit, or a wider one is asked.
        RepeatedError: a line has had a permit in this round, or an id is taken.
        OwedError: with everything that is missing.
    """
    scene.must_stand_at(Stage.DECIDED, Stage.PERMITTED)
    acting = act_with(scene, Duty.PERMITS, issuing(scene))
    must_be_new(scene, command.permit, command.status)
    lines = _lines(scene, command)
    determined = current(scene)
    request = scene.context.request(scene.case.request)
    standing = Foundation(scene, determined, request, lines)
    if missing := tuple(dict.fromkeys(standing.owed())):
        raise OwedError("The permit cannot be issued yet.", missing)
    terms = standing.terms(standing.span(command.from_, command.until))
    return scene.done(
        command,
        {
            **acting,
            "terms": terms.plain(),
            "grounds": [each.plain() for each in standing.grounds],
            "determination": determined.digest,
        },
    )


def _lines(scene: Scene, command: Issue) -> tuple[str, ...]:
    case = scene.case
    unknown = sorted(set(command.lines) - set(case.request["lines"]))
    if unknown:
        raise UnknownError(f"The request has no line {', '.join(unknown)}.")
    left, spent = set(lines_left(case, scene.at)), taken(case, scene.at)
    wanted = set(command.lines) or left - spent
    if wanted & spent or not wanted:
        which = ", ".join(sorted(wanted & spent)) or "every line that is left"
        raise RepeatedError(
            f"A permit was issued for {which} in this round; another needs a new round."
        )
    if wanted - left:
        raise UnlawfulError(f"It was refused: {', '.join(sorted(wanted - left))}.")
    return tuple(sorted(wanted))


# --- what a permit rests on


class Foundation:
    """What a permit for some lines rests on, and what is owed before.

    It does not rest on what a party has decided that is `spared`: for that the glass is broken.
    """

    def __init__(
        self,
        scene: Scene,
        determined: Determined,
        request: Request,
        lines: tuple[str, ...],
        spared: str | None = None,
    ) -> None:
        self.scene, self.determined, self.request = scene, determined, request
        self.lines, self.spared = lines, spared
        self.needs: dict[str, PartyNeed] = {
            party: need
            for party, need in sorted(determined.needs.items())
            if not set(need.lines).isdisjoint(lines)
        }
        self.decisions = tuple(
            each
            for each in counting(scene.case, scene.at)
            if each.verdict is Verdict.APPROVE and not set(each.lines).isdisjoint(lines)
        )

    def owed(self) -> Iterator[str]:
        """Yield all that is missing before the permit, with who could do it.

        A party for whose review the glass is broken is spared that, and nobody else is anything.
        """
        scene, case, at = self.scene, self.scene.case, self.scene.at
        footing = Footing(case, scene.context, at)
        yield from _ill_founded(scene, footing)
        for line in self.lines:
            yield from _undecided(scene, self.determined, line, self.spared)
            yield from _waiting(in_effect(case, line, at), line, self.spared)
        for party, need in self.needs.items():
            if party != self.spared:
                for step in steps_owed(case, need, BEFORE_PERMIT, at):
                    by = "its advice does it" if step.startswith("consult ") else "it records it"
                    yield f"{party}: {step} has not been done; {by}."
        for ground in self.grounds:
            if ground.kind not in _NAMED_ELSEWHERE and (why := footing.why_not(ground)):
                yield f"{ground.party}: {why}."
        yield from self.determined.outstanding
        yield from (f"Unanswered: {each}" for each in self.determined.open_questions)
        yield from unstated(self.request, self.lines, case.stage)

    @property
    def provisos(self) -> tuple[Proviso, ...]:
        """Every proviso of a rule or of a decision, each once."""
        rules = (each for need in self.needs.values() for each in need.provisos)
        decisions = (each for decision in self.decisions for each in decision.provisos)
        return tuple(dict.fromkeys([*rules, *decisions]))

    @property
    def untils(self) -> tuple[datetime, ...]:
        """When the decisions run out."""
        return tuple(each.until for each in self.decisions if each.until is not None)

    def span(
        self, start: datetime | None = None, end: datetime | None = None
    ) -> tuple[datetime, datetime]:
        """Return from when until when a permit may last: no longer than all that it rests on.

        Whoever has nothing but the permit goes by its end, and learns of no other.

        Raises:
            UnlawfulError: a wider window is asked for than allowed, or nothing is left of it.
        """
        case, context, at = self.scene.case, self.scene.context, self.scene.at
        found = window(self.request, self.untils, at, start, end)
        sooner = ends(self.grounds, case, context, at, found[1])
        if sooner is None:
            return found
        return window(self.request, (*self.untils, sooner), at, start, end)

    def terms(self, span: tuple[datetime, datetime]) -> Terms:
        """Return what the request asks for the lines in a window, narrowed by every proviso."""
        registry = self.scene.context.registry
        return narrowed(asked(self.request, registry, self.lines, span), self.provisos, registry)

    @cached_property
    def grounds(self) -> tuple[Ground, ...]:
        """Return each thing that the permit rests on, once."""
        found = [
            *(ground for need in self.needs.values() for ground in self._of_party(need)),
            *(
                ground
                for each in self.decisions
                if each.party != self.spared
                for ground in _of_decision(each)
            ),
            *self._recorded(),
            *(
                Ground(kind="service", party=need.party, about=service)
                for need in self.needs.values()
                for service in need.services
            ),
            *(
                Ground(kind="service", party=origin, about=service)
                for service in listed(self.request.services) or ()
                for origin in self.scene.context.registry.item(service).origin
            ),
        ]
        return tuple(dict.fromkeys(found))

    def _recorded(self) -> Iterator[Ground]:
        """Yield the conditions precedent and steps that somebody recorded, and can take back.

        The consent of another party is a ground of its own.
        """
        asking = {*self.needs, *(each.party for each in self.decisions)} - {self.spared}
        for party in sorted(asking):
            for name in self._asked_by(party):
                met = [kept.at for kept in meeting(self.scene.case, party, name)]
                if met:
                    yield Ground(kind="condition", party=party, about=name, at=min(met))

    def _asked_by(self, party: str) -> Iterator[str]:
        for line in self.lines:
            for each in conditions_of(self.scene.case, party, line, self.decisions):
                yield name_of_condition(each)
        if party in self.needs:
            yield from map(name_of_step, self.needs[party].steps)

    def _of_party(self, need: PartyNeed) -> Iterator[Ground]:
        if "clear" not in {need.lines.get(each) for each in self.lines}:
            return
        for rule in need.standing:
            yield Ground(kind="standing-authorisation", party=need.party, about=rule)
        if not need.standing:
            yield Ground(kind="clear", party=need.party, about=need.party)


def _of_decision(decision: DecisionOnFile) -> Iterator[Ground]:
    party, at = decision.party, decision.at
    if decision.external is not None:
        by = decision.external["given-by"]
        yield Ground(kind="external-consent", party=party, about=party, by=by, at=at)
        return
    yield Ground(kind="decision", party=party, about=party, by=decision.office, at=at)
    if decision.delegation is not None:
        about = decision.delegation
        yield Ground(kind="delegation", party=party, about=about, by=decision.office, at=at)


# --- what is owed


def _undecided(
    scene: Scene, determined: Determined, line: str, spared: str | None
) -> Iterator[str]:
    decisions = counting(scene.case, scene.at)
    for party in parties_on(scene.case, line):
        need = determined.needs[party]
        said = answer(scene.case, party, line, decisions)
        if party == spared or said in (Word.CLEAR, Word.APPROVED):
            continue
        if not need.by:
            yield f"{party}: its decision is not out."
        for reviewer in need.by:
            given = {
                each.person
                for each in decisions
                if each.office == reviewer.office and line in each.lines
            }
            if len(given) < reviewer.persons:
                kept = ", reserved to the office itself" if reviewer.reserved else ""
                persons = reviewer.persons
                has = (
                    "it has not yet" if persons == 1 else f"{len(given)} of {persons} persons have"
                )
                yield f"{party}: {reviewer.office} decides on {line}{kept}; {has}."


def _waiting(effect: Effect, line: str, spared: str | None) -> Iterator[str]:
    for party, unmet in effect.waiting.items():
        if party == spared:
            continue
        names = ", ".join(name_of_condition(each) for each in unmet)
        yield f"{party}: its consent to {line} takes effect only with {names}."
    if effect.circle:
        yield (
            f"{' and '.join(sorted(effect.circle))} wait for each other on {line}: one of them has "
            "to decide without that condition."
        )


def _ill_founded(scene: Scene, footing: Footing) -> Iterator[str]:
    """Yield each decision that nobody with authority took, by what is known now."""
    for each in counting(scene.case, scene.at):
        if each.verdict is Verdict.APPROVE and (why := footing.unfounded(each)):
            yield f"{each.party}: the decision of {each.person} gives no authority: {why}."


# --- once it is issued


def _issued(case: Case, command: Issue, event: Event) -> Case:
    permit = PermitOnFile(
        permit=command.permit,
        status=command.status,
        stage=PermitStage.ISSUED,
        terms=Terms.model_validate(event.found["terms"]),
        grounds=tuple(Ground.model_validate(each) for each in event.found["grounds"]),
        issued_by=event.actor,
        issued_at=event.at,
        determination=event.found["determination"],
    )
    return with_permit(case, permit).model_copy(update={"stage": Stage.PERMITTED})


PERFORMERS: dict[str, Performer] = dict([performing(Issue, issue)])

APPLIERS: dict[str, Applier] = dict([applying(Issue, _issued)])
